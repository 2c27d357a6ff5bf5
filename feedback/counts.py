"""Numbers of people, shown so that nobody can be picked out (DESIGN rule 9).

A group of 1 to 4 people is only ever "fewer than 5", and the numbers beside
it must not give it away by subtraction.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FEWEST = 5
FEW_WORDS = gettext_lazy("fewer than 5")
HIDDEN_WORDS = gettext_lazy("not shown, so that nobody can be picked out")


@dataclass(frozen=True)
class Count:
    """How many people: a number, "fewer than 5", or not known."""

    number: int | None = None
    few: bool = False

    @classmethod
    def of(cls, number: int | None) -> "Count":
        """A count that has already forgotten a number from 1 to 4."""
        if number is not None and 0 < number < FEWEST:
            return cls(few=True)
        return cls(number=number)

    @classmethod
    def read(cls, typed: str) -> "Count":
        """What somebody typed: "1,204", "fewer than 5", nothing. A number from 1 to 4 becomes "fewer than 5".

        Raises ValidationError for anything else.
        """
        words = " ".join(typed.casefold().split())
        if not words:
            return cls()
        if words in ("few", "<5", "< 5", "fewer than 5", "fewer than five", "less than 5", str(FEW_WORDS).casefold()):
            return cls(few=True)
        digits = re.sub(r"[ ,]", "", words)
        if not re.fullmatch(r"[0-9]{1,7}", digits):
            raise ValidationError(_("Enter a number, like 318, or “fewer than 5”"), code="invalid")
        return cls.of(int(digits))

    def __bool__(self) -> bool:
        return self.few or self.number is not None

    def __str__(self) -> str:
        if self.few:
            return str(FEW_WORDS)
        return "" if self.number is None else f"{self.number:,}"


@dataclass(frozen=True)
class Row:
    """One group of a table: its label, and how many in words."""

    label: str
    words: str


def safe_rows(rows: list[tuple[str, Count]], total: Count) -> list[Row]:
    """The table as families may see it, beside a total that is already public.

    Hides the smallest of the other groups, one after the other, until no
    group from 1 to 4 can be worked out. Empty when nothing safe is left: a
    total of fewer than 5 shows no table at all.
    """
    known = [(label, count) for label, count in rows if count]
    if total.few or not known:
        return []
    hidden: set[int] = set()
    # An empty group is shown: hiding it would hide nobody.
    by_size = sorted(
        (place for place, (_label, count) in enumerate(known) if count.number),
        key=lambda place: known[place][1].number or 0,
    )
    while not _nobody_can_be_picked_out(known, hidden, total):
        if len(hidden) == len(by_size):
            return []
        hidden.add(by_size[len(hidden)])
    return [
        Row(label, str(HIDDEN_WORDS) if place in hidden else str(count)) for place, (label, count) in enumerate(known)
    ]


def _nobody_can_be_picked_out(rows, hidden, total) -> bool:
    """Whether each group of 1 to 4, and what is left over, keeps at least two sizes that it could have."""
    if total.number is None:
        return True
    shown = sum(count.number for place, (_label, count) in enumerate(rows) if not count.few and place not in hidden)
    few = sum(count.few for _label, count in rows)
    left = total.number - shown
    if few == 0:
        # Those who are in no row are a group too: 203 people of whom 200 answered online leaves 3.
        return bool(hidden) or not 0 < left < FEWEST
    sizes = [size for size in range(1, FEWEST) if _fits(left - size, few - 1, len(hidden))]
    return len(sizes) != 1


def _fits(left: int, few: int, hidden: int) -> bool:
    """Whether `left` people can be `few` groups of 1 to 4 and `hidden` groups of 5 and more."""
    least = few + FEWEST * hidden
    most = None if hidden else (FEWEST - 1) * few
    return left >= least and (most is None or left <= most)


_NUMBER = r"(?:[1-4]|one|two|three|four)"
_PEOPLE = (
    r"(?:people|persons?|parents?|carers?|famil(?:y|ies)|mothers?|mums?|fathers?|dads?|grandparents?|guardians?"
    r"|child|children|young people|pupils?|boys?|girls?|respondents?|replies|reply|views?)"
)
_SMALL_GROUP = re.compile(
    rf"(?<![\w.,£:/-])(?<! in ){_NUMBER}(?![\w.:%/-]|,\d| in (?:every )?\d)"
    rf"(?:\s+\w+){{0,2}}?\s+(?:of\s+(?:the|our|them)\s+)?{_PEOPLE}\b",
    re.IGNORECASE,
)
_ONLY_A_NUMBER = re.compile(rf"^\W*(?:about |only |around )?{_NUMBER}\W*$", re.IGNORECASE)


def small_group_in(text: str) -> str:
    """The words of a text that count a group of 1 to 4 people ("3 parents"); empty when there are none.

    It catches the plain cases, so that a slip is noticed; it cannot know every way to say it.
    """
    found = _ONLY_A_NUMBER.search(text) or _SMALL_GROUP.search(text)
    return " ".join(found[0].split()) if found else ""
