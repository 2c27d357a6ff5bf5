"""What the loop holds about one e-mail address: what somebody told the hub (feedback/comments/)."""

from importlib import import_module

import_module("feedback.comments.rights")
