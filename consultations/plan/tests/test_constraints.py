"""What the database refuses of the forward plan, however it is written."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from consultations.plan.models import Choice, ClashDecision, Intention, Umbrella, Window
from consultations.plan.tests.factories import IntentionFactory, UmbrellaFactory
from consultations.tests.factories import ConsultationFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)
# Each constraint, whose it is, and the facts that break it and nothing else.
BROKEN = {
    "intention_has_a_title": (Intention, {"title": " "}),
    "intention_starts_before_it_ends": (Intention, {"ends_on": DAY}),
    "window_is_of_one_ask": (Window, {"intention": None}),
    "decision_is_about_one_ask": (ClashDecision, {"intention": None}),
    "decision_is_about_one_other": (ClashDecision, {"other_consultation": None}),
    "decision_to_go_ahead_has_a_reason": (ClashDecision, {"reason": " "}),
    "decision_to_move_has_weeks": (ClashDecision, {"choice": Choice.MOVE, "now_ends_on": DAY}),
    "umbrella_has_a_title": (Umbrella, {"title": ""}),
    "umbrella_published_says_what_it_is": (Umbrella, {"summary": "\n"}),
}


@pytest.fixture
def rows():
    """One sound row of each kind."""
    intention = IntentionFactory()
    UmbrellaFactory()
    return ClashDecision.objects.create(
        intention=intention,
        other_consultation=ConsultationFactory(closed=True),
        choice=Choice.GO_AHEAD,
        reason="Both must be asked before the budget.",
        days=3,
        decided_on=DAY,
    )


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses(name):
    model, facts = BROKEN[name]
    sound = model.objects.filter(intention__isnull=False) if model in (Window, ClashDecision) else model.objects.all()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        sound.update(**facts)


def test_a_decision_about_both_a_consultation_and_an_intention_is_refused(rows):
    with pytest.raises(IntegrityError, match="decision_is_about_one_ask"), transaction.atomic():
        ClashDecision.objects.filter(pk=rows.pk).update(consultation=rows.other_consultation)


def test_every_constraint_of_the_plan_is_broken_here_once():
    named = {
        constraint.name
        for model in (Intention, Window, ClashDecision, Umbrella)
        for constraint in model._meta.constraints
        if isinstance(constraint, (CheckConstraint, UniqueConstraint))
    }

    assert named == set(BROKEN)
