"""What families follow of the loop: what becomes of what they told us, in its own folder."""

from importlib import import_module

import_module("feedback.comments.followables")
