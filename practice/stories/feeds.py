"""News of parents' stories for feed readers: titles only, since a copy in a reader cannot be taken back."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.feeds import ENTRIES, AtomFeed, whole
from practice.stories.models import ParentStory


class Stories(Feed):
    """The newest stories as an Atom feed."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """The topic that was asked for."""
        return request.GET.get("topic", "")

    def title(self, topic) -> str:
        """What the feed is."""
        return _("Parents’ stories")

    def link(self, topic) -> str:
        """The same list as a page."""
        return whole(reverse("practice:stories"))

    def items(self, topic):
        """The newest."""
        rows = ParentStory.objects.published().for_cards()
        if topic and "\x00" not in topic:
            rows = rows.filter(topics__key=topic)
        return rows.order_by("-published_at", "-pk")[:ENTRIES]

    def item_title(self, story) -> str:
        """The title."""
        return story.title

    def item_description(self, story) -> str:
        """Who tells it, and nothing of the story: a copy in a reader cannot be taken back."""
        return _("Told by %(name)s. Written down by %(service)s.") % {
            "name": story.display_name,
            "service": story.organisation.name,
        }

    def item_link(self, story) -> str:
        """Its page."""
        return whole(story.get_absolute_url())

    def item_guid(self, story) -> str:
        """An id that stays when the title changes."""
        return f"tag:participation-hub,2026:story-{story.pk}"

    def item_pubdate(self, story):
        """When it was published."""
        return story.published_at

    def item_updateddate(self, story):
        """When it changed last."""
        return story.changed_at
