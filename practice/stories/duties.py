"""Stories that somebody looks after: when they leave, somebody else asks the parent when the permission ends."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from core import history
from core.duties import Duty, register
from practice.stories.models import ParentStory


class StoryDuties:
    """Parents' stories."""

    def _theirs(self, membership_id: int):
        return ParentStory.objects.kept().filter(owner=membership_id, erased_at=None)

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each of them."""
        for story in self._theirs(membership_id).defer("search"):
            page = reverse("practice:desk-story", args=[story.slug])
            yield Duty(title=story.title, url=page, what=_("Looks after a parent’s story"), owner_url=page)

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """To somebody else."""
        with history.label(by=by, did="handed over"):
            return self._theirs(membership_id).update(owner=to_id)


def register_duties() -> None:
    """Called when the app is ready."""
    register("stories", StoryDuties())
