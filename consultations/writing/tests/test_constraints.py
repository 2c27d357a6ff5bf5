"""What the database refuses of checks, and of what is kept beside a listing while it is written."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from consultations.writing.models import Check, Correction, Decision, ReadyAnswer, Said

pytestmark = pytest.mark.django_db

# Each constraint, whose it is, and the facts that break it and nothing else.
BROKEN = {
    "check_of_one_thing": (Check, {"consultation": None}),
    "check_returned_with_a_reason": (
        Check,
        {"decision": Decision.RETURNED, "decided_at": datetime(2026, 3, 1, tzinfo=UTC), "reason": " "},
    ),
    "check_decided_at_a_moment": (Check, {"decision": Decision.APPROVED}),
    "ready_answer_no_has_a_reason": (ReadyAnswer, {"said": Said.NO}),
    "correction_says_what": (Correction, {"text": " "}),
}
TWICE = {
    "check_one_open_for_each": lambda: Check.objects.create(consultation=Check.objects.get().consultation),
    "check_one_open_for_each_event": lambda: [Check.objects.create(event=event) for event in [EventFactory()] * 2],
    "ready_answer_once": lambda: ReadyAnswer.objects.create(
        consultation=Check.objects.get().consultation, key="long_enough", said=Said.YES
    ),
}


@pytest.fixture(autouse=True)
def consultation():
    """One that waits for a check, with one question answered and one correction."""
    record = ConsultationFactory(draft=True)
    Check.objects.create(consultation=record)
    ReadyAnswer.objects.create(consultation=record, key="long_enough", said=Said.YES)
    Correction.objects.create(consultation=record, text="The hall is another one.", changed_on=date(2026, 3, 1))
    return record


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses(name):
    model, facts = BROKEN[name]

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**facts)


@pytest.mark.parametrize("name", TWICE)
def test_the_database_refuses_a_second_one(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        TWICE[name]()


def test_a_check_that_was_decided_makes_room_for_the_next(consultation):
    Check.objects.update(decision=Decision.APPROVED, decided_at=datetime(2026, 3, 1, tzinfo=UTC))

    Check.objects.create(consultation=consultation)

    assert Check.objects.filter(consultation=consultation).count() == 2


def test_every_constraint_of_writing_is_broken_here_once():
    named = {
        constraint.name
        for model in (Check, ReadyAnswer, Correction)
        for constraint in model._meta.constraints
        if isinstance(constraint, (CheckConstraint, UniqueConstraint))
    }

    assert named == {*BROKEN, *TWICE}
