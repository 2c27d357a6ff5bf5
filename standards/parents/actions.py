"""What parents say of the claims in a published check, and reading their words before families do."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import history
from standards.models import Agrees, ClaimAnswer, Judgement, Rating, SelfCheck, WordsState


class WordsAlreadyRead(Exception):
    """Somebody else has decided about these words."""


def claims(check: SelfCheck) -> list[Judgement]:
    """What a service says of itself in a check and parents can agree to, in the order of the statements."""
    rows = check.judgements.filter(rating=Rating.IN_PLACE).select_related("indicator__strand")
    rows = rows.prefetch_related("evidence")
    return list(rows.order_by("indicator__strand__position", "indicator__position"))


@transaction.atomic
def say(check: SelfCheck, *, by, on: date, now: datetime, said: dict[int, tuple[str, str]]) -> int:
    """What a forum says of some claims: by judgement, whether it agrees and in which words. How many that were.

    `by` is the reviewer's membership. The answers are public at once; words
    wait until a person has read them. Raises ValidationError when the check is
    not published, or nothing was said.
    """
    if not check.published_on or check.is_private:
        raise ValidationError(_("This check is not published, so parents cannot look at it yet."))
    theirs = {each.pk: each for each in claims(check)}
    answered = [(theirs[pk], agrees, words) for pk, (agrees, words) in said.items() if agrees and pk in theirs]
    if not answered:
        raise ValidationError(_("Say what parents say of one statement at least."))
    before = {
        each.judgement_id: each for each in ClaimAnswer.objects.filter(judgement__in=theirs, forum=by.organisation)
    }
    with history.label(by=by.user, did="said what parents say of a claim"):
        for judgement, agrees, words in answered:
            answer = before.get(judgement.pk) or ClaimAnswer(judgement=judgement, forum=by.organisation)
            same_words = answer.words == words.strip()
            answer.agrees, answer.told_on, answer.told_by = Agrees(agrees), on, by
            if not same_words:
                answer.words = words.strip()
                answer.words_state = WordsState.WAITING if answer.words else WordsState.NONE
                answer.sent_at = now if answer.words else None
            answer.full_clean()
            answer.save()
    return len(answered)


@transaction.atomic
def show_words(answer: ClaimAnswer, *, by, words: str) -> None:
    """Families may read what parents said, in words that a person has checked. What was typed is gone with that."""
    answer = _locked(answer)
    answer.words, answer.words_state = words.strip(), WordsState.SHOWN
    with history.label(by=by, did="read what parents say of a claim"):
        answer.full_clean()
        answer.save()


@transaction.atomic
def leave_words_out(answer: ClaimAnswer, *, by) -> None:
    """Families do not read the words, only whether parents agree. The words are gone with that."""
    answer = _locked(answer)
    answer.words, answer.words_state, answer.sent_at = "", WordsState.LEFT_OUT, None
    with history.label(by=by, did="left out what parents say of a claim"):
        answer.save()


def _locked(answer: ClaimAnswer) -> ClaimAnswer:
    answer = ClaimAnswer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if answer.words_state != WordsState.WAITING:
        raise WordsAlreadyRead
    return answer
