"""Who may answer families: every person against every stage. Nobody's answer waits for approval (DESIGN rule 7)."""

import pytest
import rules

from accounts.tests.people import EVERYBODY, People
from consultations.tests.factories import ConsultationFactory
from core.permissions import Permission
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db

MAY_ANSWER = {
    *("contributor", "lead", "lead of the body above", "owner", "deputy"),
    *("FIS editor", "FIS manager", "superuser"),
}
MAY_UPDATE = MAY_ANSWER - {"deputy"}
STAGES = ("open", "awaiting", "late", "responded", "withdrawn", "draft")


@pytest.mark.parametrize(
    "permission",
    [
        Permission.WRITE_ANSWER,
        Permission.PUBLISH_ANSWER,
        Permission.WRITE_ENTRY,
        Permission.NAME_PROMISE_OWNER,
        *(Permission.READ_BOARD_REPORTS, Permission.ISSUE_BOARD_REPORTS, Permission.MAKE_EVIDENCE_PACK),
    ],
)
def test_the_permission_has_a_rule(permission):
    assert rules.perm_exists(permission)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize("permission", [Permission.WRITE_ANSWER, Permission.PUBLISH_ANSWER])
def test_only_these_people_may_answer_whatever_the_stage(permission, name, stage):
    people = People()
    consultation = ConsultationFactory(
        organisation=people.service, owner=people.owner, deputy=people.deputy, **{stage: True}
    )

    assert people.who(name).has_perm(permission, consultation) is (name in MAY_ANSWER)


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_these_people_may_update_a_promise(name):
    people = People()
    entry = FeedbackEntryFactory(organisation=people.service, owner=people.owner, promised=True)

    assert people.who(name).has_perm(Permission.WRITE_ENTRY, entry) is (name in MAY_UPDATE)


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_these_people_may_say_who_keeps_a_promise(name):
    people = People()
    entry = FeedbackEntryFactory(organisation=people.service, owner=people.owner, promised=True)

    assert people.who(name).has_perm(Permission.NAME_PROMISE_OWNER, entry) is (name in MAY_UPDATE - {"contributor"})


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_boards_read_what_is_out_and_only_who_manages_the_hub_issues_it(name):
    person = People().who(name)
    manages = name in {"FIS manager", "superuser"}
    looks_after = manages or name == "FIS editor"

    assert person.has_perm(Permission.ISSUE_BOARD_REPORTS) is manages
    assert person.has_perm(Permission.MAKE_EVIDENCE_PACK) is looks_after
    reads = looks_after or name in {"board viewer", "sponsor of the hub"}
    assert person.has_perm(Permission.READ_BOARD_REPORTS) is reads
