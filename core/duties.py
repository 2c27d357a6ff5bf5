"""What people answer for by name, so that nobody can leave without handing it over. Each app registers its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Duty:
    """One thing that names a membership: as the one who answers for it, or as a deputy."""

    title: str
    url: str  # its page for families
    what: str  # "Owner of the answer", "Deputy", "Owner of the promise"
    owner_url: str  # where somebody else is named for this one thing


class Duties(Protocol):
    """What an app knows of duties."""

    def of(self, membership_id: int, on: date) -> Iterable[Duty]:
        """Everything that still matters on a day and names the membership. One query."""

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name another membership instead, in all of it. Returns how many things that were."""


_registered: dict[str, Duties] = {}


def register(name: str, duties: Duties) -> None:
    """Add an app's duties. Called from its ready()."""
    _registered[name] = duties


def duties_of(membership_id: int, on: date) -> list[Duty]:
    """Everything that names a membership, in the order of the apps."""
    return [duty for duties in _registered.values() for duty in duties.of(membership_id, on)]


def hand_over(membership_id: int, to_id: int, *, by, on: date) -> int:
    """Name another membership in everything that names this one. Returns how many things that were.

    The caller opens the transaction.
    """
    return sum(duties.hand_over(membership_id, to_id, by=by, on=on) for duties in _registered.values())
