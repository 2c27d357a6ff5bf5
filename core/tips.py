"""Tips beside the step or the question that they help with.

Those that ship with the hub are used until an app has better ones: an upper
floor registers tips of its own, such as those of people who have done it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# A page shows so many tips for one step at most.
SHOWN = 3


@dataclass(frozen=True)
class Tip:
    """One piece of advice, and where it comes from when somebody here gave it."""

    text: str
    source: str = ""
    url: str = ""


Tips = Callable[[], Mapping[str, Sequence[Tip]]]
_shipped: dict[str, Tips] = {}
_given: dict[str, Tips] = {}


def register_shipped(name: str, tips: Tips) -> None:
    """Add tips that ship with the hub, by place. Called from an app's ready()."""
    _shipped[name] = tips


def register_given(name: str, tips: Tips) -> None:
    """Add tips that people here gave, by place. Called from an app's ready()."""
    _given[name] = tips


def tips_for(place: str) -> list[Tip]:
    """The tips for one place, such as "step:when": those that people gave, else those that ship with the hub."""
    return all_tips((place,))[place]


def all_tips(places: Sequence[str]) -> dict[str, list[Tip]]:
    """The tips for several places, read together."""
    given, shipped = ([source() for source in those.values()] for those in (_given, _shipped))
    return {place: _at(place, given) or _at(place, shipped) for place in places}


def _at(place: str, sources: Sequence[Mapping[str, Sequence[Tip]]]) -> list[Tip]:
    return [tip for source in sources for tip in source.get(place, ())][:SHOWN]
