"""What families can have a say on: consultations, documents, ways to take part."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """What families can have a say on: consultations, documents, ways to take part."""

    name = "consultations"

    def ready(self) -> None:
        """Add consultations to the pages of organisations and to the desk, and say who answers for them."""
        from consultations.duties import register_duties
        from consultations.events.duties import register_duties as register_events
        from consultations.events.queues import register_queues as register_event_queues
        from consultations.events.search import register_search as register_event_search
        from consultations.events.tips import register_tips as register_event_tips
        from consultations.freshness import register_freshness
        from consultations.help.duties import register_duties as register_help_duties
        from consultations.help.numbers import register_numbers as register_help_numbers
        from consultations.help.queues import register_queues as register_help
        from consultations.links import register_links
        from consultations.numbers import register_numbers
        from consultations.panels import register_panels
        from consultations.plan.duties import register_duties as register_plans
        from consultations.queues import register_queues
        from consultations.records import register_records
        from consultations.search import register_search
        from consultations.sources.queues import register_queues as register_sources
        from consultations.writing.tips import register_tips

        register_panels()
        register_search()
        register_event_search()
        register_duties()
        register_events()
        register_plans()
        register_help_duties()
        register_queues()
        register_event_queues()
        register_sources()
        register_help()
        register_numbers()
        register_help_numbers()
        register_records()
        register_links()
        register_tips()
        register_event_tips()
        register_freshness()
