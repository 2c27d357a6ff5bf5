"""The promise about the finder's speed at any size, and how it is measured."""

import io
import statistics
import time

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction

from consultations.models import Consultation, Document, Support
from core import versions
from hub.bench import county
from hub.bench.measures import FINDER, Asked, Result, measure

FEW, MANY = 1_000, 1_000_000
# A county of so many, told over and over further back in time, makes MANY.
TOLD = 10_000
TURNS = 120


@measure("finder-scale")
def finder_scale(asked: Asked) -> list[Result]:
    """The finder over a million consultations, beside itself over a thousand: at most 1.5 times as slow at p95.

    Four addresses, asked in turns of a process of the website itself, without its page cache. Facet counts are
    kept by content version, as on the real site; how long they take when they are made anew is said beside it.
    """
    few = _measured(FEW)
    many = _measured(MANY)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE consultations_consultation CASCADE")
    results = []
    for name in few:
        share = many[name].p95 / few[name].p95
        words = (
            f"{share:.2f} ({many[name].p95 * 1000:.1f} beside {few[name].p95 * 1000:.1f} ms;"
            f" counted anew {many[name].first * 1000:.0f} beside {few[name].first * 1000:.0f} ms)"
        )
        results.append(Result(f"Finder, {name}: p95 of {MANY:,} beside {FEW:,}", "at most 1.5", words, share <= 1.5))
    return results


class _Times:
    """How long one address took: the median of those that counted anew, and the p95 of the rest. In seconds."""

    def __init__(self, first: list[float], rest: list[float]):
        self.first = statistics.median(first)
        self.p95 = statistics.quantiles(rest, n=20)[-1]


def _measured(count: int) -> dict[str, _Times]:
    hold(count)
    first = Consultation.objects.order_by("pk").first()
    topic, area = first.topics.first(), first.areas.first()
    addresses = {
        "default": FINDER,
        "topic and area": f"{FINDER}?topic={topic.key}&area={area.key}",
        "a common word": f"{FINDER}?q=school",
        "a typo": f"{FINDER}?q=scool+travel",
    }
    website = WSGIHandler()
    found = {}
    for name, address in addresses.items():
        first_times, rest = [], []
        for turn in range(TURNS + 5):
            if turn % 25 == 0:
                versions.move()
            began = time.perf_counter()
            _ask(website, address)
            (first_times if turn % 25 == 0 else rest).append(time.perf_counter() - began)
        found[name] = _Times(first_times[1:], rest[5:])
    return found


def _ask(website: WSGIHandler, address: str) -> None:
    path, _, query = address.partition("?")
    said = []
    asked = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
    }  # fmt: skip
    body = website(asked, lambda status, headers, exc_info=None: said.append(status))
    b"".join(body)
    body.close()
    assert said[0].startswith("200"), f"{address} answered {said[0]}"


def hold(count: int) -> None:
    """So many consultations: up to TOLD as they come, beyond that the same county told again and again, longer ago."""
    county.hold(0)
    county.hold(min(count, TOLD))
    if count <= TOLD:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # No history of invented rows, and no check of what points at what.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT max(id) FROM consultations_consultation")
        step = cursor.fetchone()[0] + 1
        asked = {"step": step, "times": -(-(count - TOLD) * 20 // (TOLD * 13)), "rest": count - TOLD}
        columns = [field.column for field in Consultation._meta.concrete_fields if not field.generated]
        taken = ", ".join(_TOLD_AGAIN.get(column, f"c.{column}") for column in columns)
        cursor.execute(
            f"INSERT INTO consultations_consultation ({', '.join(columns)}) SELECT {taken}"
            f" FROM consultations_consultation c, generate_series(1, %(times)s) AS again"
            f" WHERE c.closes_on < current_date - 400 LIMIT %(rest)s",
            asked,
        )
        for table in (
            *(getattr(Consultation, name).through._meta for name in ("topics", "audiences", "areas")),
            Document._meta,
            Support._meta,
        ):
            others = [field.column for field in table.concrete_fields if field.column not in ("id", "consultation_id")]
            cursor.execute(
                f"INSERT INTO {table.db_table} (consultation_id, {', '.join(others)})"
                f" SELECT c.id, {', '.join(f'beside.{column}' for column in others)} FROM consultations_consultation c"
                f" JOIN {table.db_table} beside ON beside.consultation_id = c.id %% %(step)s WHERE c.id >= %(step)s",
                asked,
            )
    assert Consultation.objects.count() == count, Consultation.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


_TOLD_AGAIN = {
    "id": "c.id + again * %(step)s",
    "slug": "c.slug || '-' || again",
    "published_at": "c.published_at - again * interval '30 days'",
}
