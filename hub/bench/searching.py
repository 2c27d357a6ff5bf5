"""The promise about the speed of the site search, and how it is measured."""

import random
import time
from collections.abc import Callable

from django.contrib.postgres.search import SearchRank
from django.db import connection, models, transaction
from django.db.models import F
from django.http import QueryDict

from consultations.models import Consultation
from core.dates import today
from core.searching import understand
from feedback.models import FeedbackEntry
from hub import search as site_search
from hub.bench import county
from hub.bench.county import WORDS
from hub.bench.measures import Asked, Result, measure

DOCUMENTS = 100_000
INVENTED = 1_000
TURNS = 2
QUERIES = 15


@measure("site-search")
def site_search_beside_bare_sql(asked: Asked) -> list[Result]:
    """The newest of every kind, ranked and counted, against one bare full-text query of all documents."""
    held = _hold_documents()
    chance = random.Random(2026)
    # One word, two, and three: most words of the county stand in a fifth of its documents or more.
    queries = [" ".join(chance.sample(WORDS, 1 + number % 3)) for number in range(QUERIES)]
    queries += [f"ward {number} {chance.choice(WORDS)}" for number in range(QUERIES // 3)]
    bare, ranked, page = [], [], []
    for words in queries:
        turns = [
            (_seconds(_bare, words), _seconds(site_search._read, words), _seconds(_whole, words)) for _ in range(3)
        ]
        for times, best in zip((bare, ranked, page), map(min, zip(*turns, strict=True)), strict=True):
            times.append(best)
    theirs, ours, whole = _p95(bare), _p95(ranked), _p95(page)
    what = f"of {len(queries)} searches of {held:,} documents, beside the bare full-text query"
    return [
        Result(
            f"Found, ranked and counted by kind, p95 {what}",
            "at most 2",
            f"{ours / theirs:.2f} ({ours * 1000:.0f} ms beside {theirs * 1000:.0f} ms)",
            ours / theirs <= 2,
        ),
        Result(
            f"The same with the hits of a page and their marks, p95 {what}",
            "at most 4",
            f"{whole / theirs:.2f} ({whole * 1000:.0f} ms)",
            whole / theirs <= 4,
        ),
    ]


def _bare(words: str) -> None:
    """Twenty documents, best first, by one statement that ranks whatever matches."""
    parts = []
    query = understand(words).query
    for model in (Consultation, FeedbackEntry):
        rows = model.objects.published().filter(search=query).order_by().annotate(rank=SearchRank(F("search"), query))
        parts.append(rows.values_list("pk", "rank"))
    list(parts[0].union(*parts[1:], all=True).order_by("-rank")[:20])


def _whole(words: str) -> None:
    """All that the page of results asks of the database, and what it makes of it."""
    search = site_search.SiteSearch(QueryDict(f"q={words}"), today())
    search.__dict__["findings"] = site_search._read(words)
    assert search.groups is not None


def _seconds(do: Callable[[str], object], words: str) -> float:
    began = time.perf_counter()
    do(words)
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


# --- Very many documents


def _hold_documents() -> int:
    """A hundred thousand documents, made from a thousand invented consultations and their answers by copying rows."""
    county.hold(INVENTED)
    held = Consultation.objects.count() + FeedbackEntry.objects.count()
    copies = -(-(DOCUMENTS - held) // held)
    with transaction.atomic(), connection.cursor() as cursor:
        # No history of invented rows.
        cursor.execute("SET LOCAL session_replication_role = replica")
        _copy(cursor, Consultation, copies, title="title || ' ward ' || copy", slug="slug || '-' || copy")
        _copy(cursor, FeedbackEntry, copies, theme="theme || ' ward ' || copy", response_id="NULL")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE consultations_consultation, feedback_feedbackentry")
    return Consultation.objects.count() + FeedbackEntry.objects.count()


def _copy(cursor, model: type[models.Model], copies: int, **changed: str) -> None:
    """Each row so many times more, each copy published a day before the one it was made from."""
    table = model._meta.db_table
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if not field.primary_key and not isinstance(field, models.GeneratedField)
    ]
    changed |= {"published_at": "published_at - copy * interval '1 day'"}
    wanted = ", ".join(changed.get(column, column) for column in columns)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} FROM {table}, generate_series(1, %s) AS copy",
        [copies],
    )
