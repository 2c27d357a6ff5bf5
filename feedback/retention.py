"""How long what the loop holds about people is kept: what they told us, and whom we asked."""

from importlib import import_module

import_module("feedback.comments.retention")
import_module("feedback.parents.retention")
