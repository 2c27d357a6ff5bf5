"""The promise about bringing in a large file, and how it is measured."""

import csv
import io
import logging
import random
import time
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from core.dates import today
from core.imports import importers
from core.incoming import apply_import, ask_for_import, begin_import, check_import
from core.models import ImportRun
from hub.bench import county
from hub.bench.measures import Asked, Result, measure

ROWS = 20_000
# So many rows show what any import takes: more must not take more memory than this.
FEW = 2_000
AT_LEAST = 500
MOST_GROWN = 32_000
BODIES = 40


@measure("importing")
def importing(asked: Asked) -> list[Result]:
    """A file brought in through the browser: every row judged and shown, then taken in with its history."""
    logging.getLogger("core").setLevel(logging.WARNING)
    county.hold(1)
    _Import("few", FEW).bring()
    before = _most_memory()
    many = _Import("many", ROWS)
    shown, taken = many.bring()
    grown = _most_memory() - before
    unchanged = many.check_again()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM consultations_consultationhistory WHERE reference LIKE 'many-%'")
        assert cursor.fetchone()[0] == ROWS
        # The next measure would delete them one by one.
        cursor.execute("TRUNCATE consultations_consultation, core_importedrow, core_importrun CASCADE")
    return [
        _speed(f"Taking in {ROWS:,} rows, with validation and history", taken),
        _speed(f"Showing first what would become of {ROWS:,} new rows", shown),
        _speed("Showing them once more when nothing has changed", unchanged),
        Result(
            f"Memory that {ROWS:,} rows take more than {FEW:,}, flat",
            f"at most {MOST_GROWN / 1000:.0f} MB",
            f"{grown / 1000:.1f} MB",
            grown <= MOST_GROWN,
        ),
    ]


class _Import:
    """A file of invented rows, as councils' systems write it."""

    def __init__(self, name: str, count: int):
        self.content = _file(name, count)
        self.count = count

    def bring(self) -> tuple[float, float]:
        """Bring it in, and tell how many seconds it took to show it and to take it in."""
        run = self._begun()
        shown = _seconds(lambda: check_import(run, on=today(), now=timezone.now()))
        run.refresh_from_db()
        assert run.counts["created"] == self.count, (run.counts, run.problem)
        ask_for_import(run, by=None, digest=run.digest, now=timezone.now())
        taken = _seconds(lambda: apply_import(run, on=today(), now=timezone.now()))
        run.refresh_from_db()
        assert run.applied_at, run.problem
        return shown, taken

    def check_again(self) -> float:
        """How many seconds it takes to show it when it is in already."""
        run = self._begun()
        took = _seconds(lambda: check_import(run, on=today(), now=timezone.now()))
        run.refresh_from_db()
        assert run.counts["unchanged"] == self.count, run.counts
        return took

    def _begun(self) -> ImportRun:
        file = ContentFile(self.content, "rows.csv")
        return begin_import(by=None, file=file, kind="consultations", read_on=today(), now=timezone.now())


def _file(name: str, count: int) -> bytes:
    chance = random.Random(2009)
    columns = importers()["consultations"].columns
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()

    def words(number: int) -> str:
        return " ".join(chance.choice(county.WORDS) for _ in range(number))

    for number in range(count):
        closes = today() - timedelta(days=100 + chance.randrange(4_000))
        address = f"https://council.example.org/have-your-say/{name}-{number}"
        writer.writerow(
            {
                "reference": f"{name}-{number}",
                "title": words(6).capitalize(),
                "organisation": f"Council of place {chance.randrange(BODIES)}",
                "service_area": "Children and Family Services",
                "record_kind": "consultation",
                "summary": words(40).capitalize(),
                "raw_dates": f"{closes - timedelta(days=60)} - {closes}",
                "opens": (closes - timedelta(days=60)).isoformat(),
                "closes": closes.isoformat(),
                "url": address,
                "audience": "Residents; parents; carers",
                "topics": "budget; libraries; schools",
                "response_published": "yes" if number % 3 else "no",
                "response_published_on": (closes + timedelta(days=50)).isoformat() if number % 3 else "",
                "responses_received": str(chance.randrange(5, 900)),
                "source_url": address,
                "notes": words(10),
            }
        )
    return text.getvalue().encode()


def _speed(what: str, took: float) -> Result:
    rate = ROWS / took
    return Result(what, f"at least {AT_LEAST} rows a second", f"{rate:,.0f} ({took:.1f} s)", rate >= AT_LEAST)


def _seconds(do) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _most_memory() -> int:
    """The most memory that this process ever had, in kB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
