"""How an upper floor is seen from a lower page.

A consultation never knows what came of it; its page asks here. Upper apps
register what they add, the view calls `gather` once with the ids on the page,
and the queries are the view's to count. Templates only show what was gathered.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Gather = Callable[[Sequence[int], date], dict[int, Any]]


@dataclass(frozen=True)
class Panel:
    """A piece of a page: the template that shows it, and what was gathered for one record."""

    name: str
    template: str
    content: Any


_registered: dict[str, list[tuple[str, str, Gather]]] = defaultdict(list)


def register(place: str, name: str, template: str, gather: Gather) -> None:
    """Add a panel to a place ("consultation", "consultation-card"). Called from an app's ready()."""
    _registered[place] = [each for each in _registered[place] if each[0] != name] + [(name, template, gather)]


def gather(place: str, ids: Sequence[int], day: date) -> dict[int, dict[str, Panel]]:
    """Every panel of a place for the records with these ids, by id and by panel name.

    One call of each registered function, whatever the number of ids.
    """
    found: dict[int, dict[str, Panel]] = {pk: {} for pk in ids}
    if not ids:
        return found
    for name, template, gather_one in _registered[place]:
        for pk, content in gather_one(ids, day).items():
            found[pk][name] = Panel(name, template, content)
    return found
