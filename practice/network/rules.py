"""Who lets people into the network."""

import rules

from accounts.rules import looks_after_hub
from core.permissions import Permission

rules.add_perm(Permission.KEEP_NETWORK, looks_after_hub)
