"""What pages ask of practice, to be done by a worker. Safe to run twice, late, or twice at once."""

from celery import shared_task
from django.utils import timezone

from practice.resources.actions import try_suggestion as try_one
from practice.resources.models import Suggestion


@shared_task(name="practice.tasks.try_suggestion")
def try_suggestion(number: int) -> None:
    """See whether there is a page at an address that somebody suggested: a slow site must not hold up a form."""
    suggestion = Suggestion.objects.waiting().filter(pk=number).first()
    if suggestion is not None:
        try_one(suggestion, now=timezone.now())
