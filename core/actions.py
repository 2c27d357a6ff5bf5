"""What staff do with the words of searches, and with any record: each action is one transaction, in the history."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import freshness, history
from core.models import FruitlessSearch, Synonym
from core.searching import same_key

MOST_WORDS = 20


@transaction.atomic
def say_still_right(record, *, kind: str, by, on: date) -> None:
    """Say that what families read of a record is still right. From now on it counts as checked.

    It changes nothing that families can follow, so no version and no news come of it.
    """
    freshness.looked_at(record, kind, on=on)
    with history.label(by=by, did="said that it is still right"):
        type(record)._default_manager.filter(pk=record.pk).update(
            checked_on=record.checked_on, review_by=record.review_by
        )


@transaction.atomic
def add_synonym(*, by, words: Sequence[str]) -> Synonym:
    """Say that these words and phrases mean the same. Raises ValidationError when they cannot be a group."""
    group = Synonym(words=_group_of(words))
    with history.label(by=by, did="added words that mean the same"):
        group.save()
    return group


@transaction.atomic
def change_synonym(group: Synonym, *, by, words: Sequence[str]) -> Synonym:
    """Change which words and phrases are in a group. Raises ValidationError when they cannot be a group."""
    group.words = _group_of(words, but=group)
    with history.label(by=by, did="changed words that mean the same"):
        group.save(update_fields=["words"])
    return group


@transaction.atomic
def remove_synonym(group: Synonym, *, by, on: date) -> None:
    """Search no longer for the others of the group. It can be brought back."""
    with history.label(by=by, did="removed words that mean the same"):
        Synonym.objects.in_use().filter(pk=group.pk).update(retired_on=on)


@transaction.atomic
def restore_synonym(group: Synonym, *, by) -> None:
    """Bring a removed group back. Raises ValidationError when one of its words is in another group by now."""
    _group_of(group.words, but=group)
    with history.label(by=by, did="brought words that mean the same back"):
        Synonym.objects.filter(pk=group.pk).update(retired_on=None)


@transaction.atomic
def forget_search(search: FruitlessSearch, *, by) -> None:
    """Take a search that found nothing off the list for good."""
    with history.label(by=by, did="forgot a search that found nothing"):
        search.delete()


def _group_of(words: Sequence[str], but: Synonym | None = None) -> list[str]:
    """The words without what is said twice, or a refusal that says what is wrong."""
    kept: dict[tuple[str, ...], str] = {}
    for phrase in words:
        phrase = " ".join(phrase.split())
        if key := same_key(phrase):
            kept.setdefault(key, phrase)
    problems = []
    if len(kept) < 2:
        problems.append(_("Enter two or more words or phrases, each on its own line"))
    if len(kept) > MOST_WORDS:
        problems.append(_("Enter %(most)d words or phrases at most") % {"most": MOST_WORDS})
    problems += [
        _("“%(words)s” is too long: 60 letters at most") % {"words": p[:60]} for p in kept.values() if len(p) > 60
    ]
    for other in Synonym.objects.in_use().exclude(pk=but.pk if but else None):
        twice = [phrase for phrase in other.words if same_key(phrase) in kept]
        if twice:
            said = {"words": twice[0], "group": str(other)}
            problems.append(_("“%(words)s” is in another group already: %(group)s") % said)
    if problems:
        raise ValidationError({"words": problems})
    return list(kept.values())
