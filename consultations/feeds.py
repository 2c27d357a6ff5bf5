"""News of consultations for feed readers: any list of the finder, newest change first."""

from django.contrib.syndication.views import Feed
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from consultations.finder import Finder
from consultations.listing import cards
from core.dates import today

ENTRIES = 50


class AtomFeed(Atom1Feed):
    """Atom, with the type that browsers and readers expect."""

    content_type = "application/atom+xml; charset=utf-8"


class Consultations(Feed):
    """Consultations as an Atom feed. An entry's title says its stage, so that an answer is news."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """What was asked for, as in the finder."""
        return Finder(request.GET, today())

    def title(self, finder) -> str:
        """What the feed is."""
        chosen = ", ".join(remove["text"] for remove in finder.removes)
        return _("Have your say: %(chosen)s") % {"chosen": chosen} if chosen else _("Have your say")

    def link(self, finder) -> str:
        """The same list as a page."""
        return reverse("consultations:find") + finder.query

    def items(self, finder):
        """The consultations that changed last: published, answered or edited."""
        changed = finder.matching.annotate(news_at=Greatest("published_at", "changed_at")).for_cards()
        return cards(changed.order_by("-news_at", "pk")[:ENTRIES], finder.today)

    def item_title(self, card) -> str:
        """The title and its stage."""
        return f"{card.consultation.title} ({card.words})"

    def item_description(self, card) -> str:
        """The summary as plain text."""
        return card.consultation.summary

    def item_link(self, card) -> str:
        """Its own page."""
        return card.consultation.get_absolute_url()

    def item_guid(self, card) -> str:
        """An id that stays when the title or the address changes."""
        return f"tag:participation-hub,2026:consultation-{card.consultation.pk}"

    def item_pubdate(self, card):
        """When it was published."""
        return card.consultation.published_at

    def item_updateddate(self, card):
        """When it changed last."""
        return card.consultation.news_at
