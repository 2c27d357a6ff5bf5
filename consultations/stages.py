"""The stages of a consultation, worked out from its dates (DESIGN section 3)."""

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.dates import day_words, short_day_words, time_words
from core.timeline import Begins, Timeline


class Stage(models.TextChoices):
    """How far a consultation has got. Labels here are for lists; `stage_words` says it with its dates."""

    FORTHCOMING = "forthcoming", gettext_lazy("Coming soon")
    OPEN = "open", gettext_lazy("Open")
    AWAITING = "awaiting", gettext_lazy("Waiting for an answer")
    LATE = "late", gettext_lazy("Answer is late")
    RESPONDED = "responded", gettext_lazy("Answered")
    CLOSED = "closed", gettext_lazy("Finished")
    WITHDRAWN = "withdrawn", gettext_lazy("Stopped")


NEXT_DAY = timedelta(days=1)

# The closing day counts in full, so what follows it begins a day later.
TIMELINE = Timeline(
    before=Stage.FORTHCOMING,
    begins=(
        Begins(Stage.WITHDRAWN, "withdrawn_on"),
        Begins(Stage.RESPONDED, "responded_on"),
        Begins(Stage.LATE, "response_due_on", NEXT_DAY),
        Begins(Stage.AWAITING, "answer_owed_from"),
        Begins(Stage.CLOSED, "closes_on", NEXT_DAY),
        Begins(Stage.OPEN, "opens_on"),
    ),
)


class ReportStage(models.TextChoices):
    """How far the next report of a standing opportunity has got. One that owes no report stays in the first."""

    AHEAD = "ahead", gettext_lazy("Not due yet")
    DUE = "due", gettext_lazy("Due soon")
    LATE = "late", gettext_lazy("Report is late")
    STOPPED = "stopped", gettext_lazy("Stopped")


# A standing opportunity reports at least this often (DESIGN rule 4).
REPORT_WITHIN = timedelta(days=183)
# From so many days before its date on, the report is among what its service owes.
REPORT_SOON = timedelta(days=28)

# The next report is chased like an answer, and its clock is a clock of its own: no report moves a stage.
REPORTS = Timeline(
    before=ReportStage.AHEAD,
    begins=(
        Begins(ReportStage.STOPPED, "withdrawn_on"),
        Begins(ReportStage.LATE, "next_report_on", NEXT_DAY),
        Begins(ReportStage.DUE, "next_report_on", -REPORT_SOON),
    ),
)

# The order of the finder: what families can still do first, then who owes them an answer.
FINDER_ORDER = (
    Stage.OPEN,
    Stage.FORTHCOMING,
    Stage.LATE,
    Stage.AWAITING,
    Stage.RESPONDED,
    Stage.CLOSED,
    Stage.WITHDRAWN,
)

# An answer is owed. Whether it still is, the hub cannot say while nobody looks after it.
WAITING = (Stage.LATE, Stage.AWAITING)


def days_late(consultation, today: date) -> int:
    """How many days ago the answer was due; 0 when none is due or it is not late."""
    due = consultation.response_due_on
    return max((today - due).days, 0) if due else 0


def days_report_late(consultation, today: date) -> int:
    """How many days ago the next report was due; 0 when it is not late."""
    if REPORTS.of(consultation, today) != ReportStage.LATE:
        return 0
    return (today - consultation.next_report_on).days


def report_words(consultation, today: date) -> str:
    """When the next report comes, or how late it is; empty where none is owed."""
    due = consultation.next_report_on
    if due is None or REPORTS.of(consultation, today) == ReportStage.STOPPED:
        return ""
    days = days_report_late(consultation, today)
    if days:
        return ngettext(
            "Report is %(days)d day late (was due %(day)s)", "Report is %(days)d days late (was due %(day)s)", days
        ) % {"days": days, "day": short_day_words(due, today)}
    return _("Next report by %(day)s") % {"day": short_day_words(due, today)}


def closes_soon(consultation, today: date, days: int = 7) -> bool:
    """Whether an open consultation has at most `days` days left."""
    closes = consultation.closes_on
    return closes is not None and today <= closes <= today + timedelta(days=days)


def stage_words(consultation, today: date) -> str:
    """The stage on `today` in the words families read (DESIGN section 2)."""
    return _WORDS[TIMELINE.of(consultation, today)](consultation, today)


def _forthcoming(consultation, today: date) -> str:
    if consultation.opens_on:
        return _("Opens %(day)s") % {"day": short_day_words(consultation.opens_on, today)}
    if consultation.planned_for:
        return _("Planned for %(season)s") % {"season": consultation.planned_for}
    return _("Coming soon")


def _open(consultation, today: date) -> str:
    closes = consultation.closes_on
    if closes is None:
        return _("Always open")
    at = time_words(consultation.closes_at) if consultation.closes_at else "11:59pm"
    if closes == today:
        return _("Closes today, %(time)s") % {"time": at}
    if closes == today + NEXT_DAY:
        return _("Closes tomorrow, %(time)s") % {"time": at}
    return _("Open until %(time)s, %(day)s") % {"time": at, "day": day_words(closes, today)}


def _awaiting(consultation, today: date) -> str:
    if consultation.response_due_on:
        return _("Closed. Answer due by %(day)s") % {"day": short_day_words(consultation.response_due_on, today)}
    return _("Closed. No answer yet")


def _late(consultation, today: date) -> str:
    days = days_late(consultation, today)
    due = short_day_words(consultation.response_due_on, today)
    if days == 1:
        return _("Answer is 1 day late (was due %(day)s)") % {"day": due}
    return _("Answer is %(days)d days late (was due %(day)s)") % {"days": days, "day": due}


def _responded(consultation, today: date) -> str:
    return _("Answered: see what changed")


def _closed(consultation, today: date) -> str:
    return _("Closed before this hub") if consultation.is_past_record else _("Finished")


def _withdrawn(consultation, today: date) -> str:
    return _("Stopped: see why")


_WORDS = {
    Stage.FORTHCOMING: _forthcoming,
    Stage.OPEN: _open,
    Stage.AWAITING: _awaiting,
    Stage.LATE: _late,
    Stage.RESPONDED: _responded,
    Stage.CLOSED: _closed,
    Stage.WITHDRAWN: _withdrawn,
}
