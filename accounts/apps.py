"""People, organisations, memberships, roles and permissions."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organisations, memberships, roles and permissions."""

    name = "accounts"

    def ready(self) -> None:
        """Organisations can be searched for, and how families reach them is checked."""
        from accounts.records import register_records
        from accounts.search import register_search

        register_search()
        register_records()
