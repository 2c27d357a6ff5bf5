"""Events in people's own calendars: what outside libraries make of our files is what our pages show."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import time_machine
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from consultations.events import actions
from consultations.events.calendars import event_entries
from consultations.events.models import DateChangeKind, Event, EventDate, Repeats
from consultations.events.recurrence import Terms, occurrences
from consultations.events.tests.factories import EventFactory, school_year_2026
from core.calendars import calendar_file
from core.models import Area, SchoolTerm

pytestmark = pytest.mark.django_db
UK = ZoneInfo("Europe/London")
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def second_of_march():
    """A Monday in term, four weeks before the clocks change."""
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UK)):
        yield


def read(client, address):
    """The calendar as a calendar program takes it, checked by the library's own rules."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return checked(response.content)


def checked(content):
    """A file that the library has nothing to say against."""
    calendar = icalendar.Calendar.from_ical(content)
    calendar.validate()
    assert not [part.errors for part in calendar.walk() if part.errors]
    return calendar


def days_in(calendar, first, last):
    """The starts that a calendar program shows from one day to another, those that are called off left out."""
    found = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
    return sorted(each.decoded("dtstart") for each in found if each.get("status") != "CANCELLED")


def of(event):
    """The address of an event's own calendar."""
    return f"{event.get_absolute_url()}calendar.ics"


def test_a_group_at_ten_stays_at_ten_when_the_clocks_change(client):
    event = EventFactory()

    starts = days_in(read(client, of(event)), date(2026, 3, 23), date(2026, 4, 6))

    assert [start.replace(tzinfo=None) for start in starts] == [
        datetime.combine(date(2026, 3, day), time(10)) for day in (24, 31)
    ]
    assert [start.utcoffset() for start in starts] == [timedelta(0), timedelta(hours=1)]


def test_a_series_is_one_entry_with_its_rule_and_a_way_back(client, settings):
    event = EventFactory(second_friday=True, until=date(2026, 12, 31), directions="Past the pond.")

    (entry,) = read(client, of(event)).walk("VEVENT")

    assert entry["rrule"].to_ical() == b"FREQ=MONTHLY;UNTIL=20261231T235900Z;BYDAY=2FR"
    assert str(entry["url"]) == settings.HUB_BASE_URL + event.get_absolute_url()
    assert str(entry["url"]) in str(entry["description"])
    assert "Past the pond." in str(entry["description"])
    assert str(entry["location"]) == "Larch Hall, Mill Lane, Larchford, WM1 1AA"


def test_a_term_time_group_keeps_the_holidays_free_and_ends_where_terms_are_not_set(client):
    school_year_2026()
    event = EventFactory(term_time_only=True)
    calendar = read(client, of(event))

    starts = [start.date() for start in days_in(calendar, date(2026, 2, 9), date(2027, 12, 31))]

    assert date(2026, 2, 17) not in starts  # half term
    assert date(2026, 2, 24) in starts
    assert starts[-1] == date(2026, 12, 15)
    assert [start for start in starts if date(2026, 7, 23) <= start <= date(2026, 9, 1)] == []


def test_without_school_terms_a_term_time_group_has_no_entry(client):
    event = EventFactory(term_time_only=True)

    assert read(client, of(event)).walk("VEVENT") == []


def test_a_moved_date_and_a_cancelled_one_are_said_beside_the_series(client):
    event = EventFactory()
    by = UserFactory()
    (before, *_none) = read(client, of(event)).walk("VEVENT")
    actions.cancel_date(event, by=by, day=date(2026, 3, 10), reason="The boiler broke.", on=DAY)
    actions.move_date(event, by=by, day=date(2026, 3, 17), on=DAY, reason="Polling day.", new_day=date(2026, 3, 19))
    actions.skip_date(event, by=by, day=date(2026, 3, 24), on=DAY)

    calendar = read(client, of(event))
    entries = calendar.walk("VEVENT")
    cancelled = next(each for each in entries if each.get("status") == "CANCELLED")

    assert {str(each["uid"]) for each in entries} == {str(before["uid"])}
    assert all(each["sequence"] > before["sequence"] for each in entries)
    assert cancelled.decoded("recurrence-id") == datetime(2026, 3, 10, 10, tzinfo=UK)
    assert "The boiler broke." in str(cancelled["description"])
    starts = [start.date().day for start in days_in(calendar, date(2026, 3, 3), date(2026, 3, 31))]
    assert starts == [3, 19, 31]


def test_a_cancelled_series_is_called_off(client):
    event = EventFactory()
    actions.cancel_event(event, by=UserFactory(), reason="No money.", on=DAY)

    calendar = read(client, of(event))

    assert days_in(calendar, DAY, date(2026, 12, 31)) == []
    assert "Cancelled: No money." in str(calendar.walk("VEVENT")[0]["description"])


def test_a_date_without_a_time_is_a_whole_day(client):
    event = EventFactory(once=True, first_day=date(2026, 3, 20), starts_at=None, ends_at=None)

    (entry,) = read(client, of(event)).walk("VEVENT")

    assert entry.decoded("dtstart") == date(2026, 3, 20)
    assert entry.decoded("dtend") == date(2026, 3, 21)


def test_the_calendar_takes_the_filters_of_the_list_and_looks_a_year_ahead(client):
    area = Area.objects.create(key="larchford", label="Larchford")
    wanted = EventFactory(title="Wanted", once=True, first_day=date(2026, 11, 3))
    wanted.areas.add(area)
    EventFactory(title="Elsewhere")

    calendar = read(client, "/events/calendar.ics?area=larchford")

    assert [str(entry["summary"]) for entry in calendar.walk("VEVENT")] == ["Wanted"]
    assert str(calendar["x-wr-calname"]) == "Events: Larchford"
    assert len(read(client, "/events/calendar.ics?area=nowhere&page=x&from=never").walk("VEVENT")) == 2


def test_a_draft_has_no_calendar(client):
    assert client.get(of(EventFactory(draft=True))).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_calendar_takes_the_same_queries_for_one_and_for_twenty(client, django_assert_max_num_queries, count):
    EventFactory.create_batch(count)

    with django_assert_max_num_queries(12):
        assert len(read(client, "/events/calendar.ics").walk("VEVENT")) == count


CHANGES = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["skipped", "cancelled", "moved", "extra"]), st.integers(-9, 9)),
    max_size=5,
    unique_by=lambda change: change[0],
)


@settings(max_examples=60, deadline=None)
@example(Repeats.ONCE, date(2026, 3, 1), None, False, False, [(0, "skipped", 0)])
@given(
    repeats=st.sampled_from([*Repeats]),
    first_day=st.dates(date(2025, 9, 1), date(2026, 6, 1)),
    lasts=st.none() | st.integers(0, 300),
    in_terms=st.booleans(),
    timed=st.booleans(),
    changes=CHANGES,
)
def test_a_calendar_program_shows_the_dates_that_our_pages_show(repeats, first_day, lasts, in_terms, timed, changes):
    """The second opinion of a library that knows nothing of ours."""
    week = min((first_day.day - 1) // 7 + 1, 4) if repeats == Repeats.MONTHLY_WEEKDAY else None
    if week and (first_day.day - 1) // 7 + 1 > 4:
        week = -1
    until = first_day if repeats == Repeats.ONCE else None if lasts is None else first_day + timedelta(days=lasts)
    event = Event(
        pk=7, title="Group", slug="group", first_day=first_day, repeats=repeats, week_of_month=week,
        until=until,
        term_time_only=in_terms, starts_at=time(10) if timed else None, ends_at=time(11) if timed else None,
        attendance="in_person", venue="Hall", changed_at=datetime(2026, 1, 1, tzinfo=UK), contact_name="",
    )  # fmt: skip
    terms = Terms(_TERMS)
    planned = [each.day for each in occurrences(event, [], terms, date(2025, 9, 1), date(2026, 12, 31))]
    departures = [
        each for place, what, days in changes if (each := _departure(event, planned, place, what, days)) is not None
    ]
    departures = list({each.day: each for each in departures}.values())
    window = (date(2026, 3, 1), date(2026, 8, 31))

    calendar = checked(calendar_file("Group", event_entries(event, departures, terms, DAY)))

    ours = sorted(each.on for each in occurrences(event, departures, terms, *window) if not each.is_cancelled)
    theirs = [start.date() if isinstance(start, datetime) else start for start in days_in(calendar, *window)]
    assert theirs == ours


_TERMS = [
    SchoolTerm(name="Autumn", starts_on=date(2025, 9, 2), ends_on=date(2025, 12, 19)),
    SchoolTerm(name="Spring", starts_on=date(2026, 1, 5), ends_on=date(2026, 3, 27)),
    SchoolTerm(name="Summer", starts_on=date(2026, 4, 13), ends_on=date(2026, 7, 22)),
]


def _departure(event, planned, place, what, days):
    """A date that departs from the rule, where there is one to depart from."""
    if what == "extra":
        day = date(2026, 4, 2) + timedelta(days=place)
        return None if day in planned else EventDate(event=event, day=day, is_extra=True, changed_on=DAY)
    if place >= len(planned):
        return None
    facts = {"event": event, "day": planned[place], "change": DateChangeKind(what), "changed_on": DAY, "reason": "Why"}
    if what == "moved":
        facts["new_day"] = planned[place] + timedelta(days=days)
    return EventDate(**facts)
