"""What services are reminded of here. What came of a consultation is chased by feedback, which stands above."""

from importlib import import_module

# Events have reasons of their own, in their own folder.
import_module("consultations.events.notices")
