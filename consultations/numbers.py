"""The numbers of the one-minute screen about listings: what waits too long for a check, and what had none lately."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.freshness import how_much_is_out_of_date
from consultations.queues import waiting
from core.dates import short_day_words
from core.numbers import Asking, Number, Urgency, register
from core.permissions import Permission


def waiting_too_long(asking: Asking) -> Number | None:
    """How many listings have waited over two working days to be checked, for those who check them."""
    if not asking.user.has_perm(Permission.CHECK_LISTING):
        return None
    found = waiting(asking.user, asking.day)
    over = found.over
    return Number(
        figure=str(over),
        text=ngettext("waits over 2 working days to be checked", "wait over 2 working days to be checked", over),
        url=f"{reverse('consultations:checks')}?over=1",
        urgency=Urgency.TODAY if over else Urgency.CALM,
        worst=_("since %(day)s") % {"day": short_day_words(found.since, asking.day)} if over and found.since else "",
    )


def out_of_date_content(asking: Asking) -> Number:
    """How much families read that nobody has checked by its day, and since when the oldest waits."""
    count, first = how_much_is_out_of_date(asking.user, asking.day, everyone=asking.everyone)
    return Number(
        figure=f"{count:,}",
        text=_("not checked in time"),
        url=asking.address("consultations:out-of-date"),
        urgency=Urgency.SOON if count else Urgency.CALM,
        worst=_("since %(day)s") % {"day": short_day_words(first, asking.day)} if first else "",
    )


def register_numbers() -> None:
    """Called when the app is ready."""
    register("checks", 5, waiting_too_long)
    register("out-of-date", 8, out_of_date_content)
