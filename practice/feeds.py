"""News of good practice for feed readers: any list of the library, what changed last first."""

from django.contrib.syndication.views import Feed
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.feeds import ENTRIES, AtomFeed, whole
from core.dates import today
from practice.finder import Library


class ExamplesFeed(Feed):
    """The library as an Atom feed."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """What was asked for, as in the library."""
        return Library(request.GET, today())

    def title(self, library) -> str:
        """What the feed is."""
        chosen = ", ".join(remove["text"] for remove in library.removes)
        return _("Good practice: %(chosen)s") % {"chosen": chosen} if chosen else _("Good practice")

    def link(self, library) -> str:
        """The same list as a page."""
        return whole(reverse("practice:find") + library.query)

    def feed_url(self, library) -> str:
        """This very feed."""
        return whole(reverse("practice:feed") + library.query)

    def items(self, library):
        """The examples that changed last."""
        rows = library.shown(library.matching).annotate(news_at=Greatest("published_at", "changed_at"))
        return rows.order_by("-news_at", "pk")[:ENTRIES]

    def item_title(self, example) -> str:
        """What changed."""
        return example.title

    def item_description(self, example) -> str:
        """What changed for families; where it was found, when nobody here has checked it."""
        words = example.changed_families
        return f"{_('Found elsewhere, not checked by us.')} {words}" if example.is_found else words

    def item_link(self, example) -> str:
        """Its own page."""
        return whole(example.get_absolute_url())

    def item_guid(self, example) -> str:
        """An id that stays when the words or the address change."""
        return f"tag:participation-hub,2026:example-{example.pk}"

    def item_pubdate(self, example):
        """When it was published."""
        return example.published_at

    def item_updateddate(self, example):
        """When it changed last."""
        return example.news_at

    def item_author_name(self, example) -> str:
        """Whose example it is."""
        return example.organisation.name
