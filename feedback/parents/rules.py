"""Who says what parents say, and who asks them."""

import rules

from accounts.models import Role
from accounts.rules import looks_after_hub, roles_of
from core.permissions import Permission
from feedback.rules import keeps_its_promise


@rules.predicate
def reviews_for_parents(user):
    """Is a parent reviewer of some forum."""
    return any(each.role == Role.PARENT_REVIEWER for each in roles_of(user))


# Nobody but a forum speaks for parents: neither the service nor those who keep the hub.
rules.add_perm(Permission.CHECK_PROMISE, reviews_for_parents)
rules.add_perm(Permission.INVITE_PARENT, reviews_for_parents | keeps_its_promise | looks_after_hub)
