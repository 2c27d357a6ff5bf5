"""What the loop holds about one e-mail address: what somebody told the hub, and what they were asked."""

from importlib import import_module

import_module("feedback.comments.rights")
import_module("feedback.parents.rights")
