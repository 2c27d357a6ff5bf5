"""Searching the whole site.

Each app registers its kinds of document from its search.py; hub/search.py asks
them all. An upper floor is so found beside a lower one, and neither knows the
other. Here too is what every search has in common: how typed words are read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from core.models import Synonym
from core.versions import cached

LONGEST_SEARCH = 200


def clean_words(text: str) -> str:
    """What somebody typed, without what no search can use, cut at a length nobody types."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())[:LONGEST_SEARCH]


def names(words: str, name: str) -> bool:
    """Whether what somebody typed is the beginnings of words of a name, such as "eastm council"."""
    typed = re.findall(r"\w+", words.casefold())
    parts = re.findall(r"\w+", name.casefold())
    return max(map(len, typed), default=0) > 2 and all(any(part.startswith(word) for part in parts) for word in typed)


# --- What is asked, with words that mean the same


@dataclass(frozen=True)
class Understood:
    """What a search looks for: as PostgreSQL is asked, and which words and phrases besides those that were typed."""

    query: Any
    also: list[str]


def understand(words: str) -> Understood:
    """The words as a search: English stems, or the words exactly as typed (other languages, names).

    A word or phrase that staff say means the same as another finds the other
    too. Whoever types quotes, a minus or "or" says exactly what they want, and
    gets that.
    """
    pieces = _in_pieces(words)
    also = dict.fromkeys(phrase for piece in pieces for phrase in piece.also)
    return Understood(_in_language(pieces, "english") | _in_language(pieces, "simple"), list(also))


@dataclass(frozen=True)
class _Piece:
    """Some of the typed words, and the other phrases that mean the same."""

    text: str
    also: tuple[str, ...] = ()


def _in_language(pieces: list[_Piece], config: str):
    query = None
    for piece in pieces:
        said: Any = SearchQuery(piece.text, config=config, search_type="websearch")
        for phrase in piece.also:
            said = said | SearchQuery(phrase, config=config, search_type="phrase")
        query = said if query is None else query & said
    return query


def _in_pieces(words: str) -> list[_Piece]:
    """What was typed, taken apart where a phrase has others that mean the same."""
    parts = words.split()
    if '"' in words or any(part.startswith("-") or part.casefold() == "or" for part in parts):
        return [_Piece(words)]
    same = cached("core.synonyms", (), _read_synonyms)
    longest = max(map(len, same), default=0)
    pieces: list[_Piece] = []
    plain: list[str] = []
    while parts:
        for length in range(min(longest, len(parts)), 0, -1):
            also = same.get(same_key(" ".join(parts[:length])))
            if also:
                break
        else:
            plain.append(parts.pop(0))
            continue
        if plain:
            pieces.append(_Piece(" ".join(plain)))
            plain = []
        typed = " ".join(parts[:length])
        pieces.append(_Piece(typed, tuple(phrase for phrase in also if same_key(phrase) != same_key(typed))))
        del parts[:length]
    return [*pieces, _Piece(" ".join(plain))] if plain or not pieces else pieces


def same_key(phrase: str) -> tuple[str, ...]:
    """A phrase as it is compared: capitals, marks and the s of a plural make no difference."""
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", phrase.casefold())
    return tuple(
        word.removesuffix("'s").removesuffix("’s").removesuffix("s") if len(word) > 3 else word for word in words
    )


def _read_synonyms() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every phrase that has others, with all of its group."""
    groups = Synonym.objects.in_use().order_by("pk").values_list("words", flat=True)
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for group in groups:
        for phrase in group:
            if key := same_key(phrase):
                same[key] = tuple(dict.fromkeys((*same.get(key, ()), *group)))
    return same


# --- Kinds of document


@dataclass(frozen=True)
class Hit:
    """One thing that a search found, as its app shows it."""

    title: str
    url: str
    text: str  # where the words around the hit are taken from
    facts: Sequence[str] = ()
    tag: str = ""  # the colour of its tag, such as "stage-open"
    tag_text: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of document that the site search finds.

    `public` gives what the public may see; `vector` is the column, or the
    indexed expression, that holds its words; `newest` orders it, newest first,
    by an index where there are many. `hits` shows the rows with some ids.
    `named` gives the ids of those that the words name in another way.
    """

    name: str  # in the address
    title: str
    public: Callable[[], QuerySet]
    hits: Callable[[Sequence[int], date], dict[int, Hit]]
    newest: tuple
    vector: Any = "search"
    named: Callable[[str], Sequence[int]] | None = None


_registered: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind of document to the search. Called from an app's ready()."""
    _registered[kind.name] = kind


def kinds() -> dict[str, Kind]:
    """Every kind of document, by its name in the address, in the order the page lists them."""
    return dict(_registered)
