"""What the database refuses of toolkits and links, however it is written."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint
from django.utils import timezone

from practice.resources.models import Resource, Suggestion
from practice.resources.tests.factories import ResourceFactory, SuggestionFactory

pytestmark = pytest.mark.django_db

# Each constraint, and the facts that break it and nothing else.
BROKEN = {
    "resource_address_once": {"reference": "taken"},
    "resource_has_a_title": {"title": " "},
    "resource_has_an_address": {"url": ""},
    "resource_is_complete": {"summary": " "},
    "resource_returned_with_a_reason": {"returned_at": "2026-01-01T00:00Z"},
}
SUGGESTIONS_BROKEN = {
    "suggestion_waits_once_for_each_address": {"reference": "taken"},
    "suggestion_has_a_title": {"title": ""},
    "suggestion_declined_at_a_moment": {"declined_reason": "It costs money."},
    "suggestion_decided_forgets_its_words": {"decided_at": "2026-01-01T00:00Z"},
}


def refuses(name, row, facts):
    """Whether the database refuses these facts by the constraint of that name."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**facts)


@pytest.mark.parametrize("name", BROKEN)
def test_a_toolkit_that_breaks_a_rule_cannot_be_stored(name):
    ResourceFactory(reference="taken")

    refuses(name, ResourceFactory(), BROKEN[name])


@pytest.mark.parametrize("name", SUGGESTIONS_BROKEN)
def test_a_suggestion_that_breaks_a_rule_cannot_be_stored(name):
    SuggestionFactory(reference="taken")

    refuses(name, SuggestionFactory(), SUGGESTIONS_BROKEN[name])


def test_what_was_thrown_away_or_decided_takes_no_address():
    now = timezone.now()
    ResourceFactory(reference="taken", deleted_at=now)
    SuggestionFactory(reference="taken", why="", decided_at=now)

    assert ResourceFactory(reference="taken").pk
    assert SuggestionFactory(reference="taken").pk


def test_every_constraint_was_broken_once():
    stated = {
        each.name
        for model in (Resource, Suggestion)
        for each in model._meta.constraints
        if isinstance(each, (CheckConstraint, UniqueConstraint))
    }

    assert stated == {*BROKEN, *SUGGESTIONS_BROKEN}
