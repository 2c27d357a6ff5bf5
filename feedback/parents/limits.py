"""How often "Did this happen?" may be answered, counted without keeping who answered."""

from datetime import date, datetime
from enum import Enum, auto

from django.http import HttpRequest

from core.public_forms import HOUR, count, place_of

# A library or a school behind one address. A program is stopped by it.
AN_HOUR_FROM_ONE_PLACE = 30
# So many people behind one address may say something of one promise on one day; more are thanked and not counted.
A_DAY_ABOUT_ONE = 3
# So many may do so from everywhere; more than that on one day is no sign of what happened.
A_DAY_ABOUT_ONE_IN_ALL = 300
SALT = "parents.limits"


class Answer(Enum):
    """What becomes of one answer."""

    COUNTS = auto()
    NOT_COUNTED = auto()  # whoever answers is thanked all the same
    TOO_OFTEN = auto()


def weigh(request: HttpRequest, *, entry: int, on: date, now: datetime) -> Answer:
    """Count one answer about a promise, and say whether it counts."""
    place, hour = place_of(request, salt=SALT), int(now.timestamp()) // HOUR
    if count(f"happened:place:{place}:{hour}", 2 * HOUR) > AN_HOUR_FROM_ONE_PLACE:
        return Answer.TOO_OFTEN
    if count(f"happened:one:{place}:{entry}:{on}", 25 * HOUR) > A_DAY_ABOUT_ONE:
        return Answer.NOT_COUNTED
    if count(f"happened:all:{entry}:{on}", 25 * HOUR) > A_DAY_ABOUT_ONE_IN_ALL:
        return Answer.NOT_COUNTED
    return Answer.COUNTS
