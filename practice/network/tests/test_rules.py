"""Who lets people into the network."""

import pytest

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_who_looks_after_the_hub_keeps_the_network(name):
    may = {"FIS editor", "FIS manager", "superuser"}
    assert People().who(name).has_perm(Permission.KEEP_NETWORK) is (name in may)
