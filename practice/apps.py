"""Good practice examples, toolkits and links."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Good practice examples, toolkits and links."""

    name = "practice"

    def ready(self) -> None:
        """Add toolkits and links to the search, to the desk, and to what is tried each night."""
        from practice.resources.links import register_links
        from practice.resources.queues import register_queues
        from practice.resources.records import register_records
        from practice.resources.search import register_search

        register_search()
        register_queues()
        register_links()
        register_records()
