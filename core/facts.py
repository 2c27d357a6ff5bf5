"""What the council says of itself: its names, and how families reach it. The one place that pages and mails read.

The environment gives each fact. What staff have typed on the set-up pages
counts before it.
"""

from dataclasses import dataclass, fields
from email.utils import formataddr, parseaddr

from django.conf import settings

from core import standing
from core.models import HubFacts


@dataclass(frozen=True)
class Facts:
    """The names and contacts that count now."""

    name: str
    council_name: str
    fis_name: str
    fis_phone: str
    fis_email: str
    council_phone: str
    council_email: str
    children_services_name: str
    children_services_phone: str
    complaints_url: str
    privacy_name: str = ""
    privacy_email: str = ""
    privacy_phone: str = ""


NAMES = tuple(each.name for each in fields(Facts))


def facts() -> Facts:
    """The names and contacts of this hub. One query at most, shared with all else that a page has to know."""
    rows = standing.standing("core.facts")
    typed = rows[0] if rows else {}
    return Facts(**{name: typed.get(name) or _given(name) for name in NAMES})


def comes_from() -> str:
    """The address that the hub's mail comes from. A name of the hub's before it is the one that counts now."""
    shown, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    named = {_given(name): name for name in ("council_name", "fis_name", "name")}
    if shown in named:
        shown = getattr(facts(), named[shown])
    return formataddr((shown, address))


def _given(name: str) -> str:
    """What the environment says."""
    return getattr(settings, f"HUB_{name.upper()}", "")


standing.register("core.facts", lambda: HubFacts.objects.values(*NAMES)[:1])
