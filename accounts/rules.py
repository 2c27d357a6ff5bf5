"""Who may do what with organisations, and the predicates that every floor above builds on."""

import rules
from django.db.models import Q

from accounts.models import FIS_ROLES, WRITING_ROLES, Role
from core.permissions import Permission


def roles_of(user) -> tuple:
    """The person's active memberships, read once a request; empty for a visitor."""
    if not getattr(user, "is_authenticated", False):
        return ()
    if not hasattr(user, "_active_memberships"):
        user._active_memberships = tuple(user.memberships.active().select_related("organisation"))
    return user._active_memberships


def is_superuser(user) -> bool:
    """Whether the person may do everything. A closed account may do nothing."""
    return getattr(user, "is_superuser", False) and user.is_active


def is_fis(user) -> bool:
    """Whether the person works for the Family Information Service, which looks after the whole hub."""
    return is_superuser(user) or any(each.role in FIS_ROLES for each in roles_of(user))


def paths_of(user, roles=WRITING_ROLES) -> list[str]:
    """The tree paths of the bodies the person acts for in one of `roles`."""
    return [each.organisation.path for each in roles_of(user) if each.role in roles]


def writes_somewhere(user) -> bool:
    """Whether the person writes for any body at all."""
    return is_fis(user) or bool(paths_of(user))


def reach(user, field: str = "organisation") -> Q:
    """Conditions true of the records of the bodies that the person writes for, and of those below them."""
    if is_fis(user):
        return ~Q(pk__in=[])  # all of them; an empty Q() would vanish from "published or within reach"
    reached = Q(pk__in=[])
    for path in paths_of(user):
        reached |= Q(**{f"{field}__path__startswith": path})
    return reached


def acts_for(user, organisation, roles=WRITING_ROLES) -> bool:
    """Whether the person acts in one of `roles` for the organisation or for a body above it."""
    return any(organisation.path.startswith(path) for path in paths_of(user, roles))


@rules.predicate
def uses_desk(user):
    """Has an active membership, or is a superuser."""
    return is_superuser(user) or bool(roles_of(user))


@rules.predicate
def looks_after_hub(user):
    """Works for the Family Information Service."""
    return is_fis(user)


@rules.predicate
def sponsors_hub(user):
    """Leads the council that keeps the hub."""
    return any(each.role == Role.LEAD and each.organisation.is_keeper for each in roles_of(user))


@rules.predicate
def leads_some_body(user):
    """Leads some organisation."""
    return any(each.role == Role.LEAD for each in roles_of(user))


@rules.predicate
def leads_their_body(user, membership):
    """Leads the organisation of a membership, or a body above it."""
    return membership is not None and acts_for(user, membership.organisation, roles=(Role.LEAD,))


@rules.predicate
def manages_hub(user):
    """Manages the Family Information Service."""
    return is_superuser(user) or any(each.role == Role.FIS_MANAGER for each in roles_of(user))


@rules.predicate
def sees_whole_record(user):
    """Reads what every organisation owes: the Family Information Service and the boards."""
    return is_fis(user) or any(each.role == Role.BOARD_VIEWER for each in roles_of(user))


@rules.predicate
def leads_organisation(user, organisation):
    """Leads the organisation or a body above it."""
    return organisation is not None and acts_for(user, organisation, roles=(Role.LEAD,))


rules.add_perm(Permission.USE_DESK, uses_desk)
rules.add_perm(Permission.SEE_ALL_DESKS, sees_whole_record)
rules.add_perm(Permission.SEE_MESSAGES, looks_after_hub)
rules.add_perm(Permission.SEE_FAULTS, looks_after_hub | sponsors_hub)
rules.add_perm(Permission.SEE_PEOPLE, looks_after_hub | leads_some_body)
rules.add_perm(Permission.MOVE_PEOPLE, looks_after_hub | leads_their_body)
# Who can give roles, or say where somebody's codes go, can become anybody: only who manages the hub.
rules.add_perm(Permission.ADD_PEOPLE, manages_hub)
rules.add_perm(Permission.SET_UP_HUB, looks_after_hub)
rules.add_perm(Permission.OPEN_HUB, manages_hub)
# Their own notes people erase themselves.
rules.add_perm(Permission.ERASE_NOTES, looks_after_hub)
# What is held about anybody at all is for as few eyes as can be.
rules.add_perm(Permission.ANSWER_RIGHTS, manages_hub)
rules.add_perm(Permission.EDIT_SEARCH_WORDS, looks_after_hub)
rules.add_perm(Permission.STEER_MESSAGES, looks_after_hub)
rules.add_perm(Permission.EDIT_TIMINGS, manages_hub)
rules.add_perm(Permission.SEE_KEEPERS, looks_after_hub | sponsors_hub)
rules.add_perm(Permission.EDIT_ORGANISATION, looks_after_hub | leads_organisation)
