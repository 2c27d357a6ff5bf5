"""What the hub holds about one e-mail address, and how it is erased when somebody asks.

UK GDPR gives everybody a copy of what is held about them (article 15) and, in
most cases, its erasure (article 17). Each app registers what it holds in its
rights.py; the page of the Family Information Service joins it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from core import history, retention


@dataclass(frozen=True)
class Held:
    """One thing that is held about an address."""

    what: str | Promise
    since: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict)  # what it says, by the name of each part
    # Where it is changed by hand: it is no private person's, but how families reach a service.
    url: str = ""


class Holding(Protocol):
    """What an app knows of an address. Addresses come in small letters."""

    def held(self, address: str) -> Iterable[Held]:
        """Everything that names the address."""

    def why_not(self, address: str) -> str | Promise:
        """Why it cannot be erased yet; empty when it can."""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """Erase it, in the caller's transaction. How many things those were."""


_registered: dict[str, Holding] = {}


def register(name: str, holding: Holding) -> None:
    """Add what an app holds. Called from its rights.py."""
    _registered[name] = holding


def _holdings() -> list[Holding]:
    autodiscover_modules("rights")
    return list(_registered.values())


def plain(address: str) -> str:
    """An address as it is looked for: in small letters."""
    return address.strip().lower()


def held_about(address: str) -> list[Held]:
    """Everything that the hub holds about an address."""
    return [each for holding in _holdings() for each in holding.held(plain(address))]


def why_not(address: str) -> list[str | Promise]:
    """Why it cannot be erased yet, one sentence for each reason."""
    return [words for holding in _holdings() if (words := holding.why_not(plain(address)))]


@transaction.atomic
def erase(address: str, *, by, now: datetime) -> int:
    """Erase whatever is held about an address. How many things those were; only that number is written down.

    What the hub owed and sent stays in the ledger, without the address.
    Raises ValidationError when something must be done first.
    """
    reasons = why_not(address)
    if reasons:
        raise ValidationError([str(each) for each in reasons])
    with history.label(by=by, did="erased what is held about an address"):
        went = sum(holding.erase(plain(address), by=by, now=now) for holding in _holdings())
    retention.note(retention.ASKED_FOR, went, day=timezone.localdate(now))
    return went
