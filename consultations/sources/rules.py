"""Who may say which feeds are read."""

import rules

from accounts.rules import looks_after_hub
from core.permissions import Permission

rules.add_perm(Permission.EDIT_SOURCES, looks_after_hub)
