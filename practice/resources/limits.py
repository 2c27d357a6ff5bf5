"""How often the public may send the forms about toolkits and links, counted without keeping who sent them.

Each count is a number in Redis under a keyed hash. It ends with its hour or its day.
"""

from datetime import date, datetime
from enum import Enum, auto

from django.http import HttpRequest

from core.public_forms import HOUR, count, place_of

# A library or a school behind one address. A program is stopped by it.
SUGGESTIONS_FROM_ONE_PLACE = 10
SUGGESTIONS_IN_ALL = 200
ANSWERS_FROM_ONE_PLACE = 60
# So many people behind one address may find the same thing useful on one day; more are thanked and not counted.
A_DAY_ABOUT_ONE = 3
SALT = "resources.limits"


class Answer(Enum):
    """What becomes of one answer to "Is this useful?"."""

    COUNTS = auto()
    COUNTED_BEFORE = auto()  # whoever answers is thanked all the same
    TOO_OFTEN = auto()


def may_suggest(request: HttpRequest, *, now: datetime) -> bool:
    """Count one suggestion, and say whether it is taken."""
    hour = int(now.timestamp()) // HOUR
    if count(f"suggest:place:{place_of(request, salt=SALT)}:{hour}", 2 * HOUR) > SUGGESTIONS_FROM_ONE_PLACE:
        return False
    return count(f"suggest:all:{hour}", 2 * HOUR) <= SUGGESTIONS_IN_ALL


def weigh(request: HttpRequest, *, resource: int, on: date, now: datetime) -> Answer:
    """Count one answer about a toolkit or link, and say whether it counts."""
    place, hour = place_of(request, salt=SALT), int(now.timestamp()) // HOUR
    if count(f"useful:place:{place}:{hour}", 2 * HOUR) > ANSWERS_FROM_ONE_PLACE:
        return Answer.TOO_OFTEN
    if count(f"useful:one:{place}:{resource}:{on}", 25 * HOUR) > A_DAY_ABOUT_ONE:
        return Answer.COUNTED_BEFORE
    return Answer.COUNTS
