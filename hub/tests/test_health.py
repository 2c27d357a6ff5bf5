"""What /health/live and /health/ready tell the people who watch the hub."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from hub import health
from notices import mailbox
from notices.models import count


@pytest.fixture(autouse=True)
def no_heartbeat_yet():
    cache.delete_many([health.HEARTBEAT, health.COUNTERS])


@pytest.fixture
def no_message_waits(monkeypatch):
    monkeypatch.setattr(health, "oldest_unsent_message", lambda: None)


@pytest.fixture
def chasing(db):
    """What is owed was written down and sent just now."""
    count(timezone.now(), passes=1, runs=1)


def test_the_website_is_alive_without_asking_the_database(client):
    answer = client.get(reverse("health-live"))  # a query would fail: this test has no database

    assert answer.status_code == 200
    assert answer.json()["live"] is True


@pytest.mark.django_db
def test_a_hub_whose_parts_all_work_is_ready(client, no_message_waits, chasing):
    health.heartbeat()

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 200, answer.json()
    says = answer.json()["says"]
    assert says.pop("scheduler").startswith("Last ran ")
    assert says.pop("chasing").startswith("What is owed was written down ")
    assert says == {
        "database": "Answers.",
        "queue": "Answers.",
        "messages": "None is waiting.",
        "returned_mail": "There is no mailbox to read.",
    }
    assert not answer.cookies


@pytest.mark.django_db
def test_a_scheduler_that_never_ran_makes_the_hub_not_ready(client, no_message_waits):
    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 503
    assert "Has not run yet" in answer.json()["says"]["scheduler"]


@pytest.mark.django_db
@pytest.mark.parametrize(("silence", "code"), [(timedelta(minutes=4), 200), (timedelta(minutes=6), 503)])
def test_a_scheduler_may_be_silent_for_five_minutes(client, no_message_waits, chasing, silence, code):
    cache.set(health.HEARTBEAT, timezone.now() - silence)

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == code
    assert "minutes ago" in answer.json()["says"]["scheduler"]


@pytest.mark.django_db
def test_a_scheduler_that_last_ran_in_the_future_makes_the_hub_not_ready(client, no_message_waits, chasing):
    cache.set(health.HEARTBEAT, timezone.now() + timedelta(hours=1))

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 503
    assert "a time that is still to come" in answer.json()["says"]["scheduler"]


@pytest.mark.django_db
@pytest.mark.parametrize(("wait", "code"), [(timedelta(hours=5), 200), (timedelta(hours=7), 503)])
def test_a_message_that_waits_for_hours_makes_the_hub_not_ready(client, monkeypatch, chasing, wait, code):
    health.heartbeat()
    monkeypatch.setattr(health, "oldest_unsent_message", lambda: timezone.now() - wait)

    assert client.get(reverse("health-ready")).status_code == code


@pytest.mark.django_db
def test_a_hub_that_has_not_chased_yet_is_not_ready(client, no_message_waits):
    health.heartbeat()

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 503
    assert "Nobody has written down what is owed yet" in answer.json()["says"]["chasing"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "word"),
    [
        ({"passes": timedelta(hours=2), "runs": timedelta(minutes=15)}, None),
        ({"passes": timedelta(hours=4), "runs": timedelta(minutes=15)}, "written down what is owed"),
        ({"passes": timedelta(hours=2), "runs": timedelta(minutes=25)}, "sent what waits"),
    ],
)
def test_a_heart_that_beats_while_nothing_is_chased_makes_the_hub_not_ready(client, no_message_waits, since, word):
    health.heartbeat()
    for key, silence in since.items():
        count(timezone.now() - silence, **{key: 1})

    answer = client.get(reverse("health-ready"))

    assert (answer.status_code == 200) == (word is None)
    assert word is None or f"Nobody has {word} for" in answer.json()["says"]["chasing"]


@pytest.mark.django_db
def test_counters_add_up_and_tell_monitoring_what_waits(client):
    count(timezone.now(), sent=3, runs=1)
    count(timezone.now(), sent=2, runs=1, refused=0)

    answer = client.get(reverse("health-counters"))

    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert "hub_notices_sent_total 5.0" in lines
    assert "hub_notices_runs_total 2.0" in lines
    assert "hub_notices_refused_total 0.0" in lines
    assert "hub_notices_waiting 0.0" in lines
    assert "hub_notices_oldest_seconds 0.0" in lines
    assert "hub_notices_faults 0.0" in lines


@pytest.mark.django_db
def test_the_counters_may_be_asked_for_all_day_without_reading_the_ledger_each_time(
    client, django_assert_max_num_queries
):
    client.get(reverse("health-counters"))

    with django_assert_max_num_queries(0):
        client.get(reverse("health-counters"))


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_named_without_saying_where_it_is(client, monkeypatch, no_message_waits):
    def broken():
        raise OSError("no route to db.internal.example")

    monkeypatch.setitem(health.CHECKS, "database", broken)

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == 503
    assert answer.json()["says"]["database"] == "Does not answer (OSError)."


@pytest.fixture
def a_mailbox(settings):
    """There is a mailbox to read, and nobody has tried yet."""
    settings.BOUNCE_IMAP = {"host": "mail.example.org"}
    cache.delete_many([mailbox.LAST, mailbox.FAILING])


def test_a_mailbox_that_was_read_says_when_and_what_waits_there(a_mailbox):
    assert health.returned_mail() == "Its mailbox has not been read yet."

    cache.set(mailbox.LAST, (timezone.now() - timedelta(minutes=5), 0))
    assert health.returned_mail() == "Its mailbox was last read 5 minutes ago."

    cache.set(mailbox.LAST, (timezone.now() - timedelta(minutes=5), 3))
    assert health.returned_mail().endswith("ago. Letters there that wait for a person: 3.")


@pytest.mark.django_db
@pytest.mark.parametrize(("failing", "code"), [(timedelta(minutes=59), 200), (timedelta(minutes=61), 503)])
def test_a_mailbox_may_be_away_for_an_hour(client, no_message_waits, chasing, a_mailbox, failing, code):
    health.heartbeat()
    cache.set(mailbox.FAILING, timezone.now() - failing)

    answer = client.get(reverse("health-ready"))

    assert answer.status_code == code
    says = answer.json()["says"]["returned_mail"]
    assert (says == "Its mailbox could not be read for 1 hour. Look at BOUNCE_IMAP_URL.") is (code == 503)
