"""What good practice adds to lower pages: the examples that came of a consultation, of a promise, or of a service."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import Subquery

from accounts.models import Organisation
from core.panels import register
from practice.listing import Card, cards
from practice.models import CARD_FIELDS, PracticeExample

SHOWN = 5


def _that_came_of(field: str) -> Callable[[Sequence[int], date], dict[int, Any]]:
    """The published examples that point at records of a kind, by record. One query."""

    def gather(ids: Sequence[int], day: date) -> dict[int, list[Card]]:
        found: dict[int, list[Card]] = defaultdict(list)
        rows = PracticeExample.objects.published().filter(**{f"{field}__in": ids}).for_cards()
        for card in cards(rows.order_by("-published_at", "pk").only(*CARD_FIELDS, field)):
            found[getattr(card.example, f"{field}_id")].append(card)
        return dict(found)

    return gather


def of_organisations(ids: Sequence[int], day: date) -> dict[int, dict]:
    """The newest examples of each organisation and of those below it; nothing without any. One query each."""
    found = {}
    for pk in ids:
        path = Organisation.objects.filter(pk=pk).values("path")
        below = PracticeExample.objects.published().filter(organisation__path__startswith=Subquery(path))
        if shown := cards(below.for_cards().order_by("-published_at", "pk")[:SHOWN]):
            found[pk] = {"cards": shown}
    return found


def register_panels() -> None:
    """Called when the app is ready."""
    register("consultation", "practice", "practice/panels/examples.html", _that_came_of("consultation"))
    register("entry", "practice", "practice/panels/examples.html", _that_came_of("entry"))
    register("organisation", "practice", "practice/panels/of_organisation.html", of_organisations)
