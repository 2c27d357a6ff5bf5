"""What the desk lists for a person: theirs, and with the right button."""

import pytest

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.queues import owed_by
from feedback.models import AnswerState, Draft, Origin
from feedback.queues import answers_owed, promises_owed
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db


def titles(user):
    return [owed.title for owed in owed_by(user, today())]


def test_the_owner_the_deputy_and_the_service_owe_the_answer_and_nobody_else():
    consultation = ConsultationFactory(late=True, deputy=MembershipFactory())
    above = OrganisationFactory()
    consultation.organisation.parent = above
    consultation.organisation.save()
    consultation.organisation.refresh_from_db()
    theirs = [
        consultation.owner,
        consultation.deputy,
        MembershipFactory(organisation=consultation.organisation),
        MembershipFactory(organisation=above, role=Role.LEAD),
    ]
    others = [
        MembershipFactory(),
        MembershipFactory(organisation=consultation.organisation, role=Role.PARENT_REVIEWER),
        MembershipFactory(role=Role.FIS_EDITOR),
        MembershipFactory(role=Role.BOARD_VIEWER),
    ]

    assert all(titles(each.user) == [consultation.title] for each in theirs)
    assert not any(titles(each.user) for each in others)


def test_who_left_owes_nothing():
    consultation = ConsultationFactory(late=True)
    consultation.owner.ended_on = days(-1)
    consultation.owner.save()

    assert titles(consultation.owner.user) == []


@pytest.mark.parametrize("stage", ["open", "forthcoming", "responded", "closed", "withdrawn", "past", "draft"])
def test_only_what_waits_for_an_answer_is_owed(stage):
    consultation = ConsultationFactory(**{stage: True})
    writer = MembershipFactory(organisation=consultation.organisation)

    assert titles(writer.user) == []


def test_worst_comes_first_and_the_undated_last():
    member = MembershipFactory()
    ours = {"organisation": member.organisation, "owner": member}
    ConsultationFactory(title="Undated", awaiting=True, response_due_on=None, **ours)
    ConsultationFactory(title="Due", awaiting=True, response_due_on=days(60), **ours)
    ConsultationFactory(title="Late", late=True, response_due_on=days(-34), **ours)
    FeedbackEntryFactory(theme="Promise", overdue=True, organisation=member.organisation)

    assert titles(member.user) == ["Late", "Promise", "Due", "Undated"]


def test_the_button_says_whether_the_answer_was_begun():
    consultation = ConsultationFactory(late=True)
    user = consultation.owner.user

    assert [owed.button for owed in owed_by(user, today())] == ["Write the answer"]
    Draft.objects.create(consultation=consultation)
    assert [owed.button for owed in owed_by(user, today())] == ["Carry on"]


def test_news_promised_where_nothing_was_decided_is_owed_too():
    member = MembershipFactory()
    FeedbackEntryFactory(
        theme="News", answer=AnswerState.DECIDING, next_update_on=days(-2), organisation=member.organisation
    )

    (owed,) = owed_by(member.user, today())

    assert (owed.kind, owed.days_late(today())) == ("promise", 2)


def test_what_was_found_elsewhere_is_never_chased():
    member = MembershipFactory()
    FeedbackEntryFactory(
        overdue=True, origin=Origin.FOUND, source_url="https://example.org", organisation=member.organisation
    )

    assert titles(member.user) == []


def test_the_board_sees_everything_and_presses_nothing():
    ConsultationFactory(late=True)
    FeedbackEntryFactory(overdue=True)
    board = MembershipFactory(role=Role.BOARD_VIEWER).user

    everything = [
        *answers_owed(board, today(), everyone=True),
        *promises_owed(board, today(), everyone=True),
    ]

    assert len(everything) == 2
    assert not any(owed.button or owed.button_url for owed in everything)


def test_asking_for_everyone_s_gives_others_only_their_own():
    ConsultationFactory(late=True)

    assert list(answers_owed(MembershipFactory().user, today(), everyone=True)) == []


@pytest.mark.parametrize("count", [1, 20])
def test_the_queues_take_the_same_queries_however_long(django_assert_num_queries, count):
    member = MembershipFactory()
    for _number in range(count):
        ConsultationFactory(late=True, organisation=member.organisation, owner=member)
        FeedbackEntryFactory(overdue=True, organisation=member.organisation, owner=member)

    with django_assert_num_queries(3):  # the memberships, the answers, the promises
        assert len(owed_by(member.user, today())) == 2 * count
