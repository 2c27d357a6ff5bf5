"""What families can follow. Upper apps describe it in their followables.py and register it here.

One consultation, an organisation with all below it, whatever a filter of the
finder shows: each is a kind that says which things it holds, so that the
ledger can ask, in one statement, who follows what there is news of.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs

from django.db import connection
from django.db.models import BigIntegerField, F, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from notices.models import Followed, Subscription

# So many filters are asked about in one statement.
AT_A_TIME = 200
# Of fewer people than that nobody is told how many they are.
FEWEST = 5
# Filters that are written longer than so many characters are not kept.
LONGEST = 500


class Key(NamedTuple):
    """What is followed: a kind, and the one thing or the filter."""

    follows: str
    about_id: int = 0
    filter: str = ""


@dataclass(frozen=True)
class Words:
    """What is followed, as families read it."""

    text: str  # "Consultations about SEND, in Northmarch"
    url: str  # where it is seen, without the host
    is_one: bool = False  # one thing, of which nothing new can open
    # The same without what somebody typed: the first mail goes to whoever's address a stranger wrote down.
    safe_text: str = ""

    @property
    def for_strangers(self) -> str:
        """What the first mail says of it."""
        return self.safe_text or self.text


class Followable:
    """A kind of what can be followed."""

    name: str  # as `Subscription.follows` keeps it
    of: str  # the kind of thing it brings news of, as reasons name it (`Reason.follows`)
    has_filters = False  # whether it is known by a filter, in words of the address, and not by the id of one thing
    tells: Sequence[str | Promise] = ()  # of what whoever follows it is told, each after "We tell you"

    def read(self, asked: "Asked") -> Key | None:
        """What the parameters of an address ask to follow; None when there is no such thing.

        Equal filters, whatever their order, give equal keys.
        """
        raise NotImplementedError

    def beyond(self, key: Key) -> Key | None:
        """What somebody may want to follow besides, if they tick it; None when there is nothing."""
        return None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Each in words, in a fixed number of queries. What is gone is left out."""
        raise NotImplementedError

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """SQL of rows (about_id, filter, thing), and its parameters: which things each that can be followed holds.

        Of the things in the subselect `things` only; and of these filters,
        when it is known by filters.
        """
        raise NotImplementedError


class OneThing(Followable):
    """One published thing with a page of its own."""

    model: Any  # `objects.published()`, a title, a slug and an organisation
    beside = ""  # the kind that brings whatever else its organisation has

    def read(self, asked: "Asked") -> Key | None:
        """A published one, by its slug."""
        published = self.model.objects.published().filter(slug=asked.get("about", ""))
        pk = published.values_list("pk", flat=True).first()
        return Key(self.name, pk) if pk else None

    def beyond(self, key: Key) -> Key | None:
        """Everything else of whoever asks it or runs it."""
        body = self.model.objects.filter(pk=key.about_id).values_list("organisation_id", flat=True).first()
        return Key(self.beside, body) if body else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Their titles."""
        rows = self.model.objects.published().filter(pk__in=[key.about_id for key in keys]).only("title", "slug")
        return {Key(self.name, row.pk): Words(row.title, row.get_absolute_url(), is_one=True) for row in rows}

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Itself."""
        return f"SELECT thing, '', thing FROM ({things}) AS itself (thing)", []


class WhatFits(Followable):
    """Whatever a filter of a list shows, now and later."""

    has_filters = True

    def finders(self, many: "Iterable[Asked]") -> Iterable[Any]:
        """The list, as the parameters of each address ask for it. What they all need is read once."""
        raise NotImplementedError

    def canonical(self, finder: Any) -> str:
        """What a filter asks, in one writing for all that ask the same."""
        raise NotImplementedError

    def words_of_one(self, kept: str, finder: Any) -> Words:
        """What one shows."""
        raise NotImplementedError

    def fitting(self, finder: Any) -> QuerySet:
        """The things that one shows."""
        raise NotImplementedError

    def read(self, asked: "Asked") -> Key | None:
        """The filter of an address, as the list understands it."""
        (finder,) = self.finders([asked])
        kept = self.canonical(finder)
        return Key(self.name, 0, kept) if len(kept) <= LONGEST else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """What each shows, in words. One that names what is no longer listed is left out."""
        finders = self._finders(key.filter for key in keys)
        return {Key(self.name, 0, kept): self.words_of_one(kept, finder) for kept, finder in finders}

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """What the list would show for each."""
        parts, params = [], []
        for kept, finder in self._finders(filters):
            rows = self.fitting(finder).order_by().filter(pk__in=RawSQL(things, []))
            rows = rows.annotate(
                held_about=Value(0, output_field=BigIntegerField()), held_filter=Value(kept), held=F("pk")
            )
            sql, more = rows.values_list("held_about", "held_filter", "held").query.sql_with_params()
            parts.append(sql)
            params += more
        if not parts:
            return "SELECT 0::bigint, '', 0::bigint WHERE false", []
        return " UNION ALL ".join(parts), params

    def _finders(self, filters: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """The list of each. Without those that name what is no longer listed: the rest of one would show more."""
        filters = list(filters)
        for kept, finder in zip(filters, self.finders(map(parameters, filters)), strict=True):
            if self.canonical(finder) == kept:
                yield kept, finder


def said_of(chosen: Mapping[str, Sequence[Any]], parts: Mapping[str, str | Promise]) -> list[str]:
    """The chosen boxes of a list in words, part by part: "about SEND or autism", "in Northmarch"."""
    return [
        str(words) % {"what": _(" or ").join(term.text for term in chosen[name])}
        for name, words in parts.items()
        if chosen[name]
    ]


class Asked(Protocol):
    """The parameters of an address."""

    def get(self, name: str, default: str = "") -> str:
        """The last value of one."""

    def getlist(self, name: str) -> list[str]:
        """All values of one."""


_registered: dict[str, Followable] = {}


def register(kind: type[Followable]) -> type[Followable]:
    """Add a kind: a class decorator."""
    _registered[kind.name] = kind()
    return kind


def registered() -> dict[str, Followable]:
    """Every kind, by name."""
    return dict(_registered)


def read(asked: Asked) -> Key | None:
    """What an address asks to follow ("?follow=consultation&about=short-breaks"); None when there is no such thing."""
    kind = _registered.get(asked.get("follow", ""))
    return kind.read(asked) if kind else None


def beyond(key: Key) -> Key | None:
    """What somebody who follows this may want to follow besides; None when there is nothing."""
    kind = _registered.get(key.follows)
    return kind.beyond(key) if kind else None


def words_of(followed: Iterable[Followed | Key]) -> dict[tuple, Words]:
    """Each in words, by its key: one call of each kind. What is gone is left out."""
    by_kind: dict[str, set[Key]] = {}
    for each in followed:
        key = Key(each.follows, each.about_id, each.filter)
        by_kind.setdefault(key.follows, set()).add(key)
    found: dict[tuple, Words] = {}
    for name, keys in by_kind.items():
        if kind := _registered.get(name):
            found |= {tuple(key): words for key, words in kind.words(keys).items()}
    return found


def filters_of(of: str, addresses: Sequence[str] | None = None, recipient_hash: str = "") -> list[dict[str, list[str]]]:
    """The filters by which somebody follows things of this kind, by the name of the followable, in batches.

    With `addresses` or a hash, those of these people only. There is always a first
    batch: it is asked about what needs no filter too. One query at most.
    """
    kinds = [kind.name for kind in _registered.values() if kind.of == of and kind.has_filters]
    if not kinds:
        return [{}]
    followers = Subscription.objects.active().filter(follows__in=kinds)
    if addresses is not None:
        followers = followers.filter(address__in=addresses)
    if recipient_hash:
        followers = followers.filter(recipient_hash=recipient_hash)
    pairs = sorted(set(followers.order_by().values_list("follows", "filter").distinct()))
    batches: list[dict[str, list[str]]] = []
    for start in range(0, len(pairs), AT_A_TIME):
        batch: dict[str, list[str]] = {}
        for name, each in pairs[start : start + AT_A_TIME]:
            batch.setdefault(name, []).append(each)
        batches.append(batch)
    return batches or [{}]


def holding(of: str, things: str, filters: Mapping[str, Sequence[str]], first: bool) -> tuple[str, list]:
    """SQL of rows (follows, about_id, filter, thing) of one batch of filters, and its parameters."""
    parts, params = [], []
    for kind in _registered.values():
        theirs = filters.get(kind.name, [])
        if kind.of == of and (theirs if kind.has_filters else first):
            sql, more = kind.holds(things, theirs)
            parts.append(f"SELECT '{kind.name}', held.* FROM ({sql}) AS held (about_id, filter, thing)")
            params += more
    if not parts:
        return "SELECT '', 0::bigint, '', 0::bigint WHERE false", []
    return " UNION ALL ".join(parts), params


def followers_of(of: str, pk: int) -> int:
    """How many people are told the news of one thing, each once, however they came to follow it.

    By the thing itself, its organisation, or a filter that shows it. One query
    for the filters, and one for each batch of them.
    """
    hashes: set[str] = set()
    for number, filters in enumerate(filters_of(of)):
        held, params = holding(of, f"SELECT {int(pk)}::bigint", filters, first=not number)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT follower.recipient_hash"
                f" FROM ({held}) AS held (follows, about_id, filter, thing)"
                " JOIN notices_subscription AS follower ON follower.follows = held.follows"
                " AND follower.about_id = held.about_id AND follower.filter = held.filter"
                " WHERE follower.confirmed_at IS NOT NULL AND follower.left_at IS NULL",
                params,
            )
            hashes.update(row[0] for row in cursor.fetchall())
    return len(hashes)


def followers_words(of: str, pk: int) -> str:
    """How many are told the news of one thing, for staff: "12 people follow this by e-mail"."""
    number = followers_of(of, pk)
    if number < FEWEST:
        return _("Fewer than 5 people follow this by e-mail.")
    return _("%(number)s people follow this by e-mail.") % {"number": f"{number:,}"}


def parameters(query: str) -> MultiValueDict:
    """The parameters of a filter as it is kept."""
    return MultiValueDict(parse_qs(query))
