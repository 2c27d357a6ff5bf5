"""How long what the loop holds about people is kept: the words of what families told us (feedback/comments/)."""

from importlib import import_module

import_module("feedback.comments.retention")
