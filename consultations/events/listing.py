"""An event in the words its card and its page show. Templates read these and decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.events.models import (
    Attendance,
    Booking,
    DateChangeKind,
    Event,
    EventChange,
    EventDate,
    OccurrenceNote,
    Repeats,
    WeekOfMonth,
)
from consultations.events.recurrence import Occurrence, Terms, latest_over, occurrences, upcoming, waits_for_terms
from consultations.listing import Fact
from consultations.models import SupportState
from core.dates import day_words, short_day_words, time_words
from core.freshness import not_checked_words
from core.models import SchoolTerm

# How many dates to come the page lists, and how far back it lists those that have been, in days.
DATES_SHOWN = 8
PAST_SHOWN = 366
PAST_DATES_SHOWN = 6
# So far ahead the page says that school terms are not set yet, in days.
TERMS_AHEAD = 183


def time_range_words(starts_at: time | None, ends_at: time | None) -> str:
    """ "10am to 11:30am", "10am" when the end is not known, "Time not known" when nothing is."""
    if starts_at is None:
        return _("Time not known: ask before you go")
    if ends_at is None:
        return time_words(starts_at)
    return _("%(starts)s to %(ends)s") % {"starts": time_words(starts_at), "ends": time_words(ends_at)}


def repeat_words(event) -> str:
    """How it repeats: "Second Friday of every month, in term time". Empty when it does not repeat by a rule."""
    on = WEEKDAYS[event.first_day.weekday()]
    words = {
        Repeats.ONCE: "",
        Repeats.WEEKLY: _("Every %(weekday)s"),
        Repeats.FORTNIGHTLY: _("Every second %(weekday)s"),
        Repeats.MONTHLY_WEEKDAY: _("%(which)s %(weekday)s of every month"),
        Repeats.MONTHLY_DAY: _("Every month, on day %(day)s"),
        Repeats.YEARLY: _("Every year on %(date)s"),
    }[Repeats(event.repeats)]
    if not words:
        return ""
    words = words % {
        "weekday": on,
        "which": WeekOfMonth(event.week_of_month).label if event.week_of_month else "",
        "day": event.first_day.day,
        "date": short_day_words(event.first_day, event.first_day),
    }
    return _("%(words)s, in term time") % {"words": words} if event.term_time_only else words


def schedule_words(event) -> str:
    """How it repeats, with its times: "Second Friday of every month, in term time, 10am to 11:30am"."""
    words = repeat_words(event)
    if not words or event.starts_at is None:
        return words
    return f"{words}, {time_range_words(event.starts_at, event.ends_at)}"


def change_words(occurrence: Occurrence, today: date) -> str:
    """What became of a date, on its card: "Cancelled", "Moved from Tuesday 13 January"; empty when it is as planned."""
    if occurrence.is_cancelled:
        return _("Cancelled")
    if not occurrence.is_moved:
        return ""
    if occurrence.on != occurrence.day:
        return _("Moved from %(day)s") % {"day": day_words(occurrence.day, today)}
    if occurrence.departure and occurrence.departure.new_venue:
        return _("New place")
    return _("New time")


def attendance_words(event) -> str:
    """Where one goes: the place, "Online", or both."""
    place = event.venue
    if event.attendance == Attendance.ONLINE:
        return str(Attendance.ONLINE.label)
    if event.attendance == Attendance.BOTH:
        return _("%(place)s, or online") % {"place": place} if place else str(Attendance.BOTH.label)
    return place


@dataclass(frozen=True)
class Card:
    """One date of an event in a list."""

    occurrence: Occurrence
    slug: str
    title: str
    when: str
    where: str
    change: str
    colour: str
    facts: list[str]
    summary: str = ""

    @property
    def on(self) -> date:
        """The day it takes place."""
        return self.occurrence.on

    @property
    def day_words(self) -> str:
        """The day it takes place, in words, where no heading says it."""
        return day_words(self.on)

    @property
    def reason(self) -> str:
        """Why it is cancelled or moved, where it is."""
        return self.occurrence.reason if self.change else ""


def card(
    occurrence: Occurrence, today: date, *, organisation: str = "", summary: str = "", with_facts: bool = True
) -> Card:
    """The card of a date. The event may be a light row with the same names. The month calendar shows no facts."""
    event = occurrence.event
    change = change_words(occurrence, today)
    facts: list[str] = []
    if with_facts:
        free = _("Free") if event.cost_is_known else ""
        facts = [words for words in (organisation, repeat_words(event), event.cost or free) if words]
    colour = "withdrawn" if occurrence.is_cancelled else "closing" if occurrence.is_moved else "open"
    place = occurrence.venue if event.attendance in (Attendance.IN_PERSON, Attendance.UNKNOWN) else ""
    return Card(
        occurrence=occurrence,
        slug=event.slug,
        title=event.title,
        when=time_range_words(occurrence.starts_at, occurrence.ends_at),
        where=place or attendance_words(event),
        change=change,
        colour=colour,
        facts=facts,
        summary=summary,
    )


@dataclass(frozen=True)
class NextDate:
    """An event in a family's own list: its next date in words, and its card where there is one."""

    title: str
    url: str
    when: str
    card: Card | None


def next_dates(slugs: Sequence[str], day: date) -> list[NextDate]:
    """The published events with these slugs, in their order, each with its next date. Three queries."""
    events = {each.slug: each for each in Event.objects.published().filter(slug__in=slugs).prefetch_related("dates")}
    terms = Terms(SchoolTerm.objects.all()) if events else Terms([])
    found = []
    for event in (events[slug] for slug in slugs if slug in events):
        first = next(iter(upcoming(event, list(event.dates.all()), terms, day, 1)), None)
        words = day_words(first.on, day) if first else _("No date is known")
        found.append(NextDate(event.title, event.get_absolute_url(), words, card(first, day) if first else None))
    return found


@dataclass(frozen=True)
class Line:
    """One date on the event's own page."""

    occurrence: Occurrence
    words: str
    change: str
    place: str
    note: OccurrenceNote | None = None

    @property
    def reason(self) -> str:
        """Why it is cancelled or moved, where it is."""
        return self.occurrence.reason if self.change else ""


@dataclass
class EventListing:
    """An event as its own page shows it on a day.

    `event` comes from `Event.objects.for_page()`; `terms` are the school terms that are set.
    """

    event: Event
    today: date
    terms: Terms = field(default_factory=lambda: Terms(SchoolTerm.objects.all()))

    @cached_property
    def departures(self) -> list[EventDate]:
        """What departs from the rule."""
        return list(self.event.dates.all())

    @cached_property
    def upcoming(self) -> list[Occurrence]:
        """The next dates, cancelled ones among them."""
        return upcoming(self.event, self.departures, self.terms, self.today, DATES_SHOWN)

    @cached_property
    def next(self) -> Occurrence | None:
        """The next date that takes place."""
        return next((each for each in self.upcoming if not each.is_cancelled), None)

    @cached_property
    def only(self) -> Occurrence | None:
        """The one date of an event that has one, where it stands now; None for all others."""
        if self.event.is_regular or any(each.is_extra for each in self.departures):
            return None
        a_year = timedelta(days=PAST_SHOWN)
        first, last = self.event.first_day - a_year, self.event.first_day + a_year
        return next(iter(occurrences(self.event, self.departures, self.terms, first, last)), None)

    @property
    def is_cancelled(self) -> bool:
        """Whether the whole series is off."""
        return self.event.cancelled_on is not None

    @property
    def not_checked_words(self) -> str:
        """Since when nobody has checked it, where families could still go; empty while it counts as checked."""
        if self.is_found or self.is_cancelled or self.is_over:
            return ""
        return not_checked_words(self.event, self.today)

    @property
    def is_over(self) -> bool:
        """Whether no date is to come."""
        return not self.upcoming and not self.terms_missing

    # The heading

    @property
    def tag(self) -> tuple[str, str]:
        """The colour and the words of the tag under the heading."""
        if self.is_cancelled:
            return "withdrawn", _("Cancelled")
        if self.next:
            return "open", _("Next: %(day)s") % {"day": self._date_words(self.next)}
        if self.upcoming:
            return "withdrawn", _("The next date is cancelled")
        if self.terms_missing:
            return "forthcoming", _("Next date not known yet")
        return "closed", _("It has been") if not self.event.is_regular else _("No more dates")

    @property
    def changed_soon(self) -> list[Line]:
        """The dates among the next ones that are cancelled or moved, for the banner at the top."""
        return [line for line in self.lines_to_come if line.change and not self.is_cancelled][:3]

    # Dates

    @property
    def lines_to_come(self) -> list[Line]:
        """The next dates in words."""
        return [self.line(each) for each in self.upcoming]

    @cached_property
    def lines_past(self) -> list[Line]:
        """The latest dates that took place, each with what happened where somebody said so."""
        notes = {note.day: note for note in self.event.notes.all()}
        found = latest_over(self.event, self.departures, self.terms, self.today, PAST_SHOWN)
        noted = [each for each in found if each.day in notes]
        shown = found[:PAST_DATES_SHOWN] if not self.event.is_regular else noted[:PAST_DATES_SHOWN]
        return [self.line(each, notes.get(each.day)) for each in shown]

    def line(self, occurrence: Occurrence, note: OccurrenceNote | None = None) -> Line:
        """One date in words, with what became of it."""
        moved_to = occurrence.departure and occurrence.departure.new_venue
        place = ""
        if moved_to:
            place = ", ".join(part for part in (occurrence.venue, occurrence.address, occurrence.postcode) if part)
        return Line(occurrence, self._date_words(occurrence), change_words(occurrence, self.today), place, note)

    def _date_words(self, occurrence: Occurrence) -> str:
        day = day_words(occurrence.on, self.today)
        if occurrence.starts_at is None:
            return day
        return _("%(day)s, %(times)s") % {
            "day": day,
            "times": time_range_words(occurrence.starts_at, occurrence.ends_at),
        }

    @property
    def left_out(self) -> list[str]:
        """The days to come on which it does not meet though its rule says so."""
        ahead = self.upcoming[-1].on if self.upcoming else self.today + timedelta(days=92)
        return [
            day_words(each.day, self.today)
            for each in self.departures
            if each.change == DateChangeKind.SKIPPED and self.today <= each.day <= ahead
        ]

    @cached_property
    def terms_missing(self) -> date | None:
        """The first day in the next half year for which it would meet in term time, if the terms were set."""
        return waits_for_terms(self.event, self.terms, self.today, self.today + timedelta(days=TERMS_AHEAD))

    @property
    def terms_words(self) -> str:
        """That school terms are not set yet, where that hides dates."""
        if not self.terms_missing:
            return ""
        return _("School terms from %(day)s on are not set yet, so we do not know the dates after that.") % {
            "day": day_words(self.terms_missing, self.today)
        }

    # The box

    @property
    def facts_first(self) -> list[Fact]:
        """What and when: the lines above the place."""
        return _that_say_something(Fact(_("What"), [self.event.summary]), Fact(_("When"), self._when()))

    @property
    def facts_rest(self) -> list[Fact]:
        """Who it is for, what it costs, who will be there and whom to ask: the lines below the booking."""
        e = self.event
        return _that_say_something(
            Fact(_("Cost"), [self.cost_words]),
            Fact(_("Who for"), [", ".join(e.audience_labels)]),
            Fact(_("Area"), [", ".join(e.area_labels)]),
            Fact(_("Who will be there"), [e.staff_there]),
            Fact(_("Who to ask"), [e.contact_name, e.contact_phone]),
        )

    def _when(self) -> list[str]:
        e = self.event
        if e.is_regular:
            lines = [schedule_words(e)]
            if e.starts_at is None:
                lines.append(_("Time not known: ask before you go"))
            if e.first_day > self.today:
                lines.append(_("From %(day)s") % {"day": day_words(e.first_day, self.today)})
            if e.until:
                lines.append(_("Until %(day)s") % {"day": day_words(e.until, self.today)})
            return lines
        day, starts_at, ends_at = e.first_day, e.starts_at, e.ends_at
        if self.only:
            day, starts_at, ends_at = self.only.on, self.only.starts_at, self.only.ends_at
        first = _("%(day)s, %(times)s") % {
            "day": day_words(day, self.today),
            "times": time_range_words(starts_at, ends_at),
        }
        others = len([each for each in self.departures if each.is_extra])
        more = ngettext("and %(count)s other date", "and %(count)s other dates", others) % {"count": others}
        lines = [first, more] if others else [first]
        if starts_at and ends_at is None:
            lines.append(_("We do not know when it ends."))
        return lines

    @property
    def cost_words(self) -> str:
        """What it costs; that it is free where nothing is said and it is ours to say."""
        if self.event.cost:
            return self.event.cost
        return _("Free") if self.event.cost_is_known else _("Not known: ask before you go")

    @property
    def goes_somewhere(self) -> bool:
        """Whether there is a place to go to."""
        return self.event.attendance != Attendance.ONLINE and bool(self.event.venue)

    @property
    def address_lines(self) -> list[str]:
        """The place as on an envelope."""
        there = self.only or self.event
        return [part for part in (there.venue, there.address, there.postcode) if part]

    @property
    def is_online(self) -> bool:
        """Whether one can join online or by phone."""
        return self.event.attendance in (Attendance.ONLINE, Attendance.BOTH)

    @property
    def link_to_join(self) -> str:
        """The link to join, where everybody may have it and it is still of use."""
        return "" if self.event.link_after_booking or self.is_over else self.event.online_url

    @property
    def join_words(self) -> str:
        """How one gets the link, where it is not on the page."""
        if self.event.link_after_booking:
            return _("You get the link after you book.")
        return "" if self.event.online_url else _("Ask for the link.")

    @property
    def booking_words(self) -> str:
        """Whether a family must book."""
        booking = Booking(self.event.booking)
        if booking == Booking.UNKNOWN:
            return _("Not known: ask before you go")
        return str(booking.label)

    @property
    def places_words(self) -> str:
        """How many there is room for."""
        places = self.event.places
        words = ngettext("There is room for %(count)s person.", "There is room for %(count)s people.", places or 0)
        return words % {"count": places} if places else ""

    # Help to take part

    @property
    def can_ask_for_help(self) -> bool:
        """Whether families can ask for help to come: it is ours, and a date is known that takes place."""
        return not self.is_found and not self.is_cancelled and self.next is not None

    @property
    def supports(self) -> list[dict]:
        """Help to take part: each kind, and whether it is there or must be asked for by a real day."""
        return [
            {"kind": each.kind.label, "state": each.state, "words": self._support_words(each)}
            for each in self.event.supports.all()
        ]

    def _support_words(self, support) -> str:
        if support.state != SupportState.ON_REQUEST:
            return str(support.get_state_display())
        days = support.ask_days_before
        in_time = self._in_time(days)
        if in_time is None:
            words = ngettext("Ask %(count)s day before", "Ask %(count)s days before", days) % {"count": days}
            if self.next is None:
                return words
            return _("%(words)s. It is too late for %(day)s.") % {
                "words": words,
                "day": short_day_words(self.next.on, self.today),
            }
        words = _("Ask by %(day)s for %(date)s") % {
            "day": day_words(self._ask_by(in_time, days), self.today),
            "date": short_day_words(in_time.on, self.today),
        }
        if self.next and in_time is not self.next:
            return _("%(words)s. It is too late for %(day)s.") % {
                "words": words,
                "day": short_day_words(self.next.on, self.today),
            }
        return words

    def ask_by(self, support) -> date | None:
        """The last day to ask for help that must be asked for, for the next date in time; None when it is too late."""
        in_time = self._in_time(support.ask_days_before)
        return self._ask_by(in_time, support.ask_days_before) if in_time else None

    def _in_time(self, days: int) -> Occurrence | None:
        """The next date for which help can still be asked so many days before."""
        to_come = (each for each in self.upcoming if not each.is_cancelled)
        return next((each for each in to_come if self._ask_by(each, days) >= self.today), None)

    @staticmethod
    def _ask_by(occurrence: Occurrence, days: int) -> date:
        return occurrence.on - timedelta(days=days)

    # Where it comes from

    @property
    def is_found(self) -> bool:
        """Whether it was found on another page, and nobody here vouches for it."""
        return not self.event.is_ours


def _that_say_something(*facts: Fact) -> list[Fact]:
    return [Fact(each.question, lines) for each in facts if (lines := [line for line in each.lines if line])]


def came_words(note: OccurrenceNote) -> str:
    """How many came, never a number from 1 to 4; empty when nobody counted."""
    if note.came_is_few:
        return _("Fewer than 5 people came.")
    if note.came is None:
        return ""
    return _("%(count)s people came.") % {"count": f"{note.came:,}"} if note.came else _("Nobody came.")


def notes_of(lines: Sequence[Line]) -> list[dict]:
    """What happened, as the page shows it."""
    return [{"line": each, "came": came_words(each.note) if each.note else ""} for each in lines]


def change_line(change: EventChange) -> str:
    """What changed, in one line: "Moved: Friday 4 December to Friday 11 December. The hall is being painted."."""
    words = str(change.get_what_display())
    if change.was_day and change.now_day and change.was_day != change.now_day:
        words = _("%(what)s: %(was)s to %(now)s") % {
            "what": words,
            "was": day_words(change.was_day, change.changed_on),
            "now": day_words(change.now_day, change.changed_on),
        }
    elif change.day:
        words = _("%(what)s: %(day)s") % {"what": words, "day": day_words(change.day, change.changed_on)}
    return f"{words}. {change.reason}".strip()
