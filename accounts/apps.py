"""People, organisations, memberships, roles and permissions."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, memberships, roles and permissions."""

    name = "accounts"

    def ready(self) -> None:
        """Organisations are found and checked, and it is known who looks after the hub."""
        from accounts import stages  # noqa: F401
        from accounts.records import register_records
        from accounts.search import register_search

        register_search()
        register_records()
