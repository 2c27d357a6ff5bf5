"""The standard that organisations adopt and check themselves against."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """The standard that organisations adopt and check themselves against."""

    name = "standards"

    def ready(self) -> None:
        """Add what people are reminded of, and hand over when they leave."""
        from standards.duties import register_duties
        from standards.parents.queues import register_queues

        register_duties()
        register_queues()
