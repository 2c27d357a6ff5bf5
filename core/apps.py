"""What every floor above stands on; knows nothing of consultations."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every floor above stands on; knows nothing of consultations."""

    name = "core"
