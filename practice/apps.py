"""What others can learn from: good practice examples, toolkits and links, parents' stories."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """What others can learn from: good practice examples, toolkits and links, parents' stories."""

    name = "practice"

    def ready(self) -> None:
        """Add examples, toolkits and links to the pages they belong to, the search, the desk and the nightly rounds."""
        from practice.freshness import register_freshness
        from practice.links import register_links
        from practice.network.queues import register_queues as register_network_queues
        from practice.panels import register_panels
        from practice.queues import register_queues
        from practice.records import register_records
        from practice.resources.links import register_links as register_resource_links
        from practice.resources.queues import register_queues as register_resource_queues
        from practice.resources.records import register_records as register_resource_records
        from practice.resources.search import register_search as register_resource_search
        from practice.search import register_search
        from practice.stories.duties import register_duties as register_story_duties
        from practice.stories.panels import register_panels as register_story_panels
        from practice.stories.queues import register_queues as register_story_queues
        from practice.stories.search import register_search as register_story_search
        from practice.tips import register_tips

        register_panels()
        register_search()
        register_resource_search()
        register_story_panels()
        register_story_search()
        register_story_queues()
        register_story_duties()
        register_network_queues()
        register_queues()
        register_resource_queues()
        register_records()
        register_resource_records()
        register_links()
        register_resource_links()
        register_tips()
        register_freshness()
