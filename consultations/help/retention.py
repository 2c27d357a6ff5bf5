"""How long the hub keeps who asked for help: some days after it is over. The request itself says nothing of them."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from consultations.help.models import Asker, HelpRequest

# Rows that one statement takes away: it is quick, and breaking off between two loses nothing.
BATCH = 1000


def kept_until(request: HelpRequest) -> date:
    """The last day on which the hub still knows who asked."""
    closes = request.consultation.closes_on if request.consultation else request.last_day
    over = closes or request.met_on or request.could_not_on or request.asked_on
    return max(over, request.asked_on) + timedelta(days=settings.HUB_HELP_KEPT_DAYS)


def forget(now: datetime) -> int:
    """Take away who asked for what is over since HUB_HELP_KEPT_DAYS. Returns how many rows went.

    Over is the closing day as it stands, or the day of the event; where
    neither is set, the day the request was settled or, failing that, asked.
    """
    last = timezone.localdate(now) - timedelta(days=settings.HUB_HELP_KEPT_DAYS)
    over = Greatest(
        Coalesce(
            "request__consultation__closes_on",
            "request__last_day",
            "request__met_on",
            "request__could_not_on",
            "request__asked_on",
        ),
        "request__asked_on",
    )
    gone = 0
    while True:
        with transaction.atomic():
            batch = Asker.objects.alias(over_on=over).filter(over_on__lt=last).values("pk")[:BATCH]
            count, _each = Asker.objects.filter(pk__in=batch).delete()
        gone += count
        if count < BATCH:
            return gone
