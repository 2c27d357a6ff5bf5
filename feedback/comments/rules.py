"""Who may read what families told us, and who may enter what they heard."""

import rules

from accounts.rules import looks_after_hub, manages_hub
from consultations.rules import writes_for_some_body
from core.permissions import Permission

# Nobody in a service reads words that may name a child: they get the point, once a person has checked it.
rules.add_perm(Permission.CHECK_COMMENTS, looks_after_hub)
rules.add_perm(Permission.ADD_COMMENT, writes_for_some_body)
rules.add_perm(Permission.NAME_CHECKERS, manages_hub)
