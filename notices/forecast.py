"""What goes out next, to whom and why: what waits, and what the next working morning will owe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from core.dates import next_working_day
from notices import ledger
from notices.models import Mail, Notice, Recipient, Step, mask
from notices.question import timings
from notices.readers import Reader
from notices.reasons import Line, for_staff, lines_about, registered


@dataclass
class Item:
    """One thing that somebody will be told of."""

    reason: str
    about_id: int
    role: str
    notice: Notice | None  # its row in the ledger; None while only tomorrow will owe it
    line: Line | None = None

    @property
    def why(self) -> str:
        """The reason, in words."""
        return str(registered()[self.reason].label)

    @property
    def role_words(self) -> str:
        """As what they are told."""
        return str(Recipient(self.role).label)


@dataclass
class NextMail:
    """The mail that one person gets next."""

    recipient_hash: str
    address: str
    day: date
    items: list[Item] = field(default_factory=list)
    reader: Reader | None = None

    @property
    def masked_address(self) -> str:
        """The address, shown so that only somebody who knows it can tell whose it is."""
        return mask(self.address)

    @property
    def roles(self) -> list[str]:
        """As what they are told, each once."""
        return list(dict.fromkeys(item.role_words for item in self.items))

    @property
    def is_refused(self) -> bool:
        """Whether a mail server has refused it so far."""
        return any(item.notice and item.notice.mail and item.notice.mail.refusal for item in self.items)


def next_mails(day: date, now: datetime) -> list[NextMail]:
    """Who gets a mail next, today or on the next working morning, with what; the soonest first.

    What waits is asked again whether it is still true. What somebody holds
    back is left out. Whoever had their mail of the day gets the rest on the
    next working morning, except what is sent at once.
    """
    # News for families leaves within minutes, and may be tens of thousands.
    of_the_day = Mail.objects.filter(
        recipient_hash=OuterRef("recipient_hash"), day=day, urgent=False, dropped_at__isnull=True
    )
    waiting = list(
        Notice.objects.waiting()
        .not_held(day)
        .exclude(role=Recipient.FOLLOWER)
        .select_related("mail")
        .annotate(mail_of_the_day=Subquery(of_the_day.values("pk")[:1]))
        .order_by("pk")
    )
    steps = list(Step.objects.filter(reason__in=list(for_staff())).order_by("pk"))
    untrue = ledger.untrue(waiting, day, steps)
    morning = next_working_day(day + timedelta(days=1))
    mails: dict[tuple[str, date], NextMail] = {}

    def add(known: str, address: str, goes_on: date, item: Item) -> None:
        mails.setdefault((known, goes_on), NextMail(known, address, goes_on)).items.append(item)

    for notice in waiting:
        if notice.pk not in untrue:
            moment = max(filter(None, (notice.send_from, notice.mail and notice.mail.try_after, now)))
            goes_on = next_working_day(timezone.localdate(moment))
            had_one = notice.mail_of_the_day not in (None, notice.mail_id)
            if goes_on == day and had_one and not notice.urgent:
                goes_on = morning
            add(
                notice.recipient_hash,
                notice.address,
                goes_on,
                Item(notice.reason, notice.about_id, notice.role, notice),
            )
    for owed in _new_on(morning, steps):
        add(owed.recipient_hash, owed.address, morning, Item(owed.reason, owed.about_id, owed.role, None))
    return sorted(mails.values(), key=lambda mail: (mail.day, mail.address))


def _new_on(day: date, steps: Sequence[Step]) -> list[ledger.Owed]:
    """What a day will owe that is not in the ledger yet."""
    owed = ledger.due_together([ledger.Ask(reason) for reason in for_staff().values()], day, steps)
    known = {
        (notice.reason, notice.step, notice.repeat, notice.about_id, notice.about_on, notice.recipient_hash)
        for notice in Notice.objects.filter(about_id__in={each.about_id for each in owed}, dropped_at__isnull=True)
    }
    return [each for each in owed if (each.reason, *each.key) not in known]


def with_lines(mails: Sequence[NextMail], known: Mapping[tuple[str, int], Line] | None = None) -> Sequence[NextMail]:
    """The mails with what each will say: one question for each reason, however many mails and days.

    A reason with mails on two days says what it says on the first of them. The lines that are `known` already, by
    their reason and what they are about, are not asked again.
    """
    lines: dict[tuple[str, int], Line] = dict(known or {})
    first: dict[str, date] = {}
    for mail in sorted(mails, key=lambda mail: mail.day):
        for item in mail.items:
            first.setdefault(item.reason, mail.day)
    for day in set(first.values()):
        unknown = [
            item
            for mail in mails
            for item in mail.items
            if first[item.reason] == day and (item.reason, item.about_id) not in lines
        ]
        lines |= lines_about(unknown, day)
    for mail in mails:
        for item in mail.items:
            item.line = lines.get((item.reason, item.about_id))
        mail.items = [item for item in mail.items if item.line]
        mail.items.sort(key=lambda item: item.line.rank(mail.day))
    return mails


def next_step(reason_name: str, about_id: int, day: date) -> tuple[date, list[ledger.Owed]] | None:
    """The next day on which somebody new is told something about a thing, and who; None when there is none ahead.

    Only days on which a step begins or comes again can be that day; for what
    waits for working hours, the working morning after.
    """
    reason = registered()[reason_name]
    # What closes today is owed an answer tomorrow: nobody is told of it yet, and it is not one of the things.
    morning = next_working_day(day + timedelta(days=1))
    dates = (reason.things(asked).filter(pk=about_id).values(*reason.anchors).first() for asked in (day, morning))
    anchors = next(filter(None, dates), {})
    ahead = {
        begins
        for timing in timings(reason, day)
        if (begins := _next_after(day, anchors.get(timing.step.anchor), timing.step)) is not None
    }
    now = {owed.key for owed in ledger.due(reason, day, [about_id])}
    if reason.chases:
        ahead = {next_working_day(begins) for begins in ahead}
    for begins in sorted(ahead):
        new = [owed for owed in ledger.due(reason, begins, [about_id]) if owed.key not in now]
        if new:
            return begins, new
    return None


def _next_after(day: date, anchor: date | None, step: Step) -> date | None:
    """When a step begins, or comes again, after a day."""
    if anchor is None:
        return None
    begins = anchor + timedelta(days=step.offset_days)
    if begins > day or not step.repeat_every_days:
        return begins if begins > day else None
    times = (day - begins).days // step.repeat_every_days + 1
    return begins + timedelta(days=times * step.repeat_every_days)
