"""Good practice examples, toolkits and links."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Good practice examples, toolkits and links."""

    name = "practice"
