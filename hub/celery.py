"""The Celery app: what runs outside a request. When it runs is in hub/timetable.py."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

app = Celery("hub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def log_as_the_website_does(**kwargs) -> None:
    """Django's settings have set up logging already: Celery adds nothing of its own."""


@beat_init.connect
def begin_at_once(**kwargs) -> None:
    """What a stopped scheduler may have missed is made up now, not at its next turn.

    /health/ready waits for the heartbeat, and the desk shows what is owed.
    """
    app.send_task("hub.health.heartbeat", expires=55)
    app.send_task("notices.tasks.owe_what_is_due", expires=55 * 60)
    app.send_task("notices.tasks.send_what_is_owed", expires=4 * 60)
