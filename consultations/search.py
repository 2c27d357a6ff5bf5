"""Finding consultations by words: full text, with a second guess at mistyped ones."""

import re

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, Q

LONGEST_SEARCH = 200
# How alike a word must be to a mistyped one to be taken for it (0 to 1, by trigrams).
ALIKE = 0.3
# Rank reads every hit, so only the newest ones are ranked.
RANKED = 1000


def clean_words(text: str) -> str:
    """What somebody typed, without what no search can use, cut at a length nobody types."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())[:LONGEST_SEARCH]


def search_query(words: str) -> SearchQuery:
    """The words as a search: English stems, or the words exactly as typed (other languages, names)."""
    return SearchQuery(words, config="english", search_type="websearch") | SearchQuery(
        words, config="simple", search_type="websearch"
    )


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


def names(words: str, name: str) -> bool:
    """Whether what somebody typed is the beginnings of words of a name, such as "eastm council"."""
    typed = re.findall(r"\w+", words.casefold())
    parts = re.findall(r"\w+", name.casefold())
    return max(map(len, typed), default=0) > 2 and all(any(part.startswith(word) for part in parts) for word in typed)


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
