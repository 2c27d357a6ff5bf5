"""Pages for families: the reports of what they said about the local offer."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from core.tables import csv_response
from feedback.local_offer import report
from feedback.models import IssuedReport, ReportKind

PER_PAGE = 20


class LocalOffer(TemplateView):
    """Every report that is out, the newest first."""

    template_name = "local_offer/reports.html"

    def get_context_data(self, **kwargs):
        """A page of them."""
        found = IssuedReport.objects.filter(kind=ReportKind.LOCAL_OFFER).with_replacements()
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        rows = [(each, report.count_words(each.content)) for each in page]
        return super().get_context_data(page=page, rows=rows, **kwargs)


class LocalOfferReport(TemplateView):
    """One report as it was published."""

    template_name = "local_offer/report.html"

    def get_context_data(self, **kwargs):
        """Its words, and a newer one if there is one."""
        found = get_object_or_404(IssuedReport.objects.filter(kind=ReportKind.LOCAL_OFFER), pk=self.kwargs["pk"])
        newest = IssuedReport.objects.about(ReportKind.LOCAL_OFFER, found.starts_on).defer("content").first()
        return super().get_context_data(
            report=found,
            content=found.content,
            count_words=report.count_words(found.content),
            newer_url=reverse("feedback:local-offer-report", args=[newest.pk]) if newest.pk != found.pk else "",
            **kwargs,
        )


class LocalOfferTable(View):
    """The same as a table, for a spreadsheet."""

    def get(self, request, pk):
        """The file."""
        found = get_object_or_404(IssuedReport.objects.filter(kind=ReportKind.LOCAL_OFFER), pk=pk)
        return csv_response(f"local-offer-{found.ends_on:%Y-%m-%d}.csv", *report.table_of(found.content))
