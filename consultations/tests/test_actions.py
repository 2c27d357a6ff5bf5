"""What is done with consultations, by the rules of DESIGN section 4."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from accounts.actions import leave_promise
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from consultations import actions
from consultations.models import Consultation, DateChange, Outcome, ParticipationLevel
from consultations.stages import REPORTS, TIMELINE, ReportStage, Stage
from consultations.tests.around import complete, term, way
from consultations.tests.factories import ConsultationFactory
from core.models import Audience, Topic

pytestmark = pytest.mark.django_db

OPENS, CLOSES, DUE = date(2022, 3, 1), date(2022, 4, 8), date(2022, 7, 1)
BEFORE, DURING, AFTER = date(2022, 2, 1), date(2022, 3, 15), date(2022, 4, 9)


@pytest.fixture
def by():
    """Whoever acts."""
    return UserFactory()


def draft(**facts) -> Consultation:
    """A complete draft from 1 March to 8 April 2022."""
    facts = {"opens_on": OPENS, "closes_on": CLOSES, "draft": True, **facts}
    dates = dict.fromkeys(("answer_owed_from", "response_due_on", "first_due_on"))
    return complete(ConsultationFactory(**{**dates, **facts}))


def published(by, **facts) -> Consultation:
    """The same, shown to families before it opens."""
    consultation = draft(**facts)
    actions.publish(consultation, by=by, on=BEFORE)
    return consultation


def saved(consultation) -> Consultation:
    """As the database has it."""
    return Consultation.objects.get(pk=consultation.pk)


# Publishing (rule 8)


def test_publishing_shows_it_and_starts_the_clock_of_the_answer(by):
    consultation = saved(published(by))

    assert consultation.is_published
    assert consultation.answer_owed_from == CLOSES + timedelta(days=1)
    assert consultation.response_due_on == consultation.first_due_on == DUE


def test_publishing_names_everything_that_is_missing_at_once(by):
    empty = ConsultationFactory(draft=True, summary="", level="", decided_by="", contact_name="", answer_owed_from=None)

    with pytest.raises(ValidationError) as refused:
        actions.publish(empty, by=by, on=BEFORE)

    assert set(refused.value.messages) == {
        "Give at least two ways to take part",
        "Give a way to take part that does not need the internet",
        "Give a way to take part that does not need a voice call",
        "Choose 1 to 3 topics",
        "Choose 1 to 5 groups that it is for",
        "Choose at least one area",
        "A published consultation needs a summary, a level, who decides, a contact and its dates",
    }
    assert not saved(empty).is_published


@pytest.mark.parametrize(
    "facts",
    [
        {"summary": " \n"},
        {"level": ""},
        {"decided_by": ""},
        {"contact_name": ""},
        {"opens_on": None, "closes_on": None},
    ],
)
def test_a_live_record_without_its_facts_is_not_published(by, facts):
    consultation = draft(**facts)

    with pytest.raises(ValidationError, match="needs a summary, a level, who decides, a contact and its dates"):
        actions.publish(consultation, by=by, on=BEFORE)

    assert not saved(consultation).is_published


@pytest.mark.parametrize("facts", [{"can_change": ""}, {"cannot_change": ""}, {"owner": None}])
def test_an_ask_says_what_can_change_what_cannot_and_who_owns_the_answer(by, facts):
    with pytest.raises(ValidationError, match="Say what can change, what cannot, and who owns the answer"):
        actions.publish(draft(**facts), by=by, on=BEFORE)


def test_what_only_tells_families_something_needs_no_owner_and_owes_nothing(by):
    consultation = draft(level=ParticipationLevel.INFORMATION, owner=None, can_change="", cannot_change="")

    actions.publish(consultation, by=by, on=BEFORE)

    assert (consultation.answer_owed_from, consultation.response_due_on, consultation.first_due_on) == (None,) * 3
    assert TIMELINE.of(saved(consultation), date(2032, 1, 1)) == Stage.CLOSED


@pytest.mark.parametrize(
    ("offline", "without_voice", "missing"),
    [
        (False, True, "Give a way to take part that does not need the internet"),
        (True, False, "Give a way to take part that does not need a voice call"),
    ],
)
def test_one_way_is_offline_and_one_needs_no_voice(by, offline, without_voice, missing):
    consultation = draft()
    consultation.ways.all().delete()
    for key in ("first-way", "second-way"):
        way(consultation, f"{key}-{offline}", offline=offline, without_voice=without_voice)

    with pytest.raises(ValidationError) as refused:
        actions.publish(consultation, by=by, on=BEFORE)

    assert refused.value.messages == [missing]


@pytest.mark.parametrize(
    ("kind", "most", "words"), [(Topic, 3, "Choose 1 to 3 topics"), (Audience, 5, "Choose 1 to 5 groups")]
)
def test_a_few_topics_and_groups_are_enough(by, kind, most, words):
    consultation = draft()
    terms = getattr(consultation, "topics" if kind is Topic else "audiences")
    terms.set([term(kind, f"term-{number}") for number in range(most + 1)])

    with pytest.raises(ValidationError, match=words):
        actions.publish(consultation, by=by, on=BEFORE)

    terms.remove(terms.first())
    actions.publish(consultation, by=by, on=BEFORE)


def test_a_draft_that_was_refused_does_not_pass_for_published(by):
    consultation = draft(summary="")

    with pytest.raises(ValidationError):
        actions.publish(consultation, by=by, on=BEFORE)

    assert not consultation.is_published


def test_a_past_record_is_published_with_four_facts(by):
    past = ConsultationFactory(
        past=True, draft=True, summary="", decided_by="", contact_name="", can_change="", cannot_change=""
    )

    actions.publish(past, by=by, on=BEFORE)

    assert saved(past).is_published
    assert past.response_due_on is None


def test_a_season_is_enough_for_what_is_only_planned(by):
    planned = published(by, opens_on=None, closes_on=None, planned_for="spring 2023")

    assert TIMELINE.of(saved(planned), DURING) == Stage.FORTHCOMING
    assert planned.response_due_on is None


@pytest.mark.parametrize(
    ("on", "report"),
    [(BEFORE, OPENS + timedelta(days=183)), (date(2022, 6, 1), date(2022, 6, 1) + timedelta(days=183))],
)
def test_a_standing_opportunity_reports_within_six_months(by, on, report):
    standing = draft(closes_on=None)

    actions.publish(standing, by=by, on=on)

    assert saved(standing).next_report_on == report


def test_a_standing_opportunity_keeps_an_earlier_report_it_named(by):
    standing = draft(closes_on=None, next_report_on=date(2022, 5, 1))

    actions.publish(standing, by=by, on=BEFORE)

    assert saved(standing).next_report_on == date(2022, 5, 1)


def test_a_report_cannot_be_put_off_for_longer_than_six_months(by):
    standing = draft(closes_on=None, next_report_on=date(2023, 5, 1))

    actions.publish(standing, by=by, on=BEFORE)

    assert saved(standing).next_report_on == OPENS + timedelta(days=183)


@pytest.mark.parametrize("facts", [{"level": ParticipationLevel.INFORMATION}, {"closes_on": CLOSES}])
def test_what_only_tells_or_has_a_last_day_owes_no_report(by, facts):
    assert saved(published(by, **{"closes_on": None, **facts})).next_report_on is None


@pytest.mark.parametrize("named", [None, date(2022, 5, 1)])
def test_a_body_without_the_promise_owes_no_report(by, named):
    standing = published(by, closes_on=None, organisation=OrganisationFactory(), next_report_on=named)

    assert saved(standing).next_report_on is None
    assert REPORTS.of(saved(standing), date(2032, 1, 1)) == ReportStage.AHEAD


def test_the_promise_of_a_body_above_reaches_reports_too(by):
    council = OrganisationFactory(promising=True)

    standing = published(by, closes_on=None, organisation=OrganisationFactory(parent=council))

    assert saved(standing).next_report_on == OPENS + timedelta(days=183)


def test_a_report_moves_the_day_of_the_next_one_and_taking_it_back_restores_it(by):
    standing = published(by, closes_on=None)
    due = standing.next_report_on

    actions.record_report(standing, by=by, next_on=date(2023, 2, 1))
    assert saved(standing).next_report_on == date(2023, 2, 1)

    actions.owe_report_again(standing, by=by, due_on=due)
    assert saved(standing).next_report_on == due


def test_what_gets_a_closing_date_owes_an_answer_and_no_report_any_more(by):
    standing = published(by, closes_on=None)
    due = standing.next_report_on
    assert saved(standing).answer_owed_from is None

    actions.move_closing_date(standing, by=by, closes_on=CLOSES, reason="The panel ends.", on=DURING)

    assert saved(standing).next_report_on is None
    assert saved(standing).response_due_on == DUE
    assert TIMELINE.of(saved(standing), DUE + timedelta(days=1)) == Stage.LATE
    actions.owe_report_again(standing, by=by, due_on=due)
    assert saved(standing).next_report_on is None


def test_the_history_says_who_published(by):
    consultation = published(by)

    history = apps.get_model("consultations", "ConsultationHistory")
    newest = history.objects.filter(pgh_obj_id=consultation.pk).latest("pgh_id")
    assert newest.pgh_context.metadata == {"by": by.pk, "did": "published the consultation"}


# When an answer is due (rule 2)


@pytest.mark.parametrize(
    ("closes", "due"),
    [
        (date(2022, 4, 8), date(2022, 7, 1)),  # Friday to Friday, 12 weeks on
        (date(2022, 4, 9), date(2022, 7, 4)),  # a Saturday: the Monday after
        (date(2022, 10, 2), date(2022, 12, 28)),  # Christmas Day on a Sunday: the Wednesday after
        (date(2026, 10, 2), date(2026, 12, 29)),  # Christmas Day on a Friday, Boxing Day instead on the Monday
        (date(2027, 1, 1), date(2027, 3, 30)),  # Good Friday: the Tuesday after Easter
        (date(2022, 2, 7), date(2022, 5, 3)),  # the early May bank holiday
        (date(2022, 10, 9), date(2023, 1, 3)),  # New Year's Day on a Sunday
    ],
)
def test_an_answer_is_due_84_days_after_closing_on_a_working_day(by, closes, due):
    assert actions.answer_due(closes) == due
    assert published(by, opens_on=closes - timedelta(days=30), closes_on=closes).response_due_on == due


@pytest.mark.parametrize(
    ("who", "due"),
    [
        ("the body itself promised", DUE),
        ("the body above promised", DUE),
        ("the top of the tree promised", DUE),
        ("a body below promised", None),
        ("nobody promised", None),
        ("the promise was left", None),
    ],
)
def test_only_a_body_that_joined_the_promise_gets_a_due_date(by, who, due):
    council = OrganisationFactory(promising=who == "the top of the tree promised")
    above = OrganisationFactory(parent=council, promising=who == "the body above promised")
    left = {"promise_left_on": date(2021, 1, 1)} if who == "the promise was left" else {}
    service = OrganisationFactory(
        parent=above, promising=who in ("the body itself promised", "the promise was left"), **left
    )
    OrganisationFactory(parent=service, promising=who == "a body below promised")

    consultation = saved(published(by, organisation=service))

    assert consultation.response_due_on == consultation.first_due_on == due
    assert consultation.answer_owed_from == AFTER
    assert TIMELINE.of(consultation, date(2032, 1, 1)) == (Stage.LATE if due else Stage.AWAITING)


@pytest.mark.parametrize(
    ("promised", "kept"),
    [
        (date(2022, 5, 10), date(2022, 5, 10)),  # earlier: kept
        (AFTER, AFTER),  # as early as can be
        (DUE, DUE),
        (date(2022, 7, 2), DUE),  # later than 84 days: not kept
        (date(2023, 7, 2), DUE),
        (CLOSES, DUE),  # before it has closed makes no sense
    ],
)
def test_an_earlier_promise_is_kept_and_a_later_one_is_not(by, promised, kept):
    consultation = published(by, response_due_on=None)
    Consultation.objects.filter(pk=consultation.pk).delete()

    again = draft()
    again.response_due_on, again.promised_earlier = promised, True
    actions.publish(again, by=by, on=BEFORE)

    assert again.response_due_on == again.first_due_on == kept
    assert again.promised_earlier is (promised == kept)


def test_a_due_date_that_nobody_promised_is_worked_out_afresh(by):
    consultation = draft()
    consultation.response_due_on = date(2022, 5, 10)

    actions.publish(consultation, by=by, on=BEFORE)

    assert consultation.response_due_on == DUE


# Joining the promise


def test_what_families_were_promised_stays_promised_when_the_body_leaves_the_promise(by):
    consultation = published(by)
    leave_promise(consultation.organisation, by=by, on=BEFORE)

    later = consultation.closes_on + timedelta(days=7)
    actions.move_closing_date(consultation, by=by, closes_on=later, reason="Families asked.", on=BEFORE)

    assert saved(consultation).response_due_on == actions.answer_due(later)
    assert saved(consultation).first_due_on == DUE


def test_what_is_published_after_the_body_left_the_promise_has_no_date(by):
    consultation = published(by)
    leave_promise(consultation.organisation, by=by, on=BEFORE)

    after = published(by, organisation=consultation.organisation)

    assert (saved(after).response_due_on, saved(after).first_due_on) == (None, None)


def test_joining_gives_a_due_date_to_what_is_still_open_and_to_nothing_earlier(by):
    council = OrganisationFactory()
    service = OrganisationFactory(parent=council)
    on = date(2022, 4, 8)
    closing_today = published(by, organisation=service, closes_on=on)
    closed_before = published(by, organisation=service, closes_on=on - timedelta(days=1))
    elsewhere = published(by, organisation=OrganisationFactory())

    promised = actions.join_promise(council, by=by, name="Director of Children's Services", on=on)

    assert promised == 1
    assert saved(closing_today).response_due_on == saved(closing_today).first_due_on == DUE
    assert saved(closed_before).response_due_on is None
    assert saved(elsewhere).response_due_on is None
    assert TIMELINE.of(saved(closed_before), date(2032, 1, 1)) == Stage.AWAITING


def test_joining_promises_a_report_on_what_stays_open_within_six_months_of_that_day(by):
    council = OrganisationFactory()
    standing = published(by, organisation=OrganisationFactory(parent=council), closes_on=None)
    stopped = published(by, organisation=council, closes_on=None)
    actions.withdraw(stopped, by=by, reason="No money.", views="Kept.", on=DURING)
    tells = published(by, organisation=council, closes_on=None, level=ParticipationLevel.INFORMATION)
    unseen = draft(organisation=council, closes_on=None)
    on = date(2022, 6, 1)

    assert actions.join_promise(council, by=by, name="Director", on=on) == 1

    assert saved(standing).next_report_on == on + timedelta(days=183)
    assert [saved(each).next_report_on for each in (stopped, tells, unseen)] == [None] * 3


def test_joining_again_gives_no_more_time_for_a_report(by):
    standing = published(by, closes_on=None)
    due = standing.next_report_on

    assert actions.join_promise(standing.organisation, by=by, name="Director", on=date(2022, 6, 1)) == 0

    assert saved(standing).next_report_on == due


def test_joining_owes_nothing_for_what_only_tells_and_leaves_past_records_alone(by):
    council = OrganisationFactory()
    tells = published(by, organisation=council, level=ParticipationLevel.INFORMATION)
    past = ConsultationFactory(past=True, organisation=council, closes_on=date(2022, 5, 1))

    assert actions.join_promise(council, by=by, name="Director", on=BEFORE) == 0
    assert saved(tells).response_due_on is None
    assert saved(past).response_due_on is None


# On time is judged against the first date that was published


def test_a_date_that_was_never_published_is_no_first_date(by):
    council = OrganisationFactory()
    consultation = draft(organisation=council)
    actions.join_promise(council, by=by, name="Director", on=BEFORE)
    later = saved(consultation)
    later.closes_on = CLOSES + timedelta(days=28)

    actions.publish(later, by=by, on=BEFORE)

    assert later.first_due_on == later.response_due_on == DUE + timedelta(days=28)


# The answer


def test_recording_the_answer_makes_it_answered_and_taking_it_back_lets_the_clock_run_on(by):
    consultation = published(by)
    late = DUE + timedelta(days=12)

    actions.record_answer(consultation, by=by, on=late)
    assert TIMELINE.of(saved(consultation), late) == Stage.RESPONDED
    assert TIMELINE.of(saved(consultation), late - timedelta(days=1)) == Stage.LATE

    actions.take_back_answer(consultation, by=by)
    assert TIMELINE.of(saved(consultation), late) == Stage.LATE
    assert saved(consultation).response_due_on == DUE


def test_an_answer_known_only_by_a_month_is_marked_so_and_taking_it_back_forgets_that(by):
    consultation = published(by)

    actions.record_answer(consultation, by=by, on=DUE, exactly=False)
    assert saved(consultation).responded_exactly is False

    actions.take_back_answer(consultation, by=by)
    assert saved(consultation).responded_exactly is True


# Moving the closing date (rule 2)


def test_moving_the_closing_date_later_moves_the_due_date_and_says_why(by):
    consultation = published(by)

    actions.move_closing_date(
        consultation, by=by, closes_on=CLOSES + timedelta(days=14), reason="More schools asked for it.", on=DURING
    )

    moved = saved(consultation)
    assert moved.closes_on == date(2022, 4, 22)
    assert moved.answer_owed_from == date(2022, 4, 23)
    assert moved.response_due_on == date(2022, 7, 15)
    assert moved.first_due_on == DUE  # on time is still judged by it
    assert list(moved.date_changes.values_list("which", "was", "now", "reason", "changed_on")) == [
        ("closes_on", CLOSES, date(2022, 4, 22), "More schools asked for it.", DURING),
        ("response_due_on", DUE, date(2022, 7, 15), "More schools asked for it.", DURING),
    ]


@pytest.mark.parametrize("on", [OPENS, DURING, CLOSES])
def test_once_open_it_never_closes_earlier(by, on):
    consultation = published(by)

    with pytest.raises(ValidationError, match="can only move later"):
        actions.move_closing_date(consultation, by=by, closes_on=CLOSES - timedelta(days=1), reason="Why", on=on)

    assert saved(consultation).closes_on == CLOSES


def test_before_it_opens_the_closing_date_may_move_either_way(by):
    consultation = published(by)

    actions.move_closing_date(consultation, by=by, closes_on=date(2022, 4, 1), reason="A school asked.", on=BEFORE)

    assert saved(consultation).closes_on == date(2022, 4, 1)
    assert saved(consultation).response_due_on == date(2022, 6, 24)


def test_after_closing_it_does_not_open_again(by):
    consultation = published(by)

    with pytest.raises(ValidationError, match="It has closed"):
        actions.move_closing_date(consultation, by=by, closes_on=date(2022, 6, 1), reason="Why", on=AFTER)


@pytest.mark.parametrize("reason", ["", "   "])
def test_families_are_told_why_a_date_moved(by, reason):
    consultation = published(by)

    with pytest.raises(ValidationError, match="Enter the reason"):
        actions.move_closing_date(consultation, by=by, closes_on=date(2022, 6, 1), reason=reason, on=DURING)

    assert saved(consultation).closes_on == CLOSES
    assert not DateChange.objects.exists()


def test_a_closing_day_before_the_opening_day_is_refused(by):
    consultation = published(by)

    with pytest.raises(ValidationError, match="on or after the opening date"):
        actions.move_closing_date(consultation, by=by, closes_on=OPENS - timedelta(days=1), reason="Why", on=BEFORE)


def test_a_standing_opportunity_cannot_close_in_the_past(by):
    standing = published(by, closes_on=None)

    with pytest.raises(ValidationError):
        actions.move_closing_date(
            standing, by=by, closes_on=DURING - timedelta(days=1), reason="The panel ended.", on=DURING
        )

    actions.move_closing_date(standing, by=by, closes_on=DURING, reason="The panel ends.", on=DURING)
    assert saved(standing).answer_owed_from == DURING + timedelta(days=1)


def test_a_draft_moves_its_dates_without_telling_anybody(by):
    consultation = draft()

    actions.move_closing_date(consultation, by=by, closes_on=date(2022, 6, 1), reason="Typed wrong.", on=BEFORE)
    actions.publish(consultation, by=by, on=BEFORE)

    assert not DateChange.objects.exists()
    assert consultation.first_due_on == consultation.response_due_on


# Stopping (rule 4)


@pytest.mark.parametrize("on", [BEFORE, OPENS, CLOSES])
def test_it_can_be_stopped_up_to_its_closing_day(by, on):
    consultation = published(by)

    actions.withdraw(consultation, by=by, reason="No money.", views="They go to the next round.", on=on)

    assert TIMELINE.of(saved(consultation), on) == Stage.WITHDRAWN
    assert consultation not in Consultation.objects.owing(on=date(2032, 1, 1))


def test_after_closing_the_answer_says_that_it_was_stopped(by):
    consultation = published(by)

    with pytest.raises(ValidationError, match="Say in the answer that it was stopped"):
        actions.withdraw(consultation, by=by, reason="No money.", views="Kept.", on=AFTER)

    assert saved(consultation).withdrawn_on is None


@pytest.mark.parametrize(("reason", "views"), [("", "Kept."), ("No money.", ""), (" ", " ")])
def test_stopping_says_why_and_what_happens_to_the_views(by, reason, views):
    consultation = published(by)

    with pytest.raises(ValidationError, match="Say why it was stopped"):
        actions.withdraw(consultation, by=by, reason=reason, views=views, on=DURING)

    assert saved(consultation).withdrawn_on is None


# Past records (rule 8)


def test_a_past_record_that_a_service_takes_on_owes_an_answer_from_that_day(by):
    past, owner = ConsultationFactory(past=True, closes_on=date(2020, 1, 1)), MembershipFactory()

    actions.take_on(past, by=by, owner=owner, on=DURING)

    taken = saved(past)
    assert (taken.taken_on_on, taken.owner, taken.answer_owed_from) == (DURING, owner, DURING)
    assert taken.response_due_on == taken.first_due_on == date(2022, 6, 7)
    assert TIMELINE.of(taken, DURING - timedelta(days=1)) == Stage.CLOSED
    assert TIMELINE.of(taken, DURING) == Stage.AWAITING
    assert TIMELINE.of(taken, date(2022, 6, 8)) == Stage.LATE


def test_taking_it_on_again_does_not_give_more_time(by):
    past, owner = ConsultationFactory(past=True), MembershipFactory()
    actions.take_on(past, by=by, owner=owner, on=DURING)

    with pytest.raises(ValidationError):
        actions.take_on(past, by=by, owner=owner, on=DURING + timedelta(days=80))

    assert saved(past).response_due_on == date(2022, 6, 7)


@pytest.mark.parametrize(
    "facts",
    [{"open": True}, {"late": True}, {"past": True, "responded_on": date(2021, 1, 1), "outcome": Outcome.FOUND}],
)
def test_only_a_past_record_without_an_answer_is_taken_on(by, facts):
    consultation = ConsultationFactory(**facts)

    with pytest.raises(ValidationError, match="Only a past record without an answer"):
        actions.take_on(consultation, by=by, owner=MembershipFactory(), on=DURING)


# The comment on the delay (rule 3)


def test_a_service_comments_on_the_delay_and_takes_it_away_again(by):
    consultation = published(by)
    late = DUE + timedelta(days=1)

    actions.comment_on_delay(consultation, by=by, comment="  The meeting moved. ", on=late)
    assert saved(consultation).late_comment == "The meeting moved."

    actions.comment_on_delay(consultation, by=by, comment="", on=late)
    assert saved(consultation).late_comment == ""


@pytest.mark.parametrize("on", [BEFORE, DURING, AFTER, DUE])
def test_there_is_no_comment_on_a_delay_before_it_is_late(by, on):
    with pytest.raises(ValidationError, match="only shown while the answer is late"):
        actions.comment_on_delay(published(by), by=by, comment="Sorry.", on=on)


def test_a_comment_does_not_stop_the_clock(by):
    consultation = published(by)

    actions.comment_on_delay(consultation, by=by, comment="Sorry.", on=DUE + timedelta(days=1))

    assert TIMELINE.of(saved(consultation), DUE + timedelta(days=2)) == Stage.LATE
