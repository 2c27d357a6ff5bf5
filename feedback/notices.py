"""What services are reminded of: answers and reports that are owed, and promises whose date comes or has gone by."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Case, DateField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.notices import Chased, address_of, has_left, run_by_volunteers
from consultations.listing import families_waiting
from consultations.models import Consultation
from consultations.stages import TIMELINE, Stage, days_report_late, report_words, stage_words
from core.dates import day_words
from feedback.models import AnswerState, FeedbackEntry
from notices.reasons import Line, register


@register
class AnswerOwed(Chased):
    """An answer to a consultation: from the day after closing until it is published.

    Without a promise it has no due date, so its service is told once and not
    chased. Publishing, stopping, a moved date or taking a past record on
    changes what `owing` holds or the dates, and the reminders with it.
    """

    name = "answer-owed"
    label = gettext_lazy("An answer is owed")
    anchors = ("answer_owed_from", "response_due_on")

    def things(self, day: date) -> QuerySet:
        """The published consultations that wait for their answer on the day."""
        return Consultation.objects.owing(on=day).annotate(
            to_owner=address_of("owner"),
            owner_left=has_left("owner"),
            to_deputy=address_of("deputy"),
            to_team=Coalesce(NullIf("team_mailbox", Value("")), "organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How late each is, how many families wait, and the form of the answer."""
        rows = Consultation.objects.filter(pk__in=ids).defer("search")
        return {
            each.pk: Line(
                title=each.title,
                url=each.get_absolute_url(),
                what=_answer_words(each, day),
                families=families_waiting(each.took_part),
                button=_("Write the answer"),
                button_url=reverse("feedback:answer", args=[each.slug]),
                due_on=each.response_due_on,
            )
            for each in rows
        }


@register
class PromiseOwed(Chased):
    """A promise in the log, or news promised where nothing was decided: before its date, and until it is kept.

    An entry found elsewhere promises nothing here and is never chased.
    """

    name = "promise-owed"
    label = gettext_lazy("A promise to families")
    anchors = ("promised_on",)

    def things(self, day: date) -> QuerySet:
        """The published promises that are not kept yet."""
        return FeedbackEntry.objects.open_promises().annotate(
            promised_on=Case(
                When(answer=AnswerState.DECIDING, then=F("next_update_on")),
                default=F("due_on"),
                output_field=DateField(),
            ),
            to_owner=address_of("owner"),
            owner_left=has_left("owner"),
            to_deputy=Value(""),
            to_team=F("organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How far past its date each is, how many families wait, and the form that updates it."""
        rows = FeedbackEntry.objects.filter(pk__in=ids).annotate(waiting=F("consultation__took_part")).defer("search")
        found = {}
        for each in rows:
            by = each.next_update_on if each.answer == AnswerState.DECIDING else each.due_on
            found[each.pk] = Line(
                title=each.theme or each.you_said[:80],
                url=each.get_absolute_url(),
                what=_promise_words(by, day) if by else str(each.get_answer_display()),
                families=families_waiting(each.waiting),
                button=_("Update it"),
                button_url=reverse("feedback:promise", args=[each.pk]),
                due_on=by,
            )
        return found


def _answer_words(consultation, day: date) -> str:
    due = consultation.response_due_on
    if due is None or TIMELINE.of(consultation, day) != Stage.AWAITING:
        return stage_words(consultation, day)
    days = (due - day).days
    if days == 0:
        return _("Answer due today")
    return ngettext("Answer due tomorrow, %(day)s", "Answer due in %(days)d days, on %(day)s", days) % {
        "days": days,
        "day": day_words(due, day),
    }


def _promise_words(by: date, day: date) -> str:
    days = (by - day).days
    words = {"days": abs(days), "day": day_words(by, day)}
    if days == 0:
        return _("Promised for today")
    if days > 0:
        return ngettext("Promised for tomorrow, %(day)s", "Promised in %(days)d days, by %(day)s", days) % words
    return (
        ngettext(
            "Promise is %(days)d day past its date (%(day)s)", "Promise is %(days)d days past its date (%(day)s)", -days
        )
        % words
    )


@register
class ReportOwed(Chased):
    """The next report of a standing opportunity: before its day, and until it is out.

    Publishing one moves the day, and so ends these reminders and begins those
    of the next. A body that promised nothing has no day and is not chased.
    """

    name = "report-owed"
    label = gettext_lazy("A report is owed")
    anchors = ("next_report_on",)

    def things(self, day: date) -> QuerySet:
        """The published standing opportunities whose body promised reports."""
        return Consultation.objects.owing_reports(on=day).annotate(
            to_owner=address_of("owner"),
            owner_left=has_left("owner"),
            to_deputy=address_of("deputy"),
            to_team=Coalesce(NullIf("team_mailbox", Value("")), "organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """When each is due or how late it is, how many families wait, and the form of the report."""
        rows = Consultation.objects.filter(pk__in=ids).defer("search")
        return {
            each.pk: Line(
                title=each.title,
                url=each.get_absolute_url(),
                what=_report_words(each, day),
                families=families_waiting(each.took_part) if days_report_late(each, day) else "",
                button=_("Write the report"),
                button_url=reverse("feedback:report", args=[each.slug]),
                due_on=each.next_report_on,
            )
            for each in rows
        }


def _report_words(consultation, day: date) -> str:
    due = consultation.next_report_on
    if due is None or due < day:
        return report_words(consultation, day) or _("No report is owed any more")
    days = (due - day).days
    if days == 0:
        return _("Report due today")
    return ngettext("Report due tomorrow, %(day)s", "Report due in %(days)d days, on %(day)s", days) % {
        "days": days,
        "day": day_words(due, day),
    }
