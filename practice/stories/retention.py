"""How long the hub keeps a story whose permission has run out."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.retention import Keeping, register
from practice.stories.actions import forget_stories, over_since
from practice.stories.models import ParentStory


def forget(before: datetime, limit: int) -> int:
    """Erase up to `limit` stories whose permission had run out at a moment. How many those were."""
    some = over_since(timezone.localdate(before)).order_by("pk").values("pk")[:limit]
    now = timezone.now()
    rows = ParentStory.objects.filter(pk__in=list(some.values_list("pk", flat=True)))
    return forget_stories(rows, by=None, on=timezone.localdate(now), now=now, did="erased a story kept long enough")


register(
    Keeping(
        "stories",
        _("A parent’s story, and who told it"),
        _("after their permission has run out. When they take it back, it goes at once"),
        forget,
    )
)
