"""The ledger of every message owed and sent."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NoticesConfig(AppConfig):
    """The ledger of every message owed and sent."""

    name = "notices"

    def ready(self) -> None:
        """Upper apps say in their notices.py what is owed, and register it there."""
        autodiscover_modules("notices")
