"""The county in which the simulated year happens, drawn from county.yaml by a seed. Plain Python, no database.

The same seed draws the same county, whether anybody is chased in it or not. A
seed decides dates, who deals with things in which manner, and to whom what
happens; how many of each is written in county.yaml and is never fitted to a
result.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import yaml

from core.dates import is_working_day, next_working_day

WRITTEN = Path(__file__).with_name("county.yaml")
# The hub went live this long before the year, so that the year begins as a year does: with things owed.
RUN_IN = timedelta(days=92)
DAY = timedelta(days=1)


def working_days_after(day: date, count: int) -> date:
    """The day that many working days later."""
    for _turn in range(count):
        day = next_working_day(day + DAY)
    return day


@dataclass(frozen=True)
class Manner:
    """How somebody deals with what they owe.

    `alone` is when they do it by themselves, in days from its date, and
    `share` for how much of it they ever do so. `heeds` is the reminder that
    makes them begin: "any" before, on or after the date; "late", only after
    it; "lead", only once somebody above them was told that it is late; "" none.
    From then on it takes them `within` working days. `note_first`: they tell
    families first why it is late, and by when it comes.
    """

    alone: tuple[int, int]
    share: float
    heeds: str
    within: tuple[int, int] = (5, 20)
    note_first: bool = False


MANNERS = {
    "punctual": Manner(alone=(-40, -2), share=1.0, heeds="any", within=(2, 10)),
    "forgetful": Manner(alone=(20, 120), share=0.4, heeds="any", within=(5, 25)),
    "late": Manner(alone=(30, 150), share=0.7, heeds="late", within=(10, 30), note_first=True),
    "pushed": Manner(alone=(90, 200), share=0.2, heeds="lead", within=(5, 25)),
    "never": Manner(alone=(0, 0), share=0.0, heeds=""),
    # A deputy does nothing by themselves, and something when told that it is late.
    "steps_in": Manner(alone=(0, 0), share=0.0, heeds="late", within=(5, 15)),
    # Volunteers have less time and more will.
    "volunteer": Manner(alone=(-10, 60), share=0.5, heeds="any", within=(10, 40)),
}


@dataclass
class Person:
    """Somebody who works in the county, or once did."""

    key: str
    body: "Body"
    role: str
    manner: str
    address: str
    leaves_on: date | None = None
    says_so: bool = True  # leaves with handing over; else the account is closed that day and nobody was told
    bounces_from: date | None = None
    recovers: bool = False  # what comes back is only for a while: the mailbox is full
    on_leave: tuple[date, date] | None = None
    # What becomes of them in the year
    has_left: bool = False  # the role has ended, or the account is closed
    membership_id: int = 0
    user_id: int = 0

    def is_at_work(self, day: date) -> bool:
        """Whether they deal with things on a day."""
        away = self.on_leave is not None and self.on_leave[0] <= day <= self.on_leave[1]
        return not self.has_left and not away and is_working_day(day)

    def reads_on(self, day: date) -> date:
        """When they read what came on a day."""
        if self.on_leave is not None and self.on_leave[0] <= day <= self.on_leave[1]:
            return next_working_day(self.on_leave[1] + DAY)
        return day


@dataclass
class Body:
    """An organisation."""

    key: str
    name: str
    kind: str
    parent: "Body | None" = None
    keeper: bool = False
    joined: str = ""  # who promised that it answers families, from the first day on
    joins: tuple[date, str] | None = None  # when it does so in the year, and who says so
    mailbox: str = ""
    lead: str = ""
    deputy: str = ""
    owners: list[str] = field(default_factory=list)
    keepers: list[str] = field(default_factory=list)
    organisation_id: int = 0
    promised_on: date | None = None

    @property
    def chain(self) -> "Iterator[Body]":
        """Itself and the bodies above it, the nearest first."""
        yield self
        if self.parent:
            yield from self.parent.chain

    @property
    def volunteers(self) -> bool:
        """Whether it is invited to answer and never escalated."""
        return self.kind in ("charity", "parent_forum", "user_led")


@dataclass
class Ask:
    """Something that a body asks families, tells them, or keeps open for them."""

    key: str
    title: str
    body: Body
    owner: str
    kind: str  # "asks", "tells", "panels", or "past"
    opens_on: date
    closes_on: date | None
    took_part: int | None = None
    next_report_on: date | None = None
    moves: tuple[date, date] | None = None  # on which day its closing date is moved, and to which
    stops_on: date | None = None
    is_taken_back: bool = False
    taken_on_on: date | None = None
    of_the_year: bool = True

    @property
    def listed_on(self) -> date:
        """The day on which it is to be published."""
        return next_working_day(self.opens_on - 7 * DAY)


@dataclass
class County:
    """Everybody and everything in it, as it is before the first day."""

    year: int
    seed: int
    bodies: dict[str, Body]
    people: dict[str, Person]
    asks: list[Ask]

    @property
    def starts_on(self) -> date:
        """The day the hub goes live there: the first working day of the run-in."""
        return next_working_day(date(self.year, 1, 1) - RUN_IN)

    @property
    def ends_on(self) -> date:
        """The last day."""
        return date(self.year, 12, 31)


def draw(year: int, seed: int, *, most: int | None = None) -> County:
    """Draw a county. With `most`, a smaller one: so many things of each kind a body, for tests."""
    return _Draw(year, seed, most).county()


class _Draw:
    def __init__(self, year: int, seed: int, most: int | None):
        self.year, self.seed, self.most = year, seed, most
        self.written = yaml.safe_load(WRITTEN.read_text(encoding="utf-8"))
        self.chance = random.Random(f"{year}/{seed}")
        self.first = date(year, 1, 1)
        self.bodies: dict[str, Body] = {}
        self.people: dict[str, Person] = {}
        self.asks: list[Ask] = []

    def county(self) -> County:
        for facts in self.written["bodies"]:
            self.add_body(facts)
        self.give_manners()
        self.give_fates()
        for facts in self.written["bodies"]:
            self.add_asks(facts)
        self.let_things_happen()
        return County(self.year, self.seed, self.bodies, self.people, self.asks)

    # --- who is there

    def add_body(self, facts: dict) -> None:
        key = facts["key"]
        joins = facts.get("joins")
        self.bodies[key] = body = Body(
            key=key,
            name=facts["name"],
            kind=facts["kind"],
            parent=self.bodies.get(facts.get("parent", "")),
            keeper=facts.get("keeper", False),
            joined=facts.get("joined", ""),
            joins=(next_working_day(date(self.year, *joins[:2])), joins[2]) if joins else None,
            mailbox=f"{key}-team@larkmoor.example.org" if facts.get("mailbox") else "",
            lead=facts.get("lead", ""),
            deputy=facts.get("deputy", ""),
            owners=facts.get("owners", []),
            keepers=facts.get("keepers", []),
        )
        for person in dict.fromkeys([*body.owners, body.lead, body.deputy, *body.keepers]):
            if person:
                self.people[person] = Person(
                    person, body, _role(body, person), "forgetful", f"{person}@larkmoor.example.org"
                )
        for person in {body.deputy} - {""}:
            self.people[person].manner = "steps_in"

    def drawn(self) -> list[Person]:
        """Those who answer for things, and whose manner and fate are drawn."""
        owners = [self.people[key] for body in self.bodies.values() for key in body.owners]
        return [each for each in owners if not each.body.volunteers and not each.body.keepers and _promises(each.body)]

    def give_manners(self) -> None:
        manners = [name for name, count in self.written["manners"].items() for _turn in range(count)]
        self.chance.shuffle(manners)
        for person, manner in zip(self.drawn(), manners, strict=True):
            person.manner = manner
        for body in self.bodies.values():
            for key in body.owners:
                if body.volunteers:
                    self.people[key].manner = "volunteer"
                elif body.keepers:
                    self.people[key].manner = "punctual"

    def give_fates(self) -> None:
        fated = self.chance.sample(self.drawn(), len(self.written["fates"]))
        for person, fate in zip(fated, self.written["fates"], strict=True):
            # From the end of January to the end of October, so that what follows from it is seen.
            on = next_working_day(self.first + self.chance.randint(30, 300) * DAY)
            if fate == "hands_over":
                person.leaves_on = on
            elif fate == "vanishes":
                person.leaves_on, person.says_so = on, False
            elif fate == "bounces":
                person.bounces_from = on
            elif fate == "bounces_and_recovers":
                person.bounces_from, person.recovers = on, True
            else:
                person.on_leave = (on, on + 20 * DAY)

    # --- what they ask

    def add_asks(self, facts: dict) -> None:
        body = self.bodies[facts["key"]]
        fortnight = self.first + self.chance.randint(60, 240) * DAY
        for kind in ("asks", "tells", "panels"):
            for number, title in enumerate(facts.get(kind, [])[: self.most]):
                together = kind == "asks" and number < facts.get("together", 0)
                closes = fortnight + self.chance.randint(0, 13) * DAY if together else self.closing_day()
                self.add_ask(body, title, kind, closes, number)
        for number, title in enumerate(facts.get("last_autumn", [])[: self.most]):
            closes = self.first - self.chance.randint(1, 75) * DAY
            self.add_ask(body, f"{title}, last autumn", "asks", closes, number).of_the_year = False
        if "past" in facts:
            past = self.add_ask(body, facts["past"], "past", self.first - 900 * DAY, 0)
            past.taken_on_on = next_working_day(self.first + self.chance.randint(20, 120) * DAY)

    def add_ask(self, body: Body, title: str, kind: str, closes: date, number: int) -> Ask:
        opens = closes - self.chance.choice(self.written["open_for"]) * DAY
        report = None
        if kind == "panels":
            # It has been open for long, and named a day for its next report itself.
            opens, closes_on = self.first - 80 * DAY, None
            report = next_working_day(self.first + self.chance.randint(-10, 90) * DAY)
        else:
            closes_on = closes
        ask = Ask(
            key=f"ask-{len(self.asks) + 1}",
            title=title,
            body=body,
            owner=body.owners[number % len(body.owners)],
            kind=kind,
            opens_on=opens,
            closes_on=closes_on,
            took_part=self.chance.choice([None, 0, self.chance.randint(5, 40), self.chance.randint(41, 900)]),
            next_report_on=report,
        )
        self.asks.append(ask)
        return ask

    def closing_day(self) -> date:
        """A day of the year on which things close, by the months and weekdays on which they do."""
        month = self.chance.choices(range(1, 13), self.written["closing_months"])[0]
        days = [date(self.year, month, day) for day in range(1, 29)]
        weights = [self.written["closing_weekdays"][day.weekday()] for day in days]
        return self.chance.choices(days, weights)[0]

    def let_things_happen(self) -> None:
        counts = self.written["happens"]
        asks = [each for each in self.asks if each.kind == "asks" and each.of_the_year]
        count = sum(counts.values()) if self.most is None else min(sum(counts.values()), len(asks) // 3)
        fated = iter(self.chance.sample(asks, count))
        names = [name for name, count in sorted(counts.items()) for _turn in range(count)]
        for ask, name in zip(fated, names, strict=False):
            assert ask.closes_on
            before = next_working_day(ask.closes_on - self.chance.randint(5, 12) * DAY)
            if name == "moves":
                ask.moves = (before, ask.closes_on + self.chance.choice([7, 14, 21]) * DAY)
            elif name == "stops":
                ask.stops_on = before
            else:
                ask.is_taken_back = True


def _role(body: Body, person: str) -> str:
    if body.keepers:
        return "fis_manager" if person == body.keepers[0] else "fis_editor"
    return "lead" if person == body.lead else "contributor"


def _promises(body: Body) -> bool:
    return any(each.joined for each in body.chain)
