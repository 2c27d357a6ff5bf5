"""Who may do what with consultations. Their events and the forward plan have files of their own."""

from importlib import import_module

import rules

from accounts.models import Role
from accounts.rules import WRITING_ROLES, acts_for, looks_after_hub, roles_of, writes_somewhere
from core.permissions import Permission


@rules.predicate
def works_for_its_organisation(user, consultation):
    """Writes for the organisation that asked, or for a body above it."""
    return consultation is not None and acts_for(user, consultation.organisation, roles=WRITING_ROLES)


@rules.predicate
def leads_its_organisation(user, consultation):
    """Leads the organisation that asked, or a body above it."""
    return consultation is not None and acts_for(user, consultation.organisation, roles=(Role.LEAD,))


@rules.predicate
def owns_its_answer(user, consultation):
    """Is the owner or the deputy of the answer."""
    if consultation is None:
        return False
    owning = (consultation.owner_id, consultation.deputy_id)
    return any(membership.pk in owning for membership in roles_of(user))


@rules.predicate
def anybody_may_see(user, consultation):
    """It is published."""
    return consultation is not None and consultation.is_published


@rules.predicate
def writes_for_some_body(user):
    """Writes for some organisation, or looks after the hub."""
    return writes_somewhere(user)


rules.add_perm(
    Permission.SEE_CONSULTATION, anybody_may_see | looks_after_hub | works_for_its_organisation | owns_its_answer
)
rules.add_perm(Permission.EDIT_CONSULTATION, looks_after_hub | works_for_its_organisation | owns_its_answer)
rules.add_perm(Permission.PUBLISH_CONSULTATION, looks_after_hub | leads_its_organisation)
rules.add_perm(Permission.ADD_CONSULTATION, writes_for_some_body)
rules.add_perm(Permission.NAME_OWNER, looks_after_hub | leads_its_organisation | owns_its_answer)
rules.add_perm(Permission.CHECK_IMPORTS, looks_after_hub)

# It builds on what stands above.
import_module("consultations.events.rules")
import_module("consultations.writing.rules")
import_module("consultations.plan.rules")
import_module("consultations.sources.rules")
import_module("consultations.help.rules")
