"""What is owed on a day, and writing it down once.

Each reason is asked what is true on the day. One statement picks the latest
step of each thing, finds its people, and lays down whatever the ledger does
not hold yet. What runs twice, late, or in two places at once comes to the
same: the unique constraint settles it. Nothing here reads the clock.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.dates import is_working_day, next_working_day
from notices.models import Fault, Notice, Recipient, Step
from notices.reasons import Reason, registered

log = structlog.get_logger(__name__)

# Chasing goes out from this hour on working days (DESIGN rule 12).
OFFICE_OPENS = time(8, 0)
# Laying down and making up mails are quick; one at a time keeps two runs from waiting for each other's rows.
LEDGER_LOCK = 20090402


class Owed(NamedTuple):
    """One notice that is owed: a row of the ledger before it is written."""

    reason: str
    step: str
    repeat: int
    about: str
    about_on: date
    owed_on: date
    recipient_hash: str
    address: str
    role: str
    urgent: bool

    @property
    def key(self) -> tuple:
        """What makes it the same notice as another."""
        return (self.step, self.repeat, self.about, self.about_on, self.recipient_hash)


# --- What is owed


def due(reason: Reason, day: date, ids: Sequence[int] | None = None) -> list[Owed]:
    """Every notice of a reason that is owed on a day, laid down already or not; with `ids`, about those things only."""
    if ids is not None and not ids:
        return []
    sql, params = _due_sql(reason, day, ids)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} SELECT * FROM due ORDER BY about, address", params)
        return [Owed(reason.name, *row) for row in cursor.fetchall()]


def due_everywhere(day: date) -> list[Owed]:
    """Every notice of every reason that is owed on a day."""
    return [owed for reason in registered().values() for owed in due(reason, day)]


def untrue(notices: Iterable[Notice], day: date) -> dict[int, str]:
    """Which of these notices are not owed on `day` any more, by id, and why.

    The same question that laid them down is asked again, about their things
    only: one statement for each reason.
    """
    by_reason: dict[str, list[Notice]] = {}
    for notice in notices:
        by_reason.setdefault(notice.reason, []).append(notice)
    why: dict[int, str] = {}
    for name, those in by_reason.items():
        reason = registered().get(name)
        if reason is None:
            why |= {notice.pk: _("The hub no longer sends this reminder.") for notice in those}
            continue
        owed = due(reason, day, sorted({notice.about_id for notice in those}))
        keys = {each.key for each in owed}
        dates = {(each.about, each.about_on) for each in owed}
        steps = {each.key[:-1] for each in owed}
        things = {each.about for each in owed}
        for notice in those:
            step = (notice.step, notice.repeat, notice.about, notice.about_on)
            if (*step, notice.recipient_hash) in keys:
                continue
            if notice.about not in things:
                why[notice.pk] = _("Nothing is owed any more.")
            elif step in steps:
                why[notice.pk] = _("Somebody else is told now.")
            elif (notice.about, notice.about_on) in dates:
                why[notice.pk] = _("A later reminder took its place.")
            else:
                why[notice.pk] = _("Its date moved, or a later reminder took its place.")
    return why


# --- Writing it down


def owe(day: date, now: datetime) -> int:
    """Lay down everything that is owed on a day and not yet in the ledger. Returns how many notices are new."""
    new = sum(_lay_down(reason, day, now) for reason in registered().values())
    log.info("notices_laid_down", new=new)
    return new


@transaction.atomic
def _lay_down(reason: Reason, day: date, now: datetime) -> int:
    sql, params = _due_sql(reason, day)
    send_from = max(now, opens_at(next_working_day(timezone.localdate(now)))) if reason.chases else now
    with one_at_a_time() as cursor:
        cursor.execute(
            "INSERT INTO notices_notice (reason, step, repeat, about, about_on, owed_on, recipient_hash, address,"
            " role, urgent, laid_down_at, send_from, dropped_why)"
            f" {sql} SELECT %s, due.*, %s::timestamptz, %s::timestamptz, '' FROM due ON CONFLICT DO NOTHING",
            [*params, reason.name, now, send_from],
        )
        new = cursor.rowcount
        _find_faults(cursor, reason, sql, params, now)
    return new


def _find_faults(cursor, reason: Reason, sql: str, params: list, now: datetime) -> None:
    """Note duties with nobody to receive them, and mark as mended the faults that are no longer so."""
    cursor.execute(
        f"{sql} UPDATE notices_fault SET mended_at = %s WHERE mended_at IS NULL AND reason = %s AND ("
        " (kind = %s AND about NOT IN (SELECT about FROM nobody))"
        " OR (kind = %s AND (about, recipient_hash) NOT IN (SELECT about, recipient_hash FROM due)))",
        [*params, now, reason.name, Fault.Kind.NOBODY, Fault.Kind.GIVEN_UP],
    )
    cursor.execute(
        "INSERT INTO notices_fault (kind, reason, about, recipient_hash, found_at)"
        f" {sql} SELECT %s, %s, about, '', %s::timestamptz FROM nobody ON CONFLICT DO NOTHING",
        [*params, Fault.Kind.NOBODY, reason.name, now],
    )
    if cursor.rowcount:
        log.error("nobody_receives_what_is_owed", reason=reason.name, things=cursor.rowcount)


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
    with connection.cursor() as cursor:
        waits = "sent_at IS NULL AND dropped_at IS NULL AND given_up_at IS NULL"
        cursor.execute(
            "UPDATE notices_notice SET dropped_at = %s, dropped_why = %s"
            f" WHERE {waits} AND recipient_hash = {_HASH % '%s'}",
            [now, _("The address was erased."), *_hash_keys(), address],
        )
        for table in ("notices_notice", "notices_mail"):
            cursor.execute(
                f"UPDATE {table} SET address = '' WHERE recipient_hash = {_HASH % '%s'}",
                [*_hash_keys(), address],
            )


# HMAC-SHA256 of the lower-case address, with functions that every PostgreSQL has.
_HASH = "encode(sha256(%%s || sha256(%%s || convert_to(lower(%s), 'UTF8'))), 'hex')"


def _hash_keys() -> tuple[bytes, bytes]:
    """The outer and inner keys of the HMAC, made from the secret key.

    With another secret key everybody is a stranger to the ledger: the latest
    reminder of what is still owed goes out once more.
    """
    key = hashlib.sha256(b"notices.recipient:" + settings.SECRET_KEY.encode()).digest().ljust(64, b"\0")
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


# --- The statement


def _due_sql(reason: Reason, day: date, ids: Sequence[int] | None = None) -> tuple[str, list]:
    """A WITH clause whose `due` holds the notices owed on a day, and `nobody` the things that nobody receives.

    A step holds until the next one of its reason begins, so each thing has at
    most one: a missed run is made up with the latest and never in a burst.
    When the owner and the team mailbox are missing, the deputy and the lead
    stand in; when they are missing too, the Family Information Service.
    """
    things = reason.things(day)
    if ids is not None:
        things = things.filter(pk__in=ids)
    columns = ("pk", *reason.anchors, *reason.COLUMNS)
    thing, thing_params = _compiled(things, columns)
    roster, roster_params = _compiled(reason.roster(day))
    step, step_params = _compiled(
        Step.objects.in_force(day).filter(reason=reason.name),
        ("pk", "key", "anchor", "offset_days", "repeat_every_days", "recipients", "urgent", "valid_from"),
    )
    anchors = ", ".join(f"('{name}', thing.{name})" for name in reason.anchors)
    roles = ", ".join(f"'{role}'" for role in Recipient.values)
    sql = f"""
        WITH thing ({", ".join(columns)}) AS ({thing}),
        roster (role, organisation_id, address) AS MATERIALIZED ({roster}),
        step (pk, key, anchor, offset_days, repeat_every_days, recipients, urgent, valid_from) AS ({step}),
        latest AS (
            SELECT DISTINCT ON (thing.pk) thing.*, anchored.about_on, begins_on, valid_from,
                step.key AS step, step.recipients::text[] AS recipients, step.urgent, step.repeat_every_days AS every,
                COALESCE((%s::date - begins_on) / step.repeat_every_days, 0) AS repeat
            FROM thing
            CROSS JOIN LATERAL (VALUES {anchors}) AS anchored (name, about_on)
            JOIN step ON step.anchor = anchored.name
            CROSS JOIN LATERAL (SELECT anchored.about_on + step.offset_days AS begins_on) AS begins
            WHERE begins_on <= %s::date
            ORDER BY thing.pk, begins_on DESC, step.pk DESC
        ),
        reached AS (
            SELECT latest.*, %s || ':' || pk AS about, begins_on + repeat * COALESCE(every, 0) AS owed_on,
                to_owner = '' AND to_team = '' AS ownerless,
                to_owner = '' AND to_team = '' AND (volunteers OR to_deputy = '' AND organisation_id NOT IN (
                    SELECT roster.organisation_id FROM roster WHERE roster.organisation_id IS NOT NULL
                )) AS unreceived
            FROM latest
        ),
        nobody AS (SELECT about FROM reached WHERE unreceived),
        told AS (
            SELECT reached.*, chain.role FROM reached CROSS JOIN LATERAL unnest(CASE
                WHEN volunteers THEN ARRAY['owner']
                WHEN unreceived THEN recipients || ARRAY['fis']
                WHEN ownerless THEN recipients || ARRAY['deputy', 'lead']
                ELSE recipients
            END) AS chain (role)
            WHERE valid_from IS NULL OR owed_on >= valid_from
        ),
        person AS (
            SELECT told.*, CASE WHEN to_owner = '' THEN 'team' ELSE 'owner' END AS told_as,
                CASE WHEN to_owner = '' THEN to_team ELSE to_owner END AS address
            FROM told WHERE role = 'owner'
            UNION ALL
            SELECT told.*, role, to_deputy FROM told WHERE role = 'deputy'
            UNION ALL
            SELECT told.*, told.role, roster.address FROM told
            JOIN roster ON roster.role = told.role AND roster.organisation_id = told.organisation_id
            UNION ALL
            SELECT told.*, told.role, roster.address FROM told
            JOIN roster ON roster.role = told.role AND roster.organisation_id IS NULL
        ),
        due (step, repeat, about, about_on, owed_on, recipient_hash, address, role, urgent) AS (
            SELECT DISTINCT ON (about, lower(address)) step, repeat, about, about_on, owed_on,
                {_HASH % "address"}, lower(address), told_as, urgent
            FROM person WHERE address <> ''
            ORDER BY about, lower(address), array_position(ARRAY[{roles}], told_as)
        )
    """
    params = [*thing_params, *roster_params, *step_params, day, day, reason.model, *_hash_keys()]
    return sql, params


def _compiled(queryset, columns: Sequence[str] = ()) -> tuple[str, tuple]:
    """The SQL of a queryset's columns, to stand inside a statement of ours."""
    return (queryset.order_by().values_list(*columns) if columns else queryset).query.sql_with_params()
