"""The numbers of the one-minute screen. Each app registers its own; the desk's front page shows them, worst first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from django.urls import reverse

from core.permissions import Permission
from core.queues import Owed


class Urgency(IntEnum):
    """How soon somebody must act on a number. Only the first is shown in red."""

    TODAY = 1
    SOON = 2
    CALM = 3


@dataclass(frozen=True)
class Number:
    """One number, and the list of exactly the rows that it counts."""

    figure: str  # "6", "21 of 27"
    text: str
    url: str
    urgency: Urgency = Urgency.CALM
    worst: str = ""  # the worst of the rows, in a few words


@dataclass(frozen=True)
class Asking:
    """Who looks at the screen, on which day, and what is owed, which has been read already."""

    user: Any
    day: date
    everyone: bool
    owed: Sequence[Owed]

    def address(self, name: str) -> str:
        """The list of a number, of the same people's rows."""
        mine = not self.everyone and self.user.has_perm(Permission.SEE_ALL_DESKS)
        return reverse(name) + ("?show=mine" if mine else "")


Count = Callable[[Asking], Number | None]
_registered: dict[str, tuple[int, Count]] = {}


def register(name: str, place: int, count: Count) -> None:
    """Add a number to the screen. Called from an app's ready().

    `place` is where it stands among numbers of the same urgency. `count` gives
    None where there is nothing to say to this person.
    """
    _registered[name] = (place, count)


def numbers_for(asking: Asking) -> list[Number]:
    """Every number that has something to say, what must be acted on today first."""
    in_place = sorted(_registered.values(), key=lambda each: each[0])
    found = [number for _place, count in in_place if (number := count(asking)) is not None]
    return sorted(found, key=lambda number: number.urgency)
