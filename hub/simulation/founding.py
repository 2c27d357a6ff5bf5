"""The day the simulated hub goes live: bodies, people, lists and promises, by the real actions."""

from datetime import datetime, time

from django.conf import settings
from django.utils import timezone

from accounts import actions as accounts_actions
from accounts.models import Organisation, User
from consultations.actions import join_promise
from core.models import Area
from hub.content.load import load_content
from hub.simulation.county import Person
from hub.simulation.world import World

MEMORY = "django.core.mail.backends.locmem.EmailBackend"


class NotThrownAway(Exception):
    """The year would have been lived in a hub that is in use, or mail would have left."""


def found(world: World) -> None:
    """Put everybody and every body of the county into an empty hub.

    Raises NotThrownAway when the hub holds an organisation already, or when its mail does not stay in memory.
    """
    if Organisation.objects.exists():
        raise NotThrownAway("A simulated year needs an empty database. This one holds organisations already.")
    if settings.EMAIL_BACKEND != MEMORY:
        raise NotThrownAway("The mail of a simulated year must stay in memory, and it would have left.")
    on = world.county.starts_on
    load_content()
    Area.objects.get_or_create(key="larkmoor", defaults={"label": "Larkmoor"})
    for body in world.bodies.values():
        parent = Organisation.objects.get(pk=body.parent.organisation_id) if body.parent else None
        organisation = accounts_actions.add_organisation(
            by=None, name=body.name, kind=body.kind, parent=parent, mailbox=body.mailbox, is_keeper=body.keeper
        )
        body.organisation_id = organisation.pk
        if body.joined:
            join_promise(organisation, by=None, name=body.joined, on=on)
            body.promised_on = on
    for person in world.people.values():
        arrive(world, person, by=None)


def arrive(world: World, person: Person, *, by) -> None:
    """Give somebody an account and a role. They are as old there as the simulated hub, and not as this minute."""
    membership = accounts_actions.add_person(
        by=by,
        email=person.address,
        name=person.key.replace("-", " ").capitalize(),
        organisation=Organisation.objects.get(pk=person.body.organisation_id),
        role=person.role,
        on=world.county.starts_on,
        job_title=person.key.replace("-", " ").capitalize(),
    )
    person.membership_id, person.user_id = membership.pk, membership.user_id
    joined = timezone.make_aware(datetime.combine(world.county.starts_on, time(9)))
    User.objects.filter(pk=person.user_id).update(date_joined=joined)
