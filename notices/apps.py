"""The ledger of every message owed and sent."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NoticesConfig(AppConfig):
    """The ledger of every message owed and sent."""

    name = "notices"

    def ready(self) -> None:
        """Upper apps say what is owed in their notices.py, and what can be followed in their followables.py."""
        autodiscover_modules("notices", "followables")
        # Listens to what django-anymail is about to send, and to what mail services tell it.
        import_module("notices.mail_services")
