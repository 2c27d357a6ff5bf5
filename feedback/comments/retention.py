"""How long the hub keeps the own words of what families told it: some days after it was decided, or answered."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.retention import Keeping, register
from feedback.comments.actions import due_to_go, forget_words
from feedback.comments.models import Comment


def forget(before: datetime, limit: int) -> int:
    """Erase the words, names and addresses of up to `limit` that were over at a moment. How many those were."""
    some = due_to_go(timezone.localdate(before)).order_by("pk").values("pk")[:limit]
    return forget_words(
        Comment.objects.filter(pk__in=some), by=None, now=timezone.now(), did="erased words that were kept long enough"
    )


register(
    Keeping(
        "comments",
        _("The words of what families told us, their name and their e-mail"),
        _("after it was decided or, where a service owes an answer, after the answer"),
        forget,
    )
)
