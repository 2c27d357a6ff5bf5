"""How far the answer to one point has got, in the words families read (DESIGN section 2)."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.stages import NEXT_DAY
from core.dates import short_day_words
from core.timeline import Begins, Timeline
from feedback.models import AnswerState, FeedbackEntry

# What counts as answered: everything but "not decided" and silence.
NOT_ANSWERED = (AnswerState.DECIDING, AnswerState.NONE)


class PointStage(TextChoices):
    """How far the answer to a point has got that was put before its service on its own: what families told us."""

    NOT_OWED = "not_owed", gettext_lazy("No answer is owed")
    AWAITING = "awaiting", gettext_lazy("Waiting for an answer")
    LATE = "late", gettext_lazy("Answer is late")
    ANSWERED = "answered", gettext_lazy("Answered")


# The same clock as that of a consultation: 84 days, if its service has promised to answer.
ANSWERS = Timeline(
    before=PointStage.NOT_OWED,
    begins=(
        Begins(PointStage.ANSWERED, "answered_on"),
        Begins(PointStage.LATE, "answer_due_on", NEXT_DAY),
        Begins(PointStage.AWAITING, "owed_from"),
    ),
)


def owing_points(on: date) -> QuerySet[FeedbackEntry]:
    """The points in the log that wait for their answer on a day."""
    waiting = ANSWERS.within_any((PointStage.AWAITING, PointStage.LATE), on)
    return FeedbackEntry.objects.published().filter(waiting)


def owned_points(on: date) -> QuerySet[FeedbackEntry]:
    """What somebody answers for by name: the promises that are not kept, and the points that wait for an answer."""
    waiting = ANSWERS.within_any((PointStage.AWAITING, PointStage.LATE), on)
    return FeedbackEntry.objects.open_promises() | FeedbackEntry.objects.published().filter(waiting)


def days_answer_late(entry: FeedbackEntry, today: date) -> int:
    """How many days ago the answer to a point was due; 0 when it is not late."""
    due = entry.answer_due_on
    return (today - due).days if due and ANSWERS.of(entry, today) == PointStage.LATE else 0


def owed_words(entry: FeedbackEntry, today: date) -> str:
    """ "Answer due by 1 July", "Answer is 12 days late (was due 1 July)"; without a promise that there is none yet."""
    if entry.answer_due_on is None:
        return _("No answer yet")
    day = short_day_words(entry.answer_due_on, today)
    if late := days_answer_late(entry, today):
        return ngettext(
            "Answer is %(days)d day late (was due %(day)s)", "Answer is %(days)d days late (was due %(day)s)", late
        ) % {"days": late, "day": day}
    return _("Answer due by %(day)s") % {"day": day}


def answer_words(entry: FeedbackEntry, today: date) -> str:
    """The answer in a few words: "Done", "Promised by 7 December", "Not ours: passed to the NHS board"."""
    if entry.answer == AnswerState.NONE and entry.owed_from:
        return owed_words(entry, today)
    if entry.answer == AnswerState.WILL_DO and entry.due_on:
        return _("Promised by %(day)s") % {"day": short_day_words(entry.due_on, today)}
    if entry.answer == AnswerState.DECIDING and entry.next_update_on:
        return _("Not decided: more news by %(day)s") % {"day": short_day_words(entry.next_update_on, today)}
    if entry.answer == AnswerState.PASSED_ON and entry.body:
        return _("Not ours: passed to %(body)s") % {"body": entry.body}
    return entry.get_answer_display()


def days_past(entry: FeedbackEntry, today: date) -> int:
    """How many days a promise, promised news or an answer is past its date; 0 when it is not."""
    if entry.is_found_elsewhere:
        return 0
    if late := days_answer_late(entry, today):
        return late
    if entry.is_promise:
        promised = entry.due_on
    else:
        promised = entry.next_update_on if entry.answer == AnswerState.DECIDING else None
    return max((today - promised).days, 0) if promised else 0


def past_words(entry: FeedbackEntry, today: date) -> str:
    """ "9 days past its date", of an answer "9 days late", or nothing."""
    days = days_past(entry, today)
    if days and days_answer_late(entry, today):
        return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
    return ngettext("%(days)d day past its date", "%(days)d days past its date", days) % {"days": days} if days else ""


def points_words(answered: int, points: int) -> str:
    """ "Answered: 4 of 5 points", "Answered: 1 point"; "Answered" when it has no points."""
    if not points:
        return _("Answered")
    if points == answered == 1:
        return _("Answered: 1 point")
    return _("Answered: %(answered)d of %(points)d points") % {"answered": answered, "points": points}


@dataclass(frozen=True)
class Pair:
    """What families said and the answer to it, as `components/pair.html` wants it."""

    said: str
    said_title: str
    theme: str
    said_meta: str
    kind: str
    kind_text: str
    answer: str
    answer_meta: str
    past: str
    url: str


def pair_of(entry: FeedbackEntry, today: date) -> Pair:
    """One entry as families see it, in the log, on its own page and in the answer."""
    return Pair(
        said=entry.you_said,
        said_title=_("You said: %(theme)s") % {"theme": entry.theme} if entry.theme else _("You said"),
        theme=entry.theme or _("this point"),
        said_meta=_join([_("“%(quote)s”") % {"quote": entry.quote} if entry.quote else "", entry.how_many]),
        kind=_colour_of(entry, today),
        kind_text=answer_words(entry, today),
        answer=_answer_text(entry),
        answer_meta=_join(_facts(entry, today)),
        past=past_words(entry, today),
        url=entry.get_absolute_url() if entry.pk else "",
    )


def _colour_of(entry: FeedbackEntry, today: date) -> str:
    """The answer as its colour names it: one that is still in time waits, and only one that is late is red."""
    waits = entry.answer == AnswerState.NONE and ANSWERS.of(entry, today) == PointStage.AWAITING
    return AnswerState.DECIDING if waits else entry.answer


def source_name(entry: FeedbackEntry) -> str:
    """The site that an entry was found on: "leicester.gov.uk"."""
    return urlsplit(entry.source_url).netloc.removeprefix("www.")


def owner_words(entry: FeedbackEntry) -> str:
    """Who is responsible: the role as typed, else what the owner lets families see."""
    return entry.owner_role or (entry.owner.public_name if entry.owner else "")


def _answer_text(entry):
    """The words of the answer in Markdown; what changed follows when it says more."""
    if entry.answer == AnswerState.NONE and entry.owed_from:
        return _("The service has not answered yet.")
    parts = [entry.we_did.strip()]
    changed = entry.what_changed.strip()
    if changed and changed != parts[0]:
        parts.append(_("**What is different now:** %(text)s") % {"text": changed} if parts[0] else changed)
    return "\n\n".join(part for part in parts if part)


def _facts(entry, today):
    if entry.answer == AnswerState.NONE and entry.owed_from:
        yield _("Told on %(day)s") % {"day": short_day_words(entry.owed_from, today)}
        if entry.answer_due_on is None:
            yield _("It has not promised a day")
    elif entry.is_promise:
        yield owner_words(entry)
        if entry.answer == AnswerState.DOING and entry.due_on:
            yield _("To be done by %(day)s") % {"day": short_day_words(entry.due_on, today)}
        yield past_words(entry, today)
    elif entry.answer in (AnswerState.DONE, AnswerState.PARTLY) and entry.done_on:
        yield _("Done on %(day)s") % {"day": short_day_words(entry.done_on, today)}
    elif entry.answer == AnswerState.DECIDING:
        yield past_words(entry, today)
        if entry.owed_from:
            yield owed_words(entry, today)
    elif entry.answer == AnswerState.PASSED_ON:
        if entry.passed_on:
            yield _("Passed on on %(day)s") % {"day": short_day_words(entry.passed_on, today)}
        yield entry.body_contact
    if entry.is_found_elsewhere:
        yield _("As found on %(source)s, not checked") % {"source": source_name(entry)}


def _join(facts):
    return " · ".join(str(fact) for fact in facts if fact)
