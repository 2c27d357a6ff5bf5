"""What the scheduler asks for (hub/timetable.py). Each is safe to run twice, late, or twice at once."""

from celery import shared_task
from django.utils import timezone

from core.dates import today
from notices import ledger, post


@shared_task(name="notices.tasks.owe_what_is_due")
def owe_what_is_due() -> None:
    """Write down everything that is owed today."""
    ledger.owe(today(), timezone.now())


@shared_task(name="notices.tasks.send_what_is_owed")
def send_what_is_owed() -> None:
    """Send what waits and may go now."""
    post.send(today(), timezone.now())
