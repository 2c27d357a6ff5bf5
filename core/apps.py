"""What every floor above stands on; knows nothing of consultations."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every floor above stands on; knows nothing of consultations."""

    name = "core"

    def ready(self) -> None:
        """Whatever asks how the hub stands learns these two as well."""
        from core import facts, opening  # noqa: F401
