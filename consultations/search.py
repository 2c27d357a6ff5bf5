"""Finding consultations by words, best first, and how the site search shows them."""

from collections.abc import Sequence
from datetime import date

from django.contrib.postgres.search import SearchRank
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consultations.listing import cards
from consultations.models import Consultation
from core import searching
from core.searching import Hit

# Rank reads every hit, so only the newest ones are ranked.
RANKED = 1000


def matching(query, organisation_ids=()) -> Q:
    """Conditions true of consultations that say what is asked, or that one of these organisations runs."""
    said = Q(search=query)
    return said | Q(organisation_id__in=organisation_ids) if organisation_ids else said


def best_first(consultations, query):
    """The consultations ranked by how well they match; of very many, the newest only."""
    newest = consultations.order_by(F("published_at").desc()).values("pk")[:RANKED]
    return (
        consultations.filter(pk__in=newest)
        .annotate(rank=SearchRank(F("search"), query))
        .order_by("-rank", F("published_at").desc(), "pk")
    )


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These consultations as the site search shows them: with their stage, like a card."""
    found = cards(Consultation.objects.published().filter(pk__in=ids).for_cards(), day)
    return {
        card.consultation.pk: Hit(
            title=card.consultation.title,
            url=card.consultation.get_absolute_url(),
            text=card.consultation.summary,
            facts=card.facts,
            tag=f"stage-{card.colour}",
            tag_text=card.words,
        )
        for card in found
    }


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="consultation",
            title=_("Consultations"),
            public=lambda: Consultation.objects.published(),
            hits=hits,
            newest=(F("published_at").desc(), "pk"),
        )
    )
