"""Who may see and settle requests for help: whoever may change what they are about."""

import rules

from accounts.rules import looks_after_hub
from consultations.rules import owns_its_answer, works_for_its_organisation
from core.permissions import Permission

# A request answers for the organisation, the owner and the deputy of what it is about.
rules.add_perm(Permission.SETTLE_HELP, looks_after_hub | works_for_its_organisation | owns_its_answer)
