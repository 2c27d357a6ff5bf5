"""Staff pages of the report of the local offer: sort comments, see it as it stands, publish it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.acting import ActingView
from core.dates import today
from core.permissions import Permission
from core.publishing import Conflict
from feedback.local_offer import actions, report
from feedback.local_offer.forms import DaysForm, PublishForm, SortForm
from feedback.models import FeedbackEntry, IssuedReport, ReportKind

PER_PAGE = 20


class ChosenDays:
    """A page about the days that its address names; without any, those that the next report is about."""

    request: Any

    @cached_property
    def days(self) -> tuple[date, date]:
        """The first and the last day."""
        asked = self.request.GET
        try:
            first, last = date.fromisoformat(asked.get("first", "")), date.fromisoformat(asked.get("last", ""))
        except ValueError:
            return report.suggested_days(today())
        return (first, last) if first < last else report.suggested_days(today())

    @property
    def days_query(self) -> str:
        """The days as an address names them."""
        first, last = self.days
        return urlencode({"first": first.isoformat(), "last": last.isoformat()})

    def address(self, name: str, *args) -> str:
        """Another page about the same days."""
        return f"{reverse(f'feedback:{name}', args=args)}?{self.days_query}"


class LocalOfferReports(TemplateView):
    """The reports that are out, and when the next one is due."""

    permission = Permission.ISSUE_BOARD_REPORTS
    template_name = "local_offer/desk/reports.html"

    def get_context_data(self, **kwargs):
        """A page of them, the newest first."""
        found = IssuedReport.objects.filter(kind=ReportKind.LOCAL_OFFER).with_replacements()
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        due = report.next_due()
        left = due.days_left(today())
        return super().get_context_data(page=page, due=due, left=left, late=-left, **kwargs)


class ChooseDays(ActingView):
    """The days that a report is to be about."""

    permission = Permission.ISSUE_BOARD_REPORTS
    template_name = "local_offer/desk/days.html"
    form_class = DaysForm

    def get_initial(self):
        """Those that the next report is about."""
        first, last = report.suggested_days(today())
        return {"first": first, "last": last}

    def act(self, said):
        """On to the report as it stands."""
        days = urlencode({name: said[name].isoformat() for name in ("first", "last")})
        return redirect(f"{reverse('feedback:local-offer-draft')}?{days}")


class DraftOfReport(ChosenDays, ActingView):
    """The report as it stands, what it lacks, and the button that publishes it."""

    permission = Permission.ISSUE_BOARD_REPORTS
    template_name = "local_offer/desk/draft.html"
    form_class = PublishForm

    @cached_property
    def newest(self) -> IssuedReport | None:
        """The newest report about a time that begins on the same day."""
        return IssuedReport.objects.about(ReportKind.LOCAL_OFFER, self.days[0]).defer("content").first()

    def get_initial(self):
        """The one this person knows of."""
        return {"after": self.newest.number if self.newest else 0}

    def get_context_data(self, **kwargs):
        """What it says today, what is not sorted yet, and which comments have no answer."""
        first, last = self.days
        content = report.gather(first, last, today())
        return super().get_context_data(
            content=content,
            count_words=report.count_words(content),
            unanswered=report.unanswered(report.comments(first, last)),
            to_sort=report.to_sort(first, last).count(),
            to_read=report.to_read(first, last).count(),
            sort_url=self.address("local-offer-sort"),
            is_over=last < today(),
            newest=self.newest,
            **kwargs,
        )

    def act(self, said):
        """Publish and freeze it."""
        first, last = self.days
        try:
            issued = actions.publish_report(
                by=self.request.user, on=today(), first=first, last=last, after=said["after"]
            )
        except Conflict:
            messages.error(self.request, _("Somebody else published it since you opened the page."))
            return redirect(self.address("local-offer-draft"))
        messages.success(self.request, _("Families can read the report now. It stays as it is."))
        return redirect("feedback:local-offer-report", issued.pk)


class CommentsToSort(ChosenDays, TemplateView):
    """What families said on the days, and nobody has said yet whether it is about the local offer."""

    permission = Permission.ISSUE_BOARD_REPORTS
    template_name = "local_offer/desk/sort.html"

    def get_context_data(self, **kwargs):
        """A page of comments."""
        rows = report.to_sort(*self.days).select_related("organisation").defer("search")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        home = self.address("local-offer-draft")
        return super().get_context_data(page=page, days_query=self.days_query, home_url=home, **kwargs)


class SortComment(ChosenDays, ActingView):
    """Say what one comment is about; on to the next."""

    permission = Permission.ISSUE_BOARD_REPORTS
    template_name = "local_offer/desk/comment.html"
    form_class = SortForm

    @cached_property
    def entry(self) -> FeedbackEntry:
        """The comment."""
        rows = FeedbackEntry.objects.kept().select_related("organisation", "consultation")
        return get_object_or_404(rows.defer("search", "consultation__search"), pk=self.kwargs["pk"])

    def get_initial(self):
        """What was said of it before."""
        return {"part": self.entry.local_offer, "left_out": self.entry.left_out}

    def act(self, said):
        """Keep it, and show the next one."""
        actions.sort_comment(self.entry, by=self.request.user, part=said["part"], left_out=said["left_out"])
        following = report.to_sort(*self.days).values_list("pk", flat=True).first()
        if following is None:
            messages.success(self.request, _("Every comment of these days is sorted."))
            return redirect(self.address("local-offer-draft"))
        return redirect(self.address("local-offer-comment", following))

    def get_context_data(self, **kwargs):
        """The comment, and the way back."""
        return super().get_context_data(entry=self.entry, sort_url=self.address("local-offer-sort"), **kwargs)
