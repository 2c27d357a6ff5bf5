"""Living a year: each day passes as in real life, people read their mail and do what they do, and all is written down.

Every statement is the hub's own: the actions, `ledger.owe`, `post.send`,
`bounces.record`. The day and the moment are given to them, so nothing waits
for a clock.
"""

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.stages import Upkeep, last_looked_after
from core.dates import is_working_day, next_working_day
from core.queues import owed_by
from hub.simulation.acts import Acts
from hub.simulation.county import DAY, MANNERS, Body, County, Person, working_days_after
from hub.simulation.founding import found
from hub.simulation.letters import problems_of
from hub.simulation.record import FIS, SERVICE, Owed, Record, Said, Sent, monday_of
from hub.simulation.truth import Broken, Truth
from hub.simulation.world import Duty, World
from notices import bounces, ledger, post
from notices.models import Fault, Notice, Step

# People deal with things in the middle of the morning.
AT_WORK = time(10, 30)
# On which weekdays the two who look after the hub are there, and what each gets done in a day.
FIS_DAYS = {"fis-manager": (1, 2, 3, 4), "fis-editor": (0, 1, 2, 3)}
FIS_CAPACITY = 8
SPONSOR_WAITS = 5
AWAY_FROM, AWAY_FOR = (7, 1), timedelta(weeks=10)


def at(day: date, hour: time) -> datetime:
    """A moment in the UK."""
    return timezone.make_aware(datetime.combine(day, hour))


class Year:
    """One year in one county, chased or not."""

    def __init__(self, county: County, *, chasing: bool, fis_away: bool = False, hourly: Container[date] = ()):
        self.county = county
        self.chasing = chasing
        self.hourly = hourly  # the days on which every pass is made, also those that can change nothing
        self.world = World(county)
        self.acts = Acts(self.world)
        self.record = Record(county.year, county.seed, chasing, county.starts_on, county.ends_on, asks=county.asks)
        if fis_away:
            begins = next_working_day(date(county.year, *AWAY_FROM))
            self.record.away = (begins, begins + AWAY_FOR - DAY)
        self.to_list = sorted(county.asks, key=lambda ask: (ask.listed_on, ask.key))
        self.came_back: list[tuple[UUID, Person]] = []
        self.fault_plans: dict[tuple, date] = {}
        self.told_of: dict[str, list[date]] = {}
        self.listed: set[tuple] = set()
        self.something_happened = False

    # --- the days

    def live(self, until: date | None = None) -> Record:
        """Live the year, or its beginning up to a day, and give what happened."""
        mail.outbox = []
        found(self.world)
        self.truth = Truth(self.world, list(Step.objects.order_by("pk")))
        for person in self.world.keepers():
            self.acts.sign_in(person, at(self.county.starts_on, time(7)))
        last = min(self.county.ends_on, until) if until else self.county.ends_on
        self.record.ends_on = last
        day = self.county.starts_on
        while day <= last:
            self.live_through(day)
            day += DAY
        self._write_down_what_was_owed()
        return self.record

    def live_through(self, day: date) -> None:
        """One day: what goes out in the morning, what people do, and what goes out after that.

        The scheduler makes a pass each hour. Here only those are made that can
        change anything; a test compares them with all.
        """
        self.something_happened = False
        self.acts.check_listings(self.keeper, day)
        if day in self.hourly:
            for hour in range(24):
                if hour == AT_WORK.hour + 1:
                    self.work(day)
                self.chase(at(day, time(hour, 5)))
        elif is_working_day(day):
            self.chase_until_quiet(day, 8)
            self.work(day)
            if self.something_happened:
                self.chase_until_quiet(day, AT_WORK.hour + 1)
        elif self.chasing and self.truth.notice(day):
            ledger.owe(day, at(day, time(8, 5)))  # nothing goes out on a day off, but what is broken counts from it
        if is_working_day(day):
            self.look_at_the_desks(day)
            self.check_upkeep(day)

    def chase_until_quiet(self, day: date, hour: int) -> None:
        """The passes from an hour on: the first, and the next as long as faults come to light or end."""
        while self.chasing and self.chase(at(day, time(hour, 5))):
            hour += 1

    def chase(self, now: datetime) -> bool:
        """What the scheduler does; people have their mail at once. Whether it found or ended a fault."""
        if not self.chasing:
            return False
        day = timezone.localdate(now)
        ledger.owe(day, now)
        changed = self.truth.notice(day)
        post.send(day, now)
        self.receive(day)
        return changed

    def work(self, day: date) -> None:
        """What people do on a day. Nobody works at weekends and on bank holidays."""
        if not is_working_day(day):
            return
        self._hear_what_came_back(day)
        self._come_and_go(day)
        self._ask_families(day)
        for duty in [each for each in self.world.duties if each.about_id]:
            self._deal_with(duty, day)
        self._look_after_the_hub(day)

    # --- mail

    def receive(self, day: date) -> None:
        """Read every mail that went out, check it, and let its reader have it."""
        messages, mail.outbox = mail.outbox, []
        by_id: dict[UUID, EmailMessage] = {}
        for each in messages:
            pk = bounces.mail_in(each.extra_headers["Message-ID"])
            assert pk, "Everything goes through the ledger."
            by_id[pk] = each
        rows: dict[UUID | None, list[Notice]] = {}
        for notice in Notice.objects.filter(mail__in=by_id, sent_at__isnull=False).order_by("pk"):
            rows.setdefault(notice.mail_id, []).append(notice)
        faults = {each.pk: each for each in Fault.objects.open()} if rows else {}
        for pk, message in by_id.items():
            self._one_mail(pk, message, rows[pk], faults, day)

    def _one_mail(
        self, pk: UUID, message: EmailMessage, notices: list[Notice], faults: dict[int, Fault], day: date
    ) -> None:
        address, subject, text = message.to[0], str(message.subject), str(message.body)
        person = self.world.person_at(address)
        abouts = [(notice, self._about(notice, faults)) for notice in notices]
        self.record.lies += [
            f"{day}, to {address}: {problem}"
            for problem in problems_of(subject, text, address, abouts, self.truth, day)
        ]
        bounced = person is not None and person.bounces_from is not None and person.bounces_from <= day
        said = tuple(
            Said(each.reason, each.step, each.repeat, _key(about), each.about_on, each.role) for each, about in abouts
        )
        who = person.key if person else address
        self.record.sent.append(Sent(day, who, notices[0].urgent, not bounced, subject, text, said))
        if bounced and person:
            self.came_back.append((pk, person))
            return
        for notice, about in abouts:
            self._read(person, notice, about, day)

    def _about(self, notice: Notice, faults: dict[int, Fault]) -> Duty | Broken | None:
        """What a row of the ledger is about, in the world."""
        if notice.reason == "hub-unattended":
            return None
        if notice.reason == "fault-found":
            fault = faults[notice.about_id]
            return self.truth.broken[self._fault_key(fault)]
        return self._duty(notice.reason, notice.about_id)

    def _fault_key(self, fault: Fault) -> tuple:
        if fault.address:
            return ("address", fault.address)
        return (fault.kind, fault.reason, "entry" if fault.reason == "promise-owed" else "consultation", fault.about_id)

    def _duty(self, reason: str, about_id: int) -> Duty:
        """The duty that a reason is about: of reports the one that is owed now."""
        thing = ("entry" if reason == "promise-owed" else "consultation", about_id)
        return next(each for each in reversed(self.world.duties) if each.thing == thing)

    def _hear_what_came_back(self, day: date) -> None:
        for pk, person in self.came_back:
            earlier = sum(not each.arrived and each.who == person.key for each in self.record.sent)
            fate = bounces.Fate.LOST if person.recovers else bounces.Fate.DEAD
            bounce = bounces.Bounce(pk, fate, "4.2.2" if person.recovers else "5.1.1", (person.address,))
            bounces.record(bounce, source="simulation", now=at(day, time(10)))
            if fate == bounces.Fate.DEAD:
                self.truth.address_is_dead(person.address, day)
            elif earlier >= bounces.IN_A_ROW - 1:
                person.bounces_from = None  # somebody emptied the mailbox in time
            self.something_happened = True
        self.came_back = []

    def _read(self, person: Person | None, notice: Notice, about: Duty | Broken | None, day: date) -> None:
        """What somebody is going to do because they were told."""
        if not isinstance(about, Duty):
            return
        self.told_of.setdefault(about.key, []).append(day)
        if notice.reason == "note-owed":
            self.told_of.setdefault(f"{about.key}/note{len(about.notes)}", []).append(day)
        if notice.reason == "answer-published":
            if notice.role == "owner" and self.world.chance(about.key, "told").random() < 0.6:
                about.tell_plan = working_days_after(day, 3)
            return
        step = next(each for each in self.truth.steps[notice.reason] if each.key == notice.step)
        late = step.offset_days > 0 and step.anchor not in ("answer_owed_from", "unheard_since")
        # A team's mailbox is read by whoever wrote the answer; nobody else is named.
        reader = person or next(iter(self.world.people[key] for key in about.body.owners), None)
        if step.key == "heard_prompt":
            if (
                reader
                and MANNERS[reader.manner].heeds == "any"
                and self.world.chance(about.key, "heard").random() < 0.4
            ):
                about.note_plan = working_days_after(day, 4)
            return
        if step.key == "closed" or reader is None:
            return
        # A lead or the sponsor who hears that it is late asks whoever owns it.
        pushed = about.owner if late and notice.role in ("lead", "sponsor") else None
        if notice.role in ("owner", "team", "deputy") or (notice.role == "lead" and about.owner is None):
            self._begins(about, reader, late, day)
        elif pushed and pushed is not reader and MANNERS[pushed.manner].heeds == "lead":
            self.world.plan_reminded(about, pushed, day)

    def _begins(self, duty: Duty, reader: Person, late: bool, day: date) -> None:
        manner = MANNERS[reader.manner]
        if manner.heeds == "any" or (manner.heeds == "late" and late):
            if manner.note_first and duty.kind == "answer" and len(duty.notes) < 2:
                if reader is duty.owner and (not duty.notes or duty.notes[-1].new_date < day):
                    duty.note_plan = working_days_after(reader.reads_on(day), 3)
            elif reader.key not in duty.plans or not duty.notes:
                self.world.plan_reminded(duty, reader, day)

    # --- work

    def _come_and_go(self, day: date) -> None:
        for person in list(self.world.people.values()):
            if person.leaves_on and person.leaves_on <= day and not person.has_left:
                if person.says_so and (by := self._hand(person.body, day)):
                    to = self.world.successor_of(person.body, person) or self.acts.somebody_new(
                        person.body, self.keeper
                    )
                    self.acts.hand_over(person, to, by, day)
                else:
                    self.acts.vanish(person)
                self.something_happened = True
        for body in self.county.bodies.values():
            joins = body.joins and body.joins[0] <= day and body.promised_on is None
            if joins and (by := self._hand(body, day)):
                self.acts.join(body, by, day)
                self.something_happened = True

    @property
    def keeper(self) -> Person:
        """Who manages the hub."""
        return self.world.people["fis-manager"]

    def _hand(self, body: Body, day: date) -> Person | None:
        """Who does by the hub what a body decided: its manager on days they are there, else who leads the body."""
        if self.is_there(self.keeper, day):
            return self.keeper
        return next(iter(self.world.leads_of(body)), None)

    def _ask_families(self, day: date) -> None:
        for ask in [each for each in self.to_list if each.listed_on <= day]:
            if by := self._hand(ask.body, day):
                self.to_list.remove(ask)
                self.acts.publish(ask, by, day)
                self.something_happened = True
        for duty in self.world.duties:
            by, ask = self._hand(duty.body, day), duty.ask
            if duty.kind != "answer" or by is None:
                continue
            if ask.moves and ask.moves[0] <= day:
                to, ask.moves = ask.moves[1], None
                self.acts.move(duty, by, day, to)
            elif ask.stops_on and ask.stops_on <= day and duty.stopped_on is None:
                self.acts.stop(duty, by, day)
            elif ask.taken_on_on and ask.taken_on_on <= day and duty.owed_from is None:
                self.acts.take_on(duty, by, day)
            else:
                continue
            self.something_happened = True

    def _deal_with(self, duty: Duty, day: date) -> None:
        """Somebody does what they planned for this day."""
        owner = duty.owner
        if duty.tell_plan and duty.tell_plan <= day and owner and owner.is_at_work(day):
            duty.tell_plan = None
            if duty.done_on and not duty.elsewhere:
                self.acts.tell_families(duty, owner)
                self.something_happened = True
        regrets = duty.ask.is_taken_back and duty.kind == "answer" and not duty.taken_back_on
        if regrets and duty.done_on and day >= duty.done_on + 4 * DAY and owner and owner.is_at_work(day):
            self.acts.take_back(duty, owner, day)
            duty.plans = {owner.key: working_days_after(day, 7)}
            self.something_happened = True
        if not duty.is_owed(day):
            return
        if duty.note_plan and duty.note_plan <= day and owner and owner.is_at_work(day):
            duty.note_plan = None
            self.acts.note(duty, owner, day, heard=duty.due_on is None or day <= duty.due_on)
            self.something_happened = True
        elif who := self.world.due_to_be_done(duty, day):
            self.acts.do(duty, who, day)
            self.something_happened = True

    # --- looking after the hub

    def is_there(self, person: Person, day: date) -> bool:
        """Whether somebody who looks after the hub is there on a day."""
        away = self.record.away is not None and self.record.away[0] <= day <= self.record.away[1]
        return not away and person.is_at_work(day) and day.weekday() in FIS_DAYS[person.key]

    def _look_after_the_hub(self, day: date) -> None:
        there = [each for each in self.world.keepers() if self.is_there(each, day)]
        there.sort(key=lambda each: each is not self.keeper)
        for person in there:
            self.acts.sign_in(person, at(day, time(10)))
            self.something_happened |= (day - self.world.looked_after_on).days > 30
            self.world.looked_after_on = day
        left = FIS_CAPACITY * len(there)
        for key, broken in sorted(self.truth.broken.items(), key=lambda each: (each[1].found_on, _key(each[1]))):
            able = self.keeper in there or not self._needs_the_manager(broken)
            if key in self.truth.broken and left and able and self._is_time(key, broken, day):
                self._mend(broken, there[0], day)
                left -= 1
        if not there:
            self._sponsor_mends(day)

    def _is_time(self, key: tuple, broken: Broken, day: date) -> bool:
        """Finding out who it should be, or what somebody's new address is, takes them some days."""
        if key not in self.fault_plans or self.fault_plans[key] < broken.found_on:
            longest = 5 if broken.kind == "address" else 3
            wait = self.world.chance(_key(broken), "mend").randint(1, longest)
            self.fault_plans[key] = working_days_after(broken.found_on, wait)
        return self.fault_plans[key] <= day

    def _needs_the_manager(self, broken: Broken) -> bool:
        """Whether an account is to be made or changed for it, which an editor may not do."""
        return broken.duty is None or self.world.successor_of(broken.duty.body, broken.duty.owner) is None

    def _mend(self, broken: Broken, by: Person, day: date) -> None:
        if broken.kind == "address":
            person = self.world.person_at(broken.address)
            assert person
            self.truth.address_works(broken.address)
            self.acts.change_address(person, self.keeper, at(day, AT_WORK))
        elif broken.duty and (broken.duty.owner is None or broken.duty.owner.has_left):
            self.acts.name_owner(broken.duty, by, day)
        self.something_happened = True

    def _sponsor_mends(self, day: date) -> None:
        """What nobody mends, the sponsor does, once told; of the services of their own council only."""
        sponsor = self.world.sponsors()[0]
        for broken in list(self.truth.broken.values()):
            duty = broken.duty
            waited = working_days_after(broken.found_on, 3 + SPONSOR_WAITS) <= day
            if duty and waited and sponsor.body in duty.body.chain and (duty.owner is None or duty.owner.has_left):
                self.acts.name_owner(duty, sponsor, day)
                self.something_happened = True

    def check_upkeep(self, day: date) -> None:
        """Whether families read that nobody looks after the hub, exactly while that is so."""
        away = (day - self.world.looked_after_on).days
        if Upkeep(last_looked_after(), day).is_unattended != (away >= 60):
            self.record.unattended.append(
                f"{day}: nobody has signed in for {away} days, and families read the contrary"
            )

    # --- what is asked of whom

    def look_at_the_desks(self, day: date) -> None:
        """Count what stands on desks: what is broken each day, and once a week what came onto whose "What you owe"."""
        if not self.chasing:
            return
        self.record.ask(day, FIS, SERVICE, [_key(each) for each in self.truth.broken.values()])
        if monday_of(next_working_day(day + DAY)) == monday_of(day):
            return
        everything = owed_by(self.acts.user(self.keeper), day, everyone=True)
        by_title = {(each.kind, each.title): each for each in self.world.duties}  # of reports the latest
        for row in everything:
            duty = by_title[row.kind, row.title]
            leads = [("lead", each) for each in self.world.leads_of(duty.body)]
            for role, person in [("owner", duty.owner), ("deputy", duty.deputy), *leads]:
                if person is None or person.has_left or (person.key, duty.key, row.due_on) in self.listed:
                    continue
                self.listed.add((person.key, duty.key, row.due_on))
                is_fis = person.role.startswith("fis_")
                self.record.ask(day, FIS if is_fis else role, SERVICE if is_fis else person.key, [duty.key])

    def _count_mail(self, sent: Sent) -> None:
        person = self.world.people.get(sent.who)
        for each in sent.said:
            is_fis = each.role == FIS or (person is not None and person.role.startswith("fis_"))
            self.record.ask(sent.day, FIS if is_fis else each.role, SERVICE if is_fis else sent.who, [each.thing])

    # --- the end

    def _write_down_what_was_owed(self) -> None:
        self.record.answers = [each for each in self.world.duties if each.kind == "answer"]
        for sent in self.record.sent:
            self._count_mail(sent)
        for duty in self.world.duties:
            if duty.owed_from is None or duty.owed_from > self.record.ends_on:
                continue
            until = min(filter(None, (duty.done_on, duty.stopped_on)), default=None)
            if until is not None and until <= duty.owed_from and duty.kind == "answer":
                continue  # stopped before it closed
            self.record.owed.append(
                Owed(duty.kind, duty.title, duty.owed_from, duty.due_on, until, self.told_of.get(duty.key, []))
            )
            for number, note in enumerate(duty.notes, start=1):
                following = duty.notes[number].on if number < len(duty.notes) else until
                told = self.told_of.get(f"{duty.key}/note{number}", [])
                self.record.owed.append(Owed("note", duty.title, note.on, note.new_date, following, told))
        for person in self.world.people.values():
            self.record.people[person.key] = f"{person.key.replace('-', ' ')}, {person.body.name}"


def _key(about: Duty | Broken | None) -> str:
    """By what a thing is known in the record."""
    if about is None:
        return "hub"
    if isinstance(about, Duty):
        return about.key
    return f"{about.kind}: {about.reason} {about.duty.key if about.duty else about.address}"
