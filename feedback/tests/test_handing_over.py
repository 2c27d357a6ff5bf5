"""Handing over, leaving and naming another owner, with real duties: nobody who owed an answer is forgotten."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.dates import today
from core.duties import duties_of
from feedback.models import FeedbackEntry
from feedback.tests.factories import FeedbackEntryFactory
from notices import ledger
from notices.defaults import load_steps
from notices.models import Fault

pytestmark = pytest.mark.django_db
PEOPLE = reverse("accounts:people")


@pytest.fixture
def service():
    """A service with a lead and two contributors."""
    return OrganisationFactory(name="Short breaks", promising=True)


@pytest.fixture
def leaver(service):
    """Somebody who answers for much."""
    return MembershipFactory(organisation=service, user=UserFactory(name="Leaver", email="leaver@example.org"))


@pytest.fixture
def taker(service):
    """Somebody who could take over."""
    return MembershipFactory(organisation=service, user=UserFactory(name="Taker", email="taker@example.org"))


@pytest.fixture
def lead(client, service):
    """The browser of the service's lead."""
    client.force_login(MembershipFactory(organisation=service, role=Role.LEAD, user__name="Lead").user)
    return client


@pytest.fixture
def manager(client):
    """The browser of whoever manages the hub."""
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    return client


def page_of(membership, name: str = "hand-over") -> str:
    """The address of a page about somebody's role."""
    return reverse(f"accounts:{name}", args=[membership.pk])


def titles(membership) -> list[tuple]:
    """What names somebody."""
    return [(duty.title, duty.what) for duty in duties_of(membership.pk, today())]


# What names somebody


def test_duties_are_what_is_under_way_and_promises_that_are_not_kept(service, leaver):
    for trait in ("open", "forthcoming", "awaiting", "late", "standing", "draft"):
        ConsultationFactory(title=trait, organisation=service, owner=leaver, **{trait: True})
    for trait in ("responded", "closed", "withdrawn"):
        ConsultationFactory(organisation=service, owner=leaver, **{trait: True})
    ConsultationFactory(title="of another", organisation=service, deputy=leaver, late=True)
    FeedbackEntryFactory(theme="a promise", organisation=service, owner=leaver, promised=True)
    FeedbackEntryFactory(theme="kept", organisation=service, owner=leaver)

    owned = ("awaiting", "draft", "forthcoming", "late", "open", "standing")
    assert titles(leaver) == [
        ("a promise", "Owner of the promise"),
        *sorted([*((title, "Owner of the answer") for title in owned), ("of another", "Deputy")]),
    ]


def test_handing_over_names_the_other_one_everywhere_and_nobody_deputises_for_themselves(service, leaver, taker):
    from accounts import actions

    both = ConsultationFactory(late=True, organisation=service, owner=leaver, deputy=taker)
    theirs = ConsultationFactory(late=True, organisation=service, owner=taker, deputy=leaver)
    deputised = ConsultationFactory(late=True, organisation=service, deputy=leaver)
    done = ConsultationFactory(responded=True, organisation=service, owner=leaver)
    promise = FeedbackEntryFactory(organisation=service, owner=leaver, promised=True)

    assert actions.end_membership(leaver, by=None, on=today(), to=taker) == 4

    def named(consultation):
        row = Consultation.objects.get(pk=consultation.pk)
        return row.owner, row.deputy

    assert named(both) == (taker, None)
    assert named(theirs) == (taker, None)
    assert named(deputised) == (deputised.owner, taker)
    assert named(done) == (leaver, None)
    assert FeedbackEntry.objects.get(pk=promise.pk).owner == taker
    assert titles(leaver) == []


# The pages


def test_a_lead_sees_and_moves_the_people_of_their_body_and_of_no_other(lead, leaver):
    stranger = MembershipFactory(user=UserFactory(name="Stranger"))

    page = lead.get(PEOPLE).content.decode()
    assert "Leaver" in page
    assert "Stranger" not in page
    assert "Add somebody" not in page
    assert lead.get(page_of(leaver)).status_code == 200
    for name in ("hand-over", "address"):
        assert lead.get(page_of(stranger, name)).status_code == 403
    assert lead.get(page_of(leaver, "address")).status_code == 403


def test_leaving_asks_who_takes_over_and_then_is_done(lead, service, leaver, taker):
    ConsultationFactory(title="Respite", late=True, organisation=service, owner=leaver)

    page = lead.get(page_of(leaver)).content.decode()
    assert "Respite" in page
    assert "1 thing to hand over" in page

    refused = lead.post(page_of(leaver), {"leaves": "leaves", "to": ""})
    assert refused.status_code == 400
    assert "Choose who takes over. Nobody leaves without handing over." in refused.content.decode()

    done = lead.post(page_of(leaver), {"leaves": "leaves", "to": taker.pk}, follow=True).content.decode()
    assert "The role has ended. 1 thing was handed over." in done
    assert Consultation.objects.get().owner == taker
    assert lead.get(page_of(leaver)).url == PEOPLE


def test_one_can_hand_over_and_stay(lead, service, leaver, taker):
    ConsultationFactory(late=True, organisation=service, owner=leaver)
    refused = lead.post(page_of(leaver), {"leaves": "stays", "to": ""})
    assert "Choose who takes over" in refused.content.decode()

    lead.post(page_of(leaver), {"leaves": "stays", "to": taker.pk})

    leaver.refresh_from_db()
    assert leaver.ended_on is None
    assert Consultation.objects.get().owner == taker


def test_nobody_of_another_body_can_be_made_to_take_over(lead, service, leaver):
    ConsultationFactory(late=True, organisation=service, owner=leaver)
    stranger = MembershipFactory()

    refused = lead.post(page_of(leaver), {"leaves": "leaves", "to": stranger.pk})

    assert refused.status_code == 400
    assert Consultation.objects.get().owner == leaver


def test_people_are_found_by_any_word_and_an_empty_list_speaks(manager, leaver, taker):
    assert "Leaver" in manager.get(PEOPLE, {"q": "leaver short"}).content.decode()
    assert "Taker" not in manager.get(PEOPLE, {"q": "leaver short"}).content.decode()
    assert "Nobody found" in manager.get(PEOPLE, {"q": "xyz"}).content.decode()
    assert manager.get(PEOPLE, {"q": "\x00"}).status_code == 200


def test_the_manager_adds_somebody_who_signs_in_by_code(manager, service):
    page = reverse("accounts:person-add")
    data = {"email": "new@example.org", "name": "New person", "organisation": service.pk, "role": Role.LEAD}

    added = manager.post(page, data, follow=True).content.decode()
    assert "New person can sign in now" in added
    assert "new@example.org" in added

    refused = manager.post(page, data)
    assert refused.status_code == 400
    assert "They have this role already." in refused.content.decode()
    assert 'value="New person"' in refused.content.decode()


def test_the_manager_puts_an_address_right_but_nobody_gets_a_superusers(manager, leaver):
    assert manager.post(page_of(leaver, "address"), {"email": "right@example.org"}).url == PEOPLE
    leaver.user.refresh_from_db()
    assert leaver.user.email == "right@example.org"

    root = MembershipFactory(user=UserFactory(is_superuser=True, email="root@example.org"))
    assert manager.post(page_of(root, "address"), {"email": "mine@example.org"}).status_code == 403
    root.user.refresh_from_db()
    assert root.user.email == "root@example.org"


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_of_people_takes_as_many_queries_for_one_as_for_twenty(manager, django_assert_num_queries, count):
    MembershipFactory.create_batch(count - 1)

    with django_assert_num_queries(5):  # person, roles, count, rows, upkeep
        manager.get(PEOPLE)


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_of_one_takes_as_many_queries_for_one_duty_as_for_twenty(
    manager, service, leaver, django_assert_num_queries, count
):
    for _each in range(count):
        ConsultationFactory(late=True, organisation=service, owner=leaver)
        FeedbackEntryFactory(organisation=service, owner=leaver, promised=True)

    # Person, roles, role, duties of four apps and of the plan, takers twice, upkeep.
    with django_assert_num_queries(18):
        manager.get(page_of(leaver))


# Who answers for one thing


def test_another_owner_and_deputy_are_named_for_one_consultation(lead, service, leaver, taker):
    consultation = ConsultationFactory(late=True, organisation=service, owner=leaver)
    page = reverse("consultations:owner", args=[consultation.slug])
    assert "Taker" in lead.get(page).content.decode()

    refused = lead.post(page, {"owner": taker.pk, "deputy": taker.pk})
    assert "Choose somebody else as deputy" in refused.content.decode()

    assert lead.post(page, {"owner": taker.pk, "deputy": leaver.pk}).url == reverse("desk")
    consultation.refresh_from_db()
    assert (consultation.owner, consultation.deputy) == (taker, leaver)


def test_an_owner_who_has_left_is_named_on_the_page_and_cannot_be_chosen(lead, service, leaver, taker):
    consultation = ConsultationFactory(late=True, organisation=service, owner=leaver)
    leaver.ended_on = today()
    leaver.save()
    page = reverse("consultations:owner", args=[consultation.slug])

    assert "Leaver has left" in lead.get(page).content.decode()
    assert lead.post(page, {"owner": leaver.pk}).status_code == 400


def test_an_owner_whose_account_was_closed_has_left_too(lead, service, leaver):
    consultation = ConsultationFactory(late=True, organisation=service, owner=leaver)
    leaver.user.is_active = False
    leaver.user.save()

    page = lead.get(reverse("consultations:owner", args=[consultation.slug]))
    assert "Leaver has left" in page.content.decode()


def test_a_duty_is_mended_as_soon_as_somebody_answers_for_it(lead, service, leaver, taker):
    load_steps()
    owned = [ConsultationFactory(late=True, organisation=service, owner=leaver) for _each in range(2)]
    promise = FeedbackEntryFactory(organisation=service, owner=leaver, overdue=True)
    leaver.user.is_active = False
    leaver.user.save()
    ledger.owe(today(), timezone.now())
    before = set(Fault.objects.open().values_list("reason", "about_id"))
    assert before == {*(("answer-owed", each.pk) for each in owned), ("promise-owed", promise.pk)}

    lead.post(reverse("consultations:owner", args=[owned[0].slug]), {"owner": taker.pk})
    left = set(Fault.objects.open().values_list("reason", "about_id"))
    assert before - left == {("answer-owed", owned[0].pk)}

    lead.post(reverse("feedback:entry-owner", args=[promise.pk]), {"owner": taker.pk})
    assert set(Fault.objects.open().values_list("reason", "about_id")) == {("answer-owed", owned[1].pk)}

    lead.post(page_of(taker), {"to": "", "leaves": "stays"})  # nothing was handed over: it stays a fault
    assert Fault.objects.open().count() == 1


def test_another_owner_is_named_for_a_promise(lead, service, leaver, taker):
    promise = FeedbackEntryFactory(organisation=service, owner=leaver, promised=True)
    page = reverse("feedback:entry-owner", args=[promise.pk])

    assert lead.post(page, {"owner": taker.pk}).url == reverse("desk")
    promise.refresh_from_db()
    assert promise.owner == taker
    assert lead.post(page, {"owner": ""}).status_code == 400

    kept = FeedbackEntryFactory(organisation=service)
    assert lead.get(reverse("feedback:entry-owner", args=[kept.pk])).status_code == 404
