"""Who adopts the standard for an organisation, and who checks it against it."""

from importlib import import_module

import rules

from accounts.rules import leads_some_body, looks_after_hub
from consultations.rules import leads_its_organisation, works_for_its_organisation
from core.permissions import Permission

# A pledge is made in public, by somebody who can keep it.
rules.add_perm(Permission.ADOPT_STANDARD, looks_after_hub | leads_some_body)
# An adoption names its organisation, as a consultation does.
rules.add_perm(Permission.EDIT_ADOPTION, looks_after_hub | leads_its_organisation)
# Several people of a service fill in a check together.
rules.add_perm(Permission.WRITE_CHECK, looks_after_hub | works_for_its_organisation)

# What parents say has rules of its own.
import_module("standards.parents.rules")
