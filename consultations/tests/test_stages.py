"""Stages come from dates: on the instance, in counts and in filters, and in the words families read."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.db.models import CheckConstraint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation, ParticipationLevel, RecordKind
from consultations.stages import (
    FINDER_ORDER,
    REPORTS,
    TIMELINE,
    ReportStage,
    Stage,
    closes_soon,
    days_late,
    days_report_late,
    report_words,
    stage_words,
)
from consultations.tests.factories import ConsultationFactory

pytestmark = pytest.mark.django_db

DATES = ("opens_on", "closes_on", "answer_owed_from", "response_due_on", "responded_on", "withdrawn_on")
START = date(2027, 3, 20)  # the clocks go forward on the 28th
near = st.integers(0, 16).map(lambda n: START + timedelta(days=n))


def dated(**facts) -> Consultation:
    """A published consultation with exactly these dates."""
    return ConsultationFactory(**{**dict.fromkeys(DATES), "first_due_on": facts.get("response_due_on"), **facts})


@pytest.fixture
def any_dates():
    """Rows with any set of dates, also those that the database refuses: the readings agree on them too."""
    with connection.cursor() as cursor:
        for constraint in Consultation._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                cursor.execute(f'ALTER TABLE consultations_consultation DROP CONSTRAINT "{constraint.name}"')
        # What is kept beside such a row, its weeks for one, cannot be made of dates that are refused.
        cursor.execute("ALTER TABLE consultations_consultation DISABLE TRIGGER USER")
    return OrganisationFactory()


def assert_readings_agree(records, day):
    """The table read three ways says the same of these records on that day."""
    pks = [record.pk for record in records]
    rows = Consultation.objects.filter(pk__in=pks)
    by_record = {record.pk: TIMELINE.of(record, day) for record in records}

    assert dict(rows.with_stage(day).values_list("pk", "stage_then")) == by_record
    for stage in Stage:
        found = set(rows.in_stage(stage, on=day).values_list("pk", flat=True))
        assert found == {pk for pk, then in by_record.items() if then == stage}, (stage, day)
    two = (Stage.AWAITING, Stage.LATE)
    found = set(rows.in_stage(*two, on=day).values_list("pk", flat=True))
    assert found == {pk for pk, then in by_record.items() if then in two}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dates=st.lists(st.tuples(*(st.none() | near for _ in DATES)), min_size=1, max_size=12),
    day=near | st.sampled_from([START - timedelta(days=1), START + timedelta(days=17)]),
)
def test_instance_counts_and_filters_agree_whatever_the_dates(any_dates, dates, day):
    Consultation.objects.all().delete()
    records = Consultation.objects.bulk_create(
        Consultation(
            title="Any",
            slug=f"any-{number}",
            organisation=any_dates,
            **dict(zip(DATES, each, strict=True)),
        )
        for number, each in enumerate(dates)
    )

    assert_readings_agree(records, day)


LIFE = {
    "opens_on": date(2022, 3, 1),
    "closes_on": date(2022, 4, 8),
    "answer_owed_from": date(2022, 4, 9),
    "response_due_on": date(2022, 7, 1),
}
LIVES = {
    "answered late": LIFE | {"responded_on": date(2022, 7, 13)},
    "never answered": LIFE,
    "answered on the closing day": LIFE | {"responded_on": date(2022, 4, 8)},
    "no promise": LIFE | {"response_due_on": None},
    "information": {
        "opens_on": date(2022, 3, 1),
        "closes_on": date(2022, 4, 8),
        "level": ParticipationLevel.INFORMATION,
    },
    "standing": {"opens_on": date(2022, 3, 1)},
    "season only": {"planned_for": "spring 2022"},
    "one day long": LIFE | {"opens_on": date(2022, 4, 8)},
    "stopped on its last day": LIFE
    | {"withdrawn_on": date(2022, 4, 8), "withdrawn_reason": "No money.", "withdrawn_views": "We kept them."},
    "stopped and answered": LIFE
    | {
        "responded_on": date(2022, 5, 1),
        "withdrawn_on": date(2022, 4, 1),
        "withdrawn_reason": "No money.",
        "withdrawn_views": "We kept them.",
    },
}


@pytest.mark.parametrize("life", LIVES)
def test_the_readings_agree_on_every_boundary_day_of(life):
    record = dated(**LIVES[life])
    days = {date(2022, 1, 1), *(day for day in LIVES[life].values() if isinstance(day, date))}

    for day in sorted({day + timedelta(days=n) for day in days for n in (-1, 0, 1, 2)}):
        assert_readings_agree([record], day)


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2022, 2, 28), Stage.FORTHCOMING),
        (date(2022, 3, 1), Stage.OPEN),
        (date(2022, 3, 27), Stage.OPEN),  # the clocks go forward
        (date(2022, 4, 8), Stage.OPEN),  # the closing day counts in full
        (date(2022, 4, 9), Stage.AWAITING),
        (date(2022, 7, 1), Stage.AWAITING),  # so does the day the answer is due
        (date(2022, 7, 2), Stage.LATE),
        (date(2022, 7, 12), Stage.LATE),
        (date(2022, 7, 13), Stage.RESPONDED),
        (date(2032, 7, 13), Stage.RESPONDED),
    ],
)
def test_the_list_and_the_badge_agree_through_a_consultations_life(day, stage):
    record = dated(**LIVES["answered late"])

    assert TIMELINE.of(record, day) == stage
    for each in Stage:
        assert Consultation.objects.in_stage(each, on=day).exists() is (each == stage)


@pytest.mark.parametrize(
    ("life", "day", "stage"),
    [
        ("no promise", date(2032, 1, 1), Stage.AWAITING),
        ("information", date(2022, 4, 8), Stage.OPEN),
        ("information", date(2022, 4, 9), Stage.CLOSED),
        ("standing", date(2032, 1, 1), Stage.OPEN),
        ("season only", date(2032, 1, 1), Stage.FORTHCOMING),
        ("one day long", date(2022, 4, 7), Stage.FORTHCOMING),
        ("one day long", date(2022, 4, 8), Stage.OPEN),
        ("one day long", date(2022, 4, 9), Stage.AWAITING),
        ("stopped on its last day", date(2022, 4, 8), Stage.WITHDRAWN),
        ("stopped on its last day", date(2032, 4, 8), Stage.WITHDRAWN),
        ("stopped and answered", date(2022, 6, 1), Stage.WITHDRAWN),
    ],
)
def test_other_lives_end_where_they_should(life, day, stage):
    assert TIMELINE.of(dated(**LIVES[life]), day) == stage


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_has_a_factory_trait_that_reaches_it(stage):
    assert ConsultationFactory(**{stage.value: True}).stage == stage


def test_a_past_record_is_finished_and_never_late():
    past = ConsultationFactory(past=True)

    assert past.stage == Stage.CLOSED
    for years in range(1, 30):
        assert TIMELINE.of(past, past.closes_on + timedelta(days=365 * years)) == Stage.CLOSED


def test_the_finder_orders_every_stage_once():
    assert sorted(FINDER_ORDER) == sorted(Stage)
    assert set(TIMELINE.stages()) == set(Stage)


@pytest.mark.parametrize(
    ("days_after_due", "late"),
    [(-5, 0), (0, 0), (1, 1), (12, 12), (400, 400)],
)
def test_days_late_are_counted_from_the_day_after_it_was_due(days_after_due, late):
    record = dated(**LIFE)

    assert days_late(record, record.response_due_on + timedelta(days=days_after_due)) == late


def test_without_a_due_day_nothing_is_days_late():
    assert days_late(dated(**LIVES["no promise"]), date(2032, 1, 1)) == 0


@pytest.mark.parametrize(("left", "soon"), [(-1, False), (0, True), (7, True), (8, False)])
def test_it_closes_soon_in_its_last_week(left, soon):
    record = dated(**LIFE)

    assert closes_soon(record, record.closes_on - timedelta(days=left)) is soon


def test_without_a_closing_day_it_never_closes_soon():
    assert closes_soon(dated(**LIVES["standing"]), date(2022, 3, 2)) is False


# The words of DESIGN section 2, to the letter


@pytest.mark.parametrize(
    ("facts", "day", "words"),
    [
        ({"opens_on": date(2022, 3, 3)}, date(2022, 1, 1), "Opens 3 March"),
        ({"opens_on": date(2022, 3, 3)}, date(2021, 12, 31), "Opens 3 March 2022"),
        ({"planned_for": "spring 2022"}, date(2022, 1, 1), "Planned for spring 2022"),
        (LIFE, date(2022, 3, 1), "Open until 11:59pm, Friday 8 April"),
        (LIFE | {"closes_at": time(12)}, date(2022, 3, 1), "Open until noon, Friday 8 April"),
        (LIFE | {"closes_at": time(17)}, date(2022, 3, 1), "Open until 5pm, Friday 8 April"),
        (LIFE, date(2022, 4, 6), "Open until 11:59pm, Friday 8 April"),
        (LIFE, date(2022, 4, 7), "Closes tomorrow, 11:59pm"),
        (LIFE, date(2022, 4, 8), "Closes today, 11:59pm"),
        (LIFE | {"closes_at": time(12)}, date(2022, 4, 8), "Closes today, noon"),
        ({"opens_on": date(2022, 3, 1)}, date(2022, 4, 8), "Always open"),
        (LIFE, date(2022, 4, 9), "Closed. Answer due by 1 July"),
        (LIFE, date(2022, 7, 1), "Closed. Answer due by 1 July"),
        (LIVES["no promise"], date(2022, 7, 2), "Closed. No answer yet"),
        (LIFE, date(2022, 7, 2), "Answer is 1 day late (was due 1 July)"),
        (LIFE, date(2022, 7, 13), "Answer is 12 days late (was due 1 July)"),
        (LIFE, date(2023, 7, 1), "Answer is 365 days late (was due 1 July 2022)"),
        (LIVES["answered late"], date(2022, 8, 1), "Answered: see what changed"),
        (LIVES["information"], date(2022, 4, 9), "Finished"),
        (LIVES["stopped on its last day"], date(2022, 4, 9), "Stopped: see why"),
    ],
)
def test_the_stage_is_said_in_these_words(facts, day, words):
    assert stage_words(dated(**facts), day) == words


# Reads in the council's words


def test_what_is_owed_is_what_is_published_and_waiting_or_late():
    awaiting, late = ConsultationFactory(awaiting=True), ConsultationFactory(late=True)
    for trait in ("forthcoming", "open", "responded", "closed", "withdrawn", "standing", "past"):
        ConsultationFactory(**{trait: True})
    ConsultationFactory(late=True, draft=True)
    ConsultationFactory(late=True, archived_at="2027-01-01T00:00Z")

    assert set(Consultation.objects.owing()) == {awaiting, late}


def test_a_standing_opportunity_is_live_open_and_has_no_closing_day():
    standing = ConsultationFactory(standing=True)
    ConsultationFactory(open=True)
    ConsultationFactory(opens_on=None, closes_on=None, planned_for="spring")

    assert [each for each in Consultation.objects.all() if each.is_standing] == [standing]


def test_the_consultations_of_a_body_are_its_own_and_those_below_it():
    council = OrganisationFactory()
    own = ConsultationFactory(organisation=council)
    below = ConsultationFactory(organisation=OrganisationFactory(parent=OrganisationFactory(parent=council)))
    ConsultationFactory()

    assert set(Consultation.objects.of(council)) == {own, below}


@pytest.mark.parametrize(
    ("level", "owes"),
    [
        ("", False),
        (ParticipationLevel.INFORMATION, False),
        (ParticipationLevel.CONSULTATION, True),
        (ParticipationLevel.PARTICIPATION, True),
        (ParticipationLevel.CO_PRODUCTION, True),
    ],
)
def test_levels_above_information_owe_an_answer(level, owes):
    assert Consultation(level=level, record=RecordKind.LIVE).owes_an_answer is owes


def test_a_membership_of_another_body_can_own_an_answer():
    membership = MembershipFactory()

    assert ConsultationFactory(owner=membership).owner == membership


# Reports of standing opportunities


REPORT_DUE = date(2027, 3, 27)  # the clocks go forward the night after
STOPPED = {"withdrawn_reason": "No money.", "withdrawn_views": "We kept them."}


def standing(**facts) -> Consultation:
    """A standing opportunity whose next report is due on REPORT_DUE."""
    return dated(**{"opens_on": date(2026, 9, 1), "next_report_on": REPORT_DUE, **facts})


def assert_report_readings_agree(records, day):
    """The table of reports read three ways says the same of these records on that day."""
    rows = Consultation.objects.filter(pk__in=[record.pk for record in records])
    by_record = {record.pk: REPORTS.of(record, day) for record in records}

    assert dict(rows.annotate(then=REPORTS.case(day)).values_list("pk", "then")) == by_record
    for stage in ReportStage:
        found = set(rows.filter(REPORTS.within(stage, day)).values_list("pk", flat=True))
        assert found == {pk for pk, then in by_record.items() if then == stage}, (stage, day)
    late = {record.pk for record in records if days_report_late(record, day)}
    assert late == {pk for pk, then in by_record.items() if then == ReportStage.LATE}


@pytest.mark.parametrize("before", [*range(-2, 31), 27, 28, 29, 183])
def test_the_readings_of_a_report_agree_on_every_day_around_its_date(before):
    day = REPORT_DUE - timedelta(days=before)
    stopped = {"withdrawn_on": REPORT_DUE - timedelta(days=10), **STOPPED}

    assert_report_readings_agree([standing(), standing(next_report_on=None), standing(**stopped)], day)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dates=st.lists(st.tuples(st.none() | near, st.none() | near), min_size=1, max_size=10),
    shift=st.integers(-30, 20),
)
def test_the_readings_of_a_report_agree_whatever_the_dates(any_dates, dates, shift):
    Consultation.objects.all().delete()
    records = Consultation.objects.bulk_create(
        Consultation(
            title="Any", slug=f"any-{number}", organisation=any_dates, next_report_on=report, withdrawn_on=stopped
        )
        for number, (report, stopped) in enumerate(dates)
    )

    assert_report_readings_agree(records, START + timedelta(days=shift))


@pytest.mark.parametrize(
    ("day", "stage", "days", "words"),
    [
        (date(2027, 2, 26), ReportStage.AHEAD, 0, "Next report by 27 March"),
        (date(2027, 2, 27), ReportStage.DUE, 0, "Next report by 27 March"),
        (REPORT_DUE, ReportStage.DUE, 0, "Next report by 27 March"),  # the day itself counts in full
        (date(2027, 3, 28), ReportStage.LATE, 1, "Report is 1 day late (was due 27 March)"),
        (date(2027, 4, 8), ReportStage.LATE, 12, "Report is 12 days late (was due 27 March)"),
        (date(2028, 3, 27), ReportStage.LATE, 366, "Report is 366 days late (was due 27 March 2027)"),
    ],
)
def test_a_report_is_late_from_the_day_after_its_date(day, stage, days, words):
    record = standing()

    assert (REPORTS.of(record, day), days_report_late(record, day), report_words(record, day)) == (stage, days, words)


def test_what_was_stopped_or_promised_nothing_has_no_report_to_be_late_with():
    stopped = standing(withdrawn_on=date(2027, 3, 1), **STOPPED)

    for record in (stopped, standing(next_report_on=None)):
        assert days_report_late(record, date(2030, 1, 1)) == 0
        assert report_words(record, date(2030, 1, 1)) == ""


def test_every_stage_of_a_report_is_in_its_timeline():
    assert set(REPORTS.stages()) == set(ReportStage)


def test_reports_are_owed_by_what_has_a_day_for_one_and_is_shown_to_families():
    day = date(2027, 3, 1)
    owing = standing()
    ahead = standing(next_report_on=date(2027, 9, 1))
    standing(next_report_on=None)
    standing(withdrawn_on=date(2027, 2, 1), **STOPPED)
    standing(draft=True)
    standing(archived_at="2027-01-01T00:00Z")
    late = standing(next_report_on=date(2027, 2, 28))

    assert set(Consultation.objects.owing_reports(on=day)) == {owing, ahead, late}
    assert set(Consultation.objects.owing_reports(ReportStage.DUE, ReportStage.LATE, on=day)) == {owing, late}


def test_a_standing_opportunity_can_be_joined_once_it_is_open_and_until_it_is_stopped():
    day = date(2027, 3, 1)
    there = standing()
    standing(opens_on=date(2027, 3, 2))
    standing(withdrawn_on=day, **STOPPED)
    standing(draft=True)
    dated(opens_on=date(2027, 1, 1), closes_on=date(2027, 5, 1))

    assert list(Consultation.objects.standing(on=day)) == [there]


@settings(max_examples=60, deadline=None)
@given(
    dates=st.tuples(*(st.none() | near for _ in DATES)),
    report=st.none() | near,
    other=st.none() | near,
    day=near,
)
def test_no_report_moves_a_stage(dates, report, other, day):
    facts = dict(zip(DATES, dates, strict=True))
    without, with_one = Consultation(**facts, next_report_on=report), Consultation(**facts, next_report_on=other)

    assert TIMELINE.of(without, day) == TIMELINE.of(with_one, day)


@pytest.mark.parametrize(
    ("facts", "owes"),
    [
        ({}, True),
        ({"level": ParticipationLevel.INFORMATION}, False),
        ({"closes_on": date(2027, 5, 1)}, False),
        ({"opens_on": None}, False),
        ({"record": RecordKind.PAST}, False),
    ],
)
def test_only_what_stays_open_and_asks_for_views_owes_reports(facts, owes):
    facts = {"opens_on": START, "level": ParticipationLevel.PARTICIPATION, "record": RecordKind.LIVE, **facts}

    assert Consultation(**facts).owes_reports is owes
