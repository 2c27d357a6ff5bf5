"""The staff pages about how families reach an organisation."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Organisation, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from core.dates import today

pytestmark = pytest.mark.django_db

SAID = {"name": "Short breaks", "about": "", "phone": "01632 960 111", "website": "", "mailbox": "team@example.org"}


@pytest.fixture
def body():
    """A service whose contact nobody has checked for long."""
    return OrganisationFactory(
        name="Short breaks", phone="01632 960 000", checked_on=date(2024, 1, 8), review_by=date(2025, 1, 8)
    )


@pytest.fixture
def lead(client, body):
    """Its lead, signed in."""
    membership = MembershipFactory(organisation=body, role=Role.LEAD)
    client.force_login(membership.user)
    return membership.user


def change(body) -> str:
    """The form of a body."""
    return reverse("accounts:organisation-change", args=[body.slug])


def test_its_lead_puts_right_how_families_reach_a_service_and_it_counts_as_checked(client, body, lead):
    assert "01632 960 000" in client.get(change(body)).content.decode()

    client.post(change(body), SAID | {"version": body.version})

    body.refresh_from_db()
    assert (body.phone, body.mailbox, body.checked_on) == ("01632 960 111", "team@example.org", today())
    assert body.review_by == today() + timedelta(days=365)
    assert "01632 960 111" in client.get(body.get_absolute_url()).content.decode()


def test_two_who_change_a_contact_at_once_never_overwrite_each_other_silently(client, body, lead):
    seen = body.version
    client.post(change(body), SAID | {"version": seen})

    answer = client.post(change(body), SAID | {"phone": "01632 960 222", "version": seen})

    assert answer.status_code == 400
    assert "Somebody else changed it while you typed" in answer.content.decode()
    assert "01632 960 222" in answer.content.decode()  # what was typed is still there
    body.refresh_from_db()
    assert body.phone == "01632 960 111"


def test_a_contact_without_a_name_is_refused_with_everything_typed_still_there(client, body, lead):
    answer = client.post(change(body), SAID | {"name": "", "version": body.version})

    assert answer.status_code == 400
    assert "Enter the name" in answer.content.decode()
    assert "01632 960 111" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.BOARD_VIEWER, Role.PARENT_REVIEWER])
def test_who_does_not_lead_it_cannot_change_how_families_reach_it(client, body, role):
    client.force_login(MembershipFactory(organisation=body, role=role).user)

    assert client.get(change(body)).status_code == 403
    assert client.post(change(body), SAID | {"version": body.version}).status_code == 403


def test_a_lead_finds_their_own_bodies_in_the_list_and_those_below_but_no_others(client, body, lead):
    below = OrganisationFactory(name="A team of it", parent=body)
    OrganisationFactory(name="Another council")
    MembershipFactory(user=lead, organisation=OrganisationFactory(name="Where they only write"), role=Role.CONTRIBUTOR)

    html = client.get(reverse("accounts:organisations")).content.decode()

    assert change(body) in html
    assert change(below) in html
    assert "Another council" not in html
    assert "Where they only write" not in html
    assert reverse("accounts:still-right", args=["organisation", body.pk]) in html


def test_the_family_information_service_finds_every_body_by_its_words(client, body):
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    OrganisationFactory(name="Another council")

    html = client.get(reverse("accounts:organisations"), {"q": "another"}).content.decode()

    assert "Another council" in html
    assert change(body) not in html


def test_the_page_that_asks_whether_a_contact_is_right_leads_to_its_form(client, body, lead):
    html = client.get(reverse("accounts:still-right", args=["organisation", body.pk])).content.decode()

    assert change(body) in html


def test_the_past_of_a_body_is_told_and_its_old_words_can_be_put_back(client, body, lead):
    client.post(change(body), SAID | {"about": "Breaks for carers.", "version": body.version})
    html = client.get(reverse("accounts:organisation-history", args=[body.slug])).content.decode()
    assert "changed an organisation" in html
    assert "Breaks for carers." in html
    assert "01632 960 111" not in html  # how to reach it is in no history
    body.refresh_from_db()
    number = Organisation.pgh_event_model.objects.filter(pgh_obj_id=body.pk).latest("pgh_id").pgh_id
    undo = reverse("accounts:organisation-put-back", args=[body.slug, number])

    answer = client.post(f"{undo}?field=about", {"version": body.version})

    assert answer.status_code == 302
    body.refresh_from_db()
    assert body.about == ""
