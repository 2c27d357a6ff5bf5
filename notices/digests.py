"""E-mails once a day and once a week: what can wait is laid down for those who want it so, each run once.

A run is a row. The row and all that it lays down are one transaction: a run
that crashed has left nothing, and one that was missed is made up by the next
tick, with what is true by then. After a fortnight of silence there is one
digest and not two.
"""

from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notices import ledger
from notices.models import Cadence, DigestRun

log = structlog.get_logger(__name__)


def run(day: date, now: datetime) -> int:
    """Make up each digest that is due and has no row yet. Returns how many notices are new."""
    return sum(_run_once(cadence, of_day, day, now) for cadence, of_day in due(now))


def due(now: datetime) -> list[tuple[Cadence, date]]:
    """The newest digest of each rhythm whose morning has come, and its day."""
    local = timezone.localtime(now)
    morning = local.date() if local.time() >= ledger.OFFICE_OPENS else local.date() - timedelta(days=1)
    since_digest_day = (morning.weekday() - settings.HUB_DIGEST_DAY) % 7
    return [(Cadence.DAY, morning), (Cadence.WEEK, morning - timedelta(days=since_digest_day))]


@transaction.atomic
def _run_once(cadence: Cadence, of_day: date, day: date, now: datetime) -> int:
    if DigestRun.objects.filter(cadence=cadence, day=of_day).exists():
        return 0
    with ledger.one_at_a_time():
        if DigestRun.objects.filter(cadence=cadence, day=of_day).exists():
            return 0
        new = ledger.owe_families(day, now, [cadence])
        DigestRun.objects.create(cadence=cadence, day=of_day, ran_at=now, notices=new)
    log.info("digest_laid_down", cadence=cadence.value, new=new)
    return new
