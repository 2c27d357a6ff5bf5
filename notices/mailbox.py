"""The mailbox that undelivered mail comes back to, read by IMAP.

A letter is marked as seen once what it says is written down, never before: a
crash in between reads it again, which changes nothing. Whatever is not
understood stays unread, for a person.
"""

import imaplib
import ssl
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.core.cache import cache

from notices.bounces import Verdict, record
from notices.reports import bounces_in

log = structlog.get_logger(__name__)

PATIENCE = 30  # seconds, for each answer of the mail server
A_READING = 500  # letters at a time: the rest waits for the next reading
LARGEST = 1024 * 1024
# A letter that says one of these needs nobody any more.
DEALT_WITH = {Verdict.RECORDED, Verdict.KNOWN, Verdict.NOTED}


class MailboxAway(Exception):
    """The mailbox cannot be read now. Its text is the kind of fault only."""


@dataclass
class Reading:
    """How a look into the mailbox went."""

    letters: int = 0
    verdicts: Counter = field(default_factory=Counter)
    left: int = 0  # unread letters, in all, that wait for a person


@dataclass(frozen=True)
class State:
    """How reading goes: since when it fails, and how many letters waited for a person when it last did not."""

    read_at: datetime | None
    left: int
    failing_since: datetime | None


def read(now: datetime) -> Reading:
    """Write down what the unread letters say. Raises MailboxAway."""
    # Here, since loading it takes a tenth of a second, and few processes read mail.
    from imap_tools import ImapToolsError

    try:
        with _open() as mailbox:
            reading = _read(mailbox, now)
    except (ImapToolsError, imaplib.IMAP4.error, OSError) as problem:
        cache.add(FAILING, now, timeout=None)
        # Its words may hold the name and the password.
        raise MailboxAway(type(problem).__name__) from None
    cache.delete(FAILING)
    cache.set(LAST, (now, reading.left), timeout=None)
    log.info("bounce_mailbox_read", letters=reading.letters, left=reading.left, **reading.verdicts)
    return reading


def state() -> State:
    """How reading goes."""
    read_at, left = cache.get(LAST) or (None, 0)
    return State(read_at, left, cache.get(FAILING))


LAST, FAILING, LEFT = "bounces.read", "bounces.failing", "bounces.left"


def _open():
    from imap_tools import MailBox, MailBoxStartTls

    how = settings.BOUNCE_IMAP
    kind = MailBoxStartTls if how["starttls"] else MailBox
    # Without one, Python's own library looks at no certificate.
    checks = ssl.create_default_context()
    mailbox = kind(how["host"], how["port"], timeout=PATIENCE, ssl_context=checks)
    return mailbox.login(how["user"], how["password"], how["folder"])


def _read(mailbox, now: datetime) -> Reading:
    reading = Reading()
    unread = mailbox.uids("UNSEEN")
    numbering = _numbering(mailbox)
    left = _left_before(numbering) & set(unread)
    fresh = [uid for uid in unread if uid not in left][:A_READING]
    for uid in _small(mailbox, fresh):
        for letter in mailbox.fetch(uid_list=uid, mark_seen=False):
            verdicts = _take(letter.obj, now)
            reading.verdicts.update(verdict.value for verdict in verdicts)
            if DEALT_WITH & set(verdicts):
                mailbox.flag(uid, r"\Seen", True)
                fresh.remove(uid)
                reading.letters += 1
    left.update(fresh)
    cache.set(LEFT, (numbering, left), timeout=None)
    reading.left = len(left)
    return reading


def _small(mailbox, uids: list[str]) -> list[str]:
    """Those of the letters that are worth fetching: a report is small."""
    heads = mailbox.fetch(uid_list=uids, headers_only=True, mark_seen=False, bulk=50) if uids else ()
    return [head.uid for head in heads if head.size_rfc822 <= LARGEST]


def _take(letter, now: datetime) -> list[Verdict]:
    """Write down what a letter says. One that makes our reader stumble stops no other."""
    try:
        bounces = bounces_in(letter)
    except Exception as problem:
        log.error("bounce_letter_unreadable", fault=type(problem).__name__)
        return []
    return [record(bounce, source="mailbox", now=now) for bounce in bounces]


# --- What was left to a person stays unread, and is not fetched every ten minutes anew


def _left_before(numbering: tuple) -> set[str]:
    known_by, uids = cache.get(LEFT) or (None, set())
    return set(uids) if known_by == numbering else set()


def _numbering(mailbox) -> tuple:
    """Letters keep their numbers as long as this is the same."""
    folder = settings.BOUNCE_IMAP["folder"]
    return settings.BOUNCE_IMAP["host"], folder, mailbox.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"]
