"""News of what came of it, for feed readers: answers to any list of the finder, and any list of the log."""

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.feeds import AtomFeed, midnight, whole
from consultations.finder import Finder
from consultations.stages import Stage
from core.dates import today
from feedback.finder import Log
from feedback.panels import answers
from feedback.stages import answer_words

ENTRIES = 50


class AnswerFeed(Feed):
    """The newest answers as an Atom feed: of all consultations, or of any list of the finder."""

    feed_type = AtomFeed

    def get_object(self, request, *args, **kwargs):
        """What was asked for, as in the finder."""
        return Finder(request.GET, today())

    def title(self, finder) -> str:
        """What the feed is."""
        chosen = ", ".join(remove["text"] for remove in finder.removes)
        return _("Answers to families: %(chosen)s") % {"chosen": chosen} if chosen else _("Answers to families")

    def link(self, finder) -> str:
        """The same list as a page."""
        return whole(reverse("consultations:find") + finder.query)

    def feed_url(self, finder) -> str:
        """This very feed."""
        return whole(reverse("feedback:answers-feed") + finder.query)

    def items(self, finder):
        """The answers that came last, each with what it says in short."""
        answered = finder.matching.in_stage(Stage.RESPONDED, on=finder.today).filter(responded_exactly=True)
        newest = list(
            answered.select_related("organisation")
            .order_by("-responded_on", "-pk")
            .only("title", "slug", "responded_on", "changed_at", "organisation__name")[:ENTRIES]
        )
        texts = answers([each.pk for each in newest], finder.today)
        for each in newest:
            response = texts[each.pk].response if each.pk in texts else None
            each.in_short = response.in_short if response else ""
            each.answer_changed_at = max(filter(None, (midnight(each.responded_on), response and response.changed_at)))
        return newest

    def item_title(self, consultation) -> str:
        """What was answered."""
        return _("Answered: %(title)s") % {"title": consultation.title}

    def item_description(self, consultation) -> str:
        """The answer in short, as it was written."""
        return consultation.in_short or _("The answer is on its page.")

    def item_link(self, consultation) -> str:
        """The page with the answer first."""
        return whole(consultation.get_absolute_url())

    def item_guid(self, consultation) -> str:
        """An id that stays when the title or the address changes; an answer taken back and given anew keeps it."""
        return f"tag:participation-hub,2026:answer-{consultation.pk}"

    def item_pubdate(self, consultation):
        """The day it was answered."""
        return midnight(consultation.responded_on)

    def item_updateddate(self, consultation):
        """When the answer changed last."""
        return consultation.answer_changed_at

    def item_author_name(self, consultation) -> str:
        """Who answers."""
        return consultation.organisation.name


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
