"""What is done about the network: each action is one transaction."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core import history
from practice.network.models import NetworkPerson
from practice.network.stages import LASTS


@transaction.atomic
def ask_to_join(*, on: date, now: datetime, facts: dict, areas: Iterable, methods: Iterable) -> NetworkPerson | None:
    """Somebody asks to join, and agrees to be shown. Nobody sees them before a person has let them in.

    None, and nothing changes, when the address is in the network already or has
    asked: whoever types an address must not learn that.
    """
    person = NetworkPerson(asked_at=now, agreed_on=on, agreed_until=on + LASTS, **facts)
    person.full_clean(validate_constraints=False)
    try:
        with transaction.atomic(), history.label(by=None, did="asked to join the network"):
            person.save()
    except IntegrityError:
        if NetworkPerson.objects.filter(email__iexact=person.email, left_on=None).exists():
            return None
        raise
    person.areas.set(areas)
    person.methods.set(methods)
    return person


@transaction.atomic
def change(person: NetworkPerson, *, by, facts: dict, areas: Iterable, methods: Iterable) -> NetworkPerson:
    """Put right what is said of somebody."""
    person = _locked(person)
    for name, value in facts.items():
        setattr(person, name, value)
    person.full_clean()
    with history.label(by=by, did="changed somebody in the network"):
        person.save()
        person.areas.set(areas)
        person.methods.set(methods)
    return person


@transaction.atomic
def let_in(person: NetworkPerson, *, by, on: date) -> None:
    """Show somebody who asked. Raises ValidationError when somebody decided before."""
    person = _locked(person)
    if person.shown_from:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    person.shown_from, person.decided_by = on, by
    with history.label(by=by, did="let somebody into the network"):
        person.save()


@transaction.atomic
def agree_again(person: NetworkPerson, *, by, on: date) -> None:
    """They said once more that they may be shown: for two years from this day."""
    person = _locked(person)
    person.agreed_on, person.agreed_until = on, on + LASTS
    with history.label(by=by, did="recorded that somebody may be shown again"):
        person.save()


@transaction.atomic
def take_out(person: NetworkPerson, *, by, on: date) -> None:
    """Show them no more, or turn down that they asked. What they said of themselves goes after a while."""
    person = _locked(person)
    person.left_on, person.decided_by = on, by
    with history.label(by=by, did="took somebody out of the network"):
        person.save()


@transaction.atomic
def forget_people(rows: QuerySet[NetworkPerson], *, by, did: str) -> int:
    """Erase some people from the network. How many those were."""
    with history.label(by=by, did=did):
        _all, by_model = rows.delete()
    return by_model.get(NetworkPerson._meta.label, 0)


def _locked(person: NetworkPerson) -> NetworkPerson:
    person = NetworkPerson.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.left_on:
        raise ValidationError(_("They are not in the network any more."))
    return person
