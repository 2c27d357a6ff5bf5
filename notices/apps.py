"""The ledger of every message owed and sent."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The ledger of every message owed and sent."""

    name = "notices"
