"""The page of who can do what says of each role what the rules say of real people."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from accounts.tests.people import People
from consultations.tests.factories import ConsultationFactory
from core.permissions import Permission
from hub.who_can import COLUMNS, EVERYWHERE, NO, OWN, SUBJECTS, may, words_of

pytestmark = pytest.mark.django_db

REAL = {
    "contributor": Role.CONTRIBUTOR.label,
    "lead": Role.LEAD.label,
    "FIS editor": Role.FIS_EDITOR.label,
    "FIS manager": Role.FIS_MANAGER.label,
    "board viewer": Role.BOARD_VIEWER.label,
    "parent reviewer": Role.PARENT_REVIEWER.label,
    "owner": "Named as owner",
}
COLUMN = {str(column.label): column for column in COLUMNS}


def said(name: str, permission: Permission) -> str:
    return may(COLUMN[str(REAL[name])], permission)


@pytest.mark.parametrize("name", REAL)
def test_the_table_agrees_with_real_people(name):
    people = People()
    person = people.who(name)
    theirs = ConsultationFactory(organisation=people.service, owner=people.owner, published_at=None)
    not_theirs = ConsultationFactory(published_at=None)

    for permission in (Permission.EDIT_CONSULTATION, Permission.PUBLISH_CONSULTATION, Permission.WRITE_ANSWER):
        expected = NO
        if person.has_perm(permission, theirs):
            expected = EVERYWHERE if person.has_perm(permission, not_theirs) else OWN
        assert said(name, permission) == expected, permission
    for permission in (Permission.ADD_PEOPLE, Permission.SEE_MESSAGES, Permission.SEE_PEOPLE, Permission.USE_DESK):
        assert (said(name, permission) == EVERYWHERE) is person.has_perm(permission), permission


def test_somebody_may_do_each_thing_and_not_everybody():
    for permission in Permission:
        answers = {may(column, permission) for column in COLUMNS}
        assert answers != {NO}, permission
        assert permission == Permission.USE_DESK or NO in answers, permission


def test_the_page_names_each_permission_once_and_asks_nothing_for_each(client, django_assert_max_num_queries):
    client.force_login(MembershipFactory(role=Role.PARENT_REVIEWER).user)

    # Session, person, roles, how the hub stands, Django’s own; and of both FIS roles, whether the team is small.
    with django_assert_max_num_queries(7):
        tables = client.get(reverse("who-can")).context["tables"]

    assert sorted(str(words) for _subject, rows in tables for words, _cells in rows) == sorted(
        str(words_of(permission)) for permission in Permission
    )
    assert len(tables) <= len(SUBJECTS)
