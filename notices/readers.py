"""Who reads at an address. The ledger knows addresses only; the app that knows people registers itself here."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """Whoever reads at an address: as what, and for whom."""

    name: str  # "Short breaks lead, Disabled Children's Service": what they are, not what they are called
    url: str = ""  # the staff page of the messages to them; empty when there is none


Find = Callable[[Collection[str]], dict[str, Reader]]
_registered: list[Find] = []


def register(find: Find) -> Find:
    """Add somebody who knows: a function of addresses in small letters, in a fixed number of queries. A decorator."""
    _registered.append(find)
    return find


def name_readers(*groups: Iterable) -> None:
    """Write on each row, which has an `address`, who reads there: its `reader`. None where nobody is known."""
    rows = [row for group in groups for row in group]
    addresses = {row.address.lower() for row in rows if row.address}
    found: dict[str, Reader] = {}
    for find in _registered:
        found |= find(addresses)
    for row in rows:
        row.reader = found.get(row.address.lower())
