"""Is the hub alive, and can it do its work? For the people who watch it, and for their machines."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from hub.celery import app as celery_app
from notices import mailbox

HEARTBEAT = "heartbeat"
COUNTERS = "counters"
LONGEST_SILENCE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
# What is owed is written down every hour, and sent every five minutes: two turns may be missed.
LONGEST_WITHOUT = {"passes": timedelta(hours=3), "runs": timedelta(minutes=20)}
LONGEST_UNREAD = timedelta(hours=1)
# Seconds. Whoever watches may ask as often as they like.
COUNTERS_KEPT = 10


class NotWell(Exception):
    """What is wrong, in words for the person who has to mend it."""


@shared_task(name="hub.health.heartbeat")
def heartbeat() -> None:
    """Show that the scheduler asked, the queue carried and a worker did."""
    cache.set(HEARTBEAT, timezone.now(), timeout=None)


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The website answers. Says nothing about what it depends on, so that a broken database restarts no web server."""
    return JsonResponse({"live": True, "says": "The website answers."})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """The hub can do its work; 503 when any part of it cannot, with the reason in words."""
    well, said = True, {}
    for name, check in CHECKS.items():
        try:
            said[name] = check()
        except NotWell as problem:
            well, said[name] = False, str(problem)
        except Exception as problem:
            # The kind of fault only: its text may name hosts and people.
            well, said[name] = False, f"Does not answer ({type(problem).__name__})."
    return JsonResponse({"ready": well, "says": said}, status=200 if well else 503)


def database() -> str:
    """The database answers a question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "Answers."


def queue() -> str:
    """The queue takes work."""
    with celery_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=0, timeout=2)
    return "Answers."


def scheduler() -> str:
    """Timed work is asked for and done: the heartbeat went through scheduler, queue and worker."""
    last: datetime | None = cache.get(HEARTBEAT)
    if last is None:
        raise NotWell("Has not run yet. Start the Celery worker and Celery beat; the first beat takes a minute.")
    silence = timezone.now() - last
    if silence > LONGEST_SILENCE:
        raise NotWell(f"Last ran {_how_long(silence)} ago. Look at the Celery worker and Celery beat.")
    if silence < -LONGEST_SILENCE:
        # The clock was set back, and nothing has run since.
        raise NotWell("Last ran at a time that is still to come. Look at the clock, the Celery worker and Celery beat.")
    return f"Last ran {_how_long(silence)} ago."


def messages() -> str:
    """No message to families or services has waited too long."""
    oldest = oldest_unsent_message()
    if oldest is None:
        return "None is waiting."
    wait = timezone.now() - oldest
    if wait > LONGEST_WAIT:
        raise NotWell(f"The oldest has waited {_how_long(wait)}. Look at the mail server and the Celery worker.")
    return f"The oldest has waited {_how_long(wait)}."


def chasing() -> str:
    """What is owed was written down, and what waits was sent, not long ago: a heartbeat alone does not tell that."""
    ledger = apps.get_model("notices", "Counter")
    last = dict(ledger.objects.filter(key__in=LONGEST_WITHOUT).values_list("key", "changed_at"))
    for key, words in (("passes", "written down what is owed"), ("runs", "sent what waits")):
        if key not in last:
            raise NotWell(f"Nobody has {words} yet. Start the Celery worker and Celery beat.")
        silence = timezone.now() - last[key]
        if silence > LONGEST_WITHOUT[key]:
            raise NotWell(f"Nobody has {words} for {_how_long(silence)}. Look at the log of the Celery worker.")
    return f"What is owed was written down {_how_long(timezone.now() - last['passes'])} ago."


def oldest_unsent_message() -> datetime | None:
    """Since when the oldest message that could go out now has been waiting."""
    return apps.get_model("notices", "Notice").objects.oldest_unsent()


def returned_mail() -> str:
    """The mailbox that undelivered mail comes back to can be read, where there is one."""
    if not settings.BOUNCE_IMAP:
        return "There is no mailbox to read."
    state, now = mailbox.state(), timezone.now()
    if state.failing_since and now - state.failing_since > LONGEST_UNREAD:
        raise NotWell(
            f"Its mailbox could not be read for {_how_long(now - state.failing_since)}. Look at BOUNCE_IMAP_URL."
        )
    if state.read_at is None:
        return "Its mailbox has not been read yet."
    read = f"Its mailbox was last read {_how_long(now - state.read_at)} ago."
    return f"{read} Letters there that wait for a person: {state.left}." if state.left else read


CHECKS = {
    "database": database,
    "queue": queue,
    "scheduler": scheduler,
    "chasing": chasing,
    "messages": messages,
    "returned_mail": returned_mail,
}


@never_cache
def counters(request: HttpRequest) -> HttpResponse:
    """Numbers for those who watch the hub by machine, as Prometheus and its like read them. Nothing about anybody."""
    body = cache.get(COUNTERS)
    if body is None:
        body = generate_latest(_registry)
        cache.set(COUNTERS, body, timeout=COUNTERS_KEPT)
    return HttpResponse(body, content_type=CONTENT_TYPE_PLAIN_0_0_4)


# What was counted, in words; the key is the counter's own.
COUNTED = {
    "owed": "Messages that were written down as owed",
    "sent": "Mails that a mail server took",
    "dropped": "Messages that were struck out because they were not true any more",
    "refused": "Tries that a mail server did not take",
    "failed": "Messages that were given up",
    "bounced": "Mails that came back",
    "server_away": "Runs that found no mail server",
    "passes": "Runs that wrote down what is owed",
    "runs": "Runs that sent what waited",
}


class _Counters:
    """What the ledger says at this moment."""

    def collect(self) -> Iterator[Metric]:
        """The totals since the hub began, and what waits now."""
        totals = dict(apps.get_model("notices", "Counter").objects.values_list("key", "total"))
        for key, words in COUNTED.items():
            yield CounterMetricFamily(f"hub_notices_{key}", words, value=totals.get(key, 0))
        notices = apps.get_model("notices", "Notice").objects
        oldest = notices.oldest_unsent()
        faults = apps.get_model("notices", "Fault").objects.open()
        waits = (timezone.now() - oldest).total_seconds() if oldest else 0
        for name, words, value in (
            ("waiting", "Messages that wait to be sent", notices.waiting().count()),
            ("oldest_seconds", "How long the oldest message has waited that could go out", max(waits, 0)),
            ("faults", "What keeps a message from somebody and nobody has mended", faults.count()),
        ):
            yield GaugeMetricFamily(f"hub_notices_{name}", words, value=value)


_registry = CollectorRegistry()
_registry.register(_Counters())


def _how_long(span: timedelta) -> str:
    """Roughly how long, in words: "40 seconds", "3 hours"."""
    seconds = max(int(span.total_seconds()), 0)
    lengths = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    length, word = next((each for each in lengths if seconds >= each[0]), lengths[-1])
    count = seconds // length
    return f"{count} {word}{'' if count == 1 else 's'}"
