"""The website. The Celery app is imported here so that `.delay()` finds the broker in every process."""

from hub.celery import app as celery_app

__all__ = ["celery_app"]
