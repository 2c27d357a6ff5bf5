"""People, organisations, memberships, roles and permissions."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, memberships, roles and permissions."""

    name = "accounts"

    def ready(self) -> None:
        """Organisations can be searched for, and how the hub stands tells who looks after it."""
        from accounts import stages  # noqa: F401
        from accounts.search import register_search

        register_search()
