"""Staff pages of reports: the quarterly report for boards, and the evidence pack."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from core.acting import ActingView
from core.dates import today
from core.permissions import Permission
from core.publishing import Conflict
from core.tables import csv_response
from feedback.actions import issue_report
from feedback.models import IssuedReport, ReportKind
from hub import evidence, reports
from hub.forms import EvidencePackForm, IssueReportForm
from hub.reports import Quarter

PER_PAGE = 20
# The quarter that runs, and those before it that one may still want to issue.
QUARTERS_OFFERED = 8


class BoardReports(TemplateView):
    """The reports that are out; for who issues them, the quarters that one can be made of."""

    permission = Permission.READ_BOARD_REPORTS
    template_name = "hub_desk/board_reports.html"

    def get_context_data(self, **kwargs):
        """A page of them, the newest first."""
        user = self.request.user
        found = IssuedReport.objects.filter(kind=ReportKind.BOARD).with_replacements().defer("content")
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[(each, Quarter.of(each.starts_on).words) for each in page],
            quarters=_quarters_offered() if user.has_perm(Permission.ISSUE_BOARD_REPORTS) else [],
            may_pack=user.has_perm(Permission.MAKE_EVIDENCE_PACK),
            **kwargs,
        )


def _quarters_offered() -> list[Quarter]:
    quarters = [Quarter.of(today())]
    while len(quarters) < QUARTERS_OFFERED:
        quarters.append(quarters[-1].before)
    return quarters


class DraftReport(ActingView):
    """A quarter's report as it would be if it was issued now, and the button that issues it."""

    permission = Permission.ISSUE_BOARD_REPORTS
    form_class = IssueReportForm
    template_name = "hub_desk/board_report_draft.html"

    def dispatch(self, request, *args, **kwargs):
        """The quarter, one of those that are offered."""
        self.quarter = Quarter(kwargs["year"], kwargs["quarter"])
        if self.quarter not in _quarters_offered():
            raise Http404
        self.newest = IssuedReport.objects.about(ReportKind.BOARD, self.quarter.starts_on).first()
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        """A newer report begins with the words of the one it replaces."""
        if self.newest is None:
            return {"after": 0}
        return {"after": self.newest.number, "asks": self.newest.content.get("asks", "")}

    def get_context_data(self, **kwargs):
        """What it says today."""
        content = reports.gather(self.quarter, today())
        return super().get_context_data(
            quarter=self.quarter,
            content=content,
            sections=reports.shown(content),
            is_over=self.quarter.ends_on < today(),
            newest=self.newest,
            **kwargs,
        )

    def act(self, said):
        """Freeze it."""
        content = reports.gather(self.quarter, today()) | {"asks": said["asks"]}
        try:
            issued = issue_report(
                by=self.request.user,
                on=today(),
                kind=ReportKind.BOARD,
                starts_on=self.quarter.starts_on,
                ends_on=self.quarter.ends_on,
                content=content,
                after=said["after"],
            )
        except Conflict:
            messages.error(self.request, _("A report about these months is out since you opened the page. Here it is."))
            newest = IssuedReport.objects.about(ReportKind.BOARD, self.quarter.starts_on).first()
            return redirect("board-report", newest.pk) if newest else redirect(self.request.path)
        messages.success(self.request, _("The report is issued. It stays as it is now, whatever changes."))
        return redirect("board-report", issued.pk)


class IssuedBoardReport(TemplateView):
    """A report as it was issued."""

    permission = Permission.READ_BOARD_REPORTS
    template_name = "hub_desk/board_report.html"

    def get_context_data(self, **kwargs):
        """Its frozen words and figures, and a newer one if there is one."""
        report = get_object_or_404(IssuedReport.objects.filter(kind=ReportKind.BOARD), pk=self.kwargs["pk"])
        newest = IssuedReport.objects.about(ReportKind.BOARD, report.starts_on).defer("content").first()
        return super().get_context_data(
            report=report,
            content=report.content,
            sections=reports.shown(report.content),
            newer_url=reverse("board-report", args=[newest.pk]) if newest.pk != report.pk else "",
            **kwargs,
        )


class BoardReportTable(View):
    """The same as one table, for a spreadsheet."""

    permission = Permission.READ_BOARD_REPORTS

    def get(self, request, pk):
        """The file."""
        report = get_object_or_404(IssuedReport.objects.filter(kind=ReportKind.BOARD), pk=pk)
        name = f"board-report-{report.starts_on:%Y-%m}-number-{report.number}.csv"
        return csv_response(name, *reports.table_of(report.content))


class EvidencePack(ActingView):
    """Choose days and topics, and get the answers and the log of them as one zip file."""

    permission = Permission.MAKE_EVIDENCE_PACK
    form_class = EvidencePackForm
    template_name = "hub_desk/evidence_pack.html"

    def get_initial(self):
        """The last four quarters that are over."""
        last = Quarter.of(today()).before
        return {"first": last.before.before.before.starts_on, "last": last.ends_on}

    def act(self, said):
        """Give the file."""
        pack = evidence.pack(said["first"], said["last"], list(said["topics"]), today())
        name = f"evidence-{said['first']:%Y-%m-%d}-to-{said['last']:%Y-%m-%d}.zip"
        return FileResponse(pack, as_attachment=True, filename=name, content_type="application/zip")
