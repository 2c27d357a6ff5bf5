"""News of toolkits and links for feed readers: any list of the finder, the newest first."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.feeds import ENTRIES, AtomFeed, whole
from core.dates import today
from practice.resources.finder import ResourceFinder


class Resources(Feed):
    """Toolkits and links as an Atom feed. Each leads to its page here, which says whether its link works."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """What was asked for, as in the list."""
        return ResourceFinder(request.GET, today())

    def title(self, finder) -> str:
        """What the feed is."""
        chosen = ", ".join(remove["text"] for remove in finder.removes)
        return _("Toolkits and links: %(chosen)s") % {"chosen": chosen} if chosen else _("Toolkits and links")

    def link(self, finder) -> str:
        """The same list as a page."""
        return whole(reverse("resources:find") + finder.query)

    def feed_url(self, finder) -> str:
        """This very feed."""
        return whole(reverse("resources:feed") + finder.query)

    def items(self, finder):
        """The newest of the list."""
        return finder.matching.order_by("-published_at", "pk")[:ENTRIES]

    def item_title(self, resource) -> str:
        """The title, and what sort it is."""
        return f"{resource.title} ({resource.get_kind_display()})"

    def item_description(self, resource) -> str:
        """What it is."""
        return f"{resource.summary}\n\n{resource.publisher}"

    def item_link(self, resource) -> str:
        """Its page here."""
        return whole(resource.get_absolute_url())

    def item_guid(self, resource) -> str:
        """An id that stays when the title or the address changes."""
        return f"tag:participation-hub,2026:resource-{resource.pk}"

    def item_pubdate(self, resource):
        """When it was published."""
        return resource.published_at

    def item_updateddate(self, resource):
        """When it changed last."""
        return resource.changed_at
