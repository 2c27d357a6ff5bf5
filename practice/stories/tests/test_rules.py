"""Who may write parents' stories down, and who lets families read them."""

import pytest

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission
from practice.stories.tests.factories import ParentStoryFactory

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITERS = {"contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead"}
MAY = {
    Permission.ADD_STORY: FIS | WRITERS | {"lead of the body above", "sponsor of the hub"},
    Permission.EDIT_STORY: FIS | {"contributor", "lead", "lead of the body above"},
    Permission.PUBLISH_STORY: FIS,
}


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("permission", MAY)
def test_only_these_people_may(permission, name):
    people = People()
    about = (ParentStoryFactory(organisation=people.service),) if permission == Permission.EDIT_STORY else ()

    assert people.who(name).has_perm(permission, *about) is (name in MAY[permission])
