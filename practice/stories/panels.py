"""What stories add to lower pages: beside the promise or the consultation that a parent tells of."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date

from core.panels import register
from practice.stories.models import ParentStory


def _told_of(field: str) -> Callable[[Sequence[int], date], dict[int, list[ParentStory]]]:
    """The stories that may be read and that point at records of a kind, by record. One query."""

    def gather(ids: Sequence[int], day: date) -> dict[int, list[ParentStory]]:
        found: dict[int, list[ParentStory]] = defaultdict(list)
        for story in ParentStory.objects.published(day).for_cards().filter(**{f"{field}__in": ids}):
            found[getattr(story, f"{field}_id")].append(story)
        return dict(found)

    return gather


def register_panels() -> None:
    """Called when the app is ready."""
    register("entry", "stories", "stories/panel.html", _told_of("entry"))
