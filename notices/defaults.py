"""The timings that ship with the hub."""

from pathlib import Path

import yaml
from django.db import transaction

from notices.models import Step

STEPS = Path(__file__).with_name("content") / "steps.yaml"


@transaction.atomic
def load_steps() -> int:
    """Add the steps that the hub has never had, and say how many. What staff changed or retired stays so."""
    reasons = yaml.safe_load(STEPS.read_text(encoding="utf-8"))
    there = set(Step.objects.values_list("reason", "key"))
    missing = [
        Step(reason=reason, **step)
        for reason, steps in reasons.items()
        for step in steps
        if (reason, step["key"]) not in there
    ]
    Step.objects.bulk_create(missing)
    return len(missing)
