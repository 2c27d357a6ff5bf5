"""What staff do with messages and their timings: each action is one transaction, labelled in the history."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import history
from notices.models import Step
from notices.reasons import registered

ONE_DAY = timedelta(days=1)


@transaction.atomic
def change_timing(step: Step, *, by, on: date, valid_from: date, **timing) -> Step:
    """Let a step count otherwise from a day on; until then it counts as it does.

    `timing` are fields of the step: anchor, offset_days, repeat_every_days,
    recipients, chain, text, urgent. The step keeps its key, so nothing that was
    sent is owed again. A change that has not begun yet is replaced; one that
    was stopped begins again. Raises ValidationError when the day is not still
    to come: what was said today has been said.
    """
    if valid_from <= on:
        raise ValidationError({"valid_from": [_("Choose a day still to come. Today's reminders have gone out.")]})
    same = Step.objects.select_for_update().filter(reason=step.reason, key=step.key)
    with history.label(by=by, did="changed when a reminder goes out"):
        for each in same:
            if each.is_to_come(on):
                each.delete()
            elif each.is_in_force(on):
                each.retired_on = valid_from
                each.save(update_fields=["retired_on"])
        changed = Step(reason=step.reason, key=step.key, valid_from=valid_from, **timing)
        changed.full_clean()
        changed.save()
    return changed


@transaction.atomic
def add_step(*, by, on: date, reason: str, key: str, valid_from: date, **timing) -> Step:
    """Add a reminder that a reason did not have. It says nothing of days before it counts."""
    if Step.objects.filter(reason=reason, key=key).exists():
        raise ValidationError(_("There is a reminder like this. Change that one."))
    with history.label(by=by, did="added a reminder"):
        return change_timing(Step(reason=reason, key=key), by=by, on=on, valid_from=valid_from, **timing)


@transaction.atomic
def stop_step(step: Step, *, by, on: date) -> None:
    """Let a step count today, and no more. A change of it that has not begun yet is taken back.

    Raises ValidationError for the last one after the day something was due: chasing never stops.
    """
    others = Step.objects.select_for_update().filter(reason=step.reason, retired_on__isnull=True)
    late = others.exclude(key=step.key).filter(offset_days__gt=0)
    reason = registered().get(step.reason)
    if reason is not None and reason.owes and step.offset_days > 0 and not late.exists():
        raise ValidationError(_("This is the last reminder of its kind. Chasing never stops: add another one first."))
    with history.label(by=by, did="stopped a reminder"):
        for each in Step.objects.filter(reason=step.reason, key=step.key):
            if each.is_to_come(on):
                each.delete()
            elif each.is_in_force(on):
                each.retired_on = on + ONE_DAY
                each.save(update_fields=["retired_on"])
