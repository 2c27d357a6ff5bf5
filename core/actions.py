"""What staff do with lists, the words of searches, the hub as a whole, and any record.

Each action is one transaction, labelled in the history.
"""

from collections.abc import Collection, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import freshness, history
from core.models import Area, Closure, FruitlessSearch, HubFacts, Synonym
from core.searching import same_key

MOST_WORDS = 20
MOST_AREAS = 200


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


# --- The hub as a whole


@transaction.atomic
def state_facts(*, by, **facts: str) -> HubFacts:
    """Write down names and contacts of the council. From then on they count before what the environment says."""
    with history.label(by=by, did="stated names and contacts"):
        stated = HubFacts.objects.select_for_update().first() or HubFacts()
        for name, words in facts.items():
            setattr(stated, name, words.strip())
        stated.full_clean()
        stated.save()
    return stated


@transaction.atomic
def shut_new_hub(*, on: date) -> None:
    """Keep families out of a hub that was just made. One that was closed or opened before stays as it is."""
    if not Closure.objects.exists():
        with history.label(by=None, did="made a hub that is not open yet"):
            Closure.objects.create(closed_on=on)


@transaction.atomic
def open_hub(*, by, on: date) -> None:
    """Let families in. Nothing happens when they may come in already."""
    with history.label(by=by, did="opened the hub to the public"):
        Closure.objects.filter(opened_on=None).update(opened_on=on)


@transaction.atomic
def close_hub(*, by, on: date, reason: str) -> None:
    """Keep families out again. Raises ValidationError without a reason, and when it is closed already."""
    if not reason.strip():
        raise ValidationError({"reason": [_("Enter why")]})
    if Closure.objects.filter(opened_on=None).exists():
        raise ValidationError(_("The hub is closed already."))
    with history.label(by=by, did="closed the hub to the public"):
        closure = Closure(closed_on=on, reason=reason.strip())
        closure.full_clean()
        closure.save()


@transaction.atomic
def add_areas(*, by, labels: Sequence[str]) -> list[Area]:
    """Add parts of the county to the list, in the order given. Those that are there already are left as they are.

    Raises ValidationError when there is none, or one is too long.
    """
    names: dict[str, str] = {}
    for label in labels:
        label = " ".join(label.split())
        if label:
            names.setdefault(label.casefold(), label)
    problems = []
    if not names:
        problems.append(_("Enter the areas, each on its own line"))
    if len(names) > MOST_AREAS:
        problems.append(_("Enter %(most)d areas at most") % {"most": MOST_AREAS})
    problems += [
        _("“%(words)s” is too long: 120 letters at most") % {"words": n[:60]} for n in names.values() if len(n) > 120
    ]
    if problems:
        raise ValidationError({"labels": problems})
    with history.label(by=by, did="added areas"):
        known = {label.casefold() for label in Area.objects.values_list("label", flat=True)}
        keys = set(Area.objects.values_list("key", flat=True))
        last = Area.objects.aggregate(last=Max("position"))["last"] or 0
        new = []
        for folded, label in names.items():
            if folded not in known:
                key = free_key(label, keys)
                keys.add(key)
                new.append(Area(key=key, label=label, position=last + len(new) + 1))
        return Area.objects.bulk_create(new)


def free_key(label: str, taken: Collection[str]) -> str:
    """A key for a term of this name that no other has."""
    base = slugify(label)[:50] or "area"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


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
