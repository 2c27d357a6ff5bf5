"""Sending what is owed: one mail a person a day, checked again just before it goes.

The ledger's rows come first, the mail second. A sender claims mails under a
lease, so nobody else sends them, and marks each as sent as soon as the mail
server has taken it. Killed in between, its lease runs out and the next sender
repeats that one mail with the same Message-ID: at least once, never lost.
"""

import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices import ledger
from notices.models import LEASE, TRIES, Fault, Mail, Notice, Recipient, Step
from notices.outcomes import Outcome, outcome_of
from notices.reasons import Line, lines_about, registered

log = structlog.get_logger(__name__)

# Few enough that what is checked is still true when the last of them goes.
BATCH = 50
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
# Well before its leases run out, a slow sender leaves the rest to the next run.
WORKING_TIME = LEASE.total_seconds() / 2


@dataclass
class Tally:
    """How a run went."""

    sent: int = 0
    dropped: int = 0
    refused: int = 0
    given_up: int = 0
    server_away: bool = False


@dataclass
class Letter:
    """A claimed mail with what it says: its notices that are still true, worst first."""

    mail: Mail
    points: list["Point"] = field(default_factory=list)


@dataclass(frozen=True)
class Point:
    """One thing in a letter."""

    notice: Notice
    line: Line
    asks: str  # the step's own text
    late: int

    @property
    def url(self) -> str:
        """The one link: the form; for the sponsor, who has none to fill in, the page families see."""
        sponsor = self.notice.role == Recipient.SPONSOR
        return settings.HUB_BASE_URL + (self.line.url if sponsor else self.line.button_url)

    @property
    def button(self) -> str:
        """What the link does."""
        return _("See its page") if self.notice.role == Recipient.SPONSOR else self.line.button

    @property
    def why(self) -> str:
        """Why it is this person who is told."""
        return WHY[Recipient(self.notice.role)]()


WHY = {
    Recipient.OWNER: lambda: _("You get this because you are named as its owner."),
    Recipient.TEAM: lambda: _("You get this because nobody is named as its owner now, and this is the team's mailbox."),
    Recipient.DEPUTY: lambda: _("You get this because you are named as its deputy."),
    Recipient.LEAD: lambda: _("You get this because you lead the service, or the body above it."),
    Recipient.FIS: lambda: _("You get this because you look after the hub."),
    Recipient.SPONSOR: lambda: _("You get this because you lead the council that keeps the hub."),
}


def send(day: date, now: datetime, *, at_once: bool = False) -> Tally:
    """Send what waits, until nothing more can go.

    Chasing waits for working hours, unless `at_once`. When the mail server is
    away everything stays as it was, and the next run tries again.
    """
    tally = Tally()
    # What has to stay where it is until people are at work.
    resting = [] if at_once or ledger.is_office_time(now) else [r.name for r in registered().values() if r.chases]
    _gather(day, now, resting=resting, at_once=at_once)
    began = time.monotonic()
    while not tally.server_away and _has_time(began):
        with transaction.atomic():
            mails = Mail.objects.claim(day=day, now=now, resting=resting, limit=BATCH)
        if not mails:
            break
        _deliver(_write(mails, day, now, tally), now, tally, began)
    log.info(
        "notices_sent",
        mails=tally.sent,
        dropped=tally.dropped,
        refused=tally.refused,
        given_up=tally.given_up,
        server_away=tally.server_away,
    )
    return tally


def _has_time(began: float) -> bool:
    return time.monotonic() - began < WORKING_TIME


# --- Who gets a mail today


@transaction.atomic
def _gather(day: date, now: datetime, *, resting: Sequence[str], at_once: bool) -> None:
    """Put the notices that may go into mails: one for each person and day, and one apart for what is urgent.

    The constraints on mails say who cannot have one: whoever has had today's,
    or has one under way. Those wait for the next morning.
    """
    ready = Notice.objects.waiting().filter(mail__isnull=True).exclude(reason__in=resting).order_by()
    if not at_once:
        ready = ready.filter(send_from__lte=now)
    people, people_params = ready.values("recipient_hash", "urgent").annotate(to=Max("address")).query.sql_with_params()
    rows, rows_params = ready.values("pk").query.sql_with_params()
    open_mails, open_params = (
        Mail.objects.waiting().filter(attempts=0).order_by("pk").values("pk", "recipient_hash", "urgent")
    ).query.sql_with_params()
    with ledger.one_at_a_time() as cursor:
        cursor.execute(
            "INSERT INTO notices_mail (id, recipient_hash, address, urgent, day, made_at, attempts, refusal, subject,"
            " text) SELECT gen_random_uuid(), person.recipient_hash, person.address, person.urgent, %s, %s, 0, '', '',"
            f" '' FROM ({people}) AS person (recipient_hash, urgent, address) ON CONFLICT DO NOTHING",
            [day, now, *people_params],
        )
        # Locked, so that no sender claims a mail while notices are put into it.
        cursor.execute(
            f"WITH mail (id, recipient_hash, urgent) AS ({open_mails} FOR UPDATE)"
            " UPDATE notices_notice SET mail_id = mail.id FROM mail"
            " WHERE notices_notice.recipient_hash = mail.recipient_hash AND notices_notice.urgent = mail.urgent"
            f" AND notices_notice.mail_id IS NULL AND notices_notice.id IN ({rows})",
            [*open_params, *rows_params],
        )
        if not at_once:
            ready.filter(urgent=False).update(send_from=ledger.next_morning(now))


# --- What it says


def _write(mails: Sequence[Mail], day: date, now: datetime, tally: Tally) -> list[Letter]:
    """The letters of claimed mails, without what is not true any more. As many queries for one mail as for fifty."""
    tired = [mail for mail in mails if mail.attempts > TRIES]
    _give_up(tired, now, tally)
    letters = {mail.pk: Letter(mail) for mail in mails if mail not in tired}
    notices = list(Notice.objects.waiting().filter(mail__in=list(letters)))
    why = ledger.untrue(notices, day)
    true = [notice for notice in notices if notice.pk not in why]
    lines = lines_about(true, day)
    why |= {n.pk: _("What it was about is gone.") for n in true if (n.reason, n.about_id) not in lines}
    _drop(why, now, tally)
    texts = {(step.reason, step.key): step.text for step in Step.objects.order_by("pk")}
    for notice in notices:
        if notice.pk not in why:
            line = lines[notice.reason, notice.about_id]
            asks = texts.get((notice.reason, notice.step), "")
            letters[notice.mail_id].points.append(Point(notice, line, asks, line.days_late(day)))
    empty = [pk for pk, letter in letters.items() if not letter.points]
    if empty:
        Mail.objects.waiting().filter(pk__in=empty).update(dropped_at=now, claimed_until=None)
    for letter in letters.values():
        letter.points.sort(key=lambda point: point.line.rank(day))
    return [letter for letter in letters.values() if letter.points]


def _drop(why: dict[int, str], now: datetime, tally: Tally) -> None:
    """Mark what is not sent because it is not true any more: one statement for each of the few reasons there are."""
    by_reason: dict[str, list[int]] = {}
    for pk, reason in why.items():
        by_reason.setdefault(reason, []).append(pk)
    for reason, pks in by_reason.items():
        Notice.objects.waiting().filter(pk__in=pks).update(dropped_at=now, dropped_why=reason)
    tally.dropped += len(why)


def subject_of(points: Sequence[Point]) -> str:
    """The subject: what is owed, and nothing about the reader or any family."""
    if len(points) == 1:
        title = " ".join(points[0].line.title.split())
        return Truncator(f"{' '.join(points[0].line.what.split())}: {title}").chars(120)
    late = sum(1 for point in points if point.late)
    if not late:
        return _("%(count)d things are owed to families") % {"count": len(points)}
    return ngettext(
        "%(count)d things are owed to families, %(late)d is late",
        "%(count)d things are owed to families, %(late)d are late",
        late,
    ) % {"count": len(points), "late": late}


def message_of(letter: Letter, mail_server) -> EmailMultiAlternatives:
    """The letter as a message, text and HTML."""
    mine = (Recipient.OWNER, Recipient.TEAM, Recipient.DEPUTY)
    subject = subject_of(letter.points)
    context = {
        "points": letter.points,
        "is_mine": any(point.notice.role in mine for point in letter.points),
        "hub": settings.HUB_NAME,
        "hub_url": settings.HUB_BASE_URL,
        "fis_name": settings.HUB_FIS_NAME,
        "fis_phone": settings.HUB_FIS_PHONE,
        "fis_email": settings.HUB_FIS_EMAIL,
        "colour": settings.HUB_BRAND_COLOUR,
        "subject": subject,
    }
    host = urlsplit(settings.HUB_BASE_URL).hostname
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("notices/mail.txt", context),
        to=[letter.mail.address],
        reply_to=[settings.HUB_FIS_EMAIL],
        connection=mail_server,
        headers={
            "Message-ID": f"<{letter.mail.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"{settings.HUB_NAME.replace('<', '').replace('>', '')} <owed.{host}>",
        },
    )
    message.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return message


# --- Sending


def _deliver(letters: Sequence[Letter], now: datetime, tally: Tally, began: float) -> None:
    """Send letters through one connection, each marked as soon as it is taken."""
    mail_server = get_connection()
    delivered: list[str] = []
    try:
        for number, letter in enumerate(letters):
            if not _has_time(began) or not _send(letter, mail_server, now, tally, delivered):
                _release(letters[number:])
                break
    finally:
        _close(mail_server)
    if delivered:
        # Not one that was found since: a mail that came back says more than a mail server's yes.
        dead = Fault.objects.open().filter(kind=Fault.Kind.ADDRESS, recipient_hash__in=delivered)
        dead.filter(found_at__lt=now).update(mended_at=now)


def _send(letter: Letter, mail_server, now: datetime, tally: Tally, delivered: list[str]) -> bool:
    """Send one letter. False when the mail server takes nothing at all now, which is no fault of the letter's."""
    mail = letter.mail
    try:
        mail_server.open()
    except (smtplib.SMTPException, OSError) as problem:
        return _server_is_away(problem, tally)
    try:
        message = message_of(letter, mail_server)
        mail_server.send_messages([message])
    except Exception as problem:
        outcome = outcome_of(problem)
        if outcome is Outcome.AWAY:
            return _server_is_away(problem, tally)
        if outcome is Outcome.UNSURE:
            _unsure(letter, problem, now, tally)
        else:
            _refused(letter, problem, now, tally)
        _close(mail_server)
    else:
        _mark_sent(letter, message, now)
        delivered.append(mail.recipient_hash)
        tally.sent += 1
    return True


@transaction.atomic
def _mark_sent(letter: Letter, message: EmailMultiAlternatives, now: datetime) -> None:
    Mail.objects.filter(pk=letter.mail.pk).update(
        sent_at=now, claimed_until=None, refusal="", subject=message.subject[:200], text=message.body
    )
    Notice.objects.waiting().filter(pk__in=[point.notice.pk for point in letter.points]).update(sent_at=now)


def _release(letters: Sequence[Letter]) -> None:
    """Give back what was claimed and never tried."""
    Mail.objects.waiting().filter(pk__in=[letter.mail.pk for letter in letters]).release()


def _server_is_away(problem: Exception, tally: Tally) -> bool:
    log.error("mail_server_away", fault=kind_of(problem))
    tally.server_away = True
    return False


def _refused(letter: Letter, problem: Exception, now: datetime, tally: Tally) -> None:
    """The mail server surely did not take it: try again after a while, longer each time, up to the limit."""
    mail = letter.mail
    tally.refused += 1
    log.warning("mail_refused", mail=str(mail.pk), fault=kind_of(problem), attempts=mail.attempts)
    if mail.attempts >= TRIES:
        _give_up([mail], now, tally)
        return
    try_after = now + _wait_after(mail.attempts)
    Mail.objects.filter(pk=mail.pk).update(claimed_until=None, try_after=try_after, refusal=kind_of(problem))


def _unsure(letter: Letter, problem: Exception, now: datetime, tally: Tally) -> None:
    """The line broke: it may or may not have been taken. When the lease runs out, the same message is sent again.

    Each time the lease is longer: a mail server that breaks for hours must neither flood a reader nor use up the tries.
    """
    mail = letter.mail
    tally.refused += 1
    log.warning("mail_unsure", mail=str(mail.pk), fault=kind_of(problem), attempts=mail.attempts)
    lease = now + max(LEASE, _wait_after(mail.attempts))
    Mail.objects.filter(pk=mail.pk).update(claimed_until=lease, refusal=kind_of(problem))


def _wait_after(attempts: int) -> timedelta:
    """How long a mail that did not go rests: longer after each try."""
    return min(FIRST_WAIT * 3 ** (attempts - 1), LONGEST_WAIT)


@transaction.atomic
def _give_up(mails: Sequence[Mail], now: datetime, tally: Tally) -> None:
    """Stop trying, loudly: in the log, and as a fault of the address. From then on others are told in its place."""
    if not mails:
        return
    ids = [mail.pk for mail in mails]
    Mail.objects.waiting().filter(pk__in=ids).update(given_up_at=now, claimed_until=None)
    lost = Notice.objects.waiting().filter(mail__in=ids)
    tally.given_up += lost.update(dropped_at=now, dropped_why=_("The address does not take our mail."))
    ledger.declare_dead([(mail.recipient_hash, mail.address, mail.refusal) for mail in mails], now=now)
    log.error("mails_given_up", mails=[str(pk) for pk in ids])


def _close(mail_server) -> None:
    try:
        mail_server.close()
    except (smtplib.SMTPException, OSError) as problem:
        log.warning("mail_server_left_badly", fault=kind_of(problem))


def kind_of(problem: Exception) -> str:
    """What went wrong, without the words of the mail server: they name people."""
    code = getattr(problem, "smtp_code", None) or getattr(problem, "status_code", None)
    if isinstance(problem, smtplib.SMTPRecipientsRefused) and problem.recipients:
        code = next(iter(problem.recipients.values()))[0]
    return f"{type(problem).__name__} {code}" if code else type(problem).__name__
