"""Who speaks for parents, and who may ask one."""

import pytest

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
MAY_ASK = {"contributor", "lead", "lead of the body above", "owner", "parent reviewer"} | FIS


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_a_parent_reviewer_speaks_for_parents(name):
    # The owner of these tests is a reviewer too, elsewhere: being one is enough.
    speaks = {"parent reviewer", "owner", "deputy", "superuser"}
    assert People().who(name).has_perm(Permission.CHECK_PROMISE) is (name in speaks)


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_made_the_promise_a_forum_and_the_service_may_ask_a_parent(name):
    people = People()
    entry = FeedbackEntryFactory(organisation=people.service, owner=people.owner)

    assert people.who(name).has_perm(Permission.INVITE_PARENT, entry) is (name in MAY_ASK | {"deputy"})
