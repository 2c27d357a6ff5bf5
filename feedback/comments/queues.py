"""What waits for the Family Information Service: what families told us, to be read."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import working_days_after
from core.permissions import Permission
from core.queues import Owed, register
from feedback.comments.models import Comment
from feedback.comments.stages import READ_WITHIN


def comments_to_read(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """One row for all that waits in plain sight: families were told a day by which the oldest is read. One query."""
    if not (everyone and user.has_perm(Permission.CHECK_COMMENTS)):
        return
    found = Comment.objects.to_read().order_by().aggregate(count=Count("pk"), oldest=Min("received_at"))
    if not found["count"]:
        return
    page = reverse("feedback:comments")
    words = ngettext("%(count)s to read", "%(count)s to read", found["count"]) % {"count": f"{found['count']:,}"}
    yield Owed(
        kind="comments",
        title=_("What families told us"),
        url=page,
        organisation=_("Nobody else reads it before you have."),
        due_on=working_days_after(timezone.localdate(found["oldest"]), READ_WITHIN),
        families="",
        button=_("Read it"),
        button_url=page,
        words=words,
        stands_for=found["count"],
    )


def register_queues() -> None:
    """Called when the app is ready."""
    register("comments", comments_to_read)
