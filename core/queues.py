"""What the desk shows a person that they owe. Each app registers its own queue."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Owed:
    """One thing a person owes families, with the one button that deals with it."""

    kind: str  # "answer", "promise", "report" ...: what sort of thing is owed
    title: str
    url: str  # the public page it is about
    organisation: str
    due_on: date | None  # None: owed, without a promised day
    families: str  # how many are waiting, in words; empty when not known or fewer than 5
    button: str
    button_url: str
    owner: str = ""  # who answers for it, as staff know them; empty when nobody does
    words: str = ""  # what is said of it, where that is not how late it is
    is_chore: bool = False  # it keeps the hub true, and no family waits for it
    stands_for: int = 1  # how many things one row stands for

    def days_late(self, today: date) -> int:
        """How many days past its date it is; 0 when it is not."""
        return max((today - self.due_on).days, 0) if self.due_on else 0


Queue = Callable[..., Iterable[Owed]]
_registered: dict[str, Queue] = {}


def register(name: str, queue: Queue) -> None:
    """Add a queue to the desk: a function of the user, today's date and `everyone`. Called from an app's ready()."""
    _registered[name] = queue


def owed_by(user, today: date, *, everyone: bool = False) -> list[Owed]:
    """Everything the person owes, worst first: the longest late, then what falls due soonest, then the undated.

    What families wait for comes before chores, where both are late or due on one day. A chore due this week stands
    before an answer due in spring. With `everyone`, what all organisations owe; each queue gives that only to those who
    may see it.
    """
    everything = [owed for queue in _registered.values() for owed in queue(user, today, everyone=everyone)]
    return sorted(everything, key=lambda owed: _rank(owed, today))


def _rank(owed: Owed, today: date) -> tuple:
    late, day = bool(owed.days_late(today)), (owed.due_on is None, owed.due_on or today)
    return (not late, owed.is_chore, day, owed.title) if late else (not late, day, owed.is_chore, owed.title)
