"""What stories hold about one e-mail address: the story that somebody told, and their permission."""

from collections.abc import Iterator
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from core.rights import Held, register
from practice.stories.actions import forget_stories
from practice.stories.models import ParentStory, StoryConsent


class WhatTheyToldAll:
    """Stories."""

    def held(self, address: str) -> Iterator[Held]:
        """Each story that somebody told under the address."""
        for consent in (
            StoryConsent.objects.filter(email__iexact=address).select_related("story").defer("story__search")
        ):
            facts = {
                _("storyteller"): consent.storyteller_ref,
                _("title"): consent.story.title,
                _("name shown"): consent.story.display_name,
                _("the story"): consent.story.text,
                _("where it can be used"): consent.uses_words,
                _("what the child thinks"): consent.child_view,
            }
            since = timezone.make_aware(datetime.combine(consent.consent_on, time.min))
            yield Held(_("Told a story"), since, {part: words for part, words in facts.items() if words})

    def why_not(self, address: str) -> str:
        """Nothing stands in the way."""
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """The story comes off everywhere, and its words and who told it go."""
        theirs = StoryConsent.objects.filter(email__iexact=address).values_list("story", flat=True)
        rows = ParentStory.objects.filter(pk__in=list(theirs))
        return forget_stories(
            rows, by=by, on=timezone.localdate(now), now=now, did="erased a story because somebody asked"
        )


register("stories", WhatTheyToldAll())
