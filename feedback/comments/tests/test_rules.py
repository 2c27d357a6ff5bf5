"""Who may read what families told us, who may enter what they heard, and who says who reads."""

import pytest

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITERS = {"contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead"}
MAY = {
    Permission.CHECK_COMMENTS: FIS,
    Permission.ADD_COMMENT: FIS | WRITERS | {"lead of the body above", "sponsor of the hub"},
    Permission.NAME_CHECKERS: {"FIS manager", "superuser"},
}


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("permission", MAY)
def test_only_these_people_may(permission, name):
    assert People().who(name).has_perm(permission) is (name in MAY[permission])
