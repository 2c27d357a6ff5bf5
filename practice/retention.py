"""How long what the app holds about people is kept: who told a story, who is in the network."""

from importlib import import_module

import_module("practice.stories.retention")
import_module("practice.network.retention")
