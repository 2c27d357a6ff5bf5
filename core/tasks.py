"""What the scheduler and the pages ask of core (hub/timetable.py). Safe to run twice, late, or twice at once."""

from celery import shared_task
from django.utils import timezone

from core import incoming, links, retention
from core.dates import today
from core.models import ImportRun, Link


@shared_task(name="core.tasks.let_go")
def let_go() -> None:
    """Let go of everything about people that was kept long enough."""
    retention.let_go(timezone.now())


@shared_task(name="core.tasks.check_import")
def check_import(number: int) -> None:
    """See what would become of every row of a file."""
    _work(number, incoming.check_import)


@shared_task(name="core.tasks.apply_import")
def apply_import(number: int) -> None:
    """Take a file in as it was shown."""
    _work(number, incoming.apply_import)


@shared_task(name="core.tasks.check_links")
def check_links() -> None:
    """Note which links our pages show, and try some of them."""
    links.note_what_is_shown()
    links.check_some(on=today(), now=timezone.now())


@shared_task(name="core.tasks.check_link")
def check_link(number: int) -> None:
    """Try one link, for somebody who has mended it."""
    link = Link.objects.filter(pk=number).first()
    if link is not None:
        links.check(link, on=today(), now=timezone.now())


def _work(number: int, do) -> None:
    run = ImportRun.objects.filter(pk=number).first()
    if run is None:
        return
    try:
        do(run, on=today(), now=timezone.now())
    except Exception:
        incoming.give_up_import(run, now=timezone.now())
        raise
