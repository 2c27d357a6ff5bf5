"""The version of the standard that a new hub starts with."""

from datetime import date
from pathlib import Path

import yaml
from django.db import transaction

from standards.models import Indicator, Standard, Strand

STANDARD = Path(__file__).with_name("content") / "standard.yaml"


@transaction.atomic
def load_standard(*, on: date) -> int:
    """Add the first version, published on a day, where the hub has none yet; how many were added."""
    if Standard.objects.exists():
        return 0
    words = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    strands = words.pop("strands")
    standard = Standard.objects.create(version=1, published_on=on, **words)
    made = [
        Strand(
            standard=standard,
            position=place,
            **{name: value for name, value in strand.items() if name != "indicators"},
        )
        for place, strand in enumerate(strands, start=1)
    ]
    Strand.objects.bulk_create(made)
    Indicator.objects.bulk_create(
        Indicator(strand=strand, position=place, **indicator)
        for strand, words in zip(made, strands, strict=True)
        for place, indicator in enumerate(words["indicators"], start=1)
    )
    return 1
