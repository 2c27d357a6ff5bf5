"""What families can follow. Upper apps describe it in their followables.py and register it here.

One consultation, an organisation with all below it, whatever a filter of the
finder shows: each is a kind that says which things it holds, so that the
ledger can ask, in one statement, who follows what there is news of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs

from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise

from notices.models import Followed, Subscription

# So many filters are asked about in one statement.
AT_A_TIME = 200


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


def parameters(query: str) -> MultiValueDict:
    """The parameters of a filter as it is kept."""
    return MultiValueDict(parse_qs(query))
