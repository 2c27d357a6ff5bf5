"""What is said of stories: that a permission is about to end. Never whose it is."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, has_left, run_by_volunteers
from core.dates import day_words
from notices.reasons import Line, register
from practice.stories.models import StoryConsent


@register
class StoryConsentEnding(Chased):
    """A parent's permission is about to end, or has ended: somebody asks them again, or lets the story go.

    It stops when a new permission is recorded, and when it is taken back.
    """

    name = "story-consent-ending"
    label = gettext_lazy("A parent’s permission is about to end")
    heading = gettext_lazy("Ask the parent whether their story may stay")
    ends = gettext_lazy("This reminder stops by itself when you record a new permission, or take the story off.")
    anchors = {"expires_on": gettext_lazy("the last day of the permission")}

    def things(self, day: date) -> QuerySet:
        """The permissions of stories that families read, or did until the permission ended."""
        rows = StoryConsent.objects.filter(withdrawn_on=None, story__published_at__isnull=False)
        return rows.filter(story__archived_at=None, story__deleted_at=None).annotate(
            organisation_id=F("story__organisation"),
            to_owner=Coalesce(F("story__owner__user__email"), Value("")),
            owner_left=has_left("story__owner"),
            to_deputy=Value(""),
            to_team=Value(""),
            volunteers=run_by_volunteers("story__organisation"),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which story it is, and until when it may be read."""
        rows = StoryConsent.objects.filter(pk__in=ids).select_related("story__organisation").defer("story__search")
        found = {}
        for consent in rows:
            page = reverse("practice:desk-story", args=[consent.story.slug])
            found[consent.pk] = Line(
                title=consent.story.title,
                url=page,
                what=_("The permission ends on %(day)s") % {"day": day_words(consent.expires_on, day)},
                families="",
                button=_("Record what the parent says"),
                button_url=reverse("practice:story-consent", args=[consent.story.slug]),
                due_on=consent.expires_on,
                service=consent.story.organisation.name,
            )
        return found
