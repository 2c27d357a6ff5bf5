"""How often an address may be typed into the forms of /alerts/, counted without keeping addresses or who typed them.

Each count is a number in Redis under a keyed hash. It ends with its hour or its day.
"""

from datetime import date, datetime
from enum import Enum, auto

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from core.limits import HOUR, count

# A family, a library or a school behind one address. A program is stopped by it.
AN_HOUR_FROM_ONE_PLACE = 20
# All that the hub mails in an hour to addresses that nobody has confirmed.
AN_HOUR_IN_ALL = 300
# What one mailbox gets of such mails in a day, whoever types its address.
A_DAY_TO_ONE_ADDRESS = 3


class Answer(Enum):
    """Whether a typed address is taken."""

    YES = auto()
    TOO_OFTEN = auto()  # from one place, or in all: whoever types is told
    HAD_ENOUGH = auto()  # this mailbox got enough today: whoever types is told nothing


def ask(request: HttpRequest, *, address_hash: str, on: date, now: datetime) -> Answer:
    """Count one typed address, and say whether a mail may go there."""
    hour = int(now.timestamp()) // HOUR
    place = salted_hmac("notices.limits", get_adapter().get_client_ip(request)).hexdigest()[:20]
    if count(f"alerts:place:{place}:{hour}", 2 * HOUR) > AN_HOUR_FROM_ONE_PLACE:
        return Answer.TOO_OFTEN
    if count(f"alerts:all:{hour}", 2 * HOUR) > AN_HOUR_IN_ALL:
        return Answer.TOO_OFTEN
    mailbox = salted_hmac("notices.limits", address_hash).hexdigest()[:20]
    if count(f"alerts:mailbox:{mailbox}:{on}", 25 * HOUR) > A_DAY_TO_ONE_ADDRESS:
        return Answer.HAD_ENOUGH
    return Answer.YES
