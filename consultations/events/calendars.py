"""Events for people's own calendars: of any list of dates, or of one event. A series is one entry with its rule."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from consultations.events.finder import LONGEST, DateFinder
from consultations.events.listing import attendance_words, schedule_words
from consultations.events.models import Attendance, DateChangeKind, Event, EventDate
from consultations.events.recurrence import Terms, is_date_of, moment, rule_days, rule_text
from core.calendars import Entry, calendar_file, calendar_response
from core.dates import today
from core.models import SchoolTerm

# So many series fit into one file that a phone still takes.
MOST = 500
# A term-time series is said by its rule and the dates it leaves out: from so many days back on, it stays short.
BACK = 366


def event_entries(event, departures: Sequence[EventDate], terms: Terms, day: date) -> list[Entry]:
    """One event as entries of a calendar: its series, each date that moved or was cancelled, and each that was added.

    A term-time series ends where the school terms end that are set: what comes after is not guessed.
    """
    facts = {
        "url": event.get_absolute_url(),
        "changed_at": event.changed_at,
        "sequence": event.calendar_sequence,
        "text": _text(event),
    }
    found = []
    if series := _series(event, departures, terms, day):
        found.append(Entry(**facts, **series))
        begins = series["starts"].date() if isinstance(series["starts"], datetime) else series["starts"]
        found += [
            Entry(**facts | {"text": _text(event, each.reason)}, **_one(event, each))
            for each in departures
            if not each.is_extra
            and each.change != DateChangeKind.SKIPPED
            and each.day >= begins
            and is_date_of(event, each.day, terms)
        ]
    found += [
        Entry(**facts | {"text": _text(event, each.reason)}, **_one(event, each))
        for each in departures
        if each.is_extra and each.change != DateChangeKind.SKIPPED
    ]
    return found


def _series(event, departures: Sequence[EventDate], terms: Terms, day: date) -> dict:
    """The facts of the entry with the rule; nothing when it has no date."""
    left_out = {each.day for each in departures if each.change == DateChangeKind.SKIPPED and not each.is_extra}
    begins, until = event.first_day, event.until
    if event.term_time_only:
        held = list(_in_terms(event, terms, day))
        if not held:
            return {}
        begins, until = held[0], held[-1]
        left_out |= set(rule_days(event, begins, until)) - set(held)
    rule = rule_text(event)
    if rule and until:
        rule += f";UNTIL={_until(event, until)}"
    return {
        "uid": f"event-{event.pk}",
        "title": event.title,
        "starts": _start(event, begins),
        "ends": _end(event, begins),
        "place": _place(event),
        # Without a rule nothing can be left out of it: its only date is called off where somebody keeps it already.
        "cancelled": event.cancelled_on is not None or (not rule and begins in left_out),
        "rule": rule,
        "left_out": [_start(event, each) for each in sorted(left_out)] if rule else (),
    }


def _in_terms(event, terms: Terms, day: date) -> Iterator[date]:
    """The days of a term-time series that are known: from last year on, as far as school terms are set."""
    first = max(event.first_day, (day - timedelta(days=BACK)).replace(month=1, day=1))
    last = day + timedelta(days=2 * LONGEST)
    return (each for each in rule_days(event, first, last) if terms.hold(each))


def _one(event, departure: EventDate) -> dict:
    """The facts of one date that stands for itself."""
    on = departure.new_day or departure.day
    starts_at = departure.new_starts_at or event.starts_at
    ends_at = departure.new_ends_at if departure.new_starts_at else event.ends_at
    place = (departure.new_venue, departure.new_address, departure.new_postcode)
    return {
        # A date that was added is an entry of its own: the rule does not know it.
        "uid": f"event-{event.pk}-{departure.day}" if departure.is_extra else f"event-{event.pk}",
        "title": event.title,
        "starts": datetime.combine(on, starts_at) if starts_at else on,
        "ends": datetime.combine(on, ends_at) if ends_at and starts_at else None,
        "place": ", ".join(part for part in place if part) if departure.new_venue else _place(event),
        "cancelled": departure.change == DateChangeKind.CANCELLED or event.cancelled_on is not None,
        "stands_for": None if departure.is_extra else _start(event, departure.day),
    }


def _start(event, day: date) -> date:
    return datetime.combine(day, event.starts_at) if event.starts_at else day


def _end(event, day: date) -> date | None:
    return datetime.combine(day, event.ends_at) if event.starts_at and event.ends_at else None


def _until(event, day: date) -> str:
    """The last moment of the rule: a day where its dates are days, else in Greenwich time, as RFC 5545 asks."""
    if event.starts_at is None:
        return f"{day:%Y%m%d}"
    return f"{moment(day, time(23, 59)).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _place(event) -> str:
    if event.attendance == Attendance.ONLINE:
        return attendance_words(event)
    return ", ".join(part for part in (event.venue, event.address, event.postcode) if part)


def _text(event, reason: str = "") -> str:
    lines = [
        event.cancelled_reason and _("Cancelled: %(reason)s") % {"reason": event.cancelled_reason},
        reason,
        schedule_words(event),
        event.summary,
        event.directions and _("How to get there: %(words)s") % {"words": event.directions},
        event.online_url and not event.link_after_booking and _("Join online: %(url)s") % {"url": event.online_url},
        event.contact_name
        and _("Who to ask: %(who)s") % {"who": ", ".join(filter(None, (event.contact_name, event.contact_phone)))},
    ]
    return "\n\n".join(line for line in lines if line)


class Dates(View):
    """The events of any list of dates, a whole year ahead unless the address says until when."""

    def get(self, request):
        """The file."""
        day = today()
        shown = DateFinder(request.GET, day)
        wanted = shown
        if not shown.asked_last and not shown.past:
            whole_year = QueryDict(shown.query.removeprefix("?"), mutable=True)
            whole_year["until"] = (shown.first + timedelta(days=LONGEST)).isoformat()
            wanted = DateFinder(whole_year, day)
        # In the order of their next dates, each once.
        ids = [row.pk for row in wanted.found.series[:MOST]]
        events = Event.objects.published().filter(pk__in=ids).prefetch_related("dates")
        terms = Terms(SchoolTerm.objects.all())
        entries = [
            entry
            for event in sorted(events, key=lambda each: ids.index(each.pk))
            for entry in event_entries(event, event.dates.all(), terms, day)
        ]
        chosen = ", ".join(remove["text"] for remove in shown.removes)
        name = _("Events: %(chosen)s") % {"chosen": chosen} if chosen else _("Events for families")
        url = reverse("events:find") + shown.query
        return calendar_response("events.ics", calendar_file(name, entries, url=url))


class DatesOfOne(View):
    """All dates of one event."""

    def get(self, request, slug):
        """The file."""
        event = get_object_or_404(Event.objects.published().prefetch_related("dates"), slug=slug)
        entries = event_entries(event, event.dates.all(), Terms(SchoolTerm.objects.all()), today())
        return calendar_response(f"{slug}.ics", calendar_file(event.title, entries, url=event.get_absolute_url()))
