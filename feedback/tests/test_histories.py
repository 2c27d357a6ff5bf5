"""Whatever happens in whatever order: each step goes out once, nothing owed is forgotten, and nothing untrue is said.

Hypothesis makes up histories of three consultations: days go by, dates move,
answers come out and are taken back, people leave, timings change, and the mail
server breaks in every way it can. What must be said on a day is worked out
here by plain Python from the facts of the history, and not by asking the hub.
"""

import smtplib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pytest
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from hypothesis import Phase, event, example, given, settings
from hypothesis import strategies as st

from accounts.actions import end_membership
from accounts.models import OrganisationKind, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from consultations.actions import move_closing_date, name_owner
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.dates import is_working_day, next_working_day
from feedback import actions
from feedback.models import Response
from notices import ledger, post, reasons
from notices.actions import change_timing, hold, lift_hold, mend_address, send_now
from notices.defaults import load_steps
from notices.models import Fault, Mail, Notice, Step

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BEGINS = date(2026, 3, 2)
OPENED, CLOSES = BEGINS - 40 * DAY, BEGINS + 2 * DAY
REASONS = ("answer-owed", "note-owed", "answer-published")
PEOPLE = ("owner", "other", "deputy", "lead", "fis", "sponsor")


# --- The facts of a history, kept beside the hub


@dataclass
class Facts:
    """One consultation as whoever reads its page knows it."""

    row: Consultation
    opens_on: date
    closes_on: date
    owner: str
    deputy: str
    answered_on: date | None = None
    notes: list[tuple[date, bool]] = field(default_factory=list)  # the new date, and whether it says what was heard

    @property
    def due_on(self) -> date:
        """84 days after closing, on a working day (DESIGN rule 2)."""
        return next_working_day(self.closes_on + timedelta(days=84))


class Said(NamedTuple):
    """What must be said about one consultation on a day, and to whom."""

    step: str
    repeat: int
    about_on: date
    to: frozenset[str]


@dataclass
class County:
    """Everything that is true at one moment."""

    things: list[Facts]
    left: set[str] = field(default_factory=set)

    def said(self, reason: str, facts: Facts, day: date) -> Said | None:
        """What a reason has to say of a consultation on a day."""
        found = self._latest(reason, self._anchors(reason, facts, day), day)
        if found is None:
            return None
        step, begins, about_on = found
        times = (day - begins).days // step.repeat_every_days if step.repeat_every_days else 0
        return Said(step.key, times, about_on, frozenset(self._told(step, facts)))

    @staticmethod
    def _anchors(reason: str, facts: Facts, day: date) -> dict[str, date]:
        if facts.answered_on is not None:
            thanked = reason == "answer-published" and day - timedelta(days=14) < facts.answered_on
            return {"responded_on": facts.answered_on} if thanked else {}
        if day <= facts.closes_on or reason == "answer-published":
            return {}
        if reason == "note-owed":
            return {"note_date": facts.notes[-1][0]} if facts.notes else {}
        dates = {"answer_owed_from": facts.closes_on + DAY, "response_due_on": facts.due_on}
        if not any(heard for _date, heard in facts.notes):
            dates["unheard_since"] = facts.closes_on
        return dates

    @staticmethod
    def _latest(reason: str, anchors: dict[str, date], day: date):
        begun = []
        for place, step in enumerate(s for s in Step.objects.order_by("pk") if s.reason == reason):
            anchor = anchors.get(step.anchor)
            if anchor and step.is_in_force(day) and anchor + timedelta(days=step.offset_days) <= day:
                begun.append((anchor + timedelta(days=step.offset_days), place, step, anchor))
        if not begun:
            return None
        begins, _place, step, anchor = max(begun, key=lambda each: each[:2])
        return step, begins, anchor

    def _told(self, step: Step, facts: Facts) -> set[str]:
        there = {
            "owner": [facts.owner],
            "team": ["team"],
            "deputy": [facts.deputy],
            "lead": ["sponsor" if "lead" in self.left else "lead"],
            "fis": ["fis"],
            "sponsor": ["sponsor"],
        }
        there = {role: [name for name in names if self.can_be_told(name)] for role, names in there.items()}
        told = {name for role in step.recipients for name in there[role]}
        if "owner" in step.recipients and not there["owner"]:
            told.update(next(there[role] for role in step.chain if there[role]))
        return told

    def can_be_told(self, name: str) -> bool:
        """Whether somebody is there and takes our mail."""
        dead = Fault.objects.open().filter(kind=Fault.Kind.ADDRESS).values_list("address", flat=True)
        return bool(name) and name not in self.left and address_of(name) not in dead


def address_of(name: str) -> str:
    """The address of one of the people."""
    return f"{name}@example.org"


# --- A mail server that breaks


class Killed(BaseException):
    """The sender is gone, at this very place."""


class Sent(NamedTuple):
    """One mail that the server took."""

    message_id: str
    to: str
    moment: datetime
    apart: bool
    keys: tuple[tuple, ...]
    known: bool  # whether the hub learnt that it was taken


class Server(BaseEmailBackend):
    """Takes mails, or does not. Looks at each that it takes: it has to be true."""

    county: County
    moment: datetime
    breaks: list[str] = []
    sent: list[Sent] = []
    untrue: list[str] = []

    def open(self):
        """There is a line, unless there is none."""
        if self.breaks and self.breaks[0] == "away":
            self.breaks.pop(0)
            raise ConnectionRefusedError
        return True

    def send_messages(self, messages):
        """Take a mail, and then do whatever it does this time."""
        (message,) = messages
        how = self.breaks.pop(0) if self.breaks else "works"
        if how == "dies before":
            raise Killed
        if how == "loses it":
            raise smtplib.SMTPServerDisconnected
        if how in ("not now", "no such address"):
            raise smtplib.SMTPRecipientsRefused({message.to[0]: (450 if how == "not now" else 550, b"no")})
        self._takes(message, known=how in ("works", "away"))
        if how == "dies after":
            raise Killed
        if how == "takes it and breaks":
            raise smtplib.SMTPServerDisconnected
        return 1

    def _takes(self, message, known: bool) -> None:
        day = timezone.localdate(self.moment)
        message_id = message.extra_headers["Message-ID"]
        mail = Mail.objects.get(pk=message_id.strip("<>").partition("@")[0])
        name = message.to[0].partition("@")[0]
        keys = []
        for notice in Notice.objects.waiting().filter(mail=mail):
            facts = next(each for each in self.county.things if each.row.pk == notice.about_id)
            Server.untrue += self._what_is_wrong(notice, facts, name, message.body, day)
            keys.append((notice.reason, notice.step, notice.repeat, notice.about_id, notice.about_on, name))
        if not keys:
            Server.untrue.append("a mail that says nothing")
        Server.sent.append(Sent(message_id, name, self.moment, mail.urgent, tuple(keys), known))

    def _what_is_wrong(self, notice: Notice, facts: Facts, name: str, body: str, day: date):
        true = self.county.said(notice.reason, facts, day)
        if true is None:
            yield f"{notice.reason} is owed no more"
            return
        if notice.step != true.step:
            yield f"{notice.step} is said, and {true.step} is true"
        if notice.about_on != true.about_on:
            yield f"its date has moved from {notice.about_on} to {true.about_on}"
        if name not in true.to:
            yield f"{name} has nothing to do with {notice.reason}"
        if facts.row.title not in body:
            yield "it does not say what it is about"
        due = "due today" if facts.due_on == day else f"{facts.due_on.day} {facts.due_on:%B}"
        if notice.reason == "answer-owed" and due not in body:
            yield f"it does not say {due}"


# --- What can happen

WAYS_TO_BREAK = (
    "away", "loses it", "not now", "no such address", "takes it and breaks", "dies before", "dies after"
)  # fmt: skip
thing = st.integers(0, 2)
happenings = st.one_of(
    st.tuples(st.just("days_go_by"), st.integers(1, 60)),
    st.tuples(st.just("days_go_by"), st.integers(1, 8)),
    st.tuples(st.just("moves"), thing, st.integers(-15, 30)),
    st.tuples(st.just("answers"), thing),
    st.tuples(st.just("takes_back"), thing),
    st.tuples(st.just("notes"), thing, st.integers(1, 30), st.booleans()),
    st.tuples(st.just("changes_hands"), thing, st.sampled_from(PEOPLE[:3]), st.sampled_from(("", *PEOPLE[:3]))),
    st.tuples(st.just("leaves"), st.sampled_from(PEOPLE[:4])),
    st.tuples(st.just("holds"), thing, st.integers(0, 28)),
    st.tuples(st.just("lets_go"), thing),
    st.tuples(st.just("hurries"), thing),
    st.tuples(st.just("times"), st.integers(0, 7), st.integers(-10, 10), st.integers(1, 5)),
    st.tuples(st.just("mends")),
    st.tuples(st.just("breaks"), st.lists(st.sampled_from(WAYS_TO_BREAK), min_size=1, max_size=4)),
)
# After each: at which hour, if at all, the hub does its round. At 3 at night nothing that chases goes out.
histories = st.lists(st.tuples(happenings, st.sampled_from((None, 3, 9, 9, 15))), min_size=4, max_size=24)


class Life:
    """A history as it is lived: each thing that happens is done to the hub, and written down beside it."""

    def __init__(self, things: list[Facts], members: dict):
        self.day = BEGINS
        self.hour = 8.0
        self.members = members
        self.county = County([replace(each, notes=[], row=Consultation.objects.get(pk=each.row.pk)) for each in things])
        Server.county, Server.breaks, Server.sent, Server.untrue = self.county, [], [], []
        self.by = members["fis"].user

    @property
    def now(self) -> datetime:
        """The moment, in the UK."""
        whole = datetime.combine(self.day, time(0)) + timedelta(hours=self.hour)
        return timezone.make_aware(whole)

    def round(self, hour: float) -> None:
        """What the scheduler does: owe, then send. Time never runs backwards."""
        self.hour = max(self.hour + 0.02, hour)
        Server.moment = self.now
        ledger.owe(self.day, self.now)
        try:
            post.send(self.day, self.now)
        except Killed:
            event("a sender was killed")
        assert not Server.untrue

    def happens(self, what: str, *how) -> None:
        """One thing happens. What the hub refuses has not happened."""
        event(what)
        try:
            with transaction.atomic():
                getattr(self, what)(*how)
        except (ValidationError, actions.AlreadyAnswered):
            pass

    def days_go_by(self, count):
        self.day += count * DAY
        self.hour = 0.0

    def moves(self, which, days):
        facts = self.county.things[which]
        closes_on = facts.closes_on + days * DAY
        row = self._row(which)
        move_closing_date(row, by=self.by, closes_on=closes_on, reason="More families asked.", on=self.day)
        facts.closes_on = closes_on

    def answers(self, which):
        actions.answer_elsewhere(
            self._row(which), by=self.by, on=self.day, url="https://example.org/answer", answered_on=self.day,
            in_short="You asked for one phone number. It opens next month.",
        )  # fmt: skip
        facts = self.county.things[which]
        facts.answered_on = facts.answered_on or self.day

    def takes_back(self, which):
        response = Response.objects.published().filter(consultation=self._row(which)).first()
        if response:
            actions.take_back(response, by=self.by)
            self.county.things[which].answered_on = None

    def notes(self, which, days, heard):
        new_date = self.day + days * DAY
        actions.publish_holding_note(
            self._row(which), by=self.by, on=self.day, reason="The decision meeting moved.", new_date=new_date,
            contact="Short breaks lead", heard_so_far="Most of you asked for evenings." if heard else "",
        )  # fmt: skip
        self.county.things[which].notes.append((new_date, heard))

    def changes_hands(self, which, owner, deputy):
        if owner not in self.county.left and deputy not in self.county.left and owner != deputy:
            name_owner(self._row(which), by=self.by, owner=self.members[owner], deputy=self.members.get(deputy))
            self.county.things[which].owner, self.county.things[which].deputy = owner, deputy

    def leaves(self, who):
        if who not in self.county.left:
            end_membership(self.members[who], by=self.by, on=self.day)
            self.county.left.add(who)

    def holds(self, which, days):
        for reason in REASONS:
            hold(
                by=self.by, on=self.day, now=self.now, reason=reason, about_id=self._row(which).pk,
                why="They are ill.", until=self.day + days * DAY,
            )  # fmt: skip

    def lets_go(self, which):
        for reason in REASONS:
            lift_hold(by=self.by, now=self.now, reason=reason, about_id=self._row(which).pk)

    def hurries(self, which):
        for reason in REASONS:
            send_now(by=self.by, on=self.day, now=self.now, reason=reason, about_id=self._row(which).pk)

    def times(self, number, days, ahead):
        step = Step.objects.filter(reason="answer-owed", retired_on__isnull=True).order_by("pk")[number]
        names = ("anchor", "repeat_every_days", "recipients", "chain", "text", "urgent")
        same = {name: getattr(step, name) for name in names}
        later = step.offset_days + days
        change_timing(step, by=self.by, on=self.day, valid_from=self.day + ahead * DAY, offset_days=later, **same)

    def mends(self):
        for fault in Fault.objects.open().filter(kind__in=Fault.OF_AN_ADDRESS):
            mend_address(fault, by=self.by, now=self.now)

    def breaks(self, ways):
        Server.breaks.extend(ways)

    def _row(self, which) -> Consultation:
        return Consultation.objects.get(pk=self.county.things[which].row.pk)

    def the_faults_end(self) -> None:
        """The mail server works, every address does, nothing is held back; the hub does its rounds on four days."""
        Server.breaks = []
        self.happens("mends")
        for which in range(3):
            self.happens("lets_go", which)
        for hour in (9, 10, 11, 12):
            self.happens("days_go_by", 1)
            self.day = next_working_day(self.day)
            self.round(hour)


# --- What always holds


def holds_for(life: Life) -> None:
    """What is promised, of a history whose faults have ended."""
    deliveries = defaultdict(list)
    for sent in Server.sent:
        for key in sent.keys:
            deliveries[key].append(sent)
    for key, mails in deliveries.items():
        assert not any(mail.known for mail in mails[:-1]), f"{key} was sent again after it was known to be sent"

    ordinary = {(mail.to, timezone.localdate(mail.moment), mail.message_id) for mail in Server.sent if not mail.apart}
    a_day = [each[:2] for each in ordinary]
    assert len(a_day) == len(set(a_day)), "one mail a person a day"
    for _to, day, _id in ordinary:
        assert is_working_day(day)

    changed = set(Step.objects.filter(valid_from__isnull=False).values_list("reason", "key"))
    for reason in REASONS:
        for facts in life.county.things:
            said = life.county.said(reason, facts, life.day)
            # A changed timing speaks of its own days only: who was told under the old one is not told again.
            if said is None or (reason, said.step) in changed:
                continue
            for name in said.to:
                key = (reason, said.step, said.repeat, facts.row.pk, said.about_on, name)
                assert key in deliveries, f"{name} was never told {key}"


@pytest.fixture
def county(db, monkeypatch, settings):
    """Two owners of three consultations, a deputy, a lead, the Family Information Service and its sponsor."""
    settings.EMAIL_BACKEND = f"{Server.__module__}.Server"
    load_steps()
    registered = reasons.registered()
    monkeypatch.setattr(reasons, "_registered", {name: registered[name] for name in REASONS})
    council = OrganisationFactory(name="Council", kind=OrganisationKind.COUNCIL, promising=True, is_keeper=True)
    department = OrganisationFactory(name="Department", parent=council)
    service = OrganisationFactory(name="Short breaks", parent=department, promising=True, mailbox=address_of("team"))
    roles = {"lead": (department, Role.LEAD), "fis": (department, Role.FIS_EDITOR), "sponsor": (council, Role.LEAD)}
    members = {
        name: MembershipFactory(
            organisation=roles.get(name, (service, None))[0],
            role=roles.get(name, (None, Role.CONTRIBUTOR))[1],
            user=UserFactory(email=address_of(name)),
        )
        for name in PEOPLE
    }
    things = []
    for title, owner, deputy, later in (
        ("Bus", "owner", "deputy", 0),
        ("Gym", "owner", "", 20),
        ("Zoo", "other", "", 60),
    ):
        opens_on, closes_on = OPENED + later * DAY, CLOSES + later * DAY
        row = ConsultationFactory(
            title=f"The {title} round", organisation=service, owner=members[owner], deputy=members.get(deputy),
            opens_on=opens_on, closes_on=closes_on,
        )  # fmt: skip
        things.append(Facts(row, opens_on, closes_on, owner, deputy))
    return things, members


def test_each_step_goes_out_once_nothing_owed_is_forgotten_and_nothing_untrue_is_said(county):
    @settings(max_examples=25, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(histories)
    # Struck out in the morning, because it was answered in the night; then the answer is taken back. Rarely made up.
    @example([(("days_go_by", 3), 3), (("answers", 0), 9), (("takes_back", 0), None), (("days_go_by", 1), None)])
    def whatever_happens(history):
        with transaction.atomic():
            life = Life(*county)
            for happening, hour in history:
                life.happens(*happening)
                if hour is not None:
                    life.round(hour)
            life.the_faults_end()
            holds_for(life)
            event(f"mails sent: {min(len(Server.sent) // 5 * 5, 30)} or more")
            transaction.set_rollback(True)

    whatever_happens()
