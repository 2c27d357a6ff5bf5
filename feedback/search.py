""" "You said, we did" in the site search."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from core import searching
from core.dates import short_day_words
from core.searching import Hit
from feedback.models import FeedbackEntry
from feedback.stages import answer_words, pair_of


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These entries as the site search shows them: the point, who answered, and what the answer was."""
    rows = FeedbackEntry.objects.published().filter(pk__in=ids).for_log()
    return {row.pk: _hit(row, day) for row in rows}


def _hit(entry: FeedbackEntry, day: date) -> Hit:
    facts = [entry.organisation.name]
    if entry.heard_on:
        facts.append(short_day_words(entry.heard_on, day))
    return Hit(
        title=entry.theme or Truncator(entry.you_said).words(10),
        url=entry.get_absolute_url(),
        text=f"{entry.you_said} {entry.we_did}",
        facts=facts,
        tag=f"answer-{pair_of(entry, day).kind}",
        tag_text=answer_words(entry, day),
    )


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="entry",
            title=_("You said, we did"),
            public=lambda: FeedbackEntry.objects.published(),
            hits=hits,
            newest=(F("published_at").desc(), "pk"),
        )
    )
