"""The timings that ship with the hub."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from notices.defaults import load_steps
from notices.models import Step
from notices.reasons import registered

pytestmark = pytest.mark.django_db


def test_loading_again_changes_nothing_that_staff_edited_or_retired():
    assert load_steps() > 0
    Step.objects.filter(key="due_28").update(offset_days=-21)
    Step.objects.filter(key="closed").update(retired_on="2026-01-01")

    assert load_steps() == 0
    assert Step.objects.get(key="due_28").offset_days == -21
    assert Step.objects.filter(key="closed").count() == 1


def test_every_shipped_step_counts_from_a_date_that_its_reason_has():
    load_steps()

    for step in Step.objects.all():
        step.full_clean()
        assert step.anchor in registered()[step.reason].anchors


def test_a_step_tells_somebody():
    step = Step(reason="x", key="y", anchor="z", offset_days=1, recipients=[], text="Look.")

    with pytest.raises(ValidationError):
        step.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        step.save()
