"""Mail that comes back. Whoever tells us, it ends here, and is written down once.

A mail server's yes means that it took a mail, not that anybody got it. What
the hub learns later comes by a signed webhook, from a mail service, or as a
letter in a mailbox (notices/hooks.py, notices/mailbox.py).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from notices import ledger
from notices.models import Fault, Mail, count

log = structlog.get_logger(__name__)

# So many mails that each came back for a while only, one after the other, and the address counts as dead.
IN_A_ROW = 3


class Fate(StrEnum):
    """What became of a mail that was not delivered."""

    DELAYED = "delayed"  # it may still arrive
    LOST = "lost"  # this one will not, the next one may: a full mailbox, a server that was down for days
    DEAD = "dead"  # the address takes no mail


class Verdict(StrEnum):
    """What the hub made of it."""

    RECORDED = "recorded"
    NOTED = "noted"  # nothing to do but to log it
    KNOWN = "known"  # it was told before
    UNKNOWN = "unknown"  # no mail of ours
    ANOTHER = "another"  # it names somebody else than the mail went to


@dataclass(frozen=True)
class Bounce:
    """What came back: which mail, as its `Message-ID` says, and what became of it.

    `addresses` are those that the news is about, empty where the source does
    not say. `code` is the mail server's own, "5.1.1" or "550", or a mail
    service's word for it, and names nobody.
    """

    mail: UUID
    fate: Fate
    code: str = ""
    addresses: tuple[str, ...] = ()


@transaction.atomic
def record(bounce: Bounce, *, source: str, now: datetime) -> Verdict:
    """Write down that a mail came back, once however often it is told.

    Its notices count as not sent, so they are owed again as soon as the
    address works. A dead address is a fault: from the next pass on whoever
    stands in is told. News that names another address than the mail went to
    changes nothing: nobody can silence somebody else.
    """
    verdict = _record(bounce, now)
    log.info(
        "bounce",
        verdict=verdict.value,
        fate=bounce.fate.value,
        code=bounce.code,
        mail=str(bounce.mail),
        source=source,
    )
    return verdict


def _record(bounce: Bounce, now: datetime) -> Verdict:
    # Locked, so that two who tell the same wait for each other. One that was never tried cannot come back.
    mail = Mail.objects.select_for_update().filter(pk=bounce.mail, attempts__gt=0).first()
    if mail is None:
        return Verdict.UNKNOWN
    if bounce.addresses and not any(_is_to(mail, address) for address in bounce.addresses):
        return Verdict.ANOTHER
    if mail.bounced_at:
        return Verdict.KNOWN
    if bounce.fate == Fate.DELAYED:
        return Verdict.NOTED
    if not (mail.sent_at or mail.dropped_at or mail.given_up_at):
        mail.sent_at = now  # its sender never learned that it was taken; that it came back proves it
    mail.bounced_at, mail.claimed_until = now, None
    mail.refusal = bounce.code or bounce.fate.value
    mail.save(update_fields=["sent_at", "bounced_at", "claimed_until", "refusal"])
    mail.notices.filter(dropped_at__isnull=True).update(
        sent_at=None, dropped_at=now, dropped_why=_("The mail came back.")
    )
    if bounce.fate == Fate.DEAD or _keeps_coming_back(mail):
        _declare_dead(mail, now)
    count(now, bounced=1)
    return Verdict.RECORDED


def _is_to(mail: Mail, address: str) -> bool:
    """Whether a mail went to an address, as typed in any case; by its hash, so an erased address is known too."""
    return mail.recipient_hash == ledger.hash_of(address) or mail.address.lower() == address.lower()


def _keeps_coming_back(mail: Mail) -> bool:
    earlier = Mail.objects.filter(recipient_hash=mail.recipient_hash, sent_at__lte=mail.sent_at or mail.bounced_at)
    came_back = earlier.order_by("-sent_at").values_list("bounced_at", flat=True)[:IN_A_ROW]
    return len(came_back) == IN_A_ROW and all(came_back)


def _declare_dead(mail: Mail, now: datetime) -> None:
    """Nobody writes to the address until it is mended, unless it was mended after this mail went or is erased."""
    faults = Fault.objects.filter(kind=Fault.Kind.ADDRESS, recipient_hash=mail.recipient_hash)
    if mail.address and not (mail.sent_at and faults.filter(mended_at__gte=mail.sent_at).exists()):
        refused = (mail.recipient_hash, mail.address, mail.refusal)
        ledger.declare_unreachable([refused], kind=Fault.Kind.ADDRESS, now=now)


# --- Reading what others say


def fate_of(action: str, code: str) -> Fate | None:
    """What a delivery report says, in its own words (RFC 3464); None when it is no bad news.

    A failure whose code begins with 5 says that the address takes no mail;
    any other, that this mail did not arrive.
    """
    if action == "delayed":
        return Fate.DELAYED
    if action == "failed":
        return Fate.DEAD if code.startswith("5") else Fate.LOST
    return None


_OURS = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b(?=@|>?$)", re.I)


def mail_in(message_id: str) -> UUID | None:
    """The mail that a `Message-ID` names, as post.py makes it, or its bare number; None when it is not one of ours."""
    found = _OURS.search(message_id.strip())
    return UUID(found[1]) if found else None


def code_in(text: str) -> str:
    """The code in what a mail server said, "5.1.1" before "550"; nothing else of it, since the rest names people."""
    found = _ENHANCED.search(text) or _BASIC.search(text)
    return found[1] if found else ""


_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.]*\d)")
