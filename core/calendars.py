"""Dates for people's own calendars, as iCalendar files (RFC 5545). Knows nothing of what the dates are of.

A file is the same to the byte for as long as its dates are: a calendar program
that asks again is told that nothing changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import icalendar
from django.conf import settings
from django.http import HttpResponse
from icalendar.prop import vRecur

ZONE = "Europe/London"
# How often a program that follows a calendar should look again.
LOOK_AGAIN = timedelta(hours=12)
# The United Kingdom's clock since 1996, by rule and not by a list of years (SI 2002/262: last Sundays, at 1am GMT).
_HOUR = timedelta(hours=1)
_CLOCK_CHANGES = (
    (icalendar.TimezoneDaylight, "BST", datetime.combine(date(1996, 3, 31), time(1)), timedelta(0), _HOUR, 3),
    (icalendar.TimezoneStandard, "GMT", datetime.combine(date(1996, 10, 27), time(2)), _HOUR, timedelta(0), 10),
)


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar.

    `starts` and `ends` are days, or moments by the UK clock without a time
    zone. A day counts in full, and `ends` is the last one. `sequence` grows
    when the dates change or it is called off, so that programs take the new
    ones. `rule` repeats it (an RRULE without its name); `left_out` are starts
    that the rule gives and that do not take place; `stands_for` is the start,
    by the rule, that this entry takes the place of.
    """

    uid: str  # never changes, and is unique on this hub
    title: str
    url: str  # its page, without the host
    starts: date
    changed_at: datetime
    ends: date | None = None
    text: str = ""
    place: str = ""
    sequence: int = 0
    cancelled: bool = False
    rule: str = ""
    left_out: Sequence[date] = field(default_factory=tuple)
    stands_for: date | None = None
    kinds: Sequence[str] = field(default_factory=tuple)  # what it is about, in words


def calendar_file(name: str, entries: Iterable[Entry], *, about: str = "", url: str = "") -> bytes:
    """The entries as one iCalendar file that calls itself `name`; `url` is the page with the same list."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Participation Hub//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", ZONE)
    if about:
        calendar.add("description", about)
    if url:
        calendar.add("url", _whole(url))
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{LOOK_AGAIN // timedelta(hours=1)}H")
    calendar.add_component(_uk_clock())
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def calendar_response(filename: str, content: bytes) -> HttpResponse:
    """The file as an answer: phones offer to add it, calendar programs can follow its address."""
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    return response


def _event(entry: Entry) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.uid}@{_host()}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", entry.title)
    # The link stands in the text too: some programs do not show the address of an entry.
    event.add("description", f"{entry.text}\n\n{_whole(entry.url)}".strip())
    event.add("url", _whole(entry.url))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # Whoever adds it may still be busy with something else that day.
    event.add("transp", "OPAQUE" if isinstance(entry.starts, datetime) else "TRANSPARENT")
    _add_moment(event, "dtstart", entry.starts)
    if entry.ends is not None:
        # An end is not part of what it ends: the last day is followed by one more.
        last = entry.ends
        _add_moment(event, "dtend", last if isinstance(last, datetime) else last + timedelta(days=1))
    elif not isinstance(entry.starts, datetime):
        _add_moment(event, "dtend", entry.starts + timedelta(days=1))
    if entry.place:
        event.add("location", entry.place)
    if entry.rule:
        event.add("rrule", vRecur.from_ical(entry.rule))
    for moment in entry.left_out:
        _add_moment(event, "exdate", moment)
    if entry.stands_for is not None:
        _add_moment(event, "recurrence-id", entry.stands_for)
    if entry.kinds:
        event.add("categories", list(entry.kinds))
    return event


def _add_moment(event: icalendar.Event, name: str, moment: date) -> None:
    """A day, or a moment of the UK clock: by the clock's name, so that 10am stays 10am all year."""
    if isinstance(moment, datetime):
        event.add(name, moment, parameters={"TZID": ZONE})
    else:
        event.add(name, moment, parameters={"VALUE": "DATE"})


def _uk_clock() -> icalendar.Timezone:
    clock = icalendar.Timezone()
    clock.add("tzid", ZONE)
    for kind, called, since, before, after, month in _CLOCK_CHANGES:
        change = kind()
        change.add("tzname", called)
        change.add("dtstart", since)
        change.add("tzoffsetfrom", before)
        change.add("tzoffsetto", after)
        change.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        clock.add_component(change)
    return clock


def _host() -> str:
    return settings.HUB_BASE_URL.partition("://")[2].partition("/")[0].partition(":")[0] or "participation-hub"


def _whole(address: str) -> str:
    return settings.HUB_BASE_URL + address
