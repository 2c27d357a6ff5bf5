"""How often the form of the network may be sent, counted without keeping who sent it."""

from datetime import datetime

from django.http import HttpRequest

from core.public_forms import HOUR, count, place_of

AN_HOUR_FROM_ONE_PLACE = 5
AN_HOUR_IN_ALL = 60
SALT = "network.limits"


def may_ask(request: HttpRequest, *, now: datetime) -> bool:
    """Count one request to join, and say whether it is taken."""
    hour = int(now.timestamp()) // HOUR
    if count(f"network:place:{place_of(request, salt=SALT)}:{hour}", 2 * HOUR) > AN_HOUR_FROM_ONE_PLACE:
        return False
    return count(f"network:all:{hour}", 2 * HOUR) <= AN_HOUR_IN_ALL
