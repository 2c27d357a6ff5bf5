"""Sending what is owed: one mail a person a day, checked again just before it goes.

The ledger's rows come first, the mail second. A sender claims mails under a
lease, so nobody else sends them, makes sure of each that it still holds it, and
marks it as sent as soon as the mail server has taken it. Killed in between, its
lease runs out and the next sender repeats that one mail with the same
Message-ID: at least once, never lost (docs/decisions/0007-at-least-once.md).
"""

import smtplib
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.core.mail import get_connection
from django.db import connection, transaction
from django.db.models import F, Max

from core.meanwhile import meanwhile
from core.standing import asked_once
from notices import ledger
from notices.letters import Letter, write
from notices.links import without_secrets
from notices.models import LEASE, TRIES, Fault, Mail, Notice, count
from notices.outcomes import Outcome, ServerAway, kind_of, outcome_of
from notices.reasons import registered

log = structlog.get_logger(__name__)

BATCH = 500
# What was checked this long ago is checked again before it goes.
FRESH = 5.0
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
# An address that was refused for good is not asked as often as one that was told to wait.
TRIES_REFUSED_FOR_GOOD = 3
# The line broke this often in a row: it is the mail server, and not what was sent.
BROKEN_LINES = 3
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


def send(day: date, now: datetime, *, at_once: bool = False) -> Tally:
    """Send what waits, until nothing more can go.

    Chasing waits for working hours, unless `at_once`. When the mail server is
    away everything stays as it was, and the next run tries again.
    """
    with asked_once():
        return _send(day, now, at_once)


def _send(day: date, now: datetime, at_once: bool) -> Tally:
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
        Run(day, now, tally, began).deliver(mails)
    count(
        now,
        runs=1,
        sent=tally.sent,
        dropped=tally.dropped,
        refused=tally.refused,
        failed=tally.given_up,
        server_away=int(tally.server_away),
    )
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
    ready = Notice.objects.waiting().not_held(day).filter(mail__isnull=True).order_by()
    ready = ready.exclude(reason__in=resting, hurried_at__isnull=True)
    if not at_once:
        ready = ready.filter(send_from__lte=now)
    people, people_params = ready.values("recipient_hash", "urgent").annotate(to=Max("address")).query.sql_with_params()
    growing = Mail.objects.growing()
    mails, mail_params = growing.order_by().values("pk", "recipient_hash", "urgent").query.sql_with_params()
    free, free_params = ready.values("pk", "recipient_hash", "urgent").query.sql_with_params()
    with ledger.one_at_a_time() as cursor:
        cursor.execute(
            "INSERT INTO notices_mail (id, recipient_hash, address, urgent, day, made_at, attempts, refusal, subject,"
            " text, html) SELECT gen_random_uuid(), person.recipient_hash, person.address, person.urgent, %s, %s, 0,"
            f" '', '', '', '' FROM ({people}) AS person (recipient_hash, urgent, address) ON CONFLICT DO NOTHING",
            [day, now, *people_params],
        )
        # Locked, so that no sender claims a mail while notices are put into it. They may be very many: none is read.
        locked, lock_params = growing.select_for_update().order_by("pk").values("pk").query.sql_with_params()
        cursor.execute(f"SELECT count(*) FROM ({locked}) AS locked", lock_params)
        # Sorted together, not joined: whatever the database guesses, it never compares everybody with everybody.
        cursor.execute(
            f"WITH free (notice_id, recipient_hash, urgent) AS ({free}),"
            f" mail (mail_id, recipient_hash, urgent) AS ({mails}),"
            " together AS (SELECT notice_id, NULL::uuid AS mail_id, recipient_hash, urgent FROM free"
            " UNION ALL SELECT NULL, mail_id, recipient_hash, urgent FROM mail),"
            " found AS MATERIALIZED (SELECT notice_id, first_value(mail_id) OVER ("
            "PARTITION BY recipient_hash, urgent ORDER BY mail_id NULLS LAST) AS mail_id FROM together)"
            " UPDATE notices_notice AS notice SET mail_id = found.mail_id FROM found"
            " WHERE notice.id = found.notice_id AND found.mail_id IS NOT NULL",
            [*free_params, *mail_params],
        )
        if not at_once:
            ready.filter(urgent=False).update(send_from=ledger.next_morning(now))


# --- Sending


class Run:
    """Claimed mails on their way through one connection, each marked as soon as it is taken."""

    def __init__(self, day: date, now: datetime, tally: Tally, began: float):
        self.day = day
        self.now = now
        self.tally = tally
        self.began = began
        self.server = get_connection()
        self.broken_lines = 0
        # Claimed, and surely not sent: these go back when the run ends.
        self.untouched: set[uuid.UUID] = set()
        # Until when they are claimed: a mail that is claimed until another moment has been taken over.
        self.lease = now + LEASE
        # The mail whose try was counted as begun when the one before it was marked, and how many tries it has had.
        self.begun: tuple[uuid.UUID, int] | None = None
        self.delivered: list[str] = []

    def deliver(self, mails: Sequence[Mail]) -> None:
        """Send what is still true of these mails; what there is no time for goes back."""
        self.untouched = {mail.pk for mail in mails}
        try:
            left = self._without_the_tired(mails)
            while left and not self.tally.server_away and _has_time(self.began):
                left = self._send_fresh(left)
        finally:
            self._close()
            Mail.objects.held(self.lease).filter(pk__in=self.untouched).update(claimed_until=None)
            self._mend()

    def _without_the_tired(self, mails: Sequence[Mail]) -> list[Mail]:
        """Leave out what was tried to the limit already, as a mail is that kills each of its senders."""
        tired = [mail for mail in mails if mail.attempts >= TRIES]
        self._give_up(tired, Fault.Kind.STUCK)
        return [mail for mail in mails if mail.attempts < TRIES]

    def _send_fresh(self, mails: list[Mail]) -> list[Mail]:
        """Check the mails, and send them for as long as that holds. Returns what is left."""
        self.checked = time.monotonic()
        letters = deque(self._write(mails))
        while letters:
            letter = letters.popleft()
            if self._begin(letter.mail) and self._can_be_written(letter):
                self._send(letter, letters[0] if letters else None)
            if not self.begun and not self._goes_on():
                break
        return [letter.mail for letter in letters]

    def _goes_on(self) -> bool:
        """Whether the next mail may go: what was checked is fresh, the mail server is there, and there is time."""
        fresh = time.monotonic() - self.checked <= FRESH
        return fresh and not self.tally.server_away and _has_time(self.began)

    def _begin(self, mail: Mail) -> bool:
        """Count a try as begun. False when another sender has taken the mail over: then it is no longer ours to send.

        That happens to a sender that was held up for longer than its lease, or whose machine's clock was put forward.
        """
        begun, self.begun = self.begun, None
        if begun is None or begun[0] != mail.pk:
            with connection.cursor() as cursor:
                cursor.execute(_BEGIN, [mail.pk, self.lease])
                begun = cursor.fetchone()
        self.untouched.discard(mail.pk)
        if begun is None:
            log.warning("mail_taken_over", mail=str(mail.pk))
            return False
        mail.attempts = begun[1]
        return True

    def _write(self, mails: Sequence[Mail]) -> list[Letter]:
        """The letters, without what is not true any more."""
        letters, why = write(mails, self.day)
        self._drop(why)
        empty = [letter.mail.pk for letter in letters if not letter.said]
        if empty:
            Mail.objects.waiting().filter(pk__in=empty).update(dropped_at=self.now, claimed_until=None)
            self.untouched.difference_update(empty)
        return [letter for letter in letters if letter.said]

    def _can_be_written(self, letter: Letter) -> bool:
        """Whether its text can be made at all. One that cannot must not keep the others back."""
        problem = _written(letter)
        if problem is not None:
            self._not_taken(letter.mail, problem)
        return problem is None

    def _drop(self, why: dict[int, str]) -> None:
        """Mark what is not sent because it is not true any more: one statement for each of the few reasons."""
        by_reason: dict[str, list[int]] = {}
        for pk, reason in why.items():
            by_reason.setdefault(reason, []).append(pk)
        for reason, pks in by_reason.items():
            Notice.objects.waiting().filter(pk__in=pks).update(dropped_at=self.now, dropped_why=reason)
        self.tally.dropped += len(why)

    def _send(self, letter: Letter, following: Letter | None) -> None:
        problem = self._try(letter)
        if problem is not None and outcome_of(problem) == Outcome.NOT_TAKEN:
            # It hung up between two messages, as many do. A new line, once.
            self._close()
            problem = self._try(letter)
        if problem is None:
            following = following if self._goes_on() else None
            # The next one is written while the database commits this one.
            with meanwhile(lambda: _written(following) if following else None):
                self._mark_sent(letter, following)
        else:
            self._not_taken(letter.mail, problem)

    def _try(self, letter: Letter) -> Exception | None:
        try:
            self.server.open()
        except (smtplib.SMTPException, OSError) as problem:
            away = ServerAway()
            away.__cause__ = problem
            return away
        try:
            self.server.send_messages([letter.message])
        except Exception as problem:
            return problem
        return None

    def _mark_sent(self, letter: Letter, following: Letter | None) -> None:
        """One statement, so that a sender that is killed has marked the whole mail or nothing of it.

        It keeps what the mail said, for the desk, without what is secret in its links, and begins the try of the mail
        that comes next: so that costs no question of its own.
        """
        copy = [letter.message.subject[:200], without_secrets(letter.text), without_secrets(letter.html)]
        next_one = [following.mail.pk if following else None, self.lease]
        with connection.cursor() as cursor:
            cursor.execute(_MARK_SENT, [self.now, *copy, letter.mail.pk, self.now, letter.mail.pk, *next_one])
            self.begun = cursor.fetchone()
        self.delivered.append(letter.mail.recipient_hash)
        self.tally.sent += 1
        self.broken_lines = 0

    def _not_taken(self, mail: Mail, problem: Exception) -> None:
        outcome = outcome_of(problem)
        ours = Mail.objects.held(self.lease).filter(pk=mail.pk)
        if outcome in (Outcome.AWAY, Outcome.NOT_TAKEN):
            ours.update(claimed_until=None, attempts=F("attempts") - 1)
            self._leave_the_server(problem)
            return
        self.tally.refused += 1
        self._close()
        mail.refusal = kind_of(problem)
        ours.update(refusal=mail.refusal)
        if outcome == Outcome.UNSURE:
            # It may or may not have been taken. When the lease runs out, the same message is sent again. Each time the
            # lease is longer: a server that breaks for hours must neither flood a reader nor use up the tries.
            ours.update(claimed_until=self.now + max(LEASE, _wait_after(mail.attempts)))
            log.warning("mail_unsure", mail=str(mail.pk), fault=mail.refusal, attempts=mail.attempts)
            self.broken_lines += 1
            if self.broken_lines >= BROKEN_LINES:
                self._leave_the_server(problem)
            return
        self.broken_lines = 0
        log.warning("mail_refused", mail=str(mail.pk), fault=mail.refusal, attempts=mail.attempts)
        self._try_later(mail, for_good=outcome == Outcome.NO_SUCH_ADDRESS)

    def _leave_the_server(self, problem: Exception) -> None:
        log.error("mail_server_away", fault=kind_of(problem))
        self.tally.server_away = True

    def _try_later(self, mail: Mail, *, for_good: bool) -> None:
        """The mail server surely did not take it: again after a while, longer each time, up to the limit."""
        if mail.attempts >= (TRIES_REFUSED_FOR_GOOD if for_good else TRIES):
            self._give_up([mail], Fault.Kind.ADDRESS if for_good else Fault.Kind.STUCK)
            return
        ours = Mail.objects.held(self.lease).filter(pk=mail.pk)
        ours.update(claimed_until=None, try_after=self.now + _wait_after(mail.attempts))

    @transaction.atomic
    def _give_up(self, mails: Sequence[Mail], kind: str) -> None:
        """Stop trying, loudly: in the log, and as a fault.

        To an address that takes no mail nobody writes any more; others are told
        in its place. What is only stuck is owed anew, in a new mail.
        """
        if not mails:
            return
        ids = [mail.pk for mail in mails]
        self.untouched.difference_update(ids)
        Mail.objects.waiting().filter(pk__in=ids).update(given_up_at=self.now, claimed_until=None)
        lost = Notice.objects.waiting().filter(mail__in=ids)
        self.tally.given_up += lost.update(dropped_at=self.now, dropped_why=f"{Fault.Kind(kind).label}.")
        ledger.declare_unreachable(
            [(mail.recipient_hash, mail.address, mail.refusal) for mail in mails], kind=kind, now=self.now
        )
        log.error("mails_given_up", mails=[str(pk) for pk in ids], fault=kind)

    def _mend(self) -> None:
        """An address that took a mail has no fault. One found since stays: a mail that came back says more."""
        if self.delivered:
            broken = Fault.objects.open().filter(kind__in=Fault.OF_AN_ADDRESS, recipient_hash__in=self.delivered)
            broken.filter(found_at__lt=self.now).update(mended_at=self.now)

    def _close(self) -> None:
        try:
            self.server.close()
        except (smtplib.SMTPException, OSError) as problem:
            log.warning("mail_server_left_badly", fault=kind_of(problem))


# With coalesce the rows are found by their keys: an index of all that waits would be read from end to end for each.
_BEGIN = """
    UPDATE notices_mail SET attempts = attempts + 1
    WHERE id = %s AND claimed_until = %s AND coalesce(sent_at, dropped_at, given_up_at) IS NULL
    RETURNING id, attempts
"""

_MARK_SENT = f"""
    WITH mail AS (
        UPDATE notices_mail SET sent_at = %s, claimed_until = NULL, refusal = '', subject = %s, text = %s, html = %s
        WHERE id = %s AND coalesce(sent_at, dropped_at, given_up_at) IS NULL
    ),
    notice AS (
        UPDATE notices_notice SET sent_at = %s WHERE mail_id = %s AND coalesce(sent_at, dropped_at) IS NULL
    )
    {_BEGIN}
"""


def _wait_after(attempts: int) -> timedelta:
    """How long a mail that did not go rests: longer after each try."""
    return min(FIRST_WAIT * 3 ** (attempts - 1), LONGEST_WAIT)


def _written(letter: Letter) -> Exception | None:
    """Make the text of a letter, which it keeps. What keeps it from being made, else None."""
    try:
        letter.message  # noqa: B018 - made once
    except Exception as problem:
        return problem
    return None
