""" "You said, we did": the log that families read; and every report of what stays open."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView, TemplateView

from consultations.listing import Listing
from consultations.models import Consultation
from core.dates import today
from core.panels import gather
from feedback.finder import PER_PAGE, Log
from feedback.models import FeedbackEntry, StandingReport
from feedback.panels import Report
from feedback.stages import owner_words, pair_of, source_name


class LogPage(TemplateView):
    """What families said, and what happened, narrowed by what the visitor asks for."""

    template_name = "feedback/log.html"

    def get_context_data(self, **kwargs):
        """A page of pairs, the facets, and what was asked, in words."""
        log = Log(self.request.GET, today())
        page = log.page
        panels = gather("point", [entry.pk for entry in page.rows], log.today)
        rows = [{"entry": entry, "pair": pair_of(entry, log.today), "panels": panels[entry.pk]} for entry in page.rows]
        feed = reverse("feedback:log-feed") + log.query
        table = reverse("feedback:log-csv") + log.query
        links = [
            {"text": _("News feed of this list"), "url": feed},
            {"text": _("Download this list (CSV)"), "url": table},
            {"text": _("What families say is missing"), "url": reverse("feedback:gaps")},
            {"text": _("Each year: what families said about the local offer"), "url": reverse("feedback:local-offer")},
        ]
        return super().get_context_data(log=log, page=page, rows=rows, links=links, feed=feed, **kwargs)


class EntryPage(DetailView):
    """One thing that families said, and the answer to it."""

    template_name = "feedback/entry.html"
    context_object_name = "entry"

    def get_queryset(self):
        """Published ones."""
        return FeedbackEntry.objects.published().for_log().prefetch_related("topics")

    def get_context_data(self, **kwargs):
        """The pair, the facts around it, and what upper floors add."""
        entry, day = self.object, today()
        return super().get_context_data(
            pair=pair_of(entry, day),
            owner=owner_words(entry),
            source=source_name(entry),
            panels=gather("entry", [entry.pk], day)[entry.pk],
            **kwargs,
        )


class ReportsPage(ListView):
    """Every report of one standing opportunity, in full, newest first: to read through, or to print."""

    template_name = "feedback/reports.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """Its published reports."""
        rows = Consultation.objects.published().select_related("organisation").defer("search")
        self.consultation = get_object_or_404(rows, slug=self.kwargs["slug"])
        return StandingReport.objects.published().filter(consultation=self.consultation)

    def paginate_queryset(self, queryset, page_size):
        """The page asked for, or the nearest one there is: an odd page number is never an error."""
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        """Each as families read it."""
        context = super().get_context_data(consultation=self.consultation, **kwargs)
        day = today()
        reports = [Report(each, day) for each in context["page_obj"]]
        return context | {"reports": reports, "listing": Listing(self.consultation, day)}
