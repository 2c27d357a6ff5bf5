"""Who may do what with events and school terms."""

import rules

from accounts.rules import looks_after_hub
from consultations.rules import (
    anybody_may_see,
    leads_its_organisation,
    owns_its_answer,
    works_for_its_organisation,
    writes_for_some_body,
)
from core.permissions import Permission

# An event names an organisation, an owner and a deputy, as a consultation does.
rules.add_perm(Permission.SEE_EVENT, anybody_may_see | looks_after_hub | works_for_its_organisation | owns_its_answer)
rules.add_perm(Permission.ADD_EVENT, writes_for_some_body)
# Dates that move must reach families at once: whoever writes for the body may move them, and nobody has to approve.
rules.add_perm(Permission.EDIT_EVENT, looks_after_hub | works_for_its_organisation | owns_its_answer)
rules.add_perm(Permission.PUBLISH_EVENT, looks_after_hub | leads_its_organisation)
rules.add_perm(Permission.EDIT_TERMS, looks_after_hub)
