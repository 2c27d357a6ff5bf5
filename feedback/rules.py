"""Who may answer families."""

from importlib import import_module

import rules

from accounts.rules import looks_after_hub, manages_hub, roles_of, sees_whole_record, sponsors_hub
from consultations.rules import leads_its_organisation, owns_its_answer, works_for_its_organisation
from core.permissions import Permission


@rules.predicate
def keeps_its_promise(user, entry):
    """Owns the promise, or writes for the organisation that made it."""
    if entry is None or not getattr(user, "is_authenticated", False):
        return False
    owner = entry.owner
    return works_for_its_organisation(user, entry) or (
        owner is not None and owner.ended_on is None and owner.user_id == user.pk
    )


@rules.predicate
def owns_the_promise(user, entry):
    """Is the owner of the promise."""
    return entry is not None and any(membership.pk == entry.owner_id for membership in roles_of(user))


# An answer never waits for the Family Information Service to approve it; it looks afterwards (DESIGN rule 7).
rules.add_perm(Permission.WRITE_ANSWER, owns_its_answer | works_for_its_organisation | looks_after_hub)
rules.add_perm(Permission.PUBLISH_ANSWER, owns_its_answer | works_for_its_organisation | looks_after_hub)
rules.add_perm(Permission.NAME_PROMISE_OWNER, looks_after_hub | leads_its_organisation | owns_the_promise)
# A report is frozen when it is issued: who manages the hub answers for it, and the boards read what is out.
rules.add_perm(Permission.READ_BOARD_REPORTS, sees_whole_record | sponsors_hub)
rules.add_perm(Permission.ISSUE_BOARD_REPORTS, manages_hub)
rules.add_perm(Permission.MAKE_EVIDENCE_PACK, looks_after_hub)
rules.add_perm(Permission.WRITE_ENTRY, keeps_its_promise | looks_after_hub)

# They build on what stands above.
import_module("feedback.comments.rules")
import_module("feedback.parents.rules")
