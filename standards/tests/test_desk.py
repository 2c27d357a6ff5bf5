"""Adopting and checking at the desk: as a lead, as a contributor, as others."""

from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory
from core.dates import today
from standards.actions import asked_in
from standards.models import Adoption, Judgement, SelfCheck
from standards.tests.factories import AdoptionFactory, begun, said_of_all, the_standard

pytestmark = pytest.mark.django_db
FIRST = "values-emerging-1"


def even(answer) -> str:
    """What a page says, with its white space made even."""
    return " ".join(unescape(answer.content.decode()).split())


def day_parts(name, day):
    """A day as the form sends it."""
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


@pytest.fixture
def lead(client):
    """A browser in which the lead of a service has signed in."""
    member = MembershipFactory(role=Role.LEAD)
    client.force_login(member.user)
    return member


def typed(member, **changes):
    """What a lead types who adopts the standard."""
    pledge = {"scope": "All of it", "signed_by": "The director", "lead": "Our team", "owner": member.pk}
    return pledge | {"organisation": member.organisation.pk} | day_parts("adopted_on", today()) | changes


def test_a_lead_adopts_the_standard_and_the_register_shows_it(client, lead):
    the_standard()
    assert "check ourselves against it every year" in even(client.get(reverse("standards:adopt")))

    answer = client.post(reverse("standards:adopt"), typed(lead), follow=True)

    assert "You have adopted the standard." in even(answer)
    client.logout()
    page = even(client.get("/standard/register/"))
    assert lead.organisation.name in page
    assert "Adopted: first check not yet published" in page


def test_what_is_missing_is_asked_for_and_what_was_typed_is_kept(client, lead):
    the_standard()

    answer = client.post(reverse("standards:adopt"), typed(lead, scope="Only the hubs", signed_by=""))

    assert answer.status_code == 400
    assert "Enter who has agreed to it" in even(answer)
    assert "Only the hubs" in even(answer)


def test_nobody_adopts_it_for_a_body_that_they_do_not_lead(client, lead):
    the_standard()
    MembershipFactory(user=lead.user, organisation=OrganisationFactory(), role=Role.CONTRIBUTOR)
    elsewhere = lead.user.memberships.exclude(pk=lead.pk).get()

    answer = client.post(reverse("standards:adopt"), typed(elsewhere))

    assert "Only who leads it can adopt" in even(answer)
    assert not Adoption.objects.exists()


def test_a_statement_offers_the_records_that_can_show_it_and_says_what_they_say(client, lead):
    adoption = AdoptionFactory(organisation=lead.organisation)
    asked = ConsultationFactory(organisation=lead.organisation, title="Shall we open on Sundays?", open=True)
    check = begun(adoption)
    address = reverse("standards:judge", args=[check.pk, "structures-established-1"])

    page = even(client.get(address))
    assert "Shall we open on Sundays?" in page
    assert "say who decides and when: 0 of 1" in page

    said = {"rating": "in_place", "marks": [f"consultation:{asked.pk}"], "version": 0}
    assert "The hub’s records say something else. Say why" in even(client.post(address, said))
    said |= {"differs": "It is on the poster."}
    answer = client.post(address, said)

    assert answer.url == reverse("standards:judge", args=[check.pk, "structures-established-2"])
    assert Judgement.objects.get().evidence.get().title == "Shall we open on Sundays?"
    assert "Shall we open on Sundays?" in even(client.get(reverse("standards:check", args=[check.pk])))


def test_what_was_said_is_there_again_and_nobody_overwrites_it(client, lead):
    check = begun(AdoptionFactory(organisation=lead.organisation))
    address = reverse("standards:judge", args=[check.pk, FIRST])
    said = {"rating": "in_place", "note": "A page of ours", **day_parts("note_on", today()), "version": 0}
    client.post(address, said | {"back": "1"})
    assert "A page of ours" in even(client.get(address))

    answer = client.post(address, said | {"note": "Another page"})

    assert answer.status_code == 400
    assert "Somebody else changed it while you typed" in even(answer)
    assert "Another page" in even(answer)


def test_only_a_lead_publishes_and_then_nothing_changes_any_more(client, lead):
    adoption = AdoptionFactory(organisation=lead.organisation)
    check = begun(adoption, first_steps_only=True)
    said_of_all(check)
    contributor = MembershipFactory(organisation=lead.organisation, role=Role.CONTRIBUTOR)
    client.force_login(contributor.user)
    assert "Whoever leads your organisation publishes" in even(client.get(reverse("standards:check", args=[check.pk])))
    assert client.post(reverse("standards:publish-check", args=[check.pk])).status_code == 403

    client.force_login(lead.user)
    client.post(reverse("standards:publish-check", args=[check.pk]), {})

    assert SelfCheck.objects.get().published_on == today()
    assert client.get(reverse("standards:judge", args=[check.pk, FIRST])).status_code == 302
    public = even(client.get(adoption.get_absolute_url()))
    assert "8 of 8 first steps in place" in public
    assert "The service says this of itself." in public


def test_a_check_that_stays_private_is_read_by_nobody_else(client, lead):
    adoption = AdoptionFactory(organisation=lead.organisation)
    check = begun(adoption, first_steps_only=True)
    said_of_all(check)

    client.post(reverse("standards:publish-check", args=[check.pk]), {"is_private": "on"})

    assert "only for yourselves" in even(client.get(reverse("standards:check", args=[check.pk])))
    client.logout()
    assert "No check is published yet" in even(client.get(adoption.get_absolute_url()))


def test_a_pledge_is_changed_and_ended_with_a_reason(client, lead):
    adoption = AdoptionFactory(organisation=lead.organisation, owner=lead)
    pledge = {"scope": "Half of it", "signed_by": "The head", "lead": "Our team", "owner": lead.pk, "version": 1}
    client.post(reverse("standards:change-pledge", args=[adoption.pk]), pledge)
    assert "Half of it" in even(client.get(adoption.get_absolute_url()))
    assert client.post(reverse("standards:change-pledge", args=[adoption.pk]), pledge).status_code == 400

    assert client.post(reverse("standards:end-adoption", args=[adoption.pk]), {"reason": ""}).status_code == 400
    client.post(reverse("standards:end-adoption", args=[adoption.pk]), {"reason": "We are merged."})
    assert "We are merged." in even(client.get(adoption.get_absolute_url()))
    answer = client.post(reverse("standards:begin-check", args=[adoption.pk]), follow=True)
    assert "The pledge has ended." in even(answer)


def test_a_check_goes_on_to_all_statements(client, lead):
    the_standard()
    adoption = AdoptionFactory(organisation=lead.organisation)
    client.post(reverse("standards:begin-check", args=[adoption.pk]), {"all": "0"})
    assert SelfCheck.objects.get().first_steps_only

    client.post(reverse("standards:begin-check", args=[adoption.pk]), {"all": "1"})
    assert not SelfCheck.objects.get().first_steps_only


def test_others_see_no_page_of_it(client):
    check = begun()
    client.force_login(MembershipFactory(role=Role.LEAD).user)

    for address in (
        reverse("standards:desk-adoption", args=[check.adoption_id]),
        reverse("standards:check", args=[check.pk]),
        reverse("standards:judge", args=[check.pk, FIRST]),
        reverse("standards:change-pledge", args=[check.adoption_id]),
    ):
        assert client.get(address).status_code == 403, address
    assert check.adoption.organisation.name not in even(client.get(reverse("standards:desk-adoptions")))


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_queries_however_long(client, django_assert_max_num_queries, count):
    for _number in range(count):
        AdoptionFactory()
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    with django_assert_max_num_queries(8):
        client.get(reverse("standards:desk-adoptions"))


# --- First steps on one page


def test_the_eight_first_steps_are_said_on_one_page(client, lead):
    check = begun(AdoptionFactory(organisation=lead.organisation), first_steps_only=True)
    address = reverse("standards:first-steps", args=[check.pk])
    keys = [each.key for each in asked_in(check)]
    page = even(client.get(address))
    assert all(f"rating_{key}" in page for key in keys)

    said = {f"rating_{key}": "in_place" for key in keys} | {f"note_{key}": "Minutes of the board" for key in keys}
    answer = client.post(address, said | {f"version_{key}": 0 for key in keys}, follow=True)

    assert "8 of 8 first steps in place" in even(answer)
    assert [each.happened_on for each in check.judgements.first().evidence.all()] == [today()]
    assert "Minutes of the board" in even(client.get(address))


def test_what_does_not_fit_is_named_with_its_statement_and_nothing_of_it_is_kept(client, lead):
    check = begun(AdoptionFactory(organisation=lead.organisation))
    address = reverse("standards:first-steps", args=[check.pk])

    said = {f"rating_{FIRST}": "in_place", "rating_people-emerging-1": "not_applicable", f"words_{FIRST}": "Kept here"}
    answer = client.post(address, said | {"rating_skills-emerging-1": "started"})

    assert answer.status_code == 400
    page = even(answer)
    assert "needs something that shows it" in page
    assert "Say why this cannot apply to you" in page
    assert "Kept here" in page
    assert not Judgement.objects.exists()
    assert "one statement at least" in even(client.post(address, {}))


def test_a_page_of_first_steps_overwrites_nobody(client, lead):
    check = begun(AdoptionFactory(organisation=lead.organisation))
    address = reverse("standards:first-steps", args=[check.pk])
    client.post(address, {f"rating_{FIRST}": "started", f"version_{FIRST}": 0})

    answer = client.post(address, {f"rating_{FIRST}": "not_yet", f"version_{FIRST}": 0})

    assert "Somebody else changed it while you typed" in even(answer)
    assert Judgement.objects.get().rating == "started"
