"""Who may do what with good practice, toolkits and links. Each folder of the app has rules of its own."""

from importlib import import_module

import_module("practice.resources.rules")
