"""The website: joins the apps and owns no tables."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    """The website: joins the apps and owns no tables."""

    name = "hub"
