"""What happened in a simulated year: every mail, what was owed, and who was asked to do what in which week."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from hub.simulation.county import Ask
from hub.simulation.world import Duty

# Of the whole Family Information Service, which does its tasks together.
SERVICE = "the service"
FIS = "fis"


@dataclass(frozen=True)
class Said:
    """One point of a mail: one step about one thing and one of its dates."""

    reason: str
    step: str
    repeat: int
    thing: str  # the key of a duty, of something broken, or "hub"
    about_on: date
    role: str


@dataclass(frozen=True)
class Sent:
    """One mail."""

    day: date
    who: str  # a person's key, or a team's address: somebody who has a new address is the same person
    urgent: bool
    arrived: bool
    subject: str
    text: str
    said: tuple[Said, ...]


@dataclass
class Owed:
    """Something that families were owed at some time, and when somebody was told of it."""

    kind: str  # "answer", "note", "promise" or "report"
    title: str
    since: date
    due_on: date | None
    until: date | None  # when it was done, stopped, or replaced; None: still owed at the end
    told_on: list[date] = field(default_factory=list)  # by mail that arrived


@dataclass
class Record:
    """A year that was lived."""

    year: int
    seed: int
    chasing: bool
    starts_on: date
    ends_on: date
    sent: list[Sent] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    answers: list[Duty] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    # Who was asked, as what, in the week that began on which Monday: and the things.
    tasks: dict[tuple[date, str, str], set[str]] = field(default_factory=dict)
    lies: list[str] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # the role of everybody who was there, in words
    unattended: list[str] = field(default_factory=list)  # what went wrong while nobody looked after the hub
    away: tuple[date, date] | None = None

    @property
    def of_the_year(self) -> list[Sent]:
        """The mails of the year itself, without those of the run-in."""
        return [each for each in self.sent if each.day >= date(self.year, 1, 1)]

    def ask(self, day: date, role: str, who: str, things: Iterable[str]) -> None:
        """Write down that somebody was asked for things in the week of a day."""
        self.tasks.setdefault((monday_of(day), role, who), set()).update(things)

    def tasks_of(self, role: str) -> dict[tuple[date, str], int]:
        """How many tasks somebody had as this in which week of the year."""
        return {
            (week, who): len(things)
            for (week, as_what, who), things in self.tasks.items()
            if as_what == role and week >= monday_of(date(self.year, 1, 1))
        }

    @property
    def weeks(self) -> list[date]:
        """The Mondays of the year."""
        week, found = monday_of(date(self.year, 1, 1)), []
        while week <= self.ends_on:
            found.append(week)
            week += timedelta(days=7)
        return found


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())
