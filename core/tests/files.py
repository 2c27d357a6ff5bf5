"""Files to bring in, for tests: the real rows that ship with the project, and tables made on the spot."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.imports import Importer, importers, take_in

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
REAL = DATA / "leicestershire"
REAL_FILES = {
    "consultations": REAL / "consultations.csv",
    "feedback": REAL / "you_said_we_did.csv",
    "events": DATA / "england" / "events.csv",
    "resources": DATA / "england" / "resources.csv",
    "practice": DATA / "england" / "practice_examples.csv",
}
# The day the real pages were read.
READ_ON = date(2026, 11, 22)


@dataclass(frozen=True)
class Brought:
    """What became of the rows of a file."""

    counts: dict[str, int]
    lines: list[str]
    sent_back: bytes

    def __getattr__(self, verdict: str) -> int:
        return self.counts[verdict]


def real_rows(kind: str) -> list[dict[str, str]]:
    """Every row of a real file."""
    with REAL_FILES[kind].open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def real_row(kind: str, reference: str, /, **changes: str) -> dict[str, str]:
    """One real row by its reference or number, with some cells changed."""
    column = {"consultations": "reference", "feedback": "entry"}[kind]
    return next(row for row in real_rows(kind) if row[column] == reference) | changes


def table(rows: list[dict[str, str]]) -> bytes:
    """The rows as a file, as councils' systems write it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def bring_in(kind: str | type[Importer], rows: list[dict[str, str]] | bytes, *, today=READ_ON, **options) -> Brought:
    """Bring rows in and tell what became of them."""
    content = rows if isinstance(rows, bytes) else table(rows)
    importer = importers()[kind] if isinstance(kind, str) else kind
    with take_in(io.BytesIO(content), importer, by=None, today=today, **options) as account:
        sent_back = io.BytesIO()
        account.write_rejected(sent_back)
        counts = {str(verdict): number for verdict, number in account.counts.items()}
        return Brought(counts, [line.strip() for line in account.lines()], sent_back.getvalue())
