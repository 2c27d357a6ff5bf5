"""Who may do what with events: every person, against drafts and published ones."""

import pytest
import rules

from accounts.tests.people import EVERYBODY, People
from consultations.events.models import Event
from consultations.events.tests.factories import EventFactory
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITERS = {"contributor", "lead", "lead of the body above", "owner", "deputy"} | FIS
ANYWHERE = {
    "contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead", "lead of the body above",
    "sponsor of the hub",
} | FIS  # fmt: skip
TABLE = {
    (Permission.SEE_EVENT, "draft"): WRITERS,
    (Permission.SEE_EVENT, "published"): set(EVERYBODY),
    (Permission.SEE_EVENT, "archived"): WRITERS,
    (Permission.EDIT_EVENT, "draft"): WRITERS,
    (Permission.EDIT_EVENT, "published"): WRITERS,
    (Permission.PUBLISH_EVENT, "draft"): {"lead", "lead of the body above"} | FIS,
    (Permission.ADD_EVENT, ""): ANYWHERE,
    (Permission.EDIT_TERMS, ""): FIS,
}


def record(people: People, state: str) -> Event:
    """An event of the service, in an editorial state."""
    dates = {"draft": {"published_at": None}, "archived": {"archived_at": "2027-01-01T00:00Z"}}.get(state, {})
    return EventFactory(organisation=people.service, owner=people.owner, deputy=people.deputy, **dates)


@pytest.mark.parametrize("permission", sorted({permission for permission, _state in TABLE}))
def test_the_permission_has_a_rule(permission):
    assert rules.perm_exists(permission)


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize(("permission", "state"), TABLE)
def test_only_these_people_may(permission, state, name):
    people = People()
    thing = (record(people, state),) if state else ()

    assert people.who(name).has_perm(permission, *thing) is (name in TABLE[permission, state])


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("state", ["draft", "published", "archived"])
def test_the_list_of_what_one_may_see_agrees_with_the_rule(state, name):
    people = People()
    event = record(people, state)
    person = people.who(name)

    event = Event.objects.get(pk=event.pk)
    seen = Event.objects.visible_to(person).filter(pk=event.pk).exists()

    assert seen is person.has_perm(Permission.SEE_EVENT, event)
