"""News of consultations for feed readers: any list of the finder, newest change first."""

import re
from datetime import date, datetime, time

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.stages import Upkeep, upkeep
from consultations.finder import Finder
from consultations.listing import cards
from consultations.stages import TIMELINE
from core.dates import day_words, today
from core.facts import facts as facts_of_the_hub

ENTRIES = 50


# Characters that XML has no way to write. Word puts a vertical tab where somebody pressed Shift and Enter.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class AtomFeed(Atom1Feed):
    """Atom, with the type that browsers and readers expect, whatever characters the texts hold."""

    content_type = "application/atom+xml; charset=utf-8"

    def __init__(self, *args, **kwargs):
        """A feed by this hub: Atom asks for an author."""
        super().__init__(*args, **{**kwargs, "author_name": kwargs.get("author_name") or facts_of_the_hub().name})
        self.feed = _writable(self.feed)
        hub = upkeep(today())
        if hub.is_unattended:
            self._say_that_nobody_looks_after_it(hub)

    def add_item(self, *args, **kwargs):
        """An entry. Its description is plain text, which Atom is told as the HTML of that text."""
        facts = _writable(kwargs)
        facts["description"] = escape(facts["description"]).replace("\n", "<br>")
        super().add_item(*args, **facts)

    def latest_post_date(self):
        """When the newest entry changed; an empty feed began today, so that it is the same each time it is asked."""
        return super().latest_post_date() if self.items else midnight(today())

    def _say_that_nobody_looks_after_it(self, hub: Upkeep) -> None:
        """An entry of its own: a feed shows no banner, and one that only goes quiet looks as if nothing happened."""
        since = day_words(hub.looked_after_on, hub.day)
        began = midnight(hub.unattended_from)
        self.add_item(
            title=_("Nobody has looked after this site since %(day)s") % {"day": since},
            link=whole("/"),
            description=_("What it says may be out of date. Answers may have been published elsewhere since."),
            unique_id=f"tag:participation-hub,2026:unattended-{hub.unattended_from}",
            pubdate=began,
            updateddate=began,
        )


def _writable(facts: dict) -> dict:
    """The facts with a space for each character that XML cannot hold."""
    return {name: _FORBIDDEN.sub(" ", fact) if isinstance(fact, str) else fact for name, fact in facts.items()}


def midnight(day: date) -> datetime:
    """The moment at which a day begins in the UK."""
    return timezone.make_aware(datetime.combine(day, time(0)))


def whole(address: str) -> str:
    """An address with the hub's own host before it: an id must not change with the host that a request names."""
    return settings.HUB_BASE_URL + address


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
        return whole(reverse("consultations:find") + finder.query)

    def feed_url(self, finder) -> str:
        """This very feed."""
        return whole(reverse("consultations:feed") + finder.query)

    def items(self, finder):
        """The consultations that changed last: published, edited, or in a new stage; a late answer is news too."""
        news_at = Greatest("published_at", "changed_at", TIMELINE.since(finder.today))
        changed = finder.matching.annotate(news_at=news_at).for_cards()
        return cards(changed.order_by("-news_at", "pk")[:ENTRIES], finder.today)

    def item_title(self, card) -> str:
        """The title and its stage; where it stays open, its newest report too, so that a report is news."""
        words = f"{card.words}. {card.report}" if card.report else card.words
        return f"{card.consultation.title} ({words})"

    def item_description(self, card) -> str:
        """The summary as plain text."""
        return card.consultation.summary

    def item_link(self, card) -> str:
        """Its own page."""
        return whole(card.consultation.get_absolute_url())

    def item_guid(self, card) -> str:
        """An id that stays when the title or the address changes."""
        return f"tag:participation-hub,2026:consultation-{card.consultation.pk}"

    def item_pubdate(self, card):
        """When it was published."""
        return card.consultation.published_at

    def item_updateddate(self, card):
        """When it changed last."""
        return card.consultation.news_at
