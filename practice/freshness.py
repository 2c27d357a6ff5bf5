"""Examples that nobody has looked at for a year are among what is out of date."""

from consultations.freshness import in_body
from core.freshness import Checked, register
from practice.models import PracticeExample


def register_freshness() -> None:
    """Called when the app is ready."""
    register(
        Checked(
            "example",
            lambda day: PracticeExample.objects.published().ours().filter(review_by__isnull=False),
            in_body,
        )
    )
