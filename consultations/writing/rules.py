"""Who may check a listing, and who may publish without a check."""

import rules
from django.conf import settings

from accounts.models import FIS_ROLES, Membership, User
from accounts.rules import is_superuser, looks_after_hub
from consultations.rules import leads_its_organisation
from consultations.writing.models import Check
from core.permissions import Permission

# So many listings of a lead must have been approved just as they were sent, before theirs go out unchecked.
CLEAN_CHECKS = 3


def small_team() -> bool:
    """Whether people of the Family Information Service may approve what they sent themselves.

    Set by HUB_SMALL_TEAM; when nobody has said, yes while fewer than two people work there.
    """
    if settings.HUB_SMALL_TEAM is not None:
        return settings.HUB_SMALL_TEAM
    people = Membership.objects.active().filter(role__in=FIS_ROLES, user__is_active=True).values("user").distinct()
    return people.count() < 2


def has_clean_checks(user) -> bool:
    """Whether so many of the person's listings were approved as they were sent that a check is not needed any more."""
    if not isinstance(user, User):
        return False
    return Check.objects.clean().filter(sent_by=user).exclude(decided_by=user)[:CLEAN_CHECKS].count() >= CLEAN_CHECKS


@rules.predicate
def may_go_unchecked(user, consultation):
    """Leads its organisation and has proved careful; or works for the hub, when the team is small."""
    if consultation is None:
        return False
    if is_superuser(user):
        return True
    if looks_after_hub(user):
        return small_team()
    return leads_its_organisation(user, consultation) and has_clean_checks(user)


rules.add_perm(Permission.CHECK_LISTING, looks_after_hub)
rules.add_perm(Permission.PUBLISH_UNCHECKED, may_go_unchecked)
