"""The stages of a consultation, worked out from its dates (DESIGN section 3)."""

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
