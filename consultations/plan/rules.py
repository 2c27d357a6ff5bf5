"""Who may do what with the forward plan. Everybody who uses the desk may read all of it."""

import rules

from accounts.rules import looks_after_hub, roles_of
from consultations.events.rules import writes_for_some_body
from consultations.rules import leads_its_organisation, works_for_its_organisation
from core.permissions import Permission


@rules.predicate
def owns_it(user, record):
    """Is named as the one who looks after it."""
    return record is not None and any(membership.pk == record.owner_id for membership in roles_of(user))


# An intention and an umbrella plan name an organisation and an owner, as a consultation does.
rules.add_perm(Permission.ADD_INTENTION, writes_for_some_body)
rules.add_perm(Permission.EDIT_INTENTION, looks_after_hub | works_for_its_organisation | owns_it)
rules.add_perm(Permission.EDIT_UMBRELLA, looks_after_hub | works_for_its_organisation | owns_it)
rules.add_perm(Permission.PUBLISH_UMBRELLA, looks_after_hub | leads_its_organisation)
