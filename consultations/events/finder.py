"""Lists of dates: what somebody asked for in the address, in words, as counts, by day and by month.

A list reads the series that may meet in its window, some thousands at most, as
light rows: one query for them and one for each list beside them. Which days
they meet is worked out in between, and counted in the same pass.
"""

import calendar as months
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.events.listing import Card, card
from consultations.events.models import Attendance, Event, EventDate, EventKind, EventSupport
from consultations.events.recurrence import Occurrence, Terms, by_event, split_dates, waits_for_terms
from consultations.finder import vocabularies
from consultations.models import SupportState
from core.dates import day_words, short_day_words
from core.finding import PER_PAGE, Asked, Choice, Facet, Page, Term
from core.models import SchoolTerm
from core.versions import cached

# A list shows the dates of so many days from its first one on, unless the address says until when.
WINDOW = 91
# The most days that an address can ask for at once, and how far back "dates that have been" goes.
LONGEST = 366
# A day of the month calendar shows so many dates; the rest are one press away.
PER_DAY = 6
# From this time on it is in the evening.
EVENING = time(17, 0)
_MIDNIGHT = time()
# What met in so many days before today is read together with what is to come: it fills the month it is.
RECENT = 125
# Days further away than so many years are taken for a mistake.
FURTHEST = 100
# The month calendar goes so many years back and ahead, so that a machine that follows links comes to an end.
YEARS = 5


class When:
    """At what time of the week families can come, by its name in the address."""

    WEEKDAY = "weekday"
    EVENING = "evening"
    WEEKEND = "weekend"


WHEN = {
    When.WEEKDAY: gettext_lazy("Weekdays, in the day"),
    When.EVENING: gettext_lazy("Evenings, from 5pm"),
    When.WEEKEND: gettext_lazy("Weekends"),
}
FREE = "free"
JOIN = {Attendance.IN_PERSON: gettext_lazy("In person"), Attendance.ONLINE: gettext_lazy("Online")}

FACETS = {
    "area": gettext_lazy("Where"),
    "when": gettext_lazy("When"),
    "kind": gettext_lazy("What sort"),
    "audience": gettext_lazy("For"),
    "topic": gettext_lazy("About"),
    "join": gettext_lazy("In person or online"),
    "cost": gettext_lazy("Cost"),
    "access": gettext_lazy("Help to take part"),
    "organisation": gettext_lazy("Who runs it"),
}
OPEN_AT_FIRST = ("area", "when")
# The facets whose values are rows of lists, with the model and the column that links them.
_LISTS = {
    "area": (Event.areas.through, "area_id"),
    "audience": (Event.audiences.through, "audience_id"),
    "topic": (Event.topics.through, "topic_id"),
    "access": (EventSupport, "kind_id"),
}

_COLUMNS = (
    "pk", "slug", "title", "kind", "organisation_id", "first_day", "until", "repeats", "week_of_month", "starts_at",
    "ends_at", "term_time_only", "attendance", "venue", "address", "postcode", "cost", "cost_is_known", "cancelled_on",
    "cancelled_reason",
)  # fmt: skip


_JOINED = {
    Attendance.IN_PERSON.value: frozenset((Attendance.IN_PERSON.value,)),
    Attendance.ONLINE.value: frozenset((Attendance.ONLINE.value,)),
    Attendance.BOTH.value: frozenset((Attendance.IN_PERSON.value, Attendance.ONLINE.value)),
    Attendance.UNKNOWN.value: frozenset(),
}


@lru_cache(maxsize=2048)
def _set_of(*values) -> frozenset:
    """The same few sets stand in thousands of rows."""
    return frozenset(values)


_NONE: frozenset = frozenset()
_IS_FREE = frozenset((FREE,))


@dataclass(slots=True)
class Row:
    """A series as a list needs it: an Event without what only its own page shows."""

    pk: int
    slug: str
    title: str
    kind: str
    organisation_id: int
    first_day: date
    until: date | None
    repeats: str
    week_of_month: int | None
    starts_at: time | None
    ends_at: time | None
    term_time_only: bool
    attendance: str
    venue: str
    address: str
    postcode: str
    cost: str
    cost_is_known: bool
    cancelled_on: date | None
    cancelled_reason: str
    values: dict[str, frozenset] = field(default_factory=dict)

    @property
    def sorts(self) -> tuple:
        """What comes first on a day: what has no time, then by the time."""
        return (self.starts_at is not None, self.starts_at or _MIDNIGHT, self.title, self.pk)

    def fill(self, lists: dict[str, dict[int, frozenset[int]]]) -> None:
        """What it is, by facet: ids of lists and names of the rest."""
        self.values = {name: of.get(self.pk, _NONE) for name, of in lists.items()}
        self.values["kind"] = _set_of(self.kind)
        self.values["join"] = _JOINED[self.attendance]
        self.values["cost"] = _IS_FREE if not self.cost and self.cost_is_known else _NONE
        self.values["organisation"] = _set_of(self.organisation_id)


class Departure(NamedTuple):
    """A date that departs from its rule, as a list needs it: an EventDate that costs a fifth of one to read."""

    event_id: int
    day: date
    is_extra: bool
    change: str
    new_day: date | None
    new_starts_at: time | None
    new_ends_at: time | None
    new_venue: str
    new_address: str
    new_postcode: str
    reason: str


class SeriesRead(NamedTuple):
    """The series that may meet in a window, and what departs from their rules, by event. Read-only: it is shared."""

    rows: list[Row]
    departures: dict[int, list[Departure]]


def read_series(first: date, last: date | None) -> SeriesRead:
    """The published series that may meet from `first` to `last`, or from `first` on; six queries."""
    series = Event.objects.published().meeting_between(first, last).order_by()
    lists = {name: _terms_of(series, *where) for name, where in _LISTS.items()}
    rows = [Row(*values) for values in series.values_list(*_COLUMNS)]
    for row in rows:
        row.fill(lists)
    rows.sort(key=lambda row: row.sorts)
    departing = EventDate.objects.departing_between(first, last).order_by().values_list(*Departure._fields)
    return SeriesRead(rows, by_event(map(Departure._make, departing)))


def _terms_of(series, model, column: str) -> dict[int, frozenset[int]]:
    """What stands beside each series in one list, put together by the database: a third of the rows to read."""
    beside = model.objects.order_by().filter(event__in=series.values("pk"))
    if model is EventSupport:
        beside = beside.exclude(state=SupportState.NOT_AVAILABLE)
    some = beside.values_list("event_id").annotate(terms=ArrayAgg(column))
    return {pk: _set_of(*terms) for pk, terms in some}


@lru_cache(maxsize=2048)
def when_of(weekday: int, starts_at: time | None) -> frozenset[str]:
    """At what time of the week a date is; Monday is 0. One without a time on a weekday is taken to be in the day."""
    names = []
    if weekday >= 5:
        names.append(When.WEEKEND)
    if starts_at and starts_at >= EVENING:
        names.append(When.EVENING)
    return frozenset(names or (When.WEEKDAY,))


@dataclass(frozen=True)
class Found:
    """What matches in a window: the dates by day, how many by every value of every facet, and what is not known.

    `days` has them in order. A date that is just as its rule says stands there
    as its row alone, any other one as its row and the values of an Occurrence:
    thousands are counted and put in order for every page that shows some.
    """

    days: dict[date, list["Row | tuple[Row, tuple]"]]
    by: dict[str, Counter]
    unknown_from: date | None
    unknown: int

    @cached_property
    def total(self) -> int:
        """How many dates there are."""
        return sum(map(len, self.days.values()))

    @property
    def series(self) -> list["Row"]:
        """The series with a date here, each once, in the order of their first ones."""
        rows = (each if isinstance(each, Row) else each[0] for some in self.days.values() for each in some)
        return list({row.pk: row for row in rows}.values())

    def occurrences(self, start: int, end: int) -> list[Occurrence]:
        """The dates from one place in the order to another."""
        found: list[Occurrence] = []
        for on, some in self.days.items():
            if end <= 0:
                break
            found += self.on(on, max(start, 0), end)
            start, end = start - len(some), end - len(some)
        return found

    def on(self, day: date, start: int, end: int) -> list[Occurrence]:
        """The dates of one day, from one place in its order to another."""
        return [_occurrence(day, each) for each in self.days.get(day, ())[start:end]]


def _occurrence(on: date, entry: "Row | tuple[Row, tuple]") -> Occurrence:
    if isinstance(entry, Row):
        return Occurrence(entry, on, on, entry.starts_at, entry.ends_at)
    row, values = entry
    return Occurrence(row, *values)


def _by_time(entry: "Row | tuple[Row, tuple]") -> tuple:
    """Where it stands among the dates of its day: Occurrence.sorts, without the day."""
    if isinstance(entry, Row):
        return entry.sorts
    row, (_day, _on, starts_at, *_rest) = entry
    return (starts_at is not None, starts_at or _MIDNIGHT, row.title, row.pk)


class Dates(Asked):
    """What somebody asked of the dates of events: filters as in the finder, and a window of days."""

    titles = FACETS

    def __init__(self, asked, today: date):
        super().__init__(asked, today)
        self.first, self.last = self._read_window()

    def _read_window(self) -> tuple[date, date]:
        raise NotImplementedError

    @cached_property
    def vocabularies(self) -> dict[str, dict[str, Term]]:
        """Every value of every facet, in the order of the page."""
        lists = vocabularies()
        return {name: lists[name] for name in ("area", "audience", "topic", "access", "organisation")} | {
            "kind": {kind.value: Term(kind.value, str(kind.label)) for kind in EventKind},
            "when": {name: Term(name, str(words)) for name, words in WHEN.items()},
            "join": {way.value: Term(way.value, str(words)) for way, words in JOIN.items()},
            "cost": {FREE: Term(FREE, _("Free"))},
        }

    def term(self, name: str, value: str) -> Term | None:
        """The value as staff named it."""
        return self.vocabularies[name].get(value)

    def read_day(self, name: str, words: str) -> date | None:
        """A day of the address, such as 2026-11-25; anything else is left out and said."""
        asked = self.asked.get(name) or ""
        if not asked:
            return None
        try:
            day = date.fromisoformat(asked)
        except ValueError:
            day = date.min
        if not abs(day.year - self.today.year) <= FURTHEST:
            self.leave_out(words, asked)
            return None
        return day

    # What matches

    @cached_property
    def terms(self) -> Terms:
        """The school terms that are set."""
        return Terms(SchoolTerm.objects.all())

    @property
    def _series(self) -> "SeriesRead":
        """What the window needs. All that is still to come is read once for each content version and day."""
        current = self.today - timedelta(days=RECENT)
        if self.first < current:
            return read_series(self.first, self.last)
        return cached("events.series", (), lambda: read_series(current, None))

    @cached_property
    def found(self) -> Found:
        """Everything in the window that matches, counted in one pass over the series.

        Each facet ignores its own filter, so that ticking another box is foretold.
        """
        rows, departures = self._series
        wanted = {
            name: frozenset(each for term in terms for each in (term.ids or (term.value,)))
            for name, terms in self.chosen.items()
            if terms
        }
        whens = wanted.pop("when", None)
        days: dict[date, list] = defaultdict(list)
        by: dict[str, Counter] = {name: Counter() for name in FACETS}
        unknown, unknown_from = 0, None
        whens_found: Counter = Counter()
        # Rows come by their time, so each day is in order but for dates that are at another time than their series.
        out_of_order: set[date] = set()
        for row in rows:
            misses = [name for name, values in wanted.items() if values.isdisjoint(row.values[name])]
            if len(misses) > 1:
                continue
            regular, others = split_dates(row, departures.get(row.pk, ()), self.terms, self.first, self.last)
            fits = 0
            for day in regular:
                when = when_of(day.weekday(), row.starts_at)
                if not misses:
                    whens_found[when] += 1
                if whens is None or not whens.isdisjoint(when):
                    fits += 1
                    if not misses:
                        days[day].append(row)
            for values in others:
                _day, on, starts_at, *_rest = values
                when = when_of(on.weekday(), starts_at)
                if not misses:
                    whens_found[when] += 1
                if whens is None or not whens.isdisjoint(when):
                    fits += 1
                    if not misses:
                        days[on].append((row, values))
                        if starts_at != row.starts_at:
                            out_of_order.add(on)
            for name in (misses or row.values) if fits else ():
                counts = by[name]
                for value in row.values[name]:
                    counts[value] += fits
            if row.term_time_only and not misses and (waits := waits_for_terms(row, self.terms, self.first, self.last)):
                unknown += 1
                unknown_from = min(unknown_from or waits, waits)
        for when, times in whens_found.items():
            by["when"].update(dict.fromkeys(when, times))
        for day in out_of_order:
            days[day].sort(key=_by_time)
        return Found(dict(sorted(days.items())), by, unknown_from, unknown)

    @property
    def total(self) -> int:
        """How many dates match."""
        return self.found.total

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets worth showing: one that has nothing to choose between is hidden."""
        return [facet for facet in map(self._facet, FACETS) if facet.choices and facet.means_something(self.total)]

    def _facet(self, name: str) -> Facet:
        counts = self.found.by[name]
        chosen = {term.value for term in self.chosen[name]}
        choices = []
        for term in self.vocabularies[name].values():
            count = sum(counts[key] for key in (term.ids or (term.value,)))
            if count or term.value in chosen:
                choices.append(Choice(term.value, term.text, term.short or term.text, count, term.value in chosen))
        return Facet(name, str(FACETS[name]), choices, name in OPEN_AT_FIRST)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.chosen.values())

    @property
    def terms_words(self) -> str:
        """That school terms are not set yet, where that may hide dates of this list."""
        if not self.found.unknown or self.last < self.today:
            return ""
        day = day_words(self.found.unknown_from, self.today) if self.found.unknown_from else ""
        return ngettext(
            "School terms from %(day)s on are not set yet. %(count)s term-time group may have more dates.",
            "School terms from %(day)s on are not set yet. %(count)s term-time groups may have more dates.",
            self.found.unknown,
        ) % {"day": day, "count": self.found.unknown}


@dataclass(frozen=True)
class Day:
    """The dates of one day in a list."""

    on: date
    words: str
    cards: list[Card]


class DateFinder(Dates):
    """Dates by day: those to come, soonest first, or those that have been, latest first."""

    PAST = "1"

    def _read_window(self) -> tuple[date, date]:
        asked = self.asked.get("past") or ""
        self.past = asked == self.PAST
        if asked and not self.past:
            self.leave_out(_("Dates that have been"), asked)
        self.asked_first, self.asked_last = self.read_day("from", _("From")), self.read_day("until", _("Until"))
        yesterday = self.today - timedelta(days=1)
        if self.past:
            last = min(self.asked_last or yesterday, yesterday)
            first = self.asked_first or last - timedelta(days=LONGEST)
        else:
            first = self.asked_first or self.today
            last = self.asked_last or first + timedelta(days=WINDOW)
        if last < first:
            self.notes.append(_("The first day is after the last one, so we left the last one out."))
            self.asked_last, last = None, first + timedelta(days=WINDOW)
        if (last - first).days > LONGEST:
            last = first + timedelta(days=LONGEST)
            self.notes.append(_("This list shows one year at most, to %(day)s.") % {"day": day_words(last, self.today)})
        return first, last

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one when there are not so many."""
        page = self.page_of(self.total)
        if self.total:
            page.rows = self._of_page(page.start)
        return page

    def _of_page(self, start: int) -> list[Occurrence]:
        if not self.past:
            return self.found.occurrences(start, start + PER_PAGE)
        end = self.total - start
        return self.found.occurrences(max(end - PER_PAGE, 0), end)[::-1]

    @cached_property
    def days(self) -> list[Day]:
        """The page, by day. One query tells what the cards say besides."""
        rows = self.page.rows
        more = {
            pk: {"organisation": organisation, "summary": summary}
            for pk, organisation, summary in Event.objects.filter(pk__in={each.event.pk for each in rows})
            .order_by()
            .values_list("pk", "organisation__name", "summary")
        }
        return [
            Day(on, day_words(on, self.today), [card(each, self.today, **more.get(each.event.pk, {})) for each in some])
            for on, some in groupby(rows, key=lambda each: each.on)
        ]

    # Words and addresses

    @property
    def sentence(self) -> str:
        """What the list shows, in words."""
        found = ngettext("%(count)s date", "%(count)s dates", self.total) % {"count": f"{self.total:,}"}
        words = {"found": found, "first": day_words(self.first, self.today), "last": day_words(self.last, self.today)}
        if self.first == self.last:
            return _("%(found)s on %(first)s.") % words
        if self.past:
            return _("%(found)s from %(first)s to %(last)s, the latest first.") % words
        if not self.asked_first:
            return _("%(found)s up to %(last)s, the soonest first.") % words
        return _("%(found)s from %(first)s to %(last)s, the soonest first.") % words

    @property
    def window(self) -> list[tuple[str, str]]:
        """The days asked for, as parameters."""
        asked = [("from", self.asked_first), ("until", self.asked_last)]
        return [(name, day.isoformat()) for name, day in asked if day] + ([("past", self.PAST)] if self.past else [])

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What was understood, as parameters of the address; feed and calendar take the same."""
        return super().parameters + self.window

    @property
    def removes(self) -> list[dict]:
        """Each chosen filter in words, with the address of the list without it."""
        words = {"from": _("From %(day)s"), "until": _("Until %(day)s")}
        days = [
            {
                "text": words[name] % {"day": short_day_words(date.fromisoformat(value), self.today)},
                "url": self.address(without=(name, None)),
            }
            for name, value in self.window
            if name in words
        ]
        return super().removes + days

    @property
    def later_url(self) -> str:
        """The list of the dates after this window; empty when the address says until when, or looks back."""
        if self.past or self.asked_last or self.last >= self.today + timedelta(days=366 * YEARS):
            return ""
        return self.address(**{"from": (self.last + timedelta(days=1)).isoformat()})

    @property
    def clear_url(self) -> str:
        """The list without any box ticked; empty when none is."""
        return "?" if self.chosen_count else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for, days included."""
        return super().is_narrowed or bool(self.asked_first or self.asked_last)


class MonthFinder(Dates):
    """The dates of one month, as weeks from Monday to Sunday."""

    def __init__(self, asked, today: date, year: int, month: int):
        self.year, self.month = year, month
        super().__init__(asked, today)

    def _read_window(self) -> tuple[date, date]:
        first = date(self.year, self.month, 1)
        return first, first.replace(day=months.monthrange(self.year, self.month)[1])

    @cached_property
    def weeks(self) -> list["Week"]:
        """The days of the month, in weeks from Monday to Sunday."""
        return [
            Week([self._cell(day) if day.month == self.month else None for day in week])
            for week in months.Calendar().monthdatescalendar(self.year, self.month)
        ]

    def _cell(self, day: date) -> "Cell":
        shown = self.found.on(day, 0, PER_DAY)
        more = len(self.found.days.get(day, ())) - len(shown)
        only = {"from": day.isoformat(), "until": day.isoformat()}
        if day < self.today:
            only["past"] = DateFinder.PAST
        return Cell(
            day,
            day == self.today,
            [card(each, self.today, with_facts=False) for each in shown],
            more,
            self.address(**only) if more else "",
        )

    @property
    def sentence(self) -> str:
        """How many dates the month has, in words."""
        found = ngettext("%(count)s date", "%(count)s dates", self.total) % {"count": f"{self.total:,}"}
        return _("%(found)s in this month.") % {"found": found}

    def neighbour(self, step: int) -> tuple[int, int] | None:
        """The year and month before (-1) or after (1) this one; None beyond where the calendar ends."""
        year, month = divmod(self.year * 12 + self.month - 1 + step, 12)
        return (year, month + 1) if abs(year - self.today.year) <= YEARS else None


@dataclass(frozen=True)
class Cell:
    """One day of the month calendar."""

    day: date
    is_today: bool
    cards: list[Card]
    more: int
    more_url: str


@dataclass(frozen=True)
class Week:
    """One week of the month calendar; None stands for a day of another month."""

    cells: list[Cell | None]

    @property
    def has_dates(self) -> bool:
        """Whether something is on in it."""
        return any(cell and cell.cards for cell in self.cells)
