"""What is so in the county on the day that is being lived, in plain Python.

Whoever acts says here what they did (hub/simulation/acts.py), with dates worked
out here and not read back from the hub. So that what a mail says can be
checked against something that is not the hub (hub/simulation/truth.py).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from core.dates import next_working_day
from hub.simulation.county import DAY, MANNERS, Ask, Body, County, Person, working_days_after

ANSWER_WITHIN = timedelta(days=84)
REPORT_WITHIN = timedelta(days=183)
# For two weeks somebody may be thanked.
THANKS_LAST = timedelta(days=14)


@dataclass
class Note:
    """What families were told about why it is late."""

    on: date
    new_date: date


@dataclass
class Duty:
    """One thing that families are owed: an answer, a promise kept, the next report."""

    kind: str  # "answer", "promise" or "report"
    key: str
    title: str
    body: Body
    owner: Person | None
    ask: Ask
    deputy: Person | None = None
    about_id: int = 0  # the id of the consultation or of the entry in the log
    owed_from: date | None = None  # None: not yet, or never
    due_on: date | None = None
    first_due_on: date | None = None
    done_on: date | None = None
    taken_back_on: date | None = None
    stopped_on: date | None = None
    notes: list[Note] = field(default_factory=list)
    heard: bool = False  # families were told what was heard so far
    told_families: bool = False
    elsewhere: bool = False
    changed: bool = False  # the promise was changed once
    # By whom it will be done, and on which day; and by when families are told why it is late.
    plans: dict[str, date] = field(default_factory=dict)
    note_plan: date | None = None
    tell_plan: date | None = None

    @property
    def thing(self) -> tuple[str, int]:
        """What the hub knows it by: a consultation for an answer and for reports, an entry in the log for a promise."""
        return ("entry" if self.kind == "promise" else "consultation", self.about_id)

    @property
    def took_part(self) -> int | None:
        """How many families wait for it."""
        return self.ask.took_part

    def is_owed(self, day: date) -> bool:
        """Whether families wait for it on a day. A report is on its way as soon as it has a date."""
        begun = self.owed_from is not None and self.owed_from <= day
        return begun and self.done_on is None and (self.stopped_on is None or self.stopped_on > day)

    def is_late(self, day: date) -> bool:
        """Whether its day has gone by."""
        return self.is_owed(day) and self.due_on is not None and self.due_on < day


class World:
    """The county as it is now."""

    def __init__(self, county: County):
        self.county = county
        self.people = county.people
        self.bodies = county.bodies
        self.duties: list[Duty] = []
        self.dead: set[str] = set()  # addresses that the hub knows to take no mail
        self.looked_after_on: date = county.starts_on

    # --- who is there

    def leads_of(self, body: Body) -> list[Person]:
        """Those who lead a body or, where it has none, the nearest above it."""
        for each in body.chain:
            leads = [p for p in self.people.values() if p.body is each and p.role == "lead" and not p.has_left]
            if leads:
                return leads
        return []

    def keepers(self) -> list[Person]:
        """Who looks after the hub."""
        return [each for each in self.people.values() if each.role.startswith("fis_") and not each.has_left]

    def sponsors(self) -> list[Person]:
        """Who leads the council that keeps it."""
        council = next(each for each in self.bodies.values() if each.keeper)
        return [each for each in self.people.values() if each.body is council and each.role == "lead"]

    def person_at(self, address: str) -> Person | None:
        """Whose address it is; None for a team's."""
        return next((each for each in self.people.values() if each.address == address), None)

    def successor_of(self, body: Body, leaver: Person | None) -> Person | None:
        """Who can take over from somebody: the deputy, else a lead; None where a body has nobody left."""
        could = [self.people[body.deputy]] if body.deputy else []
        could += [lead for each in body.chain for lead in self.leads_of(each)]
        return next((each for each in could if not each.has_left and each is not leaver), None)

    # --- dates, as the promise has them

    @staticmethod
    def answer_due(body: Body, closes_on: date) -> date | None:
        """84 days after closing, moved to a working day; None where nobody has promised, or had by then."""
        promised = any(each.promised_on and each.promised_on <= closes_on for each in body.chain)
        return next_working_day(closes_on + ANSWER_WITHIN) if promised else None

    def owed_by(self, person: Person) -> list[Duty]:
        """What somebody owns and has not done."""
        return [each for each in self.duties if each.owner is person and each.done_on is None]

    # --- what people are going to do

    def chance(self, *of: str) -> Random:
        """The same luck for the same thing, in whichever order things happen, and whether anybody is chased or not."""
        return Random("/".join([str(self.county.year), str(self.county.seed), *of]))

    def plan_alone(self, duty: Duty, person: Person, day: date) -> None:
        """When somebody does it without being reminded, if ever. Whoever was to do it before is not, any more."""
        if duty.owed_from is None:
            return
        manner, chance = MANNERS[person.manner], self.chance(duty.key, person.key, "alone")
        ever, after = chance.random() < manner.share, chance.randint(*manner.alone)
        duty.plans.clear()
        if ever:
            by = duty.due_on or duty.owed_from + ANSWER_WITHIN
            # Nobody answers before they have read what families said.
            earliest = max(duty.owed_from + 5 * DAY, day + DAY)
            duty.plans[person.key] = next_working_day(max(by + after * DAY, earliest))

    def plan_reminded(self, duty: Duty, person: Person, day: date) -> None:
        """When somebody does it who begins on a day because they were told."""
        within = self.chance(duty.key, person.key, "reminded").randint(*MANNERS[person.manner].within)
        by = working_days_after(person.reads_on(day), within)
        duty.plans[person.key] = min(by, duty.plans.get(person.key, by))

    def due_to_be_done(self, duty: Duty, day: date) -> Person | None:
        """Who does it on this day; None while nobody does."""
        planned = sorted((by, key) for key, by in duty.plans.items() if by <= day)
        return next((self.people[key] for _by, key in planned if self.people[key].is_at_work(day)), None)
