"""Who may do what with consultations: every person, against drafts and published ones."""

import pytest
import rules

from accounts.tests.people import EVERYBODY, People
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.permissions import Permission

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITERS = {"contributor", "lead", "lead of the body above", "owner", "deputy"} | FIS
# Permission and state of the record, and who may; nobody else may.
TABLE = {
    (Permission.SEE_CONSULTATION, "draft"): WRITERS,
    (Permission.SEE_CONSULTATION, "published"): set(EVERYBODY),
    (Permission.SEE_CONSULTATION, "archived"): WRITERS,
    (Permission.EDIT_CONSULTATION, "draft"): WRITERS,
    (Permission.EDIT_CONSULTATION, "published"): WRITERS,
    (Permission.PUBLISH_CONSULTATION, "draft"): {"lead", "lead of the body above"} | FIS,
    (Permission.NAME_OWNER, "draft"): WRITERS - {"contributor"},
    (Permission.NAME_OWNER, "published"): WRITERS - {"contributor"},
    (Permission.CHECK_IMPORTS, ""): FIS,
    (Permission.EDIT_SOURCES, ""): FIS,
}


def record(people: People, state: str) -> Consultation:
    """A consultation of the service, in an editorial state."""
    dates = {"draft": {"published_at": None}, "archived": {"archived_at": "2027-01-01T00:00Z"}}.get(state, {})
    return ConsultationFactory(organisation=people.service, owner=people.owner, deputy=people.deputy, **dates)


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
    consultation = record(people, state)
    person = people.who(name)

    consultation = Consultation.objects.get(pk=consultation.pk)
    seen = Consultation.objects.visible_to(person).filter(pk=consultation.pk).exists()

    assert seen is person.has_perm(Permission.SEE_CONSULTATION, consultation)


def test_what_was_thrown_away_is_listed_to_nobody():
    people = People()
    consultation = ConsultationFactory(organisation=people.service, deleted_at="2027-01-01T00:00Z")

    for name in EVERYBODY:
        assert not Consultation.objects.visible_to(people.who(name)).filter(pk=consultation.pk).exists()


def test_nothing_is_nobodys_to_edit():
    assert not People().who("lead").has_perm(Permission.EDIT_CONSULTATION, None)
