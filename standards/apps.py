"""The standard that organisations adopt and check themselves against."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """The standard that organisations adopt and check themselves against."""

    name = "standards"

    def ready(self) -> None:
        """Add pledges to the pages of organisations, and what people are reminded of, check and hand over."""
        from standards.duties import register_duties
        from standards.numbers import register_numbers
        from standards.panels import register_panels
        from standards.parents.queues import register_queues

        register_numbers()
        register_panels()
        register_duties()
        register_queues()
