"""What keeps messages from people, in words, for the desk."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Window

from notices.models import Fault
from notices.reasons import Line, registered

# The reason that chases faults themselves (accounts/notices.py) knows what to say of each.
REASON = "fault-found"


@dataclass(frozen=True)
class Row:
    """One fault beside what is said of it."""

    fault: Fault
    line: Line

    @property
    def is_of_an_address(self) -> bool:
        """Whether an address is at fault, and not a duty that nobody has."""
        return self.fault.kind in Fault.OF_AN_ADDRESS


def open_faults(day: date, most: int) -> tuple[list[Row], int]:
    """The faults that nobody has mended, the oldest first, and how many more there are than `most`."""
    faults = list(Fault.objects.open().annotate(in_all=Window(Count("pk")))[:most])
    more = max(faults[0].in_all - most, 0) if faults else 0
    return rows_of(faults, day), more


def rows_of(faults: list[Fault], day: date) -> list[Row]:
    """Faults beside what is said of them; in a fixed number of queries."""
    lines = registered()[REASON].lines_of(faults, day)  # type: ignore[attr-defined]
    return [Row(fault, lines[fault.pk]) for fault in faults if fault.pk in lines]
