"""What came of what families said: responses, holding notes, "you said, we did"."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What came of what families said: responses, holding notes, "you said, we did"."""

    name = "feedback"
