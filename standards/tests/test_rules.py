"""Who adopts the standard, and who fills in a check."""

import pytest

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission
from standards.tests.factories import AdoptionFactory

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
LEADING = {"lead", "lead of the body above"} | FIS
TABLE = {
    Permission.ADOPT_STANDARD: {"lead elsewhere", "lead of a body below", "sponsor of the hub"} | LEADING,
    Permission.EDIT_ADOPTION: LEADING,
    Permission.WRITE_CHECK: {"contributor"} | LEADING,
    Permission.ANSWER_CLAIMS: {"owner", "deputy", "parent reviewer", "superuser"},
}


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("permission", TABLE)
def test_only_these_people_may(permission, name):
    people = People()
    of_nothing = (Permission.ADOPT_STANDARD, Permission.ANSWER_CLAIMS)
    about = () if permission in of_nothing else (AdoptionFactory(organisation=people.service),)

    assert people.who(name).has_perm(permission, *about) is (name in TABLE[permission])
