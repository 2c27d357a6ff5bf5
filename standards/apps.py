"""The standard that organisations adopt and check themselves against."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """The standard that organisations adopt and check themselves against."""

    name = "standards"
