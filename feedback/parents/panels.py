"""What parents say of a promise, on its own page beside what the service says."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from core.dates import short_day_words
from core.panels import register
from feedback.models import FeedbackEntry
from feedback.parents.models import Happened, ParentCheck
from feedback.parents.stages import Said, anybody_words, can_be_checked, in_short_words, said_by
from feedback.stages import answer_words


@dataclass(frozen=True)
class ParentsSay:
    """Both sides of one promise that is called done."""

    service: str  # who says that it is done
    claim: str  # "Done"
    claimed_on: str
    kind: str
    said: list[Said]  # the newest first
    chosen_by_service: bool  # of some of them: the service chose whom to ask
    anybody: str
    ask_url: str


def parents_say(ids: Sequence[int], day: date) -> dict[int, ParentsSay]:
    """What parents say of each of these entries that is called done. 2 queries."""
    counted = Happened.objects.filter(entry=OuterRef("pk"))
    entries = can_be_checked().filter(pk__in=ids).select_related("organisation").defer("search")
    entries = entries.annotate(**{f"said_{each}": Subquery(counted.values(each)) for each in ("yes", "no", "unsure")})
    found: dict[int, FeedbackEntry] = {entry.pk: entry for entry in entries}
    if not found:
        return {}
    by_entry: dict[int, list[ParentCheck]] = defaultdict(list)
    checks = ParentCheck.objects.told().filter(entry__in=found).select_related("forum")
    for check in checks.order_by("-told_on", "-pk"):
        by_entry[check.entry_id].append(check)
    return {
        pk: ParentsSay(
            service=entry.organisation.name,
            claim=answer_words(entry, day),
            claimed_on=short_day_words(entry.done_on, day),
            kind=entry.answer,
            said=[said_by(check) for check in by_entry[pk]],
            chosen_by_service=any(check.by_service for check in by_entry[pk]),
            anybody=anybody_words(entry.said_yes or 0, entry.said_no or 0, entry.said_unsure or 0),
            ask_url=reverse("feedback:happened", args=[pk]),
        )
        for pk, entry in found.items()
    }


@dataclass(frozen=True)
class InShort:
    """What parents say of a promise, where it stands among others."""

    words: str
    kind: str
    theme: str
    url: str


def in_short(ids: Sequence[int], day: date) -> dict[int, InShort]:
    """The same in a few words, for each of these entries of which parents say something. One query."""
    checks = ParentCheck.objects.told().filter(entry__in=can_be_checked().filter(pk__in=ids))
    by_entry: dict[FeedbackEntry, list[str]] = defaultdict(list)
    for check in checks.select_related("entry").defer("entry__search").order_by("-told_on", "-pk"):
        by_entry[check.entry].append(check.verdict)
    found = {}
    for entry, verdicts in by_entry.items():
        words, kind = in_short_words(verdicts)
        found[entry.pk] = InShort(words, kind, str(entry), f"{entry.get_absolute_url()}#parents-say")
    return found


def register_panels() -> None:
    """Called when the app is ready."""
    register("point", "parents", "parents/_in_short.html", in_short)
    register("entry", "parents", "parents/panel.html", parents_say)
