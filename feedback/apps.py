"""What came of what families said: responses, holding notes, "you said, we did", reports."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What came of what families said: responses, holding notes, "you said, we did", reports."""

    name = "feedback"

    def ready(self) -> None:
        """Add answers to the pages of consultations, and what is owed to the desk."""
        from feedback.comments.duties import register_duties as register_reading
        from feedback.comments.numbers import register_numbers as register_comment_numbers
        from feedback.comments.queues import register_queues as register_comments
        from feedback.duties import register_duties
        from feedback.links import register_links
        from feedback.numbers import register_numbers
        from feedback.panels import register_panels
        from feedback.parents.duties import register_duties as register_checking
        from feedback.parents.panels import register_panels as register_parents
        from feedback.parents.queues import register_queues as register_parent_checks
        from feedback.queues import register_queues
        from feedback.records import register_records
        from feedback.search import register_search

        register_panels()
        register_numbers()
        register_search()
        register_queues()
        register_duties()
        register_records()
        register_links()
        register_comments()
        register_comment_numbers()
        register_reading()
        register_parents()
        register_parent_checks()
        register_checking()
