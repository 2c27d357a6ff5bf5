"""The ledger of every message owed and sent."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NoticesConfig(AppConfig):
    """The ledger of every message owed and sent."""

    name = "notices"

    def ready(self) -> None:
        """Upper apps say in their notices.py what is owed, and register it there."""
        autodiscover_modules("notices")
        # Listens to what django-anymail is about to send, and to what mail services tell it.
        import_module("notices.mail_services")
