"""Finding consultations by words: full text, with a second guess at mistyped ones; and how a search shows them."""

import re
from collections.abc import Sequence
from datetime import date

from django.contrib.postgres.search import SearchRank
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consultations.listing import cards
from consultations.models import Consultation
from core import searching
from core.searching import Hit, search_query

# How alike a word must be to a mistyped one to be taken for it (0 to 1, by trigrams).
ALIKE = 0.3
# Rank reads every hit, so only the newest ones are ranked.
RANKED = 1000


def matching(words: str, organisation_ids=()) -> Q:
    """Conditions true of consultations that say these words, or that one of these organisations runs."""
    said = Q(search=search_query(words))
    return said | Q(organisation_id__in=organisation_ids) if organisation_ids else said


def best_first(consultations, words: str):
    """The consultations ranked by how well they match; of very many, the newest only."""
    newest = consultations.order_by(F("published_at").desc()).values("pk")[:RANKED]
    return (
        consultations.filter(pk__in=newest)
        .annotate(rank=SearchRank(F("search"), search_query(words)))
        .order_by("-rank", F("published_at").desc(), "pk")
    )


def _swapped(word: str) -> str:
    """The word with each two neighbouring letters swapped, the mistake that trigrams see worst."""
    return " ".join(word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1))


def second_guess(words: str) -> str:
    """The search with each unknown word replaced by the known word most like it; "" when none is like it.

    Known words are those of titles and summaries, kept by the database. A word
    with two letters swapped is taken first, then the most alike by trigrams.
    """
    typed = re.findall(r"[\w'’-]+", words.lower())
    if not typed:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT typed.word, typed.known, coalesce(mixed_up.word, alike.word)
            FROM (
                SELECT word, position, string_to_array(swapped, ' ') AS swapped,
                       EXISTS (SELECT 1 FROM consultations_searchword s WHERE s.word = typed.word) AS known
                FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS typed (word, swapped, position)
            ) AS typed
            LEFT JOIN LATERAL (
                SELECT min(s.word) AS word FROM consultations_searchword s
                WHERE NOT typed.known AND s.word = ANY (typed.swapped)
            ) AS mixed_up ON true
            LEFT JOIN LATERAL (
                SELECT s.word FROM consultations_searchword s
                WHERE NOT typed.known AND s.word %% typed.word AND similarity(s.word, typed.word) >= %s
                ORDER BY s.word <-> typed.word, s.word
                LIMIT 1
            ) AS alike ON true
            ORDER BY typed.position
            """,
            [typed, [_swapped(word) for word in typed], ALIKE],
        )
        guesses = cursor.fetchall()
    guess = " ".join(alike or word for word, known, alike in guesses)
    return "" if guess == " ".join(typed) else guess


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
