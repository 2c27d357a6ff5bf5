"""Which days a series falls on: equal to RFC 5545, right across clock changes, terms and single dates."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from consultations.events.models import DateChangeKind, Event, EventDate, Repeats
from consultations.events.recurrence import (
    Terms,
    day_in_month,
    latest_over,
    moment,
    occurrences,
    rule,
    rule_days,
    rule_text,
    upcoming,
    waits_for_terms,
)

NO_TERMS = Terms([])


@dataclass
class Term:
    starts_on: date
    ends_on: date


SPRING = Terms([Term(date(2026, 1, 5), date(2026, 2, 13)), Term(date(2026, 2, 23), date(2026, 3, 27))])


def series(first_day=date(2026, 1, 6), repeats=Repeats.WEEKLY, **facts) -> Event:
    """An event that is not in any database."""
    if repeats == Repeats.ONCE:
        facts.setdefault("until", first_day)
    facts = {"starts_at": time(10), "ends_at": time(11, 30), "venue": "Larch Hall", **facts}
    return Event(pk=1, title="Drop-in", first_day=first_day, repeats=repeats, **facts)


def departure(event, day, change=DateChangeKind.MOVED, **facts) -> EventDate:
    return EventDate(event=event, day=day, change=change, **facts)


def days_of(found) -> list[date]:
    return [each.on for each in found]


@st.composite
def any_series(draw):
    first_day = draw(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
    repeats = draw(st.sampled_from(Repeats))
    week = None
    if repeats == Repeats.MONTHLY_WEEKDAY:
        week = draw(st.sampled_from([1, 2, 3, 4, -1]))
        day = day_in_month(first_day.year, first_day.month, first_day.weekday(), week)
        first_day = first_day.replace(day=day)
    until = draw(st.none() | st.integers(0, 2000).map(lambda more: first_day + timedelta(days=more)))
    return series(first_day, repeats, week_of_month=week, **({"until": until} if repeats != Repeats.ONCE else {}))


@given(any_series(), st.dates(date(2019, 1, 1), date(2034, 1, 1)), st.integers(0, 1500))
def test_the_quick_way_names_the_same_days_as_the_rule_of_the_standard(event, first, length):
    last = first + timedelta(days=length)

    by_rule = rule(event).between(datetime.combine(first, time()), datetime.combine(last, time()), inc=True)

    assert list(rule_days(event, first, last)) == [each.date() for each in by_rule]


@given(any_series())
def test_the_rule_in_words_of_the_standard_is_the_same_rule(event):
    text = rule_text(event)
    if not text:
        return
    begins = datetime.combine(event.first_day, time())
    until = event.until or event.first_day + timedelta(days=3000)
    last = min(until, event.first_day + timedelta(days=3000))

    read_back = rrulestr(text, dtstart=begins).between(begins, datetime.combine(last, time()), inc=True)

    assert [each.date() for each in read_back] == list(rule_days(event, event.first_day, last))


def test_the_second_friday_and_the_last_tuesday():
    friday = series(date(2026, 1, 9), Repeats.MONTHLY_WEEKDAY, week_of_month=2)
    tuesday = series(date(2026, 1, 27), Repeats.MONTHLY_WEEKDAY, week_of_month=-1)

    assert list(rule_days(friday, date(2026, 1, 1), date(2026, 4, 30))) == [
        date(2026, 1, 9), date(2026, 2, 13), date(2026, 3, 13), date(2026, 4, 10),
    ]  # fmt: skip
    assert list(rule_days(tuesday, date(2026, 1, 1), date(2026, 4, 30))) == [
        date(2026, 1, 27), date(2026, 2, 24), date(2026, 3, 31), date(2026, 4, 28),
    ]  # fmt: skip


def test_the_31st_is_left_out_of_months_that_have_none():
    event = series(date(2026, 1, 31), Repeats.MONTHLY_DAY)

    assert list(rule_days(event, date(2026, 1, 1), date(2026, 5, 31))) == [
        date(2026, 1, 31), date(2026, 3, 31), date(2026, 5, 31),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "hours"),
    [
        (date(2026, 3, 24), date(2026, 3, 31), (10, 9)),  # the clocks go forward on 29 March
        (date(2026, 10, 20), date(2026, 10, 27), (9, 10)),  # and back on 25 October
    ],
)
def test_a_ten_oclock_group_stays_at_ten_when_the_clocks_change(before, after, hours):
    found = occurrences(series(), [], NO_TERMS, before, after)

    assert days_of(found) == [before, after]
    assert [each.starts.strftime("%H:%M") for each in found] == ["10:00", "10:00"]
    assert tuple(each.starts.astimezone(UTC).hour for each in found) == hours


def test_a_group_on_the_very_day_the_clocks_change_has_its_own_hours():
    sunday = series(date(2026, 3, 29), Repeats.ONCE, starts_at=time(1, 30), ends_at=time(4))

    (found,) = occurrences(sunday, [], NO_TERMS, date(2026, 3, 29), date(2026, 3, 29))

    # 1:30am does not exist that night: it is the moment half an hour after the clocks jumped.
    assert found.starts.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moment(date(2026, 10, 25), time(1, 30)).astimezone(UTC).hour == 0


def test_only_the_window_that_was_asked_for_comes_back():
    found = occurrences(series(), [], NO_TERMS, date(2026, 2, 1), date(2026, 2, 14))

    assert days_of(found) == [date(2026, 2, 3), date(2026, 2, 10)]


def test_a_term_time_group_does_not_meet_in_the_half_term():
    found = occurrences(series(term_time_only=True), [], SPRING, date(2026, 2, 1), date(2026, 2, 28))

    assert days_of(found) == [date(2026, 2, 3), date(2026, 2, 10), date(2026, 2, 24)]


def test_where_no_terms_are_set_nothing_is_guessed():
    event = series(term_time_only=True)

    assert occurrences(event, [], SPRING, date(2026, 4, 1), date(2026, 6, 30)) == []
    assert waits_for_terms(event, SPRING, date(2026, 2, 1), date(2026, 6, 30)) == date(2026, 3, 31)
    assert waits_for_terms(event, SPRING, date(2026, 2, 1), date(2026, 3, 27)) is None
    assert waits_for_terms(series(), SPRING, date(2026, 2, 1), date(2026, 6, 30)) is None


def test_a_gap_too_long_for_a_holiday_is_a_term_that_nobody_has_set():
    terms = Terms([Term(date(2026, 1, 5), date(2026, 3, 27)), Term(date(2026, 9, 2), date(2026, 10, 23))])

    assert not terms.know(date(2026, 5, 5))
    assert SPRING.know(date(2026, 2, 17))
    assert not SPRING.know(date(2026, 1, 4))


def test_a_cancelled_date_stays_with_its_reason_and_a_skipped_one_is_gone():
    event = series()
    departures = [
        departure(event, date(2026, 1, 13), DateChangeKind.CANCELLED, reason="The hall is flooded."),
        departure(event, date(2026, 1, 20), DateChangeKind.SKIPPED),
    ]

    found = occurrences(event, departures, NO_TERMS, date(2026, 1, 6), date(2026, 1, 27))

    assert [(each.on, each.is_cancelled) for each in found] == [
        (date(2026, 1, 6), False), (date(2026, 1, 13), True), (date(2026, 1, 27), False),
    ]  # fmt: skip
    assert found[1].reason == "The hall is flooded."


def test_a_moved_date_is_found_where_it_went_and_not_where_it_was():
    event = series()
    moved = departure(
        event, date(2026, 1, 13), new_day=date(2026, 2, 5), new_starts_at=time(14), new_venue="The library", reason="x"
    )

    january = occurrences(event, [moved], NO_TERMS, date(2026, 1, 1), date(2026, 1, 31))
    (fifth,) = occurrences(event, [moved], NO_TERMS, date(2026, 2, 4), date(2026, 2, 6))

    assert date(2026, 1, 13) not in days_of(january)
    assert (fifth.day, fifth.on, fifth.starts_at, fifth.ends_at) == (
        date(2026, 1, 13),
        date(2026, 2, 5),
        time(14),
        None,
    )
    assert (fifth.venue, fifth.address) == ("The library", "")
    assert fifth.is_moved


def test_what_departs_from_a_rule_that_has_changed_since_is_of_no_date():
    event = series(date(2026, 1, 7))  # Wednesdays now
    moved = departure(event, date(2026, 1, 13), new_day=date(2026, 1, 15), reason="x")

    assert days_of(occurrences(event, [moved], NO_TERMS, date(2026, 1, 12), date(2026, 1, 18))) == [date(2026, 1, 14)]


def test_an_extra_date_can_have_its_own_time():
    event = series()
    extra = departure(event, date(2026, 1, 10), DateChangeKind.AS_PLANNED, is_extra=True, new_starts_at=time(9))

    found = occurrences(event, [extra], NO_TERMS, date(2026, 1, 6), date(2026, 1, 12))

    assert [(each.on, each.starts_at) for each in found] == [
        (date(2026, 1, 6), time(10)), (date(2026, 1, 10), time(9)),
    ]  # fmt: skip


def test_a_cancelled_series_shows_its_next_dates_as_cancelled_and_then_no_more():
    event = series(cancelled_on=date(2026, 2, 1), cancelled_reason="No more money.")

    found = occurrences(event, [], NO_TERMS, date(2026, 1, 20), date(2026, 12, 31))

    assert [each.is_cancelled for each in found] == [False, False, True, True, True, True]
    assert upcoming(event, [], NO_TERMS, date(2026, 2, 1), 5, cancelled=False) == []


def test_the_next_dates_are_found_within_a_bounded_look_ahead():
    assert days_of(upcoming(series(), [], NO_TERMS, date(2026, 6, 1), 2)) == [date(2026, 6, 2), date(2026, 6, 9)]
    assert upcoming(series(until=date(2026, 2, 1)), [], NO_TERMS, date(2026, 6, 1), 2) == []
    # A leap day from one that has just gone by.
    leap = series(date(2096, 2, 29), Repeats.YEARLY)
    assert days_of(upcoming(leap, [], NO_TERMS, date(2096, 3, 1), 1)) == [date(2104, 2, 29)]


def test_a_date_is_over_the_day_after():
    assert days_of(latest_over(series(), [], NO_TERMS, date(2026, 1, 20), 14)) == [date(2026, 1, 13), date(2026, 1, 6)]
    assert days_of(latest_over(series(), [], NO_TERMS, date(2026, 1, 21), 14))[0] == date(2026, 1, 20)


def test_a_date_without_a_time_has_no_moment():
    (found,) = occurrences(
        series(repeats=Repeats.ONCE, starts_at=None, ends_at=None), [], NO_TERMS, date(2026, 1, 6), date(2026, 1, 6)
    )

    assert found.starts is None
    assert found.ends is None
