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

LONGEST_SEARCH = 200


def clean_words(text: str) -> str:
    """What somebody typed, without what no search can use, cut at a length nobody types."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())[:LONGEST_SEARCH]


def search_query(words: str):
    """The words as a search: English stems, or the words exactly as typed (other languages, names)."""
    return SearchQuery(words, config="english", search_type="websearch") | SearchQuery(
        words, config="simple", search_type="websearch"
    )


def names(words: str, name: str) -> bool:
    """Whether what somebody typed is the beginnings of words of a name, such as "eastm council"."""
    typed = re.findall(r"\w+", words.casefold())
    parts = re.findall(r"\w+", name.casefold())
    return max(map(len, typed), default=0) > 2 and all(any(part.startswith(word) for part in parts) for word in typed)


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
