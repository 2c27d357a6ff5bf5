"""From what is said of each statement to the level of each strand: pure functions (content.yaml, level_rules).

A strand has reached a level when each of its statements at that level, and at
the levels below it, is in place; from the second level on parents must agree
to one at least. The whole is as far as the weakest of the seven. There is no
average anywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from standards.models import Agrees, Level, Rating

# What shows a statement counts for so long.
EVIDENCE_COUNTS_FOR = relativedelta(months=24)
ORDER = tuple(Level)
IN_PLACE = frozenset({Rating.IN_PLACE, Rating.PARENTS_AGREE})


@dataclass(frozen=True)
class Said:
    """What counts of one statement: where it stands, what was said of it, and whether something shows it still."""

    strand: str
    level: Level
    rating: Rating
    is_shown: bool = True

    @property
    def counts_as(self) -> Rating:
        """ "We do this" that nothing shows is only started; so is what parents say no to."""
        if self.rating == Rating.PARENTS_DISAGREE or (self.rating in IN_PLACE and not self.is_shown):
            return Rating.STARTED
        return self.rating


def with_parents(rating: Rating, answers: Iterable[str]) -> Rating:
    """What is said of a statement once parents have looked: one forum that says no is enough to dispute a claim."""
    said = set(answers)
    if rating != Rating.IN_PLACE or not said & {Agrees.YES, Agrees.NO}:
        return rating
    return Rating.PARENTS_DISAGREE if Agrees.NO in said else Rating.PARENTS_AGREE


def still_counts(happened_on: date, day: date) -> bool:
    """Whether something that shows a statement is young enough to count on a day."""
    return day <= happened_on + EVIDENCE_COUNTS_FOR


def level_of_strand(said: Iterable[Said]) -> Level | None:
    """How far one strand has got; None before the first level. What does not apply counts neither for nor against."""
    by_level: dict[Level, list[Rating]] = {level: [] for level in ORDER}
    for each in said:
        if each.rating != Rating.NOT_APPLICABLE:
            by_level[each.level].append(each.counts_as)
    reached = None
    for level in ORDER:
        ratings = by_level[level]
        if not ratings:
            continue
        if not all(rating in IN_PLACE for rating in ratings):
            break
        if level != Level.EMERGING and Rating.PARENTS_AGREE not in ratings:
            break
        reached = level
    return reached


def levels_of(said: Iterable[Said], strands: Iterable[str]) -> dict[str, Level | None]:
    """How far each of the strands has got, in their order. A strand of which nothing is said has not begun."""
    by_strand: dict[str, list[Said]] = {strand: [] for strand in strands}
    for each in said:
        by_strand[each.strand].append(each)
    return {strand: level_of_strand(found) for strand, found in by_strand.items()}


def overall(levels: Mapping[str, Level | None]) -> Level | None:
    """The lowest of the seven; None as long as one of them has not reached the first level."""
    if not levels or None in levels.values():
        return None
    return min(levels.values(), key=ORDER.index)
