"""News of "You said, we did" for feed readers: any list of the log."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.feeds import AtomFeed, whole
from core.dates import today
from feedback.finder import Log
from feedback.stages import answer_words

ENTRIES = 50


class LogFeed(Feed):
    """The log as an Atom feed. What changed last comes first, so that a promise kept is news."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """What was asked for, as in the log."""
        return Log(request.GET, today())

    def title(self, log) -> str:
        """What the feed is."""
        chosen = ", ".join(remove["text"] for remove in log.removes)
        return _("You said, we did: %(chosen)s") % {"chosen": chosen} if chosen else _("You said, we did")

    def link(self, log) -> str:
        """The same list as a page."""
        return whole(reverse("feedback:log") + log.query)

    def feed_url(self, log) -> str:
        """This very feed."""
        return whole(reverse("feedback:log-feed") + log.query)

    def items(self, log):
        """The entries that changed last."""
        return log.matching.for_log().order_by("-changed_at", "pk")[:ENTRIES]

    def item_title(self, entry) -> str:
        """The point and how far its answer has got."""
        return f"{entry.theme or entry.you_said[:80]} ({answer_words(entry, today())})"

    def item_description(self, entry) -> str:
        """What families said, and the answer, as plain text."""
        said = _("You said: %(text)s") % {"text": entry.you_said}
        return f"{said}\n\n{_('The answer: %(text)s') % {'text': entry.we_did or entry.what_changed}}"

    def item_link(self, entry) -> str:
        """Its own page."""
        return whole(entry.get_absolute_url())

    def item_guid(self, entry) -> str:
        """An id that stays when the words or the address change."""
        return f"tag:participation-hub,2026:entry-{entry.pk}"

    def item_pubdate(self, entry):
        """When it was published."""
        return entry.published_at

    def item_updateddate(self, entry):
        """When it changed last."""
        return entry.changed_at

    def item_author_name(self, entry) -> str:
        """Who answers."""
        return entry.organisation.name
