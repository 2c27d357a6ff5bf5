"""How long what consultations hold about people is kept: who asked for help to take part (consultations/help/)."""

from importlib import import_module

import_module("consultations.help.retention")
