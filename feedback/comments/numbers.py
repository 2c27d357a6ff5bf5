"""The number of what families told us on the front of the desk."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import short_day_words
from core.numbers import Asking, Number, Urgency, register
from core.permissions import Permission
from feedback.comments.stages import attention


def comments_to_read(asking: Asking) -> Number | None:
    """How much of what families told us waits to be read; red on the day by which they were told it is, or closed.

    What waits has been asked for its row among what is owed: no query.
    """
    if not (asking.everyone and asking.user.has_perm(Permission.CHECK_COMMENTS)):
        return None
    now = attention(asking.day)
    waiting = next((owed for owed in asking.owed if owed.kind == "comments"), None)
    if now.is_off and waiting is None:
        return None
    count, urgency, worst = waiting.stands_for if waiting else 0, Urgency.CALM, ""
    if waiting and waiting.due_on:
        worst = _("read by %(day)s") % {"day": short_day_words(waiting.due_on, asking.day)}
        urgency = Urgency.TODAY if waiting.due_on <= asking.day else Urgency.SOON
    if not now.is_open and not now.is_off:
        urgency, worst = Urgency.TODAY, _("the form is closed: nobody has read it")
    return Number(
        figure=str(count),
        text=ngettext("comment from a family to read", "comments from families to read", count),
        url=reverse("feedback:comments"),
        urgency=urgency,
        worst=worst,
    )


def register_numbers() -> None:
    """Called when the app is ready."""
    register("comments", 5, comments_to_read)
