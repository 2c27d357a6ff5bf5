"""Put the default lists into a hub. What staff have changed since stays as they left it."""

from pathlib import Path

import yaml
from django.db import transaction

from core.dates import today
from core.models import AccessSupport, Audience, Format, Method, Synonym, Topic
from feedback.comments.defaults import load_routes
from notices.defaults import load_steps
from practice.resources.actions import load_starters
from practice.resources.models import HelpsWith
from standards.defaults import load_standard

TERMS = Path(__file__).with_name("terms.yaml")
SYNONYMS = Path(__file__).with_name("synonyms.yaml")
LISTS = {
    "topics": Topic,
    "audiences": Audience,
    "methods": Method,
    "access_support": AccessSupport,
    "formats": Format,
    "helps_with": HelpsWith,
}


@transaction.atomic
def load_content() -> dict[str, int]:
    """Everything that a new hub starts with; how many of each kind were added."""
    return load_terms() | {
        "groups of words that mean the same": load_synonyms(),
        "steps of reminders": load_steps(),
        "routes to help": load_routes(),
        "toolkits and links": load_starters(on=today()),
        "versions of the standard": load_standard(on=today()),
    }


@transaction.atomic
def load_terms() -> dict[str, int]:
    """Add the terms that are missing, by key, and say how many each list gained.

    A term that is there keeps its label, its place and whether it is retired.
    """
    lists = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    added = {}
    for name, model in LISTS.items():
        there = set(model.objects.values_list("key", flat=True))
        missing = [
            model(position=position, **term)
            for position, term in enumerate(lists[name], start=1)
            if term["key"] not in there
        ]
        model.objects.bulk_create(missing)
        added[name] = len(missing)
    return added


def load_synonyms() -> int:
    """Add the groups of words that are missing, by key, and say how many. One that staff removed stays removed."""
    there = set(Synonym.objects.values_list("key", flat=True))
    groups = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    return len(Synonym.objects.bulk_create(Synonym(**group) for group in groups if group["key"] not in there))
