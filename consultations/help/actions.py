"""What is done with requests for help: each action is one transaction, labelled in the history."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from consultations.events.models import Event
from consultations.help.models import Asker, HelpKind, HelpRequest
from consultations.help.stages import due_day
from consultations.models import Consultation, SupportState
from core import history

# The help on a listing that a request of each kind is about. Its own last day to ask is the day to book it by.
SUPPORTS = {
    HelpKind.INTERPRETER: ("spoken_interpreter", "bsl"),
    HelpKind.CHILDCARE: ("creche",),
    HelpKind.COSTS: ("childcare_costs", "travel_costs"),
}


def deadlines(record: Consultation | Event, kind: str, last_day: date | None) -> Iterable[date]:
    """The days by which the listing says that this kind of help must be booked."""
    for support in record.supports.all():
        if support.state != SupportState.ON_REQUEST or support.kind.key not in SUPPORTS.get(HelpKind(kind), ()):
            continue
        if isinstance(record, Consultation):
            yield support.ask_by
        elif last_day is not None:
            yield last_day - timedelta(days=support.ask_days_before)


def due_for(record: Consultation | Event, *, kind: str, last_day: date | None, on: date) -> date:
    """The day by which a request made on a day would be settled."""
    return due_day(
        asked_on=on,
        last_day=last_day,
        deadlines=deadlines(record, kind, last_day),
        is_event=isinstance(record, Event),
    )


@transaction.atomic
def ask_for_help(
    record: Consultation | Event, *, by, on: date, kind: str, last_day: date | None, day: date | None = None,
    format=None, **asker: str,
) -> HelpRequest:  # fmt: skip
    """Write down what a family needs, and apart from it who asked. Raises ValidationError.

    `by` is nobody: families have no account. `day` is the date of an event by
    its rule, `last_day` the day it takes place, or the closing day.
    """
    request = HelpRequest(
        **{"event" if isinstance(record, Event) else "consultation": record},
        **{"kind": kind, "format": format, "day": day, "last_day": last_day, "asked_on": on},
        due_on=due_for(record, kind=kind, last_day=last_day, on=on),
    )
    request.full_clean()
    with history.label(by=by, did="asked for help to take part"):
        request.save()
    if any(words.strip() for words in asker.values()):
        Asker.objects.create(request=request, **asker)
    return request


@transaction.atomic
def mark_met(request: HelpRequest, *, by, on: date) -> None:
    """Say that the help is there. Raises ValidationError when it is settled already."""
    request = _open(request)
    request.met_on = on
    request.full_clean()
    with history.label(by=by, did="met a request for help"):
        request.save(update_fields=["met_on"])


@transaction.atomic
def say_why_not(request: HelpRequest, *, by, on: date, why_not: str, note: str = "") -> None:
    """Say that the help could not be given, and why. The note is kept with who asked, and goes with them."""
    request = _open(request)
    request.could_not_on, request.why_not = on, why_not
    request.full_clean()
    with history.label(by=by, did="could not meet a request for help"):
        request.save(update_fields=["could_not_on", "why_not"])
    if note.strip():
        Asker.objects.update_or_create(request=request, defaults={"note": note.strip()})


@transaction.atomic
def put_back(request: HelpRequest, *, by) -> None:
    """Take back what was said of a request: it waits again, and is chased by the same day as before."""
    request = HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    request.met_on = request.could_not_on = None
    request.why_not = ""
    with history.label(by=by, did="put a request for help back"):
        request.save(update_fields=["met_on", "could_not_on", "why_not"])


@transaction.atomic
def forget_asker(request: HelpRequest, *, by) -> None:
    """Delete who asked and what they wrote, sooner than by itself. What was asked stays for the reports."""
    with history.label(by=by, did="deleted who asked"):
        Asker.objects.filter(request=request).delete()


def move_requests(event: Event, *, by, day: date, to: date) -> None:
    """One date of an event takes place on another day: what is needed there is needed then. Inside a transaction."""
    waiting = HelpRequest.objects.filter(event=event, day=day, met_on=None, could_not_on=None)
    with history.label(by=by, did="moved with its date"):
        for request in waiting.exclude(last_day=to):
            request.last_day = to
            request.due_on = due_for(event, kind=request.kind, last_day=max(to, request.asked_on), on=request.asked_on)
            request.save(update_fields=["last_day", "due_on"])


def _open(request: HelpRequest) -> HelpRequest:
    """The request, locked. Raises ValidationError when somebody settled it already."""
    request = HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.is_settled:
        raise ValidationError(_("Somebody has settled it already. Put it back first."))
    return request
