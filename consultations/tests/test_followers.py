"""How many people follow a consultation or an event: on its page for staff, and only for who looks after the hub."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.tests.factories import EventFactory
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory
from core.models import Topic
from notices.ledger import hash_of
from notices.models import Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def council():
    return OrganisationFactory(name="County")


@pytest.fixture
def consultation(council):
    """One about travel, run by a service of the council."""
    found = ConsultationFactory(open=True, organisation=OrganisationFactory(parent=council))
    found.topics.set([term(Topic, "travel")])
    return found


def follow(person: str, kind: str, about: int = 0, filter: str = "", **facts) -> Subscription:
    address = f"{person}@example.org"
    made = timezone.now() - timedelta(days=1)
    facts = {"confirmed_at": made, "made_at": made, "filter": filter} | facts
    return Subscription.objects.create(
        follows=kind, about_id=about, address=address, recipient_hash=hash_of(address), **facts
    )


def page(client, record, name: str, role=Role.FIS_EDITOR) -> str:
    member = MembershipFactory(role=role, organisation=record.organisation)
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/desk/{name}/{record.slug}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_person_counts_once_however_they_follow_a_consultation(client, consultation, council):
    follow("ann", "consultation", consultation.pk)
    follow("ann", "organisation", council.pk)  # the same person, by the council above the service
    follow("bob", "organisation", consultation.organisation_id)
    follow("cat", "organisation", council.pk)
    follow("dan", "finder", filter="topic=travel")
    follow("eve", "finder", filter="topic=travel")

    assert "5 people follow this by e-mail." in page(client, consultation, "consultations")


def test_fewer_than_five_are_never_counted(client, consultation):
    for person in ("ann", "bob", "cat", "dan"):
        follow(person, "consultation", consultation.pk)
    follow("eve", "consultation", consultation.pk, confirmed_at=None)  # has not pressed in the mailbox
    follow("fay", "consultation", consultation.pk, left_at=timezone.now())
    follow("gus", "consultation", ConsultationFactory(open=True).pk)
    term(Topic, "health")
    follow("hal", "finder", filter="topic=health")

    html = page(client, consultation, "consultations")
    assert "Fewer than 5 people follow this by e-mail." in html
    assert "4 people" not in html


def test_how_many_follow_an_event_shows_too(client):
    event = EventFactory()
    for person in ("ann", "bob", "cat", "dan", "eve", "fay"):
        follow(person, "event", event.pk)

    assert "6 people follow this by e-mail." in page(client, event, "events")


def test_services_are_not_told_how_many_follow(client, consultation):
    event = EventFactory(organisation=consultation.organisation)

    assert "by e-mail." not in page(client, consultation, "consultations", Role.LEAD)
    assert "by e-mail." not in page(client, event, "events", Role.LEAD)


def test_nobody_can_follow_a_draft_so_nothing_is_said(client, council):
    draft = ConsultationFactory(organisation=council, published_at=None)

    assert "by e-mail." not in page(client, draft, "consultations")
