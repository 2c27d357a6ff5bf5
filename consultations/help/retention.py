"""How long the hub keeps who asked for help: some days after it is over. The request itself says nothing of them."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.help.models import Asker, HelpRequest
from core.retention import Keeping, delete_some, register


def kept_until(request: HelpRequest) -> date:
    """The last day on which the hub still knows who asked."""
    closes = request.consultation.closes_on if request.consultation else request.last_day
    over = closes or request.met_on or request.could_not_on or request.asked_on
    return max(over, request.asked_on) + timedelta(days=settings.KEEP_DAYS["help"])


def forget(before: datetime, limit: int) -> int:
    """Take away who asked for up to `limit` of those that were over before a day. How many those were.

    Over is the closing day as it stands, or the day of the event; where
    neither is set, the day the request was settled or, failing that, asked.
    """
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
    return delete_some(Asker.objects.alias(over_on=over).filter(over_on__lt=timezone.localdate(before)), limit)


register(
    Keeping(
        "help",
        _("Who asked for help to take part, and how to reach them"),
        _("after the last day to take part, or after the event"),
        forget,
    )
)
