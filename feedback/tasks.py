"""What the scheduler asks of the loop (hub/timetable.py). Safe to run twice, late, or twice at once."""

from celery import shared_task

from core.dates import today
from feedback.parents.actions import suggest


@shared_task(name="feedback.tasks.suggest_parent_checks")
def suggest_parent_checks() -> None:
    """Fill up what forums may want to look at in this quarter, to five things each."""
    suggest(on=today())
