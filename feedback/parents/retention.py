"""How long the hub keeps whom it asked whether a promise was kept."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.retention import Keeping, register
from feedback.parents.actions import forget_parents
from feedback.parents.models import ParentCheck


def forget(before: datetime, limit: int) -> int:
    """Erase up to `limit` of the addresses that were asked before a moment. How many those were."""
    asked = ParentCheck.objects.exclude(recipient_hash="").filter(chosen_on__lte=timezone.localdate(before))
    some = asked.order_by("pk").values("pk")[:limit]
    rows = ParentCheck.objects.filter(pk__in=some)
    return forget_parents(rows, by=None, now=timezone.now(), did="erased whom a link went to")


register(
    Keeping(
        "invited-parents",
        _("The e-mail of a parent whom we asked whether a promise was kept"),
        _("after we asked"),
        forget,
    )
)
