"""The promise about the speed of the clash check, and how it is measured."""

import random
import statistics
from datetime import timedelta
from time import perf_counter

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Membership
from consultations.plan.clashes import clashes_of
from consultations.plan.models import HowSure, Intention, Window
from core.dates import today
from core.models import Area, Audience, Topic
from hub.bench import county
from hub.bench.measures import Asked, Result, measure

WINDOWS = 100_000
TURNS = 300
MOST = 3.0
# The windows begin on some day of so many years around today, and last two to twelve weeks.
YEARS_BACK, YEARS_AHEAD = 1, 3


@measure("clashes")
def clashes(asked: Asked) -> list[Result]:
    """The clash check of one ask among 100,000 live or planned windows, beside the bare range query on the same index.

    The bare query asks for the ids of all windows that share a day, and nothing else. The check is all that a page
    waits for: it reads the ask's own window and what was decided, finds and ranks what shares families too, and
    reads the worst ones with their services and owners. Both are asked in turns about the same asks.
    """
    hold(WINDOWS)
    day = today()
    ahead = Intention.objects.filter(ends_on__gte=day).order_by("pk")
    chance = random.Random(2009)
    asks = chance.sample(list(ahead.select_related("organisation")[:20_000]), TURNS)
    bare, ours, found = [], [], 0
    for ask in asks[:20]:  # what only a first time costs is no part of either
        _bare(ask, day)
        clashes_of(ask, day)
    for ask in asks:
        began = perf_counter()
        _bare(ask, day)
        bare.append(perf_counter() - began)
        began = perf_counter()
        found += clashes_of(ask, day).total
        ours.append(perf_counter() - began)
    theirs_p95, ours_p95 = (statistics.quantiles(each, n=20)[-1] * 1000 for each in (bare, ours))
    share = ours_p95 / theirs_p95
    words = f"{share:.2f} ({ours_p95:.1f} of {theirs_p95:.1f} ms, {found / TURNS:.0f} clashes each)"
    what = f"Clash check among {WINDOWS:,} windows, p95, beside the bare range query"
    return [Result(what, f"at most {MOST:.2f}", words, share <= MOST and found > 0)]


def _bare(ask: Intention, day) -> int:
    weeks = DateRange(max(ask.starts_on, day), ask.ends_on + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM consultations_window WHERE weeks && %s::daterange", [weeks])
        return len(cursor.fetchall())


def hold(count: int) -> None:
    """So many intentions, each with its window, its groups, its areas and its topics."""
    county.hold(500)
    chance = random.Random(2009)
    day = today()
    owners = list(Membership.objects.order_by("pk"))
    lists = {
        name: list(model.objects.values_list("pk", flat=True))
        for name, model in (("audience", Audience), ("area", Area), ("topic", Topic))
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE consultations_intention CASCADE")
        # No history of invented rows; and their windows all at once.
        cursor.execute("SET LOCAL session_replication_role = replica")
        rows = Intention.objects.bulk_create(
            (_intention(chance, day, chance.choice(owners)) for _number in range(count)), batch_size=5_000
        )
        chosen = {
            name: [sorted(chance.sample(terms, chance.randint(1, 2))) for _row in rows] for name, terms in lists.items()
        }
        for name in lists:
            through = getattr(Intention, f"{name}s").through
            through.objects.bulk_create(
                (
                    through(intention_id=row.pk, **{f"{name}_id": term})
                    for row, terms in zip(rows, chosen[name], strict=True)
                    for term in terms
                ),
                batch_size=10_000,
            )
        Window.objects.bulk_create(
            (
                Window(
                    intention=row,
                    weeks=DateRange(row.starts_on, row.ends_on + timedelta(days=1)),
                    **{f"{name}s": chosen[name][place] for name in lists},
                )
                for place, row in enumerate(rows)
            ),
            batch_size=5_000,
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _intention(chance: random.Random, day, owner: Membership) -> Intention:
    starts_on = day + timedelta(days=chance.randint(-365 * YEARS_BACK, 365 * YEARS_AHEAD))
    return Intention(
        title=" ".join(chance.sample(county.WORDS, 4)).capitalize(),
        organisation_id=owner.organisation_id,
        owner=owner,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=chance.randint(14, 84)),
        how_sure=chance.choice(HowSure.values),
    )
