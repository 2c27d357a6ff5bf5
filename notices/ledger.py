"""What is owed on a day, and writing it down once.

Each reason is asked what is true on the day. One statement (notices/question.py)
picks the latest step of each thing, finds its people, and lays down whatever
the ledger does not hold yet. What runs twice, late, or in two places at once
comes to the same: the unique constraint settles it. Nothing here reads the clock.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from core.dates import is_working_day, next_working_day
from notices import followables
from notices.models import Cadence, Fault, Mail, Notice, Recipient, SignUp, Step, Subscription, count
from notices.question import ROLES, question, things_statement
from notices.reasons import Reason, registered

log = structlog.get_logger(__name__)

# Chasing goes out from this hour on working days (DESIGN rule 12).
OFFICE_OPENS = time(8, 0)
# What a pass brings besides what never waits; digests bring the rest (notices/digests.py).
AT_ONCE = (Cadence.AT_ONCE,)
# Laying down and making up mails are quick; one at a time keeps two runs from waiting for each other's rows.
LEDGER_LOCK = 20090402


class Owed(NamedTuple):
    """One notice that is owed: a row of the ledger before it is written."""

    reason: str
    step: str
    repeat: int
    about_id: int
    about_on: date
    owed_on: date
    recipient_hash: str
    address: str
    role: str
    urgent: bool

    @property
    def key(self) -> tuple:
        """What makes it the same notice as another."""
        return (self.step, self.repeat, self.about_id, self.about_on, self.recipient_hash)


# --- What is owed


def due(
    reason: Reason,
    day: date,
    ids: Sequence[int] | None = None,
    steps: Iterable[Step] | None = None,
    followers: Sequence[str] | None = None,
) -> list[Owed]:
    """Every notice of a reason that is owed on a day, laid down already or not.

    With `ids`, about those things only; with `steps`, as it would be if those
    were in force; with `followers`, of those who follow a thing these addresses only.
    """
    return due_together([Ask(reason, ids, followers)], day, steps)


class Ask(NamedTuple):
    """What is asked of one reason: about these things only, and of those who follow these addresses only."""

    reason: Reason
    ids: Sequence[int] | None = None
    followers: Sequence[str] | None = None


def due_together(asked: Iterable[Ask], day: date, steps: Iterable[Step] | None = None) -> list[Owed]:
    """What `due` says of several reasons, in two queries, however many they are.

    What families follow by many filters takes one more for each so many of these.
    """
    asked = [each for each in asked if each.ids is None or each.ids]
    names = [each.reason.name for each in asked]
    in_force = list(Step.objects.filter(reason__in=names).order_by("pk") if steps is None else steps) if asked else []
    hashed = f"coalesce(recipient_hash, {_HASH.format(outer='%s', inner='%s', address='address')})"
    together: list[tuple[str, list]] = []
    alone: list[tuple[str, list]] = []
    for reason, ids, followers in asked:
        its = [step for step in in_force if step.reason == reason.name]
        for number, filters in enumerate(_batches(reason, followers)):
            sql, params = question(reason, day, ids, its, followers, filters=filters, first=not number)
            part = (
                f"(SELECT %s::text, owed.* FROM ({sql} SELECT DISTINCT ON (pk, address) step.step, repeat, pk,"
                f" about_on, owed_on, {hashed}, address, {_ROLE}, {_URGENT}"
                " FROM person JOIN step USING (place) ORDER BY pk, address, rank, cadence) AS owed)"
            )
            (alone if number else together).append((part, [reason.name, *params, *_hash_keys()]))
    found: dict[tuple, Owed] = {}
    for parts in [*([together] if together else []), *([each] for each in alone)]:
        with connection.cursor() as cursor:
            sql = " UNION ALL ".join(part for part, _params in parts)
            cursor.execute(sql, [each for _part, params in parts for each in params])
            for row in cursor.fetchall():
                owed = Owed(*row)
                found.setdefault((owed.reason, *owed.key), owed)
    return list(found.values())


def _batches(reason: Reason, followers: Sequence[str] | None = None) -> list[dict[str, list[str]]]:
    """The filters that a reason's question is asked with, so many at a time."""
    return followables.filters_of(reason.follows, followers) if reason.follows else [{}]


def due_everywhere(day: date) -> list[Owed]:
    """Every notice of every reason that is owed on a day."""
    return due_together([Ask(reason) for reason in registered().values()], day)


def untrue(notices: Iterable[Notice], day: date, steps: Iterable[Step] | None = None) -> dict[int, str]:
    """Which of these notices are not owed on `day` any more, by id, and why.

    The same question that laid them down is asked again, about their things
    only.
    """
    by_reason: dict[str, list[Notice]] = {}
    for notice in notices:
        by_reason.setdefault(notice.reason, []).append(notice)
    reasons = registered()
    owed_by: dict[str, list[Owed]] = {}
    again = [_again(reasons[name], of) for name, of in by_reason.items() if name in reasons]
    for each in due_together(again, day, steps):
        owed_by.setdefault(each.reason, []).append(each)
    why: dict[int, str] = {}
    for name, those in by_reason.items():
        reason = reasons.get(name)
        if reason is None:
            why |= {notice.pk: _("The hub no longer sends this reminder.") for notice in those}
            continue
        owed = owed_by.get(name, [])
        keys = {each.key for each in owed}
        dates = {(each.about_id, each.about_on) for each in owed}
        reached = {each.key[:-1] for each in owed}
        things = {each.about_id for each in owed}
        for notice in those:
            step = (notice.step, notice.repeat, notice.about_id, notice.about_on)
            if (*step, notice.recipient_hash) in keys:
                continue
            if reason.tells_families:
                why[notice.pk] = _("It is no news any more, or they have stopped following it.")
            elif notice.about_id not in things:
                why[notice.pk] = _("Nothing is owed any more.")
            elif step in reached:
                why[notice.pk] = _("Somebody else is told now.")
            elif (notice.about_id, notice.about_on) in dates:
                why[notice.pk] = _("A later reminder took its place.")
            else:
                why[notice.pk] = _("Its date moved, or a later reminder took its place.")
    return why


def _again(reason: Reason, those: Sequence[Notice]) -> Ask:
    """The question that laid these down, about their things and people only."""
    followers = sorted({notice.address for notice in those}) if reason.follows else None
    return Ask(reason, sorted({notice.about_id for notice in those}), followers)


# --- Writing it down


def owe(day: date, now: datetime) -> int:
    """Lay down everything that is owed on a day and not yet in the ledger. Returns how many notices are new."""
    new = sum(_lay_down(reason, day, now) for reason in _astir(day, registered()))
    count(now, passes=1, owed=new)
    log.info("notices_laid_down", new=new)
    return new


def owe_families(day: date, now: datetime, cadences: Sequence[str] = AT_ONCE) -> int:
    """Lay down what families asked to be told, and no reminder: what never waits, and what these rhythms bring now.

    Returns how many notices are new.
    """
    families = {name: reason for name, reason in registered().items() if reason.tells_families}
    new = sum(_lay_down(reason, day, now, cadences) for reason in _astir(day, families))
    count(now, owed=new)
    return new


def look_again(day: date, now: datetime) -> None:
    """A pass of the reasons that have a duty nobody answered for, and of no other."""
    faults = Fault.objects.open().exclude(kind__in=Fault.OF_AN_ADDRESS).order_by()
    for name in faults.values_list("reason", flat=True).distinct():
        if reason := registered().get(name):
            count(now, owed=_lay_down(reason, day, now))


def _astir(day: date, among: Mapping[str, Reason]) -> list[Reason]:
    """Those reasons that have anything to say on a day, or a fault that may have ended. One short question for all.

    Compiling the long one takes longer than most reasons are worth.
    """
    asked, params = [], []
    among = _not_in_vain(among)
    for name, reason in among.items():
        things, more = things_statement(reason, day)
        asked.append(f"SELECT %s WHERE EXISTS ({things}) OR EXISTS ({_OPEN_FAULTS})")
        params += [name, *more, name]
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked), params)
        found = {name for (name,) in cursor.fetchall()}
    return [reason for name, reason in among.items() if name in found]


def _not_in_vain(among: Mapping[str, Reason]) -> Mapping[str, Reason]:
    """The reasons without those that tell followers, while nobody follows anything and no fault of theirs is open."""
    told = [name for name, reason in among.items() if reason.follows]
    if not told:
        return among
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM notices_subscription WHERE confirmed_at IS NOT NULL AND left_at IS NULL)"
            " OR EXISTS (SELECT FROM notices_fault WHERE reason = ANY (%s) AND mended_at IS NULL)",
            [told],
        )
        if cursor.fetchone()[0]:
            return among
    return {name: reason for name, reason in among.items() if name not in told}


_OPEN_FAULTS = "SELECT FROM notices_fault WHERE reason = %s AND mended_at IS NULL"


@transaction.atomic
def _lay_down(reason: Reason, day: date, now: datetime, cadences: Sequence[str] = AT_ONCE) -> int:
    """One pass of one reason: new notices, dropped ones that are owed after all, and faults.

    It is one statement; where families follow by many filters, one for each so many of these.
    """
    return sum(
        _lay_down_batch(reason, day, now, cadences, filters, first=not number)
        for number, filters in enumerate(_batches(reason))
    )


def _lay_down_batch(reason: Reason, day: date, now: datetime, cadences: Sequence[str], filters, first: bool) -> int:
    sql, params = question(reason, day, unsaid=True, cadences=cadences, filters=filters, first=first)
    send_from = max(now, opens_at(next_working_day(timezone.localdate(now)))) if reason.chases else now
    with one_at_a_time() as cursor:
        cursor.execute(f"{sql}, {_pass(reason)}", [*params, reason.name, reason.owes, now, send_from, *_hash_keys()])
        new, nobody = cursor.fetchone()
    if nobody:
        log.error("nobody_receives_what_is_owed", reason=reason.name, things=nobody)
    return new


# The role of a person in `person`, in words.
_URGENT = "(urgent OR coalesce(cadence = 'at_once', false))"
_ROLE = f"('{{{','.join(ROLES)}}}'::text[])[rank + 1]"

# HMAC-SHA256 of the lower-case address, with functions that every PostgreSQL has.
_HASH = "encode(sha256({outer} || sha256({inner} || convert_to({address}, 'UTF8'))), 'hex')"


def _pass(reason: Reason) -> str:
    """What a pass does with the people of the question.

    Each is looked up by the key of the ledger, one by one: whatever the database
    guesses, it never reads a long ledger from end to end. Those of a thing are
    few, and looked up by address, so that only what is new has to be hashed.
    Those who follow it may be tens of thousands, and have their hash already.
    """
    if reason.tells_families:
        who, hashed = "recipient_hash", "who"
    else:
        who, hashed = "address", _HASH.format(outer="outer_key", inner="inner_key", address="who")
    return f"""
    said (reason, owes, now, send_from, outer_key, inner_key) AS MATERIALIZED (
        SELECT %s::text, %s::boolean, %s::timestamptz, %s::timestamptz, %s::bytea, %s::bytea
    ),
    fresh AS MATERIALIZED (
        SELECT DISTINCT ON (pk, person.address) pk, step.step, repeat, about_on, owed_on, person.address,
            {_URGENT} AS urgent, person.{who} AS who, {_ROLE} AS role
        FROM person JOIN step USING (place) CROSS JOIN said
        LEFT JOIN LATERAL (
            SELECT id, dropped_at FROM notices_notice AS known
            WHERE known.about_id = pk AND known.about_on = person.about_on AND known.step = step.step
                AND known.repeat = person.repeat AND known.reason = said.reason AND known.{who} = person.{who}
            LIMIT 1
        ) AS known ON true
        WHERE known.id IS NULL OR known.dropped_at IS NOT NULL
        ORDER BY pk, person.address, rank, cadence
    ),
    laid_down AS (
        INSERT INTO notices_notice AS notice (reason, step, repeat, about_id, about_on, owed_on, recipient_hash,
            address, role, urgent, laid_down_at, send_from, dropped_why)
        SELECT said.reason, step, repeat, pk, about_on, owed_on, {hashed}, address, role, urgent, said.now,
            said.send_from, ''
        FROM fresh CROSS JOIN said
        ON CONFLICT (about_id, about_on, step, repeat, reason, recipient_hash) DO UPDATE
            SET dropped_at = NULL, dropped_why = '', mail_id = NULL, address = excluded.address, role = excluded.role,
                urgent = excluded.urgent, laid_down_at = excluded.laid_down_at, send_from = excluded.send_from
            WHERE notice.dropped_at IS NOT NULL
        RETURNING 1
    ),
    broken (about_id, kind) AS MATERIALIZED (
        SELECT pk, CASE WHEN unreceived THEN 'nobody' ELSE 'ownerless' END
        FROM reached CROSS JOIN said WHERE said.owes AND (unreceived OR owner_left)
    ),
    mended AS (
        UPDATE notices_fault SET mended_at = (SELECT now FROM said)
        WHERE mended_at IS NULL AND reason = (SELECT reason FROM said)
            AND (about_id, kind) NOT IN (SELECT about_id, kind FROM broken)
    ),
    found AS (
        INSERT INTO notices_fault (kind, reason, about_id, recipient_hash, address, detail, found_at)
        SELECT kind, said.reason, about_id, '', '', '', said.now FROM broken CROSS JOIN said
        ON CONFLICT DO NOTHING RETURNING kind
    )
    SELECT (SELECT count(*) FROM laid_down), (SELECT count(*) FROM found WHERE kind = 'nobody')
    """


@contextmanager
def one_at_a_time() -> Iterator:
    """A cursor in a transaction that no other writer of the ledger runs beside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEDGER_LOCK])
        yield cursor


# --- People


@transaction.atomic
def forget(address: str, now: datetime) -> None:
    """Erase an address from the ledger. That something was sent stays known; to whom does not."""
    known = hash_of(address)
    waits = Notice.objects.waiting().filter(recipient_hash=known)
    waits.update(dropped_at=now, dropped_why=_("The address was erased."))
    Fault.objects.open().filter(recipient_hash=known).update(mended_at=now)
    for table in (Notice, Fault):
        table.objects.filter(recipient_hash=known).update(address="")
    Mail.objects.filter(recipient_hash=known).update(address="", subject="", text="", html="")
    _stop_following([known], now)


def _stop_following(those: Sequence[str], now: datetime) -> None:
    """Whoever has these hashes follows nothing any more. Their addresses go."""
    Subscription.objects.filter(recipient_hash__in=those, left_at__isnull=True).update(left_at=now, address="")
    SignUp.objects.filter(recipient_hash__in=those).delete()


def forget_who_left(those: Sequence[str], now: datetime) -> None:
    """Whoever of these hashes follows nothing, and is asked nothing: their addresses go, and what waits for them too.

    What the ledger says to them as staff is another matter, and stays.
    """
    following = Subscription.objects.active().filter(recipient_hash__in=those).values_list("recipient_hash", flat=True)
    asked = SignUp.objects.filter(recipient_hash__in=those, confirmed_at__isnull=True)
    left = sorted(set(those) - set(following) - set(asked.values_list("recipient_hash", flat=True)))
    if not left:
        return
    SignUp.objects.filter(recipient_hash__in=left).delete()
    told = Notice.objects.filter(recipient_hash__in=left, role=Recipient.FOLLOWER)
    told.waiting().update(dropped_at=now, dropped_why=_("They have stopped following it."))
    told.update(address="")
    as_staff = Notice.objects.filter(mail=OuterRef("pk")).exclude(role=Recipient.FOLLOWER)
    Mail.objects.filter(~Exists(as_staff), recipient_hash__in=left).update(address="")


@transaction.atomic
def forget_sign_ups(before: datetime, limit: int) -> int:
    """Up to so many sign-ups typed before a moment go, confirmed or not, and every trace of who follows nothing."""
    old = list(SignUp.objects.filter(asked_at__lte=before).order_by("asked_at")[:limit])
    SignUp.objects.filter(pk__in=[each.pk for each in old]).delete()
    forget_who_left(sorted({each.recipient_hash for each in old}), before + SignUp.lasts())
    return len(old)


def brought_by(mail: Mail) -> list[int]:
    """The subscriptions of its reader that hold what a mail is about, by id: the thing itself, its body, a filter."""
    about: dict[str, set[int]] = {}
    for name, pk in mail.notices.filter(role=Recipient.FOLLOWER).values_list("reason", "about_id"):
        if name in registered():
            about.setdefault(name, set()).add(pk)
    found: set[int] = set()
    for name, ids in about.items():
        reason = registered()[name]
        followed = sorted(reason.followed_of(ids)) if reason.follows else []
        things = f"SELECT unnest('{{{','.join(map(str, followed))}}}'::bigint[])"
        batches = followables.filters_of(reason.follows, recipient_hash=mail.recipient_hash) if followed else []
        for number, filters in enumerate(batches):
            held, params = followables.holding(reason.follows, things, filters, first=not number)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT follower.id FROM notices_subscription AS follower"
                    f" JOIN ({held}) AS held (follows, about_id, filter, thing) USING (follows, about_id, filter)"
                    " WHERE follower.recipient_hash = %s AND follower.left_at IS NULL",
                    [*params, mail.recipient_hash],
                )
                found.update(pk for (pk,) in cursor.fetchall())
    return sorted(found)


def declare_unreachable(addresses: Iterable[tuple[str, str, str]], *, kind: str, now: datetime) -> None:
    """Note a fault of addresses, each a hash, an address and what the mail server said.

    One that takes no mail (`Fault.Kind.ADDRESS`) is not written to any more:
    from the next pass on whoever stands in is told in its place. Of a family
    who only followed something there is nothing to mend: they follow it no more.
    """
    found = {
        known: Fault(kind=kind, recipient_hash=known, address=address.lower(), detail=detail, found_at=now)
        for known, address, detail in addresses
    }
    if kind == Fault.Kind.ADDRESS:
        _stop_following(list(found), now)
    told = Notice.objects.filter(recipient_hash__in=found).values("recipient_hash")
    families = told.filter(role=Recipient.FOLLOWER).difference(told.exclude(role=Recipient.FOLLOWER))
    for each in families:
        del found[each["recipient_hash"]]
    Fault.objects.bulk_create(found.values(), ignore_conflicts=True)


def reachable_again(address: str, *, now: datetime) -> None:
    """Forget what the mail server said of an address: it was mended, or nobody has it any more."""
    Fault.objects.open().filter(kind__in=Fault.OF_AN_ADDRESS, recipient_hash=hash_of(address)).update(mended_at=now)


def moved(old: str, new: str) -> None:
    """Somebody has another address: what reached them at the old one is not said again at the new one.

    What came back is. News stays with the address that follows a thing.
    """
    known, there = hash_of(old), hash_of(new)
    same = {each: OuterRef(each) for each in ("about_id", "about_on", "step", "repeat", "reason")}
    said = Notice.objects.filter(recipient_hash=known, sent_at__isnull=False).exclude(role=Recipient.FOLLOWER)
    said = said.exclude(Exists(Notice.objects.filter(recipient_hash=there, **same)))
    said.update(recipient_hash=there, address=new.lower())


def hash_of(address: str) -> str:
    """The keyed hash by which the ledger knows an address: HMAC-SHA256, as the statements write it."""
    return hmac.new(_key(), address.lower().encode(), "sha256").hexdigest()


def _key() -> bytes:
    """The key of the hash, made from the secret key.

    With another secret key everybody is a stranger to the ledger: the latest
    reminder of what is still owed goes out once more.
    """
    return hashlib.sha256(b"notices.recipient:" + settings.SECRET_KEY.encode()).digest()


def _hash_keys() -> tuple[bytes, bytes]:
    """The outer and inner keys of the HMAC."""
    key = _key().ljust(64, b"\0")
    return bytes(byte ^ 0x5C for byte in key), bytes(byte ^ 0x36 for byte in key)


# --- Hours


def opens_at(day: date) -> datetime:
    """The moment from which chasing may go out on a working day."""
    return timezone.make_aware(datetime.combine(day, OFFICE_OPENS))


def is_office_time(now: datetime) -> bool:
    """Whether chasing may go out: a working day in England, after 8:00."""
    local = timezone.localtime(now)
    return is_working_day(local.date()) and local.time() >= OFFICE_OPENS


def next_morning(now: datetime) -> datetime:
    """When chasing may go out on the next working day after this one."""
    return opens_at(next_working_day(timezone.localdate(now) + timedelta(days=1)))
