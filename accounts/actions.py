"""What is done with organisations and people, each in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.beside import pass_on_watches
from accounts.models import (
    FIS_ROLES,
    WRITING_ROLES,
    Membership,
    Note,
    Organisation,
    OrganisationKind,
    RecordLabel,
    User,
    Watch,
)
from core import duties, history
from core.freshness import looked_at
from core.pasts import put_back_words
from core.permissions import Permission
from core.publishing import Conflict
from notices.ledger import forget, moved, reachable_again


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


class Body(NamedTuple):
    """An organisation as somebody typed it on one line: its name, what sort of body it is, and what it is part of."""

    name: str
    kind: str
    parent: str


@transaction.atomic
def add_organisations(*, by, bodies: Sequence[Body]) -> list[Organisation]:
    """Add bodies to the tree, each below the body it names, which may be one of an earlier line.

    A body that is there already, in that place, is left as it is. Raises
    ValidationError that says of each line what is wrong; then none is added.
    """
    known: dict[str, Organisation] = {}
    for each in Organisation.objects.order_by("-pk"):
        known[each.name.casefold()] = each
    kinds = {words.casefold(): value for value, label in OrganisationKind.choices for words in (value, str(label))}
    added, problems = [], []
    for number, body in enumerate(bodies, start=1):
        kind = kinds.get(body.kind.casefold())
        parent = known.get(body.parent.casefold()) if body.parent else None
        said = {"line": number, "kind": body.kind, "parent": body.parent}
        if kind is None:
            problems.append(_("Line %(line)d: “%(kind)s” is not a kind of body in the list") % said)
        elif body.parent and parent is None:
            problems.append(_("Line %(line)d: “%(parent)s” is not in the hub, nor on a line before") % said)
        elif (there := known.get(body.name.casefold())) is None or there.parent_id != (parent and parent.pk):
            try:
                known[body.name.casefold()] = added_one = add_organisation(
                    by=by, name=body.name, kind=kind, parent=parent
                )
                added.append(added_one)
            except ValidationError as refused:
                problems += [_("Line %(line)d: %(problem)s") % {**said, "problem": words} for words in refused.messages]
    if problems:
        raise ValidationError({"lines": problems})
    return added


@transaction.atomic
def describe_organisation(organisation: Organisation, *, by, **facts) -> None:
    """Change a body's name, phone or mailbox. Its address on the site stays. Raises ValidationError when refused."""
    with history.label(by=by, did="changed an organisation"):
        for name, value in facts.items():
            setattr(organisation, name, value)
        organisation.full_clean()
        organisation.save()


# What may be put back to how it stood. How to reach it is in no history, and its place and its promise have pages.
PUT_BACK = ("name", "about", "website")


@transaction.atomic
def put_contact_right(organisation: Organisation, *, by, on: date, version: int, **facts) -> None:
    """Change what families read of a body and how they reach it; whoever does has checked it.

    `version` is the one that the form was filled in on. Raises Conflict when
    somebody else saved meanwhile, ValidationError when the words do not fit.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if version != organisation.version:
        raise Conflict
    if organisation.review_by is not None:
        looked_at(organisation, "organisation", on=on)
    describe_organisation(organisation, by=by, **facts)


@transaction.atomic
def put_organisation_back(organisation: Organisation, *, by, facts: dict[str, str], version: int) -> None:
    """Put some words of a body back to how they stood; `version` is the one looked at.

    Raises Conflict when it was changed since, ValidationError when they do not fit any more.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if version != organisation.version:
        raise Conflict
    for name, value in facts.items():
        setattr(organisation, name, value)
    organisation.full_clean()
    with history.label(by=by, did=put_back_words(Organisation, facts)):
        organisation.save()


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
def leave_promise(organisation: Organisation, *, by, on: date) -> None:
    """Record that a body no longer promises to answer. What it asks for from then on has no date.

    What families were promised before stays promised: it is late past its day
    and chased until there is an answer (DESIGN rules 1 and 2). Raises
    ValidationError for a body that has not itself joined.
    """
    if organisation.promise_accepted_on is None or organisation.promise_left_on is not None:
        raise ValidationError(_("This body has not joined the promise itself"))
    with history.label(by=by, did="left the promise"):
        organisation.promise_left_on = on
        organisation.full_clean()
        organisation.save()


@transaction.atomic
def add_membership(*, by, user, organisation: Organisation, role: str, on: date, **facts) -> Membership:
    """Give a person a role in an organisation from a day on."""
    with history.label(by=by, did="gave a role"):
        membership = Membership(user=user, organisation=organisation, role=role, started_on=on, **facts)
        membership.full_clean()
        membership.save()
        if role in WRITING_ROLES and organisation.review_by is None:
            # From now on there is somebody who can say whether families reach the body as its page says.
            looked_at(organisation, "organisation", on=on)
            organisation.save(update_fields=["checked_on", "review_by"])
    return membership


@transaction.atomic
def add_person(
    *, by, email: str, name: str, organisation: Organisation, role: str, on: date, job_title: str = ""
) -> Membership:
    """Give somebody an account, unless they have one, and a role in an organisation. They sign in by e-mailed code.

    Raises ValidationError when they have that role already, or their account was closed.
    """
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User.objects.create_user(email=email.strip(), name=name.strip())
    elif not user.is_active:
        raise ValidationError({"email": [_("The account with this address was closed. Ask a superuser to open it.")]})
    has_it = Membership.objects.active().filter(user=user, organisation=organisation, role=role)
    if has_it.exists():
        raise ValidationError({"email": [_("They have this role already.")]})
    return add_membership(by=by, user=user, organisation=organisation, role=role, on=on, job_title=job_title.strip())


@transaction.atomic
def hand_over(membership: Membership, *, by, on: date, to: Membership) -> int:
    """Let somebody else answer for everything that names this membership. Returns how many things that were.

    Raises ValidationError when the other one is the same person, or has left.
    """
    if to.user_id == membership.user_id:
        raise ValidationError({"to": [_("Choose somebody else")]})
    if to.ended_on is not None or not to.user.is_active:
        raise ValidationError({"to": [_("They have left. Choose somebody who is here.")]})
    with history.label(by=by, did="handed over"):
        return duties.hand_over(membership.pk, to.pk, by=by, on=on)


@transaction.atomic
def end_membership(membership: Membership, *, by, on: date, to: Membership | None = None) -> int:
    """End somebody's role, and let `to` answer for what they answered for. Returns how many things that were.

    It signs them out everywhere: whoever has another role signs in again. With
    their last role goes what they watch, to whoever takes over.

    Raises ValidationError when something names them and nobody takes it over
    (DESIGN rule 11), or when nobody would be left to look after the hub.
    """
    membership = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    others = Membership.objects.active().filter(role__in=FIS_ROLES).exclude(pk=membership.pk)
    if membership.role in FIS_ROLES and not others.exists():
        raise ValidationError(_("Nobody would be left to look after the hub. Add somebody else first."))
    count = hand_over(membership, by=by, on=on, to=to) if to is not None else 0
    if duties.duties_of(membership.pk, on):
        raise ValidationError({"to": [_("Choose who takes over. Nobody leaves without handing over.")]})
    with history.label(by=by, did="ended a role"):
        membership.ended_on = max(on, membership.started_on)
        membership.full_clean()
        membership.save()
    if not Membership.objects.active().filter(user=membership.user).exists():
        pass_on_watches(membership.user, to.user if to else None)
    # What is open on their phones and computers is not theirs any more.
    sign_out_everywhere(membership.user, by=by, at=Now())
    return count


@transaction.atomic
def change_address(user: User, *, by, email: str, now: datetime) -> None:
    """Put right the address that somebody signs in with and gets messages at.

    What the mail server said of the old one counts no more. What reached them
    there is not sent again. Raises ValidationError when somebody else has the new one.
    """
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise ValidationError({"email": [_("Somebody else has this address.")]})
    old, user.email = user.email, email
    user.full_clean(exclude=["password"])
    with history.label(by=by, did="changed an address"):
        user.save(update_fields=["email"])
    reachable_again(old, now=now)
    moved(old, email)


@transaction.atomic
def sign_out_everywhere(user: User, *, by, at: datetime | Now) -> None:
    """End every session of somebody, on each phone and computer. They can sign in again."""
    user.signed_out_at = at
    with history.label(by=by, did="signed somebody out everywhere"):
        user.save(update_fields=["signed_out_at"])
    user.refresh_from_db(fields=["signed_out_at"])  # the database may have said when


@transaction.atomic
def take_second_step_away(user: User, *, by, at: datetime) -> None:
    """Let somebody in again who lost what they showed at the second step, and whoever may have found it out."""
    Authenticator.objects.filter(user=user).delete()
    sign_out_everywhere(user, by=by, at=at)


@transaction.atomic
def erase_account(user: User, *, by, now: datetime) -> None:
    """Take name and address off the account of somebody who has left, for good. What they did stays as it is.

    Raises ValidationError when they still have a role.
    """
    if Membership.objects.active().filter(user=user).exists():
        raise ValidationError(_("They still have a role. End it first."))
    address = user.email
    # Nobody's address, at a host that never is one (RFC 2606).
    user.email, user.name, user.erased_at, user.is_active = f"erased-{user.pk}@example.invalid", "", now, False
    user.set_unusable_password()
    with history.label(by=by, did="erased an account"):
        user.save(update_fields=["email", "name", "erased_at", "is_active", "password"])
        user.memberships.filter(name_may_be_shown=True).update(name_may_be_shown=False)
    sign_out_everywhere(user, by=by, at=now)
    for rows in (
        Authenticator.objects.filter(user=user),
        EmailAddress.objects.filter(user=user),
        SocialAccount.objects.filter(user=user),
        Watch.objects.filter(user=user),
    ):
        rows.delete()
    about_them = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    about_them.update(object_repr="", change_message="")
    forget(address, now)


@transaction.atomic
def invite(membership: Membership, *, by, on: date) -> None:
    """Ask somebody by e-mail to sign in for the first time. Whoever has signed in before needs no invitation."""
    with history.label(by=by, did="invited somebody"):
        Membership.objects.filter(pk=membership.pk, user__last_login=None).update(invited_on=on)


# --- What staff keep beside a record. No history keeps any of it.


@transaction.atomic
def watch(*, by: User, kind: str, record_id: int) -> None:
    """Keep an eye on a record. Pressed twice, it does the same."""
    Watch.objects.bulk_create([Watch(user=by, kind=kind, record_id=record_id)], ignore_conflicts=True)


@transaction.atomic
def stop_watching(*, by: User, kind: str, record_id: int) -> None:
    """Keep an eye on it no longer."""
    Watch.objects.filter(user=by, kind=kind, record_id=record_id).delete()


@transaction.atomic
def write_note(*, by: User, kind: str, record_id: int, text: str) -> Note:
    """Tell the others on the staff something about a record. Raises ValidationError when it says nothing."""
    note = Note(author=by, kind=kind, record_id=record_id, text=text.strip())
    note.full_clean()
    note.save()
    return note


def may_erase(note: Note, user: User) -> bool:
    """Whether somebody wrote the note, or looks after the hub."""
    return note.author_id == user.pk or user.has_perm(Permission.ERASE_NOTES)


@transaction.atomic
def erase_note(note: Note, *, by: User) -> None:
    """Erase a note for good: nothing keeps it. Raises PermissionDenied when that is not for `by` to do."""
    if not may_erase(note, by):
        raise PermissionDenied
    note.delete()


@transaction.atomic
def add_label(*, by: User, kind: str, record_id: int, words: str) -> None:
    """Put a label on a record, in small letters. One that is there already stays. Raises ValidationError if odd."""
    words = " ".join(words.lower().split())
    if RecordLabel.objects.filter(kind=kind, record_id=record_id, words=words).exists():
        return
    label = RecordLabel(kind=kind, record_id=record_id, words=words)
    label.full_clean()
    label.save()


@transaction.atomic
def remove_label(*, by: User, kind: str, record_id: int, words: str) -> None:
    """Take a label off a record."""
    RecordLabel.objects.filter(kind=kind, record_id=record_id, words=words).delete()


def free_slug(name: str) -> str:
    """An unused address for an organisation of this name."""
    base = slugify(name)[:70] or "organisation"
    slug, number = base, 1
    while Organisation.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
