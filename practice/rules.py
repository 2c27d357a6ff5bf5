"""Who may do what with good practice examples. Each folder of the app has rules of its own."""

from importlib import import_module

import rules

from accounts.rules import looks_after_hub
from consultations.rules import (
    anybody_may_see,
    leads_its_organisation,
    works_for_its_organisation,
    writes_for_some_body,
)
from core.permissions import Permission

# An example names the organisation whose work it tells, as a consultation does.
rules.add_perm(Permission.SEE_EXAMPLE, anybody_may_see | looks_after_hub | works_for_its_organisation)
rules.add_perm(Permission.ADD_EXAMPLE, writes_for_some_body)
rules.add_perm(Permission.EDIT_EXAMPLE, looks_after_hub | works_for_its_organisation)
# Off the site, and back. What goes on it for the first time is always checked: see CHECK_LISTING.
rules.add_perm(Permission.PUBLISH_EXAMPLE, looks_after_hub | leads_its_organisation)
# A service says itself how it went; the Family Information Service can take words off that name somebody.
rules.add_perm(Permission.EDIT_TRIED, looks_after_hub | works_for_its_organisation)

import_module("practice.resources.rules")
import_module("practice.stories.rules")
import_module("practice.network.rules")
