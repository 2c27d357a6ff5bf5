"""What the app holds about one e-mail address: a story that somebody told, a place in the network."""

from importlib import import_module

import_module("practice.stories.rights")
import_module("practice.network.rights")
