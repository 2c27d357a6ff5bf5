"""How events repeat, read from words as sources print them. What cannot be understood is never guessed."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from consultations.events.models import Repeats, WeekOfMonth
from consultations.events.recurrence import day_in_month

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS = {
    "first": WeekOfMonth.FIRST, "1st": WeekOfMonth.FIRST, "second": WeekOfMonth.SECOND, "2nd": WeekOfMonth.SECOND,
    "third": WeekOfMonth.THIRD, "3rd": WeekOfMonth.THIRD, "fourth": WeekOfMonth.FOURTH, "4th": WeekOfMonth.FOURTH,
    "last": WeekOfMonth.LAST,
}  # fmt: skip
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})s?"
_CLOCK = r"(?:[01]?[0-9]|2[0-3])(?:[:.][0-5][0-9])?\s*(?:am|pm)?|noon|midday"
# Each way of saying it, as a whole sentence. Whatever else stands there is not understood.
_TIMES = rf"(?:,?\s*(?:from\s+)?(?P<starts>{_CLOCK})(?:\s*(?:to|until|-|–)\s*(?P<ends>{_CLOCK}))?)?"
_TERM = (
    r"(?P<term>,?\s*(?:but\s+)?(?:only\s+)?(?:during|in)\s+(?:school\s+)?term[\s-]?time(?:\s+only)?"
    r"|,?\s*term[\s-]?time\s+only)?"
)
_PART = r"(?:\s+(?:morning|afternoon|evening|night)s?)?"
_WEEK_OF_MONTH = rf"(?P<week>{'|'.join(_WEEKS)})\s+{_WEEKDAY}{_PART}\s+(?:of|in)\s+(?:every|each|the)\s+month"
_SENTENCES = (
    (Repeats.MONTHLY_WEEKDAY, rf"(?:every\s+|the\s+)?{_WEEK_OF_MONTH}"),
    (Repeats.FORTNIGHTLY, rf"(?:fortnightly|every\s+(?:fortnight|two\s+weeks)),?\s+on\s+(?:a\s+)?{_WEEKDAY}{_PART}"),
    (Repeats.FORTNIGHTLY, rf"every\s+(?:other|second)\s+{_WEEKDAY}{_PART}"),
    (Repeats.WEEKLY, rf"(?:every|each)\s+{_WEEKDAY}{_PART}"),
    (Repeats.WEEKLY, rf"weekly,?\s+on\s+(?:a\s+)?{_WEEKDAY}{_PART}"),
    (Repeats.WEEKLY, r"weekly"),
    (Repeats.FORTNIGHTLY, r"fortnightly|every\s+(?:fortnight|two\s+weeks)"),
)
_TERM_AFTER = _TERM.replace("<term>", "<term_after>")
_READ = [(repeats, re.compile(f"(?:{words}){_TERM}{_TIMES}{_TERM_AFTER}")) for repeats, words in _SENTENCES]


@dataclass(frozen=True)
class Printed:
    """What a printed rule says: how often, on which weekday, and at what times where it says so."""

    repeats: Repeats
    weekday: int | None  # Monday is 0; None: not printed, so the first date must tell
    week_of_month: int | None
    term_time_only: bool
    starts_at: time | None
    ends_at: time | None

    @property
    def needs_first_date(self) -> bool:
        """Whether the words alone do not say on which days: every second Friday begins on which one?"""
        return self.weekday is None or self.repeats == Repeats.FORTNIGHTLY

    def fits(self, first_day: date) -> bool:
        """Whether a first date is one of its days."""
        if self.weekday is not None and first_day.weekday() != self.weekday:
            return False
        if self.week_of_month is None:
            return True
        day = day_in_month(first_day.year, first_day.month, first_day.weekday(), self.week_of_month)
        return first_day.day == day

    def first_on_or_after(self, day: date) -> date:
        """The first of its days from a day on. Only where no first date is needed."""
        while not self.fits(day):
            day += timedelta(days=1)
        return day


def read_rule(words: str) -> Printed | None:
    """The rule that some words say, or None: "monthly" does not say which day, and "twice a term" is no rule at all."""
    words = " ".join(words.casefold().replace("’", "'").split()).rstrip(" .")
    for repeats, pattern in _READ:
        found = pattern.fullmatch(words)
        if found:
            said = found.groupdict()
            weekday = _WEEKDAYS.index(said["weekday"]) if said.get("weekday") else None
            starts, ends = _times(said["starts"], said["ends"])
            if said["starts"] and starts is None:
                return None
            week = _WEEKS[said["week"]] if said.get("week") else None
            return Printed(repeats, weekday, week, bool(said["term"] or said["term_after"]), starts, ends)
    return None


def _times(starts: str | None, ends: str | None) -> tuple[time | None, time | None]:
    """From when to when. One half of the day that is printed once counts for both, as in "9:30 to 11am"."""
    first, last = _clock(starts), _clock(ends)
    if first is None:
        return None, None
    if last is None:
        return _moment(first, ""), None
    half = last[2]
    begins, finishes = _moment(first, half), _moment(last, "")
    if begins and finishes and begins >= finishes and not first[2]:
        begins = _moment(first, "am" if half == "pm" else "")
    if begins is None or finishes is None or begins >= finishes:
        return None, None
    return begins, finishes


def _clock(printed: str | None) -> tuple[int, int, str] | None:
    if not printed:
        return None
    if printed in ("noon", "midday"):
        return 12, 0, "pm"
    found = re.fullmatch(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?", printed.strip())
    return (int(found[1]), int(found[2] or 0), found[3] or "") if found else None


def _moment(clock: tuple[int, int, str], half: str) -> time | None:
    hour, minute, own = clock
    half = own or half
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)
