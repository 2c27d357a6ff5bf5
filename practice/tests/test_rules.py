"""Who may do what with good practice."""

import pytest

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission
from practice.tests.factories import PracticeExampleFactory, TriedFactory

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITING = {"contributor", "lead", "lead of the body above"} | FIS
TABLE = {
    Permission.ADD_EXAMPLE: {
        *("contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead"),
        *("lead of the body above", "sponsor of the hub"),
    }
    | FIS,
    Permission.SEE_EXAMPLE: WRITING,
    Permission.EDIT_EXAMPLE: WRITING,
    Permission.PUBLISH_EXAMPLE: {"lead", "lead of the body above"} | FIS,
    Permission.EDIT_TRIED: WRITING,
}


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("permission", TABLE)
def test_only_these_people_may(permission, name):
    people = People()
    example = PracticeExampleFactory(draft=True, organisation=people.service)
    tried = TriedFactory(organisation=people.service)
    about = {Permission.ADD_EXAMPLE: (), Permission.EDIT_TRIED: (tried,)}.get(permission, (example,))

    assert people.who(name).has_perm(permission, *about) is (name in TABLE[permission])


def test_everybody_may_see_what_is_published():
    assert People().who("nobody").has_perm(Permission.SEE_EXAMPLE, PracticeExampleFactory())
