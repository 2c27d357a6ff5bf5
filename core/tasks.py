"""What the scheduler asks of core (hub/timetable.py). Safe to run twice, late, or twice at once."""

from celery import shared_task

from core import fruitless
from core.dates import today


@shared_task(name="core.tasks.forget_searches")
def forget_searches() -> None:
    """Forget searches that found nothing and were not made again."""
    fruitless.forget(today())
