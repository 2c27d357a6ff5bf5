"""What the scheduler asks of consultations (hub/timetable.py). Safe to run twice, late, or twice at once."""

import structlog
from celery import shared_task
from django.utils import timezone

from consultations.sources import actions as sources
from consultations.sources.models import Source
from consultations.writing.actions import publish_due as publish_what_is_due
from core.dates import today

log = structlog.get_logger(__name__)


@shared_task(name="consultations.tasks.publish_due")
def publish_due() -> None:
    """Publish what was approved for a moment that has come."""
    publish_what_is_due(on=today(), now=timezone.now())


@shared_task(name="consultations.tasks.read_sources")
def read_sources() -> None:
    """Read every source that is switched on. One that breaks does not keep us from the next."""
    for source in Source.objects.in_use().select_related("organisation"):
        try:
            sources.read_source(source, on=today(), now=timezone.now())
        except Exception:
            log.exception("source_not_read", source=source.pk)


@shared_task(name="consultations.tasks.read_source")
def read_source(number: int) -> None:
    """Read one source, for somebody who waits for it."""
    source = Source.objects.select_related("organisation").filter(pk=number).first()
    if source is not None:
        sources.read_source(source, on=today(), now=timezone.now())
