"""Days as the council and families speak of them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core import dates


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # Winter: UK time is UTC.
        (datetime(2027, 1, 8, 23, 59, tzinfo=UTC), date(2027, 1, 8)),
        (datetime(2027, 1, 9, 0, 0, tzinfo=UTC), date(2027, 1, 9)),
        # Summer: midnight in the UK is 23:00 UTC.
        (datetime(2027, 4, 8, 22, 59, tzinfo=UTC), date(2027, 4, 8)),
        (datetime(2027, 4, 8, 23, 0, tzinfo=UTC), date(2027, 4, 9)),
        # The Sunday the clocks go forward begins in winter time and ends in summer time.
        (datetime(2027, 3, 27, 23, 59, tzinfo=UTC), date(2027, 3, 27)),
        (datetime(2027, 3, 28, 0, 0, tzinfo=UTC), date(2027, 3, 28)),
        (datetime(2027, 3, 28, 22, 59, tzinfo=UTC), date(2027, 3, 28)),
        (datetime(2027, 3, 28, 23, 0, tzinfo=UTC), date(2027, 3, 29)),
        # The Sunday they go back begins in summer time and ends in winter time.
        (datetime(2027, 10, 30, 22, 59, tzinfo=UTC), date(2027, 10, 30)),
        (datetime(2027, 10, 30, 23, 0, tzinfo=UTC), date(2027, 10, 31)),
        (datetime(2027, 10, 31, 23, 59, tzinfo=UTC), date(2027, 10, 31)),
        (datetime(2027, 11, 1, 0, 0, tzinfo=UTC), date(2027, 11, 1)),
    ],
)
def test_today_changes_at_midnight_in_the_uk(moment, day):
    with time_machine.travel(moment, tick=False):
        assert dates.today() == day


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2027, 3, 25), True),
        (date(2027, 3, 26), False),  # Good Friday
        (date(2027, 3, 29), False),  # Easter Monday
        (date(2027, 5, 3), False),  # early May
        (date(2027, 5, 31), False),  # spring
        (date(2027, 8, 30), False),  # summer
        (date(2027, 12, 24), True),
        (date(2027, 12, 25), False),  # a Saturday
        (date(2027, 12, 27), False),  # instead of Christmas Day
        (date(2027, 12, 28), False),  # instead of Boxing Day
        (date(2028, 1, 3), False),  # instead of New Year's Day
        (date(2027, 4, 10), False),  # a Saturday
    ],
)
def test_offices_in_england_are_shut_at_weekends_and_on_bank_holidays(day, works):
    assert dates.is_working_day(day) is works


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2027, 4, 8), date(2027, 4, 8)),
        (date(2027, 4, 10), date(2027, 4, 12)),
        (date(2027, 3, 26), date(2027, 3, 30)),  # Good Friday to the Tuesday after Easter
        (date(2027, 12, 25), date(2027, 12, 29)),
        (date(2028, 1, 1), date(2028, 1, 4)),
    ],
)
def test_a_day_when_offices_are_shut_moves_to_the_next_working_day(day, moved):
    assert dates.next_working_day(day) == moved


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_the_next_working_day_is_the_first_one_and_near(day):
    moved = dates.next_working_day(day)

    assert dates.is_working_day(moved)
    assert day <= moved <= day + timedelta(days=6)
    assert not any(dates.is_working_day(day + timedelta(days=n)) for n in range((moved - day).days))


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_the_last_working_day_is_the_nearest_one_before(day):
    moved = dates.last_working_day(day)

    assert dates.is_working_day(moved)
    assert day - timedelta(days=6) <= moved <= day
    assert not any(dates.is_working_day(day - timedelta(days=n)) for n in range((day - moved).days))


def test_a_day_has_its_year_only_when_it_is_not_this_year():
    this_year = date(2022, 1, 1)

    assert dates.day_words(date(2022, 4, 8), this_year) == "Friday 8 April"
    assert dates.day_words(date(2023, 4, 8), this_year) == "Saturday 8 April 2023"
    assert dates.short_day_words(date(2022, 4, 8), this_year) == "8 April"
    assert dates.short_day_words(date(2021, 4, 8), this_year) == "8 April 2021"


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (date(2022, 3, 1), date(2022, 4, 8), "Tuesday 1 March to Friday 8 April"),
        (None, date(2022, 4, 8), "until Friday 8 April"),
        (date(2022, 3, 1), None, "from Tuesday 1 March"),
        (None, None, ""),
    ],
)
def test_a_range_says_what_is_known_of_it(opens, closes, words):
    assert dates.day_range_words(opens, closes, date(2022, 1, 1)) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(12), "noon"),
        (time(17), "5pm"),
        (time(9), "9am"),
        (time(9, 30), "9:30am"),
        (time(12, 5), "12:05pm"),
        (time(0, 30), "12:30am"),
        (time(23, 59), "11:59pm"),
        (time(0), "11:59pm"),
    ],
)
def test_times_are_said_as_people_say_them(at, words):
    assert dates.time_words(at) == words
