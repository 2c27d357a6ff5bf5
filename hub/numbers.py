"""The numbers of the one-minute screen that are made of what all apps say is owed, and how often it came on time."""

from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.models import Consultation
from core.dates import short_day_words
from core.numbers import Asking, Number, Urgency, register
from core.queues import Owed
from feedback.queues import owned, theirs

SOON = timedelta(days=28)
A_YEAR = timedelta(days=365)


# The rows that a number counts: its list asks the same, so the two cannot differ.


def is_late_answer(owed: Owed, day: date) -> bool:
    """Whether it is an answer past its day: to a consultation, or to what families told us outside one."""
    return owed.kind in ("answer", "point") and bool(owed.days_late(day))


def is_late_report(owed: Owed, day: date) -> bool:
    """Whether it is a report past its day."""
    return owed.kind == "report" and bool(owed.days_late(day))


def is_due_soon(owed: Owed, day: date) -> bool:
    """Whether it is an answer or a report that falls due in four weeks."""
    return owed.kind in ("answer", "report", "point") and owed.due_on is not None and day <= owed.due_on <= day + SOON


def is_promise_past(owed: Owed, day: date) -> bool:
    """Whether it is a promise whose day has gone by."""
    return owed.kind == "promise" and bool(owed.days_late(day))


def late_answers(asking: Asking) -> Number:
    """How many answers are late; of the worst, for how long and who owns it."""
    rows = [owed for owed in asking.owed if is_late_answer(owed, asking.day)]
    return Number(
        figure=str(len(rows)),
        text=ngettext("answer late", "answers late", len(rows)),
        url=asking.address("desk-late"),
        urgency=Urgency.TODAY if rows else Urgency.CALM,
        worst=_worst(rows, asking.day),
    )


def late_reports(asking: Asking) -> Number | None:
    """How many reports of panels and groups are late; nothing while none is."""
    rows = [owed for owed in asking.owed if is_late_report(owed, asking.day)]
    if not rows:
        return None
    return Number(
        figure=str(len(rows)),
        text=ngettext("report late", "reports late", len(rows)),
        url=asking.address("desk-late-reports"),
        urgency=Urgency.TODAY,
        worst=_worst(rows, asking.day),
    )


def due_soon(asking: Asking) -> Number:
    """How many answers and reports fall due in four weeks, and when the first one does."""
    rows = [owed for owed in asking.owed if is_due_soon(owed, asking.day)]
    first = min((owed.due_on for owed in rows if owed.due_on), default=None)
    urgency = Urgency.SOON if rows else Urgency.CALM
    return Number(
        figure=str(len(rows)),
        text=_("due in 28 days"),
        url=asking.address("desk-due"),
        urgency=Urgency.TODAY if first == asking.day else urgency,
        worst=_("first: %(day)s") % {"day": short_day_words(first, asking.day)} if first else "",
    )


def promises_past(asking: Asking) -> Number:
    """How many promises are past their date; of the worst, for how long and whose it is."""
    rows = [owed for owed in asking.owed if is_promise_past(owed, asking.day)]
    return Number(
        figure=str(len(rows)),
        text=ngettext("promise past its date", "promises past their date", len(rows)),
        url=asking.address("desk-promises"),
        urgency=Urgency.TODAY if rows else Urgency.CALM,
        worst=_worst(rows, asking.day),
    )


def _worst(rows: list[Owed], day: date) -> str:
    """ "longest: 34 days, Jo Smith, Short breaks lead": of rows that stand worst first."""
    if not rows:
        return ""
    late = rows[0].days_late(day)
    words = ngettext("longest: %(days)d day, %(owner)s", "longest: %(days)d days, %(owner)s", late)
    return words % {"days": late, "owner": rows[0].owner or rows[0].organisation}


def judged(user, day: date, *, everyone: bool) -> QuerySet:
    """The answers that were due in the last 12 months by the first date published, or are out already.

    One that is still owed counts as soon as its date has gone by.
    """
    due = (
        Consultation.objects.published()
        .filter(first_due_on__gt=day - A_YEAR, responded_exactly=True)
        .filter(Q(responded_on__isnull=False) | Q(first_due_on__lt=day, withdrawn_on__isnull=True))
    )
    return due if everyone else due.filter(theirs(user) | owned(user) | owned(user, "deputy"))


def on_time(asking: Asking) -> Number | None:
    """How many of the answers due in the last 12 months were out in time; nothing while none was due."""
    due = judged(asking.user, asking.day, everyone=asking.everyone)
    found = due.aggregate(all=Count("pk"), on_time=Count("pk", filter=Q(responded_on__lte=F("first_due_on"))))
    if not found["all"]:
        return None
    return Number(
        figure=_("%(on_time)d of %(all)d") % found,
        text=_("answered on time, last 12 months"),
        url=asking.address("desk-on-time"),
    )


def register_numbers() -> None:
    """Called when the app is ready."""
    register("late", 1, late_answers)
    register("due", 2, due_soon)
    register("on-time", 3, on_time)
    register("promises", 4, promises_past)
    register("late-reports", 9, late_reports)
