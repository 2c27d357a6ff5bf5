"""Who may do what with toolkits and links, and with what the public suggests."""

import rules

from accounts.rules import acts_for, looks_after_hub
from consultations.rules import writes_for_some_body
from core.permissions import Permission


@rules.predicate
def put_it_forward(user, resource):
    """Writes for the body that put it forward, and nobody has let it through yet: what families see is checked."""
    if resource is None or resource.organisation is None or resource.published_at:
        return False
    return acts_for(user, resource.organisation)


rules.add_perm(Permission.ADD_RESOURCE, writes_for_some_body)
rules.add_perm(Permission.EDIT_RESOURCE, looks_after_hub | put_it_forward)
rules.add_perm(Permission.PUBLISH_RESOURCE, looks_after_hub)
rules.add_perm(Permission.CHECK_SUGGESTIONS, looks_after_hub)
