"""Parents' stories in the queue of those who check."""

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core import checking
from practice.stories.models import ParentStory


def waiting() -> QuerySet:
    """The stories that were sent to be checked: each waits as itself."""
    rows = ParentStory.objects.waiting_for_check().filter(erased_at=None)
    return rows.annotate(sent_at=F("submitted_at")).select_related("organisation", "sent_by").defer("search")


def register_queues() -> None:
    """Called when the app is ready."""
    checking.register(
        checking.Kind(
            name="story",
            waiting=waiting,
            what=lambda story: _("New parent’s story"),
            page=lambda story: reverse("practice:desk-story", args=[story.slug]),
            record=lambda story: story,
        )
    )
