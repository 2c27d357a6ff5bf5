"""What is done to set up the hub, where it takes several floors. Each is one transaction, labelled in the history."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions import describe_organisation
from accounts.models import Organisation
from consultations.actions import join_promise
from core import actions
from core.facts import facts
from hub.setting_up import missing_to_open


@transaction.atomic
def name_council(*, by, **stated: str) -> None:
    """Say what the site and the council are called. The council's own entry is called the same from then on."""
    actions.state_facts(by=by, **stated)
    council = Organisation.objects.filter(is_keeper=True).first()
    if council is not None and council.name != stated["council_name"]:
        describe_organisation(council, by=by, name=stated["council_name"])


@transaction.atomic
def say_how_to_reach(*, by, **stated: str) -> None:
    """Say how families reach the service that looks after the hub. Its own entry says the same from then on."""
    service = Organisation.objects.filter(parent__is_keeper=True, name=facts().fis_name).first()
    actions.state_facts(by=by, **stated)
    if service is not None:
        describe_organisation(
            service, by=by, name=stated["fis_name"], phone=stated["fis_phone"], mailbox=stated["fis_email"]
        )


@transaction.atomic
def promise_for_council(*, by, name: str, on: date) -> None:
    """Record who promised, in the council's name, that families get an answer. The day it first promised stays."""
    council = Organisation.objects.get(is_keeper=True)
    joined = council.promise_accepted_on if council.promise_left_on is None else None
    join_promise(council, by=by, name=name, on=joined or on)


@transaction.atomic
def open_to_the_public(*, by, on: date) -> None:
    """Let families in. Raises ValidationError naming what is missing."""
    missing = missing_to_open()
    if missing:
        raise ValidationError([each.lacks for each in missing])
    actions.open_hub(by=by, on=on)
