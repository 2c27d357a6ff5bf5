"""What the desk lists for a person: theirs, and with the right button."""

import pytest

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.queues import owed_by
from feedback.models import AnswerState, Draft, Origin
from feedback.queues import answers_owed, promises_owed, reports_owed
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


def test_the_owner_the_deputy_and_the_service_owe_the_report_from_four_weeks_before_its_day():
    panel = ConsultationFactory(standing=True, next_report_on=days(28), deputy=MembershipFactory())
    theirs = [panel.owner, panel.deputy, MembershipFactory(organisation=panel.organisation)]
    others = [MembershipFactory(), MembershipFactory(organisation=panel.organisation, role=Role.PARENT_REVIEWER)]

    for each in theirs:
        (owed,) = reports_owed(each.user, today())
        assert (owed.kind, owed.title, owed.due_on, owed.button) == (
            "report",
            panel.title,
            days(28),
            "Write the report",
        )
        assert list(reports_owed(each.user, days(-1))) == []
    assert not any(titles(each.user) for each in others)


def test_families_wait_for_a_report_once_it_is_late():
    panel = ConsultationFactory(standing=True, next_report_on=days(0), took_part=212)

    assert [owed.families for owed in reports_owed(panel.owner.user, today())] == [""]
    assert [owed.families for owed in reports_owed(panel.owner.user, days(1))] == ["212"]


def test_the_board_sees_everything_and_presses_nothing():
    ConsultationFactory(late=True)
    FeedbackEntryFactory(overdue=True)
    ConsultationFactory(standing=True, next_report_on=days(-1))
    board = MembershipFactory(role=Role.BOARD_VIEWER).user

    everything = [
        *answers_owed(board, today(), everyone=True),
        *promises_owed(board, today(), everyone=True),
        *reports_owed(board, today(), everyone=True),
    ]

    assert len(everything) == 3
    assert not any(owed.button or owed.button_url for owed in everything)


def test_asking_for_everyone_s_gives_others_only_their_own():
    ConsultationFactory(late=True)
    ConsultationFactory(standing=True, next_report_on=days(-1))

    assert list(answers_owed(MembershipFactory().user, today(), everyone=True)) == []
    assert list(reports_owed(MembershipFactory().user, today(), everyone=True)) == []


@pytest.mark.parametrize("count", [1, 20])
def test_the_queues_take_the_same_queries_however_long(django_assert_num_queries, count):
    member = MembershipFactory()
    for _number in range(count):
        ConsultationFactory(late=True, organisation=member.organisation, owner=member)
        FeedbackEntryFactory(overdue=True, organisation=member.organisation, owner=member)
        ConsultationFactory(
            standing=True, next_report_on=days(-3), organisation=member.organisation, owner=member, took_part=12
        )

    # Memberships; answers, promises, reports; what waits for a check, was sent back or clashes; what parents deny.
    with django_assert_num_queries(10):
        assert len(owed_by(member.user, today())) == 3 * count
