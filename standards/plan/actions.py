"""What an organisation plans to do about its gaps, and how that ends."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import history
from core.publishing import Conflict
from standards.models import Adoption, Indicator, PlannedAction


@transaction.atomic
def plan(adoption: Adoption, indicator: Indicator, *, by, on: date, facts: dict) -> PlannedAction:
    """Plan something about one statement; `facts` are its columns. Raises ValidationError when its day is over."""
    if adoption.ended_on:
        raise ValidationError(_("The pledge has ended. Adopt the standard again first."))
    planned = PlannedAction(adoption=adoption, indicator=indicator, **facts)
    _check_day(planned, on)
    planned.full_clean()
    with history.label(by=by, did="planned something"):
        planned.save()
    return planned


@transaction.atomic
def change(planned: PlannedAction, *, by, on: date, facts: dict, version: int) -> None:
    """Change what is planned. Raises Conflict when somebody else changed it meanwhile."""
    planned = _open(planned)
    if planned.version != version:
        raise Conflict
    before = planned.due_on
    for name, value in facts.items():
        setattr(planned, name, value)
    if planned.due_on != before:
        _check_day(planned, on)
    planned.version += 1
    planned.full_clean()
    with history.label(by=by, did="changed what is planned"):
        planned.save()


@transaction.atomic
def finish(planned: PlannedAction, *, by, on: date, outcome: str, is_done: bool) -> None:
    """Say that it is done, or dropped, and what came of it. Families read it."""
    planned = _open(planned)
    planned.done_on, planned.dropped_on = (on, None) if is_done else (None, on)
    planned.outcome = outcome.strip()
    planned.version += 1
    planned.full_clean()
    with history.label(by=by, did="did what was planned" if is_done else "dropped what was planned"):
        planned.save()


def _check_day(planned: PlannedAction, on: date) -> None:
    if planned.due_on and planned.due_on < on:
        raise ValidationError({"due_on": [_("Choose a day that is still to come")]})


def _open(planned: PlannedAction) -> PlannedAction:
    planned = PlannedAction.objects.select_for_update(of=("self",)).get(pk=planned.pk)
    if not planned.is_open:
        raise ValidationError(_("This has ended already. Plan something new instead."))
    return planned
