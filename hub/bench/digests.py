"""A weekly digest over very many subscriptions: how fast, how many questions, and how much memory."""

import contextlib
import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

from django.db import connection, transaction
from django.test.utils import override_settings
from django.utils import timezone

from consultations.models import Consultation
from consultations.stages import Stage
from core.dates import today
from core.models import Area, Topic
from hub.bench import county
from hub.bench.chasing import _memory_grown, _memory_grown_by, _seconds
from hub.bench.measures import Asked, Result, measure
from notices import ledger, post
from notices.models import Cadence, Mail, Notice, Subscription

SUBSCRIPTIONS = 100_000
FEW = 1_000
NEW = 20
SENT = 2_000
TURNS = 3
EVERY_WEEK = [Cadence.WEEK]


@measure("digest")
def digest(asked: Asked) -> list[Result]:
    """The weekly digest laid down and put into mails, against the statement that copies the same rows and no more."""
    logging.getLogger("notices").setLevel(logging.WARNING)
    county.hold(1_000)
    _open_some()
    few_queries = _queries_of_a_run(FEW)
    many_queries = _queries_of_a_run(SUBSCRIPTIONS)
    laid_down = Notice.objects.count()
    assert laid_down > SUBSCRIPTIONS // 10, laid_down
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_copy AS SELECT * FROM notices_notice")

    turns: list[tuple[float, float]] = []
    for _turn in range(TURNS):
        _empty()
        theirs = _seconds(_copy)
        assert Notice.objects.count() == laid_down
        _empty()
        turns.append((theirs, _seconds(_run)))
        assert Notice.objects.count() == laid_down
    theirs, mine = (min(times) for times in zip(*turns, strict=True))
    _empty()
    grown = _memory_grown_by(_run)
    gathering = _seconds(_gather)
    _empty()
    _run()
    grown_by_gathering = _memory_grown(_gather)
    sent, queries, grown_by_sending = _send_some()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_copy")
        cursor.execute("TRUNCATE notices_notice, notices_mail, notices_subscription CASCADE")
    what = (
        f"A weekly digest of {SUBSCRIPTIONS:,} subscriptions, {laid_down:,} messages, beside the bare INSERT ... SELECT"
    )
    words = f"{mine / theirs:.2f} ({mine:.1f} s beside {theirs:.1f} s)"
    return [
        Result(what, "at most 5", words, mine / theirs <= 5),
        Result(
            f"Queries of a digest of {SUBSCRIPTIONS:,} subscriptions, beside one of {FEW:,}",
            "as many",
            f"{many_queries} and {few_queries}",
            many_queries == few_queries,
        ),
        Result("Memory that such a digest takes", "at most 8 MB", f"{grown / 1000:.1f} MB", grown <= 8_000),
        Result(
            "They are put into a mail for each family, beside the bare INSERT ... SELECT",
            "at most 10",
            f"{gathering / theirs:.2f} ({gathering:.1f} s)",
            gathering / theirs <= 10,
        ),
        Result(
            "Memory that this takes",
            "at most 8 MB",
            f"{grown_by_gathering / 1000:.1f} MB",
            grown_by_gathering <= 8_000,
        ),
        Result(
            f"Queries for each of its mails, {sent:,} sent",
            "at most 1.5",
            f"{queries / sent:.2f}",
            queries <= 1.5 * sent,
        ),
        Result(
            "Memory that sending them takes",
            "at most 16 MB",
            f"{grown_by_sending / 1000:.1f} MB",
            grown_by_sending <= 16_000,
        ),
    ]


def _run() -> None:
    ledger.owe_families(today(), timezone.now(), EVERY_WEEK)


def _gather() -> None:
    post._gather(today(), timezone.now(), resting=[], at_once=True)


def _copy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO notices_notice SELECT * FROM bench_copy")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE notices_notice, notices_mail CASCADE")


def _queries_of_a_run(subscriptions: int) -> int:
    _hold_subscriptions(subscriptions)
    _run()  # what is kept in memory is kept
    _empty()
    with _counted() as queries:
        _run()
    return len(queries)


@contextlib.contextmanager
def _counted() -> Iterator[list[None]]:
    """Counts what goes to the database, and keeps none of it."""
    asked: list[None] = []

    def count(execute, sql, params, many, context):
        asked.append(None)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield asked


def _send_some() -> tuple[int, int, int]:
    """Send some: how many, by how many queries, and the memory that took."""
    day, now = today(), timezone.now()
    tally = post.Tally()

    def some() -> None:
        for _batch in range(SENT // post.BATCH):
            with transaction.atomic():
                claimed = Mail.objects.claim(day=day, now=now, limit=post.BATCH)
            post.Run(day, now, tally, time.monotonic()).deliver(claimed)

    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        with _counted() as queries:
            some()
        sent, asked = tally.sent, len(queries)
        return sent, asked, _memory_grown_by(some)


def _open_some() -> None:
    """So many consultations that opened today."""
    day, now = today(), timezone.now()
    rows = Consultation.objects.published().in_stage(Stage.OPEN, on=day).order_by("pk").values("pk")[:NEW]
    Consultation.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(opens_on=day, published_at=now)


def _hold_subscriptions(count: int) -> None:
    """So many addresses that follow: everything, a topic, an area, or a topic in an area."""
    topics, areas = (list(model.objects.values_list("key", flat=True)) for model in (Topic, Area))
    filters = ["", *(f"topic={each}" for each in topics), *(f"area={each}" for each in areas)]
    filters += [f"area={area}&topic={topic}" for topic, area in product(topics, areas)]
    then = timezone.now() - timedelta(days=10)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE notices_notice, notices_mail, notices_fault, notices_subscription CASCADE")
        cursor.execute(
            "INSERT INTO notices_subscription (follows, about_id, filter, cadence, address, recipient_hash, made_at,"
            " confirmed_at) SELECT 'finder', 0, (%s::text[])[1 + number %% %s], 'week',"
            " 'parent' || number || '@example.org', encode(sha256(number::text::bytea), 'hex'), %s, %s"
            " FROM generate_series(1, %s) AS number",
            [filters, min(len(filters), FEW), then, then, count],
        )
        cursor.execute("VACUUM ANALYZE notices_subscription")
    assert Subscription.objects.count() == count
