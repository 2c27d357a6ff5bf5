"""What is done with organisations and people, each in one transaction."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from core import history


@transaction.atomic
def add_organisation(*, by, name: str, kind: str, parent: Organisation | None = None, **facts) -> Organisation:
    """Add a body to the tree. Its address on the site is made from its name."""
    with history.label(by=by, did="added an organisation"):
        organisation = Organisation(
            name=name, kind=kind, parent=parent, slug=facts.pop("slug", None) or free_slug(name), **facts
        )
        organisation.full_clean()
        organisation.save()
    organisation.refresh_from_db()  # the database worked out its path
    return organisation


@transaction.atomic
def accept_promise(organisation: Organisation, *, by, name: str, on: date) -> None:
    """Record that a named person promised, for this body and all below it, to answer families.

    From then on its answers can be late (DESIGN rule 2). Raises
    ValidationError when no name is given.
    """
    if not name.strip():
        raise ValidationError(_("Enter who accepted the promise"))
    with history.label(by=by, did="accepted the promise"):
        organisation.promise_accepted_on = on
        organisation.promise_accepted_by = name
        organisation.promise_left_on = None
        organisation.full_clean()
        organisation.save()


@transaction.atomic
def add_membership(*, by, user, organisation: Organisation, role: str, on: date, **facts) -> Membership:
    """Give a person a role in an organisation from a day on."""
    with history.label(by=by, did="gave a role"):
        membership = Membership(user=user, organisation=organisation, role=role, started_on=on, **facts)
        membership.full_clean()
        membership.save()
    return membership


def free_slug(name: str) -> str:
    """An unused address for an organisation of this name."""
    base = slugify(name)[:70] or "organisation"
    slug, number = base, 1
    while Organisation.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
