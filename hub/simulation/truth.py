"""An oracle: what may be said on a day, to whom and in which words, worked out in plain Python from the world.

It restates the hub's rules a second time, on purpose, and asks the database
nothing. A mail that says anything else was not true. What it takes from the
hub are the timings of the steps, which are data.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from hub.simulation.county import DAY, Person
from hub.simulation.world import THANKS_LAST, Duty, World
from notices.models import Step, mask

# The nearest to the duty first: as what somebody is told who could be told as several.
ROLES = ("owner", "team", "deputy", "lead", "fis", "sponsor")
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True)
class Broken:
    """Something that keeps messages from somebody, as the hub is to have noticed it on a day."""

    kind: str  # "nobody", "ownerless" or "address"
    found_on: date
    reason: str = ""
    duty: Duty | None = None
    address: str = ""


@dataclass(frozen=True)
class Expected:
    """What is to be said of one thing for one reason on a day."""

    step: str
    repeat: int
    about_on: date
    told: dict[str, str]  # addresses, and as what each is told


@dataclass(frozen=True)
class People:
    """Whom a thing concerns, by address; empty where there is nobody whom mail reaches."""

    owner: str
    team: str
    deputy: str
    leads: list[str]
    volunteers: bool
    owner_left: bool

    @property
    def is_unreceived(self) -> bool:
        """Whether nobody of the service would get anything about it."""
        nobody = not self.owner and not self.team
        return nobody and (self.volunteers or not (self.deputy or self.leads))


class Truth:
    """The oracle. It is to be asked at the moment at which something is said."""

    def __init__(self, world: World, steps: list[Step]):
        self.world = world
        self.steps: dict[str, list[Step]] = {}
        for step in steps:
            self.steps.setdefault(step.reason, []).append(step)
        self.broken: dict[tuple, Broken] = {}

    # --- what is owed

    def anchors(self, reason: str, duty: Duty, day: date) -> dict[str, date | None] | None:
        """The dates that the reminders of a reason count from; None when there is nothing to say of it."""
        owed = duty.is_owed(day)
        if reason == "answer-owed" and duty.kind == "answer" and owed:
            unheard = duty.owed_from - DAY if duty.owed_from and duty.due_on and not duty.heard else None
            return {
                "answer_owed_from": duty.owed_from, "unheard_since": unheard, "response_due_on": duty.due_on
            }  # fmt: skip
        if reason == "note-owed" and duty.kind == "answer" and owed and duty.notes:
            return {"note_date": duty.notes[-1].new_date}
        if reason == "promise-owed" and duty.kind == "promise" and owed:
            return {"promised_on": duty.due_on}
        if reason == "report-owed" and duty.kind == "report" and owed:
            return {"next_report_on": duty.due_on}
        if reason == "answer-published" and duty.kind == "answer" and duty.done_on is not None:
            return {"responded_on": duty.done_on} if duty.done_on > day - THANKS_LAST else None
        return None

    def latest(self, reason: str, anchors: dict[str, date | None], day: date) -> tuple[Step, int, date] | None:
        """The latest step that has begun, how often it has come again, and the date it is about."""
        begun = []
        for place, step in enumerate(self.steps.get(reason, [])):
            anchor = anchors.get(step.anchor)
            if anchor is not None and anchor + timedelta(days=step.offset_days) <= day:
                begun.append((anchor + timedelta(days=step.offset_days), place, step, anchor))
        if not begun:
            return None
        begins, _place, step, anchor = max(begun, key=lambda each: each[:2])
        return step, (day - begins).days // step.repeat_every_days if step.repeat_every_days else 0, anchor

    # --- whom it concerns

    def people(self, reason: str, duty: Duty) -> People:
        """Whom a duty concerns."""
        is_promise = duty.kind == "promise"
        return People(
            owner=self._alive(duty.owner),
            team=self._reached(duty.body.mailbox),
            deputy="" if is_promise else self._alive(duty.deputy),
            leads=self._addresses(self.world.leads_of(duty.body)),
            volunteers=duty.body.volunteers,
            owner_left=duty.owner is not None and duty.owner.has_left,
        )

    def of_the_hub(self, *, deputy: Person | None = None, team: str = "") -> People:
        """Whom the hub itself concerns."""
        return People("", self._reached(team), self._alive(deputy), self.sponsors, False, False)

    @property
    def keepers(self) -> list[str]:
        """The addresses of those who look after the hub."""
        return self._addresses(self.world.keepers())

    @property
    def sponsors(self) -> list[str]:
        """The addresses of its sponsors."""
        return self._addresses(self.world.sponsors())

    def told(self, step: Step, people: People) -> dict[str, str]:
        """Who is told a step, and as what."""
        there = {
            "owner": [people.owner] if people.owner else [],
            "team": [people.team] if people.team else [],
            "deputy": [people.deputy] if people.deputy and not people.volunteers else [],
            "lead": people.leads if not people.volunteers else [],
            "fis": self.keepers if not people.volunteers else [],
            "sponsor": self.sponsors if not people.volunteers else [],
        }
        roles = {role: there[role] for role in step.recipients}
        if "lead" in roles and roles["lead"] == [people.owner]:
            roles["lead"] = []  # told as the owner already
        missing = "owner" in step.recipients or not any(there[role] for role in step.recipients)
        if not people.owner and missing:
            stands_in = next((role for role in step.chain if there[role]), "")
            roles[stands_in] = there.get(stands_in, [])
        named: dict[str, str] = {}
        for role in sorted(filter(None, roles), key=ROLES.index):
            for address in roles[role]:
                named.setdefault(address, role)
        return named

    def expected(self, reason: str, about: Duty | Broken | None, day: date) -> Expected | None:
        """What is to be said for a reason about a thing on a day; None when nothing is."""
        if isinstance(about, Duty):
            anchors, people = self.anchors(reason, about, day), self.people(reason, about)
        elif isinstance(about, Broken):
            anchors, people = {"found_on": about.found_on}, self.of_the_hub(team=settings.HUB_FIS_EMAIL)
        else:
            first = next(iter(self.world.keepers()), None)
            council = next(each for each in self.world.bodies.values() if each.keeper)
            anchors = {"looked_after_on": self.world.looked_after_on}
            people = self.of_the_hub(deputy=first, team=council.mailbox)
        found = self.latest(reason, anchors, day) if anchors else None
        if found is None:
            return None
        step, repeat, about_on = found
        return Expected(step.key, repeat, about_on, self.told(step, people))

    # --- what the hub is to notice

    def notice(self, day: date) -> bool:
        """Write down what a pass is to find broken, or mended. Whether anything changed."""
        found: dict[tuple, Broken] = {}
        for duty in self.world.duties:
            for reason in ("answer-owed", "note-owed", "promise-owed", "report-owed", "answer-published"):
                anchors = self.anchors(reason, duty, day)
                if anchors is None or self.latest(reason, anchors, day) is None:
                    continue
                people = self.people(reason, duty)
                for kind, is_so in (("nobody", people.is_unreceived), ("ownerless", people.owner_left)):
                    if is_so:
                        found[kind, reason, *duty.thing] = Broken(kind, day, reason, duty)
        new = {key: broken for key, broken in found.items() if key not in self.broken}
        ended = [key for key in self.broken if key[0] != "address" and key not in found]
        for key in ended:
            del self.broken[key]
        self.broken |= new
        return bool(new or ended)

    def address_is_dead(self, address: str, day: date) -> None:
        """A mail came back: nobody writes there any more."""
        self.world.dead.add(address)
        self.broken.setdefault(("address", address), Broken("address", day, address=address))

    def address_works(self, address: str) -> None:
        """Somebody put it right."""
        self.broken.pop(("address", address), None)

    # --- what may be said

    def words(self, reason: str, about: Duty | Broken | None, day: date) -> str:
        """What a mail says of a thing on a day."""
        if isinstance(about, Broken):
            return {
                "nobody": "Nobody gets its reminders",
                "ownerless": "Its owner has left",
                "address": "This address does not take our mail",
            }[about.kind]
        if about is None:
            since = weekday_words(self.world.looked_after_on, day)
            return f"Nobody from the {settings.HUB_FIS_NAME} has signed in since {since}"
        if reason == "answer-published":
            return _thanks(about)
        if reason == "note-owed":
            return _note_words(about.notes[-1].new_date, day)
        due = about.due_on
        if reason == "answer-owed" and due is None:
            return "Closed. No answer yet"
        assert due is not None
        noun = {"answer-owed": "Answer", "report-owed": "Report", "promise-owed": "Promise"}[reason]
        late, left = (day - due).days, (due - day).days
        if reason == "promise-owed":
            if late > 0:
                return f"Promise is {_days(late)} past its date ({weekday_words(due, day)})"
            if late == 0:
                return "Promised for today"
            when = weekday_words(due, day)
            return f"Promised for tomorrow, {when}" if left == 1 else f"Promised in {left} days, by {when}"
        if late > 0:
            return f"{noun} is {_days(late)} late (was due {day_words(due, day)})"
        if late == 0:
            return f"{noun} due today"
        when = weekday_words(due, day)
        return f"{noun} due tomorrow, {when}" if left == 1 else f"{noun} due in {left} days, on {when}"

    def title(self, about: Duty | Broken | None) -> str:
        """What a mail calls a thing."""
        if about is None:
            return settings.HUB_NAME
        if isinstance(about, Broken):
            return about.duty.title if about.duty else mask(about.address)
        return about.title

    def families(self, reason: str, duty: Duty, day: date) -> str:
        """How many families wait, in words; nothing for fewer than 5, for a thank you, or before a report is late."""
        waits = reason != "answer-published" and (reason != "report-owed" or duty.is_late(day))
        count = duty.took_part
        return f"{count:,} families are waiting." if waits and count and count >= 5 else ""

    # --- addresses

    def _reached(self, address: str) -> str:
        return "" if address in self.world.dead else address

    def _alive(self, person: Person | None) -> str:
        return "" if person is None or person.has_left else self._reached(person.address)

    def _addresses(self, people: list[Person]) -> list[str]:
        return sorted(filter(None, (self._alive(each) for each in people)))


# --- Words


def day_words(day: date, today: date) -> str:
    """ "8 April", with the year when it is not this year."""
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"


def weekday_words(day: date, today: date) -> str:
    """ "Friday 8 April", with the year when it is not this year."""
    return f"{WEEKDAYS[day.weekday()]} {day_words(day, today)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _note_words(by: date, day: date) -> str:
    left, when = (by - day).days, weekday_words(by, day)
    if left == 0:
        return "You told families: by today"
    if left > 0:
        return (
            f"You told families: by tomorrow, {when}" if left == 1 else f"You told families: by {when}, in {left} days"
        )
    return f"You told families: by {when}. That was " + ("yesterday" if left == -1 else f"{-left} days ago")


def _thanks(duty: Duty) -> str:
    words = "Families have their answer. Thank you."
    if duty.took_part and duty.took_part >= 5:
        words = f"The {duty.took_part:,} families who gave their views have their answer. Thank you."
    return words + (" You told 40 families." if duty.told_families else "")
