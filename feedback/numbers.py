"""The number of the log on the front of the desk: how long until the next report of the local offer."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.numbers import Asking, Number, Urgency, register
from core.permissions import Permission
from feedback.local_offer.report import next_due

# So many days before it is due somebody should begin: comments have to be sorted and answered.
SOON = 28


def next_local_offer_report(asking: Asking) -> Number | None:
    """How many days until the next report of the local offer is due, for who publishes it (domain: section 5)."""
    if not asking.user.has_perm(Permission.ISSUE_BOARD_REPORTS):
        return None
    due, url = next_due(), reverse("feedback:local-offer-desk")
    if due.on is None:
        return Number(_("None"), _("local offer report published yet"), url, Urgency.SOON)
    left = due.days_left(asking.day)
    if left < 0:
        words = ngettext("day late: local offer report", "days late: local offer report", -left)
        return Number(str(-left), words, url, Urgency.TODAY)
    urgency = Urgency.SOON if left <= SOON else Urgency.CALM
    words = ngettext("day to the next local offer report", "days to the next local offer report", left)
    return Number(str(left), words, url, Urgency.TODAY if left == 0 else urgency)


def register_numbers() -> None:
    """Called when the app is ready."""
    register("local-offer", 6, next_local_offer_report)
