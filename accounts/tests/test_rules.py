"""Who may do what with organisations: every person against every permission."""

import pytest
import rules

from accounts.tests.factories import MembershipFactory
from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission

pytestmark = pytest.mark.django_db

# What nobody in this table holds is refused.
TABLE = {
    Permission.USE_DESK: {
        *("contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead"),
        *("lead of the body above", "owner", "deputy", "FIS editor", "FIS manager", "board viewer"),
        *("parent reviewer", "sponsor of the hub", "superuser"),
    },
    Permission.SEE_ALL_DESKS: {"FIS editor", "FIS manager", "board viewer", "superuser"},
    Permission.SEE_MESSAGES: {"FIS editor", "FIS manager", "superuser"},
    Permission.ERASE_NOTES: {"FIS editor", "FIS manager", "superuser"},
    Permission.EDIT_SEARCH_WORDS: {"FIS editor", "FIS manager", "superuser"},
    Permission.SET_UP_HUB: {"FIS editor", "FIS manager", "superuser"},
    Permission.OPEN_HUB: {"FIS manager", "superuser"},
    Permission.STEER_MESSAGES: {"FIS editor", "FIS manager", "superuser"},
    Permission.SEE_FAULTS: {"FIS editor", "FIS manager", "sponsor of the hub", "superuser"},
    Permission.SEE_PEOPLE: {
        *("lead elsewhere", "lead of a body below", "lead", "lead of the body above", "sponsor of the hub"),
        *("FIS editor", "FIS manager", "superuser"),
    },
    Permission.ADD_PEOPLE: {"FIS manager", "superuser"},
    Permission.ANSWER_RIGHTS: {"FIS manager", "superuser"},
    Permission.EDIT_TIMINGS: {"FIS manager", "superuser"},
    Permission.SEE_KEEPERS: {"FIS editor", "FIS manager", "sponsor of the hub", "superuser"},
    Permission.EDIT_ORGANISATION: {"lead", "lead of the body above", "FIS editor", "FIS manager", "superuser"},
}
ABOUT_ONE_RECORD = {Permission.EDIT_ORGANISATION}


@pytest.mark.parametrize("permission", TABLE)
def test_the_permission_has_a_rule(permission):
    assert rules.perm_exists(permission)


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("permission", TABLE)
def test_only_these_people_may(permission, name):
    people = People()
    thing = (people.service,) if permission in ABOUT_ONE_RECORD else ()

    assert people.who(name).has_perm(permission, *thing) is (name in TABLE[permission])


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_these_people_may_move_somebody_of_the_service(name):
    people = People()
    somebody = MembershipFactory(organisation=people.service)
    may = {"lead", "lead of the body above", "FIS editor", "FIS manager", "superuser"}

    assert people.who(name).has_perm(Permission.MOVE_PEOPLE, somebody) is (name in may)


def test_leading_a_body_gives_nothing_over_the_body_above():
    people = People()

    assert not people.who("lead").has_perm(Permission.EDIT_ORGANISATION, people.council)


def test_a_name_that_only_begins_alike_in_the_tree_is_another_body():
    """Paths are ids: 1. must not reach 17."""
    people = People()
    lead = people.who("lead")
    other = people.elsewhere
    other.path = f"{people.service.path[:-1]}7."

    assert not lead.has_perm(Permission.EDIT_ORGANISATION, other)
