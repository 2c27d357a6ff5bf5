"""Who may add a consultation, check one, and show one to families without a check."""

import pytest

from accounts.tests.people import EVERYBODY, People
from consultations.tests.factories import ConsultationFactory
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
TABLE = {
    (Permission.ADD_CONSULTATION, False): {
        *("contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead"),
        *("lead of the body above", "sponsor of the hub"),
    }
    | FIS,
    (Permission.CHECK_LISTING, False): FIS,
    # A team of one may; a lead has to prove careful first (test_actions.py).
    (Permission.PUBLISH_UNCHECKED, True): FIS,
}


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize(("permission", "is_about_one"), TABLE)
def test_only_these_people_may(permission, is_about_one, name):
    people = People()
    record = ConsultationFactory(draft=True, organisation=people.service, owner=people.owner, deputy=people.deputy)
    about = (record,) if is_about_one else ()

    assert people.who(name).has_perm(permission, *about) is (name in TABLE[permission, is_about_one])


@pytest.mark.parametrize(("name", "may"), [("FIS editor", False), ("FIS manager", False), ("superuser", True)])
def test_in_a_bigger_team_somebody_else_has_to_look(settings, name, may):
    settings.HUB_SMALL_TEAM = False
    people = People()
    record = ConsultationFactory(draft=True, organisation=people.service)

    assert people.who(name).has_perm(Permission.PUBLISH_UNCHECKED, record) is may
