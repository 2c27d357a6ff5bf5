"""What is done with good practice examples: each action is one transaction, labelled in the history."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules import acts_for, is_fis, is_superuser
from consultations.writing.rules import small_team
from core import history
from core.checking import Decision, keep_waiting, mark_of, undecided
from core.freshness import looked_at
from core.publishing import Conflict, publish_now
from core.values import put
from practice.models import MUST_SAY, ExampleCheck, PracticeExample, Tried
from practice.values import FREE, put_rows, title_of, value_of

# For so many days something that was thrown away can be brought back.
UNDO_FOR = timedelta(days=30)
# What stands at an address of its own beside the examples, for families or on the desk.
RESERVED = frozenset({"add", "feed", "checks", "network", "stories", "tried"})
# The lists without which nobody finds it.
FINDABLE = {
    "topics": gettext_lazy("Choose at least one topic"),
    "audiences": gettext_lazy("Choose for whom it was"),
    "areas": gettext_lazy("Choose at least one area"),
    "methods": gettext_lazy("Choose at least one way in which you listened"),
}


def waiting_change(example: PracticeExample) -> ExampleCheck | None:
    """The changes to a published example that are not decided yet, sent or still being written."""
    return example.checks.open().filter(is_change=True).first() if example.pk else None


@transaction.atomic
def start(*, by, values: dict[str, Any]) -> PracticeExample:
    """A new draft. Families see nothing of it."""
    example = PracticeExample()
    put(example, values)
    _comes_from_what_they_may_see(example, values)
    example.slug = free_address(example.title)
    with history.label(by=by, did="wrote the example"):
        example.full_clean()
        example.save()
        put_rows(example, values)
    return example


def free_address(title: str) -> str:
    """An address for a title that no example has."""
    wanted = slugify(title)[:100].strip("-") or "example"
    taken = RESERVED | set(PracticeExample.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in _numbered(wanted) if slug not in taken)


def _numbered(wanted: str) -> Iterable[str]:
    yield wanted
    number = 2
    while True:
        yield f"{wanted}-{number}"
        number += 1


def _locked(example: PracticeExample) -> PracticeExample:
    rows = PracticeExample.objects.kept().select_for_update(of=("self",)).select_related("organisation")
    return rows.get(pk=example.pk)


def _comes_from_what_they_may_see(example: PracticeExample, values: dict[str, Any]) -> None:
    """An example points only at what families can read: its page links there."""
    for name in ("consultation", "entry"):
        record = getattr(example, name) if values.get(name) else None
        if record is not None and not record.is_published:
            raise ValidationError({name: [_("Families cannot see that. Choose something that is published.")]})


@transaction.atomic
def save_values(
    example: PracticeExample, *, by, on: date, values: dict[str, Any], mark: str = "", waits: bool = False
) -> bool:
    """Save one step of an example. Returns whether a part of it waits for a check.

    With `waits`, what families see stays, and all but whom to ask is kept
    until somebody approves it. `mark` is what the form was filled in on.
    Raises Conflict when somebody else has saved meanwhile, ValidationError
    when the values do not fit.
    """
    example = _locked(example)
    check = waiting_change(example)
    if mark and mark != mark_of(example, check):
        raise Conflict
    changed = {name: value for name, value in values.items() if value != value_of(example, name)}
    if not waits:
        if changed:
            _apply(example, by=by, on=on, values=changed)
        return False
    at_once = {name: value for name, value in changed.items() if name in FREE}
    if at_once:
        _apply(example, by=by, on=on, values=at_once)
    waiting = {**(check.values if check else {}), **values}
    waiting = {name: value for name, value in waiting.items() if name not in FREE and value != value_of(example, name)}
    trial = PracticeExample.objects.get(pk=example.pk)
    _fits(trial, waiting)
    keep_waiting(check or ExampleCheck(example=example, is_change=True, sent_by=by), waiting, by=by)
    return bool(waiting)


def _fits(example: PracticeExample, values: dict[str, Any]) -> None:
    """Put the values in, as far as they fit together. Raises ValidationError; the caller saves."""
    put(example, values)
    _comes_from_what_they_may_see(example, values)
    example.full_clean()
    if example.is_published and not example.is_found:
        refused = {name: [words] for name, words in FINDABLE.items() if values.get(name) == []}
        if refused:
            raise ValidationError(refused)


def _apply(example: PracticeExample, *, by, on: date, values: dict[str, Any]) -> None:
    _fits(example, values)
    example.version += 1
    if example.is_published and not example.is_found:
        # Whoever changes an example has looked at it.
        looked_at(example, "example", on=on)
    with history.label(by=by, did="changed the example"):
        example.save()
        put_rows(example, values)


# --- Checked by somebody else


def missing(example: PracticeExample) -> dict[str, list[str]]:
    """Everything that the template asks for and an example does not say yet, by field."""
    found = {
        name: [_("Fill in: %(field)s") % {"field": title_of(name)}]
        for name in (*MUST_SAY, "contact_name", "level", "year")
        if not str(getattr(example, name) or "").strip()
    }
    found |= {name: [words] for name, words in FINDABLE.items() if not getattr(example, name).exists()}
    if not example.supports.exists() and not example.no_support_reason.strip():
        found["supports"] = [_("Choose the help that people got to take part, or say why there was none")]
    return found


@transaction.atomic
def submit(example: PracticeExample, *, by, now: datetime) -> ExampleCheck:
    """Send a draft, or the changes that wait, to be checked. Sent twice, it waits once.

    Raises ValidationError naming everything that is missing.
    """
    example = _locked(example)
    check = example.checks.open().first()
    if example.is_published:
        if check is None or not check.values:
            raise ValidationError(_("Nothing has been changed yet."))
    else:
        if lacks := missing(example):
            raise ValidationError(lacks)
        check = check or ExampleCheck(example=example)
        example.submitted_at, example.returned_at, example.approved_at = now, None, None
        with history.label(by=by, did="sent the example to be checked"):
            example.save(update_fields=["submitted_at", "returned_at", "approved_at", "changed_at"])
    check.sent_by, check.sent_at = by, check.sent_at or now
    check.save()
    return check


@transaction.atomic
def take_changes_back(check: ExampleCheck, *, by) -> None:
    """Throw the changes to a published example away before they are decided. Families saw nothing of them."""
    open_one = ExampleCheck.objects.open().select_for_update(of=("self",)).filter(pk=check.pk, is_change=True).first()
    if open_one is None:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    open_one.delete()


@transaction.atomic
def send_back(check: ExampleCheck, *, by, reason: str, now: datetime) -> None:
    """Send an example back to whoever wrote it, and say what to change."""
    check = undecided(check)
    example = _locked(check.example)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say what to change.")]})
    if not check.is_change:
        example.submitted_at, example.returned_at = None, now
        with history.label(by=by, did="sent the example back"):
            example.save(update_fields=["submitted_at", "returned_at", "changed_at"])
    check.decide(Decision.RETURNED, by=by, now=now, reason=reason.strip())
    if check.is_change:
        # What was written is not lost: it waits to be mended and sent again.
        ExampleCheck.objects.create(example=example, is_change=True, values=check.values, sent_by=check.sent_by)
        ExampleCheck.objects.filter(pk=check.pk).update(values={})


@transaction.atomic
def approve(check: ExampleCheck, *, by, on: date, now: datetime) -> None:
    """Approve an example: a new one goes out now; changes go into what families see.

    Raises ValidationError when it is the person's own and the team is not small, or when something is missing.
    """
    check = undecided(check)
    example = _locked(check.example)
    if check.sent_by_id == by.pk and not is_superuser(by) and not small_team():
        raise ValidationError(_("You sent this yourself. Somebody else has to check it."))
    decision = Decision.CHANGED if check.was_changed else Decision.APPROVED
    if check.is_change:
        _apply(example, by=by, on=on, values=check.values)
        check.values = {}
    else:
        publish(example, by=by, on=on)
    check.decide(decision, by=by, now=now)


@transaction.atomic
def publish(example: PracticeExample, *, by, on: date) -> None:
    """Show an example to everybody; it is checked again in a year. Raises ValidationError naming what is missing."""
    if lacks := missing(example):
        raise ValidationError(lacks)
    publish_now(example)
    looked_at(example, "example", on=on)
    with history.label(by=by, did="published the example"):
        example.full_clean()
        example.save()


# --- Away, and back


@transaction.atomic
def archive(example: PracticeExample, *, by, now: datetime) -> None:
    """Take an example off the site. It can be brought back."""
    example = _locked(example)
    if not example.is_published:
        raise ValidationError(_("It is not on the site."))
    example.archived_at = now
    with history.label(by=by, did="took the example off the site"):
        example.save(update_fields=["archived_at", "changed_at"])


@transaction.atomic
def throw_away(example: PracticeExample, *, by, now: datetime) -> None:
    """Throw a draft away; for 30 days it can be brought back. What families saw is taken off the site instead."""
    example = _locked(example)
    if example.published_at:
        raise ValidationError(_("Families have seen it. Take it off the site instead."))
    example.deleted_at = now
    with history.label(by=by, did="threw the draft away"):
        example.save(update_fields=["deleted_at", "changed_at"])


@transaction.atomic
def bring_back(example: PracticeExample, *, by, on: date, now: datetime) -> None:
    """Show an archived example again, or take a draft out of the bin. Raises ValidationError after 30 days."""
    example = PracticeExample.objects.select_for_update(of=("self",)).get(pk=example.pk)
    if example.deleted_at and now - example.deleted_at > UNDO_FOR:
        raise ValidationError(_("It was thrown away more than 30 days ago."))
    example.archived_at = example.deleted_at = None
    with history.label(by=by, did="brought the example back"):
        example.full_clean()
        example.save(update_fields=["archived_at", "deleted_at", "changed_at"])


# --- Tried here


@transaction.atomic
def record_try(example: PracticeExample, *, by, on: date, **facts) -> Tried:
    """Say that another service tried what an example tells, and what happened. Families see it at once.

    Raises ValidationError for a day to come, for the service whose own example it is, and for a service that the
    person does not write for.
    """
    if not PracticeExample.objects.published().filter(pk=example.pk).exists():
        raise ValidationError(_("Families cannot see this example any more."))
    tried = Tried(example=example, **facts)
    with history.label(by=by, did="recorded that they tried it"):
        _save_try(tried, by=by, on=on)
    return tried


@transaction.atomic
def change_try(tried: Tried, *, by, on: date, version: int, **facts) -> None:
    """Say better what happened. Raises Conflict when somebody else has saved meanwhile."""
    tried = Tried.objects.shown().select_for_update(of=("self",)).select_related("example").get(pk=tried.pk)
    if tried.version != version:
        raise Conflict
    for name, value in facts.items():
        setattr(tried, name, value)
    tried.version += 1
    with history.label(by=by, did="changed what they said of trying it"):
        _save_try(tried, by=by, on=on)


def _save_try(tried: Tried, *, by, on: date) -> None:
    if tried.tried_on > on:
        raise ValidationError({"tried_on": [_("The day you tried it cannot be in the future")]})
    if tried.organisation_id == tried.example.organisation_id:
        words = _("It is this service’s own example. Change the example itself to say how it goes on.")
        raise ValidationError({"organisation": [words]})
    if not (is_fis(by) or acts_for(by, tried.organisation)):
        raise ValidationError({"organisation": [_("Choose a service that you write for")]})
    tried.full_clean()
    tried.save()


@transaction.atomic
def remove_try(tried: Tried, *, by, now: datetime) -> None:
    """Take away what a service said of trying it. For 30 days it can be brought back."""
    with history.label(by=by, did="took away that they tried it"):
        Tried.objects.shown().filter(pk=tried.pk).update(removed_at=now)


@transaction.atomic
def restore_try(tried: Tried, *, by, now: datetime) -> None:
    """Show again what a service said of trying it. Raises ValidationError after 30 days, or when it is there anew."""
    tried = Tried.objects.select_for_update(of=("self",)).get(pk=tried.pk)
    if tried.removed_at and now - tried.removed_at > UNDO_FOR:
        raise ValidationError(_("It was taken away more than 30 days ago."))
    tried.removed_at = None
    with history.label(by=by, did="brought back that they tried it"):
        tried.full_clean()
        tried.save(update_fields=["removed_at"])
