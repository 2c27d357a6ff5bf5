"""What families can have a say on: consultations, documents, ways to take part."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """What families can have a say on: consultations, documents, ways to take part."""

    name = "consultations"

    def ready(self) -> None:
        """Add consultations to the pages of organisations, and say who answers for them."""
        from consultations.duties import register_duties
        from consultations.events.duties import register_duties as register_events
        from consultations.events.search import register_search as register_event_search
        from consultations.panels import register_panels
        from consultations.plan.duties import register_duties as register_plans
        from consultations.search import register_search

        register_panels()
        register_search()
        register_event_search()
        register_duties()
        register_events()
        register_plans()
