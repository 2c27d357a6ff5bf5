"""Who may do what with the forward plan, and who sees what of it."""

import pytest

from accounts.tests.people import EVERYBODY, People
from consultations.plan.models import Intention
from consultations.plan.tests.factories import IntentionFactory, UmbrellaFactory
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITERS = {"contributor", "lead", "lead of the body above", "owner"} | FIS
ANYWHERE = {
    *("contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead"),
    *("lead of the body above", "sponsor of the hub"),
} | FIS
TABLE = {
    Permission.ADD_INTENTION: (None, ANYWHERE),
    Permission.EDIT_INTENTION: (IntentionFactory, WRITERS),
    Permission.EDIT_UMBRELLA: (UmbrellaFactory, WRITERS),
    Permission.PUBLISH_UMBRELLA: (UmbrellaFactory, {"lead", "lead of the body above"} | FIS),
}


@pytest.mark.parametrize("permission", TABLE)
def test_only_these_people_may(permission):
    people = People()
    factory, allowed = TABLE[permission]
    record = (factory(organisation=people.service, owner=people.owner),) if factory else ()

    # The owner who left is the owner, so they come last.
    names = sorted(EVERYBODY, key=lambda name: name == "owner who left")

    assert {name for name in names if asked_anew(people.who(name)).has_perm(permission, *record)} == allowed


def asked_anew(person):
    """The same person in another request, who may have left meanwhile."""
    return type(person).objects.get(pk=person.pk) if person.pk else person


def test_the_list_of_what_one_may_change_agrees_with_the_rule():
    people = People()
    record = IntentionFactory(organisation=people.service, owner=people.owner)

    for name in ("contributor", "owner", "lead elsewhere", "FIS editor", "board viewer"):
        person = people.who(name)
        assert Intention.objects.changeable_by(person).exists() is person.has_perm(Permission.EDIT_INTENTION, record)
