"""Parents' stories in the site search."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core import searching
from core.searching import Hit
from practice.stories.models import ParentStory


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These stories as the site search shows them."""
    return {
        story.pk: Hit(
            title=story.title,
            url=story.get_absolute_url(),
            text=story.text,
            facts=[story.display_name, story.organisation.name],
            tag="stage-forthcoming",
            tag_text=_("A parent’s story"),
        )
        for story in ParentStory.objects.published(day).filter(pk__in=ids).for_cards()
    }


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="story",
            title=_("Parents’ stories"),
            public=lambda: ParentStory.objects.published(),
            hits=hits,
            newest=(F("published_at").desc(), "pk"),
        )
    )
