"""People, organisations, memberships, roles and permissions."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, memberships, roles and permissions."""

    name = "accounts"
