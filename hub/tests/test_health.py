"""What /health/live and /health/ready tell the people who watch the hub."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from hub import health


@pytest.fixture(autouse=True)
def no_heartbeat_yet():
    cache.delete(health.HEARTBEAT)


@pytest.fixture
def no_message_waits(monkeypatch):
    monkeypatch.setattr(health, "oldest_unsent_message", lambda: None)


def test_the_website_is_alive_without_asking_the_database(client):
    answer = client.get(reverse("health-live"))  # a query would fail: this test has no database

    assert answer.status_code == 200
    assert answer.json()["live"] is True


@pytest.mark.django_db
def test_a_hub_whose_parts_all_work_is_ready(client, no_message_waits):
    health.heartbeat()

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 200, answer.json()
    says = answer.json()["says"]
    assert says.pop("scheduler").startswith("Last ran ")
    assert says == {"database": "Answers.", "queue": "Answers.", "messages": "None is waiting."}
    assert not answer.cookies


@pytest.mark.django_db
def test_a_scheduler_that_never_ran_makes_the_hub_not_ready(client, no_message_waits):
    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 503
    assert "Has not run yet" in answer.json()["says"]["scheduler"]


@pytest.mark.django_db
@pytest.mark.parametrize(("silence", "code"), [(timedelta(minutes=4), 200), (timedelta(minutes=6), 503)])
def test_a_scheduler_may_be_silent_for_five_minutes(client, no_message_waits, silence, code):
    cache.set(health.HEARTBEAT, timezone.now() - silence)

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == code
    assert "minutes ago" in answer.json()["says"]["scheduler"]


@pytest.mark.django_db
@pytest.mark.parametrize(("wait", "code"), [(timedelta(hours=5), 200), (timedelta(hours=7), 503)])
def test_a_message_that_waits_for_hours_makes_the_hub_not_ready(client, monkeypatch, wait, code):
    health.heartbeat()
    monkeypatch.setattr(health, "oldest_unsent_message", lambda: timezone.now() - wait)

    assert client.get(reverse("health-ready")).status_code == code


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_named_without_saying_where_it_is(client, monkeypatch, no_message_waits):
    def broken():
        raise OSError("no route to db.internal.example")

    monkeypatch.setitem(health.CHECKS, "database", broken)

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 503
    assert answer.json()["says"]["database"] == "Does not answer (OSError)."
