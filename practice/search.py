"""Good practice in the site search."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core import searching
from core.searching import Hit
from practice.listing import cards
from practice.models import PracticeExample


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These examples as the site search shows them: what changed, who did it, and whether anybody here checked it."""
    found = cards(PracticeExample.objects.published().filter(pk__in=ids).for_cards())
    return {
        card.example.pk: Hit(
            title=card.example.title,
            url=card.example.get_absolute_url(),
            text=card.example.changed_families,
            facts=card.facts,
            tag="stage-closed" if card.example.is_found else "stage-responded",
            tag_text=_("Found elsewhere") if card.example.is_found else _("Good practice"),
        )
        for card in found
    }


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="example",
            title=_("Good practice"),
            public=lambda: PracticeExample.objects.published(),
            hits=hits,
            newest=(F("published_at").desc(), "pk"),
        )
    )
