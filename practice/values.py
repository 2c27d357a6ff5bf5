"""The words and choices of an example as plain values (core/values.py), with its tips."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core import values as core_values
from core.values import put_lists
from practice.models import PracticeExample, Tip
from practice.tips import words_of_place

TIPS = "tips"
# What a service may change on a published example without a check: whom to ask.
FREE = frozenset({"contact_name", "contact_phone", "contact_email"})


def value_of(example: PracticeExample, name: str) -> Any:
    """One field of an example as a plain value."""
    if name == TIPS:
        return [plain_tip(tip.text, tip.place) for tip in example.tips.all()] if example.pk else []
    return core_values.value_of(example, name)


def values_of(example: PracticeExample, names: Iterable[str]) -> dict[str, Any]:
    """Some fields of an example as plain values, by name."""
    return {name: value_of(example, name) for name in names}


def plain_tip(text: str, place: str) -> dict[str, str]:
    """One tip."""
    return {"text": text, "place": place}


def put_rows(example: PracticeExample, values: dict[str, Any]) -> None:
    """Write the lists and tips of an example that are among some values."""
    put_lists(example, values)
    if TIPS in values:
        example.tips.all().delete()
        tips = [Tip(example=example, position=place, **row) for place, row in enumerate(values[TIPS])]
        for tip in tips:
            tip.full_clean(exclude=["example"], validate_unique=False)
        Tip.objects.bulk_create(tips)


def title_of(name: str) -> str:
    """What a field of an example is called on pages."""
    return _("Tips") if name == TIPS else core_values.title_of(name, PracticeExample)


def words_of(name: str, value: Any, today: date) -> str:
    """A plain value as people read it."""
    if name == TIPS and value:
        return "\n".join(f"{row['text']} ({words_of_place(row['place'])})" for row in value)
    if name == TIPS:
        return _("Nothing")
    return core_values.words_of(name, value, today, PracticeExample)
