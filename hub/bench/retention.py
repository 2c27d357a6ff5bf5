"""Letting go of a million rows whose time is over: beside the bare statement, in how much memory, and interrupted."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from core import retention
from core.models import Forgotten
from hub.bench.chasing import _memory_grown, _seconds
from hub.bench.measures import Asked, Result, measure
from notices.models import Notice

ROWS = 1_000_000
# After so many batches somebody pulls the plug.
INTERRUPTED_AFTER = 20


class PulledPlug(Exception):
    """The power went in the middle of a batch."""


@measure("retention")
def let_a_million_go(asked: Asked) -> list[Result]:
    """The night's work on a ledger of which a million rows are over, against a bare DELETE in batches as large."""
    logging.getLogger("core").setLevel(logging.WARNING)
    _fill()
    _interrupt()
    counted, there = _counted(), Notice.objects.count()
    keeps_count = counted == ROWS - there == INTERRUPTED_AFTER * retention.BATCH
    grown = _memory_grown(_let_go)
    is_all_gone = Notice.objects.count() == 0 and _counted() == ROWS

    _fill()
    theirs = _seconds(_bare)
    _fill()
    mine = _seconds(_let_go)
    _fill(over=False)
    nothing = _seconds(_let_go)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE notices_notice CASCADE")
    return [
        Result(
            f"{ROWS:,} rows of the ledger whose time is over go, beside a bare DELETE in batches as large",
            "at most 3",
            f"{mine / theirs:.2f} ({mine:.0f} s beside {theirs:.0f} s)",
            mine / theirs <= 3,
        ),
        Result("Memory that it takes", "at most 20 MB", f"{grown / 1000:.1f} MB", grown <= 20_000),
        Result(
            f"Interrupted after {INTERRUPTED_AFTER} batches of {retention.BATCH:,}: what is gone is counted, no more",
            "equal",
            f"{counted:,} counted, {ROWS - there:,} gone",
            keeps_count,
        ),
        Result(
            "The next run does the rest, and counts each row once", "yes", "yes" if is_all_gone else "no", is_all_gone
        ),
        Result(
            f"A night on which nothing of {ROWS:,} rows is over, beside one that lets them all go",
            "at most 0.05",
            f"{nothing / mine:.3f} ({nothing:.2f} s)",
            nothing / mine <= 0.05,
        ),
    ]


def _let_go() -> None:
    retention.let_go(timezone.now(), only=["ledger"])


def _counted() -> int:
    return Forgotten.objects.filter(what="ledger").aggregate(rows=Sum("rows"))["rows"] or 0


def _interrupt() -> None:
    """Let go until the plug is pulled in the middle of a batch: its rows are gone, and its count is not written yet."""
    note, batches = retention.note, iter(range(INTERRUPTED_AFTER))

    def pulled(*args, **kwargs):
        if next(batches, None) is None:
            raise PulledPlug
        note(*args, **kwargs)

    retention.note = pulled
    try:
        _let_go()
    except PulledPlug:
        return
    finally:
        retention.note = note
    raise AssertionError("Nobody pulled the plug")


def _bare() -> None:
    """The same rows go in batches as large, and nothing else is done."""
    before = timezone.now() - timedelta(days=1)
    gone = retention.BATCH
    while gone == retention.BATCH:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM notices_notice WHERE id IN"
                " (SELECT id FROM notices_notice WHERE laid_down_at < %s LIMIT %s)",
                [before, retention.BATCH],
            )
            gone = cursor.rowcount


def _fill(*, over: bool = True) -> None:
    """A million notices that were struck out, longer ago than the ledger keeps them or lately; no counts."""
    days = 7 * 365 if over else 30
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE notices_notice CASCADE")
        cursor.execute("DELETE FROM core_forgotten WHERE what = 'ledger'")
        cursor.execute(
            """
            INSERT INTO notices_notice (reason, step, repeat, about_id, about_on, recipient_hash, address, role, urgent,
                owed_on, laid_down_at, send_from, dropped_at, dropped_why)
            SELECT 'answer-owed', 'due', 0, number, past::date, md5(number::text), '', 'owner', false, past::date,
                past, past, past, 'It was answered.'
            FROM generate_series(1, %(rows)s) AS number, (SELECT now() - make_interval(days => %(days)s)) AS day (past)
            """,
            {"days": days, "rows": ROWS},
        )
        cursor.execute("ANALYZE notices_notice")
