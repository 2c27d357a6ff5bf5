"""Who may write parents' stories down, who lets families read them, and who knows whose they are."""

import rules

from accounts.rules import looks_after_hub
from consultations.rules import works_for_its_organisation, writes_for_some_body
from core.permissions import Permission

rules.add_perm(Permission.ADD_STORY, writes_for_some_body)
rules.add_perm(Permission.EDIT_STORY, looks_after_hub | works_for_its_organisation)
# A story can name a child: somebody who did not write it down always reads it first.
rules.add_perm(Permission.PUBLISH_STORY, looks_after_hub)
