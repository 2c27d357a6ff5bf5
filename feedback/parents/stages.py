"""When parents may be asked whether a promise was kept, and what they said, in the words that families read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from feedback.comments.actions import STEPS_OF_MANY, many_words
from feedback.models import AnswerState, FeedbackEntry, Origin
from feedback.parents.models import MONTHS, ParentCheck, Verdict, WordsState

# From here on a number is shown (DESIGN rule 9).
SHOWN_FROM = STEPS_OF_MANY[0]
_SAID = {
    Verdict.YES: gettext_lazy("Parents say: it happened"),
    Verdict.PARTLY: gettext_lazy("Parents say: some of it happened"),
    Verdict.NO: gettext_lazy("Parents say: it did not happen"),
}
# The colour of an answer or a stage that says the same (assets/scss).
COLOURS = {Verdict.YES: "answer-done", Verdict.PARTLY: "answer-partly", Verdict.NO: "stage-late"}


def can_be_checked() -> QuerySet[FeedbackEntry]:
    """What a service says it has done, wholly or in part, and wrote here: only that can be looked at."""
    return FeedbackEntry.objects.published().filter(
        answer__in=(AnswerState.DONE, AnswerState.PARTLY), origin=Origin.HUB, done_on__isnull=False
    )


def is_called_done(entry: FeedbackEntry) -> bool:
    """Whether an entry is one of those."""
    is_done = entry.answer in (AnswerState.DONE, AnswerState.PARTLY) and entry.done_on is not None
    return is_done and not entry.is_found_elsewhere


def months_on(done_on: date, day: date) -> int:
    """Which of the looks a day belongs to: 12, 6 or 3 months on. Before three months it is the first of them."""
    reached = [each for each in MONTHS if done_on + relativedelta(months=each) <= day]
    return max(reached, default=MONTHS[0])


def done_since(months: int, day: date) -> date:
    """The last day on which something was done that is so many months old on `day`."""
    return day - relativedelta(months=months)


def verdict_words(check: ParentCheck) -> str:
    """What parents say, in a few words."""
    return str(_SAID[Verdict(check.verdict)])


def answer_words(check: ParentCheck) -> str:
    """The same where it is plain who says it."""
    return {
        Verdict.YES: _("It happened"),
        Verdict.PARTLY: _("Some of it happened"),
        Verdict.NO: _("It did not happen"),
    }[Verdict(check.verdict)]


def in_short_words(verdicts: Sequence[str]) -> tuple[str, str]:
    """What all who looked at a promise say of it, in a few words, and the colour of that; the newest comes first."""
    if {Verdict.YES, Verdict.NO} <= set(verdicts):
        return _("Parents do not agree whether it happened"), COLOURS[Verdict.PARTLY]
    return str(_SAID[Verdict(verdicts[0])]), COLOURS[Verdict(verdicts[0])]


def asked_words(asked: int, agreed: int) -> str:
    """How many were asked and how many of them agree, so that no number from 1 to 4 can be worked out."""
    if asked < SHOWN_FROM:
        return _("Fewer than 5 parents were asked.")
    disagreed = asked - agreed
    words = ngettext("%(count)s parent was asked.", "%(count)s parents were asked.", asked) % {"count": f"{asked:,}"}
    if disagreed == 0:
        return words + " " + _("All of them say that it happened.")
    if agreed == 0:
        return words + " " + _("None of them say that it happened.")
    if agreed >= SHOWN_FROM and disagreed >= SHOWN_FROM:
        said = ngettext("%(count)s says that it happened.", "%(count)s say that it happened.", agreed)
        return words + " " + said % {"count": f"{agreed:,}"}
    return words + " " + (_("Most say that it happened.") if agreed > disagreed else _("Most say that it did not."))


@dataclass(frozen=True)
class Said:
    """What one forum, or one parent who was asked, says of a promise."""

    when: str  # "6 months on"
    kind: str  # the colour
    verdict: str  # "Parents say: it did not happen"
    answer: str  # "It did not happen"
    who: str
    counts: str
    day: date
    words: str
    note: str


def said_by(check: ParentCheck) -> Said:
    """One check as families read it. Its words only once a person has read them."""
    words = check.words if check.words_state == WordsState.SHOWN else ""
    waits = check.words_state == WordsState.WAITING
    return Said(
        when=str(check.get_months_display()),
        kind=COLOURS[Verdict(check.verdict)],
        verdict=verdict_words(check),
        answer=answer_words(check),
        who=check.forum.name if check.forum else _("A parent who was asked"),
        counts=asked_words(check.asked, check.agreed) if check.forum_id else "",
        day=check.told_on,
        words=words,
        note=_("Their words are being read before families see them.") if waits else "",
    )


def anybody_words(yes: int, no: int, unsure: int) -> str:
    """What people say who answered on the page: which answer most gave, and about how many answered at all."""
    total = yes + no + unsure
    if total < SHOWN_FROM:
        return ""
    if yes * 2 > total:
        most = _("Most say that it happened.")
    elif no * 2 > total:
        most = _("Most say that it did not happen.")
    else:
        most = _("They do not agree whether it happened.")
    return _("%(many)s answered here.") % {"many": many_words(total)[:1].upper() + many_words(total)[1:]} + " " + most
