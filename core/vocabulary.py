"""The words that stand in what families can search: a mistyped search is matched against these."""

import re

import pgtrigger
from django.db import connection

# How alike a word must be to a mistyped one to be taken for it (0 to 1, by trigrams).
ALIKE = 0.3


def keeps_words(*columns: str, text: str = "") -> pgtrigger.Trigger:
    """A trigger that adds the words of these columns to the known words; `text` is SQL for what is no plain text."""
    text = text or " || ' ' || ".join(f"NEW.{column}" for column in columns)
    return pgtrigger.Trigger(
        name="keep_words",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),
        func=f"""
            INSERT INTO core_searchword (word)
            SELECT unnest(tsvector_to_array(to_tsvector('simple', {text})))
            ON CONFLICT DO NOTHING;
            RETURN NULL;
        """,
    )


def _swapped(word: str) -> str:
    """The word with each two neighbouring letters swapped, the mistake that trigrams see worst."""
    return " ".join(word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1))


def second_guess(words: str) -> str:
    """The search with each unknown word replaced by the known word most like it; "" when none is like it.

    Known words are those of what can be searched, kept by the database. A word
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
                       EXISTS (SELECT 1 FROM core_searchword s WHERE s.word = typed.word) AS known
                FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS typed (word, swapped, position)
            ) AS typed
            LEFT JOIN LATERAL (
                SELECT min(s.word) AS word FROM core_searchword s
                WHERE NOT typed.known AND s.word = ANY (typed.swapped)
            ) AS mixed_up ON true
            LEFT JOIN LATERAL (
                SELECT s.word FROM core_searchword s
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
