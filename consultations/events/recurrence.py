"""Which days a series falls on, worked out for a window of days and never for all time.

Everything here is a pure function of rows already read: nothing asks the
database or the clock. A rule is one of RFC 5545 (`rule_text` says it, `rule`
is dateutil's); `rule_days` does the same by direct arithmetic, because it is
asked for thousands of series at once, and a test proves the two equal. Days and
times are those of a UK clock. A time zone is attached last, so that a 10:00
group meets at 10:00 on both sides of a change of the clocks.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from dateutil.rrule import MONTHLY, WEEKLY, YEARLY, rrule, weekday
from django.utils import timezone

from consultations.events.models import DateChangeKind, Event, EventDate, Repeats

# Two terms with more days than this between them: the term in between is not known (summer holidays are shorter).
LONGEST_HOLIDAY = 56
# How far ahead the next dates of a series are looked for, in days. A yearly series meets on 29 February at worst.
AHEAD = 400
AHEAD_YEARLY = 366 * 8 + 1
# For so many days after a whole series was cancelled its dates are still shown, as cancelled.
CANCELLED_SHOWN = 28

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Series(Protocol):
    """What a rule is made of: an Event, or a row with its facts."""

    first_day: date
    until: date | None
    repeats: str
    week_of_month: int | None


# --- The rule


def rule_text(series: Series) -> str:
    """The rule as RFC 5545 writes it, without its last day: "FREQ=MONTHLY;BYDAY=2FR". Empty for a single date."""
    day = _DAYS[series.first_day.weekday()]
    return {
        Repeats.ONCE: "",
        Repeats.WEEKLY: f"FREQ=WEEKLY;BYDAY={day}",
        Repeats.FORTNIGHTLY: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}",
        Repeats.MONTHLY_WEEKDAY: f"FREQ=MONTHLY;BYDAY={series.week_of_month}{day}",
        Repeats.MONTHLY_DAY: f"FREQ=MONTHLY;BYMONTHDAY={series.first_day.day}",
        Repeats.YEARLY: "FREQ=YEARLY",
    }[Repeats(series.repeats)]


def rule(series: Series) -> rrule:
    """The rule as dateutil's, with naive midnights for days. For programs that read rules; pages use `rule_days`."""
    begins = datetime.combine(series.first_day, time())
    ends = datetime.combine(series.until, time()) if series.until else None
    on = weekday(series.first_day.weekday())
    match Repeats(series.repeats):
        case Repeats.ONCE:
            return rrule(YEARLY, begins, count=1)
        case Repeats.WEEKLY:
            return rrule(WEEKLY, begins, until=ends)
        case Repeats.FORTNIGHTLY:
            return rrule(WEEKLY, begins, interval=2, until=ends)
        case Repeats.MONTHLY_WEEKDAY:
            return rrule(MONTHLY, begins, byweekday=on(series.week_of_month), until=ends)
        case Repeats.MONTHLY_DAY:
            return rrule(MONTHLY, begins, bymonthday=series.first_day.day, until=ends)
    return rrule(YEARLY, begins, until=ends)


def rule_days(series: Series, first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last` that the rule names, in order; terms and single dates are not looked at."""
    begins = series.first_day
    first = max(first, begins)
    if series.until is not None and series.until < last:
        last = series.until
    if first > last:
        return iter(())
    repeats = series.repeats
    if repeats == Repeats.ONCE:
        return iter((begins,) if first == begins else ())
    if repeats in (Repeats.WEEKLY, Repeats.FORTNIGHTLY):
        step = 7 if repeats == Repeats.WEEKLY else 14
        start = first.toordinal() + (begins.toordinal() - first.toordinal()) % step
        return map(date.fromordinal, range(start, last.toordinal() + 1, step))
    return _by_month_or_year(series, first, last)


def _by_month_or_year(series: Series, first: date, last: date) -> Iterator[date]:
    begins, repeats = series.first_day, series.repeats
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        if repeats == Repeats.YEARLY:
            day = begins.day if month == begins.month and begins.day <= monthrange(year, month)[1] else None
        elif repeats == Repeats.MONTHLY_DAY:
            day = begins.day if begins.day <= monthrange(year, month)[1] else None
        else:
            day = day_in_month(year, month, begins.weekday(), series.week_of_month or 1)
        if day and first <= (found := date(year, month, day)) <= last:
            yield found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def day_in_month(year: int, month: int, weekday: int, week: int) -> int:
    """The day of the month of its second Friday, or of its last one (week -1). Monday is 0."""
    of_first, length = monthrange(year, month)
    if week > 0:
        return 1 + (weekday - of_first) % 7 + 7 * (week - 1)
    return length - (of_first + length - 1 - weekday) % 7


# --- School terms


class Terms:
    """The school terms that staff have set, and for which days they say anything."""

    def __init__(self, rows: Iterable):
        """Rows have `starts_on` and `ends_on`, such as core.models.SchoolTerm."""
        self._spans = sorted((row.starts_on, row.ends_on) for row in rows)
        # Thousands of series ask about the same few days.
        self._held: dict[date, bool] = {}
        self._known: dict[date, bool] = {}

    def hold(self, day: date) -> bool:
        """Whether schools are open on the day, weekends within a term included."""
        held = self._held.get(day)
        if held is None:
            held = self._held[day] = any(starts <= day <= ends for starts, ends in self._spans)
        return held

    def know(self, day: date) -> bool:
        """Whether the terms around the day are set: it is in one, or in the holiday between two of them."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._look_up(day)
        return known

    def _look_up(self, day: date) -> bool:
        before = None
        for starts, ends in self._spans:
            if day < starts:
                return before is not None and (starts - before).days <= LONGEST_HOLIDAY
            if day <= ends:
                return True
            before = ends
        return False


# --- Dates as families meet them


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of an event as it stands: when and where, and what became of it.

    `day` is the date by the rule and tells it from the others for good; `on` is
    the day on which it takes place. Times are UK clock times; None: not known.
    """

    event: Event
    day: date
    on: date
    starts_at: time | None
    ends_at: time | None
    change: DateChangeKind = DateChangeKind.AS_PLANNED
    reason: str = ""
    departure: EventDate | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.change == DateChangeKind.CANCELLED

    @property
    def is_moved(self) -> bool:
        """Whether it takes place at another date, time or place than planned."""
        return self.change == DateChangeKind.MOVED

    @property
    def venue(self) -> str:
        """The place, where there is one."""
        return (self.departure.new_venue if self.departure else "") or self.event.venue

    @property
    def address(self) -> str:
        """The address of the place; a new place brings its own."""
        if self.departure and self.departure.new_venue:
            return self.departure.new_address
        return self.event.address

    @property
    def postcode(self) -> str:
        """The postcode of the place; a new place brings its own."""
        if self.departure and self.departure.new_venue:
            return self.departure.new_postcode
        return self.event.postcode

    @property
    def starts(self) -> datetime | None:
        """The moment it starts, in UK time; None when the time is not known."""
        return moment(self.on, self.starts_at) if self.starts_at else None

    @property
    def ends(self) -> datetime | None:
        """The moment it ends, in UK time; None when the time is not known."""
        return moment(self.on, self.ends_at) if self.ends_at else None

    @property
    def sorts(self) -> tuple:
        """What comes first in a list: the day, then what has no time, then the time."""
        return (self.on, self.starts_at is not None, self.starts_at or time(), self.event.title, self.event.pk)


def moment(day: date, at: time) -> datetime:
    """A UK clock time on a day as a moment. One that the clocks jump over or repeat is the first that makes sense."""
    return datetime.combine(day, at, tzinfo=timezone.get_default_timezone())


def occurrences(event, departures: Sequence[EventDate], terms: Terms, first: date, last: date) -> list[Occurrence]:
    """The dates of one event that take place, or were to, from `first` to `last`, soonest first.

    `departures` are rows of this event: at least those whose `day` or `new_day`
    lies in the window. Dates that are left out are not among what comes back;
    cancelled ones are, with their reason. A date outside the school terms that
    are set is not guessed: see `waits_for_terms`.
    """
    return sorted(
        (
            Occurrence(event, day, on, starts_at, ends_at, DateChangeKind(change), reason, departure)
            for day, on, starts_at, ends_at, change, reason, departure in dates_between(
                event, departures, terms, first, last
            )
        ),
        key=lambda each: each.sorts,
    )


def dates_between(event, departures, terms: Terms, first: date, last: date) -> Iterator[tuple]:
    """The dates of `occurrences` as bare values, in no order: what Occurrence takes after its event."""
    regular, others = split_dates(event, departures, terms, first, last)
    for day in regular:
        yield day, day, event.starts_at, event.ends_at, DateChangeKind.AS_PLANNED, "", None
    yield from others


def split_dates(event, departures, terms: Terms, first: date, last: date) -> tuple[list[date], list[tuple]]:
    """The days from `first` to `last` that are just as the rule says, in order, and the other dates as bare values.

    For lists that count thousands of dates and show twenty: a day by the rule
    needs no values of its own. A date that belongs to a cancelled series is among the others.
    """
    cancelled_on = event.cancelled_on
    if cancelled_on:
        last = min(last, cancelled_on + timedelta(days=CANCELLED_SHOWN))
    departed = {each.day for each in departures} if departures else ()
    in_terms = event.term_time_only
    regular, others = [], []
    for day in rule_days(event, first, last):
        if day in departed or (in_terms and not terms.hold(day)):
            continue
        if cancelled_on and day >= cancelled_on:
            others.append(_as_it_stands(event, day, day, None))
        else:
            regular.append(day)
    for departure in departures:
        on = departure.new_day or departure.day
        if not first <= on <= last or departure.change == DateChangeKind.SKIPPED:
            continue
        if departure.is_extra or is_date_of(event, departure.day, terms):
            others.append(_as_it_stands(event, departure.day, on, departure))
    return regular, others


def _as_it_stands(event, day: date, on: date, departure: EventDate | None) -> tuple:
    starts_at, ends_at, change, reason = event.starts_at, event.ends_at, DateChangeKind.AS_PLANNED, ""
    if departure is not None:
        change, reason = departure.change, departure.reason
        if departure.new_starts_at:
            starts_at, ends_at = departure.new_starts_at, departure.new_ends_at
    if event.cancelled_on and on >= event.cancelled_on:
        change, reason = DateChangeKind.CANCELLED, event.cancelled_reason
    return day, on, starts_at, ends_at, change, reason, departure


def is_date_of(event, day: date, terms: Terms) -> bool:
    """Whether the rule names the day, school terms included."""
    return any(rule_days(event, day, day)) and (not event.term_time_only or terms.hold(day))


def upcoming(
    event, departures: Sequence[EventDate], terms: Terms, on: date, limit: int, *, cancelled: bool = True
) -> list[Occurrence]:
    """The next dates from a day on, that day included; at most `limit`. Looks AHEAD days and no further.

    Without `cancelled`, only dates that take place.
    """
    found: list[Occurrence] = []
    if event.until and not departures and event.until < on:
        return found
    first, end = on, on + timedelta(days=AHEAD_YEARLY if event.repeats == Repeats.YEARLY else AHEAD)
    span = 92
    while first <= end and len(found) < limit:
        last = min(first + timedelta(days=span), end)
        some = occurrences(event, departures, terms, first, last)
        found += [each for each in some if cancelled or not each.is_cancelled]
        first, span = last + timedelta(days=1), span * 2
    return found[:limit]


def latest_over(event, departures: Sequence[EventDate], terms: Terms, before: date, days: int) -> list[Occurrence]:
    """The dates that took place in so many days before a day, latest first; that day itself is not over yet."""
    last = before - timedelta(days=1)
    some = occurrences(event, departures, terms, last - timedelta(days=days - 1), last)
    return [each for each in reversed(some) if not each.is_cancelled]


def waits_for_terms(event, terms: Terms, first: date, last: date) -> date | None:
    """The first day in a window that the rule names and for which no school terms are set; None when there is none.

    Such a day is neither shown nor left out silently: the page says that the
    terms are not set yet, and those who look after the hub are asked to set them.
    """
    if not event.term_time_only or (event.cancelled_on and event.cancelled_on <= first):
        return None
    return next((day for day in rule_days(event, first, last) if not terms.know(day)), None)


def by_event(departures: Iterable) -> dict[int, list]:
    """The rows of many events, by event: EventDates, or rows with their facts."""
    found: dict[int, list] = defaultdict(list)
    for each in departures:
        found[each.event_id].append(each)
    return found
