"""The promise about the figures beside a self-check, and about the register, and how they are measured."""

import statistics
from datetime import timedelta
from time import perf_counter

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Organisation
from core.dates import today
from hub.bench import county
from hub.bench.measures import Asked, Result, measure
from standards.figures import figures
from standards.models import CHECK_LASTS, LAPSES_AFTER, Adoption

ORGANISATIONS = 500
ADOPTIONS = 5_000
TURNS = 15
MOST = 3.0
MOST_QUERIES = 10


@measure("standard")
def standard(asked: Asked) -> list[Result]:
    """The figures of 500 organisations at once, beside the same SQL alone; and the register of 5,000 adoptions."""
    county.hold(asked.rows)
    bodies = _bodies()
    day = today()
    some = [each.pk for each in bodies[:ORGANISATIONS]]
    with CaptureQueriesContext(connection) as captured:
        figures(some, day)
    statements = [each["sql"] for each in captured.captured_queries]
    bare, ours = [], []
    for turn in range(TURNS):
        began = perf_counter()
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()
        middle = perf_counter()
        figures(some, day)
        if turn:  # what only a first time costs is no part of either
            bare.append(middle - began)
            ours.append(perf_counter() - middle)
    theirs, own = statistics.median(bare) * 1000, statistics.median(ours) * 1000
    what = f"Figures of {ORGANISATIONS} organisations at once, beside the same SQL alone"
    words = f"{own / theirs:.2f} ({own:.0f} of {theirs:.0f} ms, {len(statements)} statements)"
    return [Result(what, f"at most {MOST:.0f}", words, own / theirs <= MOST), _register(bodies)]


def _bodies() -> list[Organisation]:
    """As many organisations as there are adoptions to be."""
    there = Organisation.objects.count()
    Organisation.objects.bulk_create(
        Organisation(name=f"Service {number}", slug=f"bench-service-{number}", kind="school")
        for number in range(there, ADOPTIONS)
    )
    return list(Organisation.objects.order_by("pk")[:ADOPTIONS])


def _register(bodies: list[Organisation]) -> Result:
    """How many questions the register asks the database, with 5,000 adoptions in it."""
    owner, day = Membership.objects.order_by("pk").first(), today()
    Adoption.objects.bulk_create(
        Adoption(
            organisation=body,
            owner=owner,
            scope="All of it",
            signed_by="The head",
            lead="A team",
            adopted_on=day - timedelta(days=number % 900),
            renew_by=day - timedelta(days=number % 900) + CHECK_LASTS,
            lapses_on=day - timedelta(days=number % 900) + CHECK_LASTS + LAPSES_AFTER,
        )
        for number, body in enumerate(bodies)
    )
    client = Client(SERVER_NAME="localhost")
    with CaptureQueriesContext(connection) as captured:
        began = perf_counter()
        answer = client.get(reverse("standards:register") + "?state=lapsed&page=3")
        took = (perf_counter() - began) * 1000
    words = f"{len(captured)} queries, {took:.0f} ms, {answer.status_code}"
    fine = len(captured) <= MOST_QUERIES and answer.status_code == 200
    return Result(f"The register with {len(bodies):,} adoptions", f"at most {MOST_QUERIES} queries", words, fine)
