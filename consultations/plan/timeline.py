"""The picture of the forward plan: where each bar, month and shaded stretch stands. The template only draws it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from consultations.events.recurrence import LONGEST_HOLIDAY
from consultations.plan.clashes import Names
from consultations.plan.models import Window
from consultations.stages import TIMELINE, Stage, stage_words
from core.dates import short_day_words
from core.finding import Term

WIDTH = 1100
HEAD = 34
GROUP = 30
ROW = 34
# A title is about so wide for each letter; one that would leave the picture ends with its bar instead.
LETTER = 7.2
LONGEST_TITLE = 60
# A gap between terms of so many days or fewer is a half-term.
HALF_TERM = 10


@dataclass(frozen=True)
class Stretch:
    """Some days that are shaded: a school holiday, or the weeks before an election."""

    name: str
    kind: str  # "holiday" or "election"
    starts_on: date
    ends_on: date
    x: float = 0
    width: float = 0


@dataclass(frozen=True)
class Line:
    """One ask in words, for the table and for its bar."""

    window: Window
    title: str
    organisation: str
    kind: str  # the class of its bar: idea, likely, certain, draft, published
    kind_words: str
    colour: str
    when: str
    audiences: list[str]
    areas: list[str]
    topics: list[str]


@dataclass(frozen=True)
class Bar:
    """One ask in the picture."""

    line: Line
    x: float
    width: float
    y: float
    text: str
    text_x: float
    anchor: str

    @property
    def text_y(self) -> float:
        """Where its title stands."""
        return self.y + 13

    @property
    def bar_y(self) -> float:
        """Where the bar stands, below its title."""
        return self.y + 18


@dataclass(frozen=True)
class Group:
    """The asks of one audience or one area, below its name."""

    name: str
    y: float
    bars: list[Bar]

    @property
    def text_y(self) -> float:
        """Where the name stands."""
        return self.y + 17


def line_of(window: Window, day: date, names: Names) -> Line:
    """One ask in words."""
    ask = window.ask
    if window.consultation is not None:
        stage = Stage(TIMELINE.of(ask, day))
        kind = "published" if window.is_public else "draft"
        words = stage_words(ask, day) if window.is_public else _("Draft of a consultation")
        colour = stage.value if window.is_public else "awaiting"
    else:
        kind, words, colour = ask.how_sure, ask.get_how_sure_display(), "forthcoming"
    return Line(
        window=window,
        title=ask.title,
        organisation=ask.organisation.name,
        kind=kind,
        kind_words=words,
        colour=colour,
        when=_("%(first)s to %(last)s")
        % {"first": short_day_words(window.starts_on, day), "last": short_day_words(window.ends_on, day)},
        audiences=names.of("audience", window.audiences),
        areas=names.of("area", window.areas),
        topics=names.of("topic", window.topics),
    )


def holidays(terms: Iterable, first: date, last: date) -> list[Stretch]:
    """The holidays and half-terms between the school terms that are set, as far as they are near the days asked for."""
    found = []
    before = None
    for term in sorted(terms, key=lambda each: each.starts_on):
        if before is not None:
            starts, ends = before + timedelta(days=1), term.starts_on - timedelta(days=1)
            days = (ends - starts).days + 1
            if 3 <= days <= LONGEST_HOLIDAY and starts <= last and ends >= first:
                name = _("Half-term") if days <= HALF_TERM else _("School holiday")
                found.append(Stretch(name, "holiday", starts, ends))
        before = term.ends_on
    return found


class Timeline:
    """Some asks between two days, below the audiences or areas that they reach."""

    def __init__(self, lines: Sequence[Line], groups: Sequence[Term], *, by: str, first: date, last: date, today: date):
        self.lines, self.by, self.first, self.last, self.today = lines, by, first, last, today
        self._terms = groups

    def _x(self, day: date) -> float:
        """Where a day begins."""
        days = (self.last - self.first).days + 1
        inside = min(max((day - self.first).days, 0), days)
        return round(inside / days * WIDTH, 1)

    def _span(self, starts: date, ends: date) -> tuple[float, float]:
        x = self._x(starts)
        return x, round(max(self._x(ends + timedelta(days=1)) - x, 3), 1)

    @cached_property
    def groups(self) -> list[Group]:
        """Each audience or area that is asked, and its asks, one below the other."""
        found = []
        y = float(HEAD)
        for term in self._terms:
            its = [each for each in self.lines if set(term.ids).intersection(self._ids(each))]
            if not its:
                continue
            bars = [self._bar(line, y + GROUP + number * ROW) for number, line in enumerate(its)]
            found.append(Group(term.short or term.text, y, bars))
            y += GROUP + len(its) * ROW + 6
        return found

    def _ids(self, line: Line) -> list[int]:
        return line.window.audiences if self.by == "audience" else line.window.areas

    def _bar(self, line: Line, y: float) -> Bar:
        x, width = self._span(line.window.starts_on, line.window.ends_on)
        text = Truncator(line.title).chars(LONGEST_TITLE)
        fits = x + len(text) * LETTER < WIDTH
        return Bar(line, x, width, y, text, max(x, 4) if fits else x + width, "start" if fits else "end")

    @cached_property
    def height(self) -> float:
        """How tall the picture is."""
        if not self.groups:
            return HEAD
        last = self.groups[-1]
        return last.y + GROUP + len(last.bars) * ROW + 8

    @property
    def months(self) -> list[dict]:
        """The first of each month: where it stands, and its name."""
        found = []
        day = self.first
        while day <= self.last:
            name = date_format(day, "M y" if day.month == 1 or day == self.first else "M")
            found.append({"x": self._x(day), "text_x": self._x(day) + 5, "name": name})
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return found

    @property
    def today_x(self) -> float | None:
        """Where today stands, when it is in the picture."""
        return self._x(self.today) if self.first <= self.today <= self.last else None

    def shaded(self, stretches: Iterable[Stretch]) -> list[Stretch]:
        """The same stretches, with where they stand."""
        return [
            Stretch(each.name, each.kind, each.starts_on, each.ends_on, *self._span(each.starts_on, each.ends_on))
            for each in stretches
        ]


def months_from(first: date, count: int) -> date:
    """The last day of so many months from the first of a month on."""
    number = first.year * 12 + first.month - 1 + count
    return date(number // 12, number % 12 + 1, 1) - timedelta(days=1)
