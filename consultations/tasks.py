"""What the scheduler asks of consultations (hub/timetable.py). Safe to run twice, late, or twice at once."""

from celery import shared_task
from django.utils import timezone

from consultations.writing.actions import publish_due as publish_what_is_due
from core.dates import today


@shared_task(name="consultations.tasks.publish_due")
def publish_due() -> None:
    """Publish what was approved for a moment that has come."""
    publish_what_is_due(on=today(), now=timezone.now())
