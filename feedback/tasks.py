"""What the scheduler asks of the loop (hub/timetable.py). Safe to run twice, late, or twice at once."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core.dates import today
from feedback.comments.actions import forget_words


@shared_task(name="feedback.tasks.forget_comments")
def forget_comments() -> None:
    """Erase the words of what families told us that were kept long enough."""
    forget_words(on=today(), now=timezone.now(), days=settings.HUB_COMMENT_KEPT_DAYS)
