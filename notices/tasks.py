"""What the scheduler asks for (hub/timetable.py). Each is safe to run twice, late, or twice at once."""

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core import retention
from core.dates import today
from notices import digests, ledger, mailbox, post

log = structlog.get_logger(__name__)


@shared_task(name="notices.tasks.owe_what_is_due")
def owe_what_is_due() -> None:
    """Write down everything that is owed today."""
    ledger.owe(today(), timezone.now())


@shared_task(name="notices.tasks.send_what_is_owed")
def send_what_is_owed() -> None:
    """Send what waits and may go now. Families' news is looked for first, so that it comes within minutes."""
    day, now = today(), timezone.now()
    ledger.owe_families(day, now)
    digests.run(day, now)
    post.send(day, now)


@shared_task(name="notices.tasks.forget_unconfirmed")
def forget_unconfirmed() -> None:
    """Forget the addresses that somebody typed a week ago and nobody confirmed."""
    retention.let_go(timezone.now(), only=["sign-ups"])


@shared_task(name="notices.tasks.read_bounces")
def read_bounces() -> None:
    """Read the mailbox that undelivered mail comes back to, where there is one."""
    if settings.BOUNCE_IMAP:
        try:
            mailbox.read(timezone.now())
        except mailbox.MailboxAway as problem:
            log.error("bounce_mailbox_away", fault=str(problem))
