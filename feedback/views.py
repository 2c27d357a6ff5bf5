""" "You said, we did": the log that families read."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import DetailView, TemplateView

from core.dates import today
from feedback.finder import Log
from feedback.models import FeedbackEntry
from feedback.stages import owner_words, pair_of, source_name


class LogPage(TemplateView):
    """What families said, and what happened, narrowed by what the visitor asks for."""

    template_name = "feedback/log.html"

    def get_context_data(self, **kwargs):
        """A page of pairs, the facets, and what was asked, in words."""
        log = Log(self.request.GET, today())
        page = log.page
        rows = [{"entry": entry, "pair": pair_of(entry, log.today)} for entry in page.rows]
        feed = reverse("feedback:log-feed") + log.query
        links = [{"text": _("News feed of this list"), "url": feed}]
        return super().get_context_data(log=log, page=page, rows=rows, links=links, feed=feed, **kwargs)


class EntryPage(DetailView):
    """One thing that families said, and the answer to it."""

    template_name = "feedback/entry.html"
    context_object_name = "entry"

    def get_queryset(self):
        """Published ones."""
        return FeedbackEntry.objects.published().for_log().prefetch_related("topics")

    def get_context_data(self, **kwargs):
        """The pair, and the facts around it."""
        entry = self.object
        return super().get_context_data(
            pair=pair_of(entry, today()), owner=owner_words(entry), source=source_name(entry), **kwargs
        )
