"""Who says what parents say of a claim."""

import rules

from core.permissions import Permission
from feedback.parents.rules import reviews_for_parents

# Nobody but a forum speaks for parents: neither the service nor those who keep the hub.
rules.add_perm(Permission.ANSWER_CLAIMS, reviews_for_parents)
