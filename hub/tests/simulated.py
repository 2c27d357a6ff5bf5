"""Smaller simulated years, and what each of them must show, for tests."""

from datetime import date

import pytest

from hub.demo.load import constraints_left_to_the_database
from hub.simulation.county import draw
from hub.simulation.founding import MEMORY
from hub.simulation.record import FIS, Record
from hub.simulation.tables import WIDTH, pages
from hub.simulation.verdicts import verdicts
from hub.simulation.year import Year


@pytest.fixture
def in_memory(db, settings):
    """An empty hub whose mail stays in memory."""
    settings.EMAIL_BACKEND = MEMORY


def live(seed: int, until: date, **way) -> Record:
    """A smaller county's year up to a day."""
    with constraints_left_to_the_database():
        return Year(draw(2026, seed, most=2), chasing=True, **way).live(until)


def keeps_its_promises(record: Record) -> None:
    """Assert that no promise was broken in a year."""
    assert [line for each in verdicts(record) if not each.holds for line in each.lines()] == []
    # Enough happened for that to mean something.
    assert len(record.sent) > 100
    assert {each.kind for each in record.owed} == {"answer", "note", "promise", "report"}
    assert {each.role for sent in record.sent for each in sent.said} >= {"owner", "deputy", "lead", "fis"}
    assert record.tasks_of(FIS)
    assert max(len(line) for line in pages(record, None)) <= WIDTH
