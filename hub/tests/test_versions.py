"""What moves the content version across the apps, and what happens while Redis is away."""

import os
import time

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core import history, versions
from core.models import Topic
from feedback.models import Draft
from hub.tests.own_redis import own_redis  # noqa: F401 (a fixture)


@pytest.fixture
def moved(transactional_db):
    """Asks whether the version has moved since the last time it was asked."""
    seen = [versions.current()]

    def ask() -> bool:
        seen.append(versions.current())
        return seen[-1] != seen[-2]

    return ask


@pytest.fixture
def consultation(transactional_db):
    return ConsultationFactory()


def test_saving_in_the_admin_moves_it(moved):
    topic = Topic.objects.create(key="money", label="Money")
    moved()

    topic.label = "Money matters"
    admin.ModelAdmin(Topic, admin.site).save_model(request=None, obj=topic, form=None, change=True)

    assert moved()


def test_a_write_with_its_reason_moves_it(consultation, moved):
    with transaction.atomic(), history.label(by=None, did="changed the title"):
        Consultation.objects.update(title="With a reason")

    assert moved()


def test_choosing_topics_moves_it(consultation, moved):
    topic = Topic.objects.create(key="money", label="Money")
    moved()

    consultation.topics.add(topic)

    assert moved()


def test_drafts_sessions_and_the_admins_log_do_not_move_it(consultation, moved):
    user = User.objects.create_user("somebody@example.org")
    moved()

    Draft.objects.create(consultation=consultation, saved_by=user)
    Session.objects.create(session_key="x" * 32, session_data="", expire_date=timezone.now())
    LogEntry.objects.create(user=user, action_flag=1, object_repr="")

    assert not moved()


def test_every_public_model_is_watched_and_no_history_is():
    tables = versions._public_tables()

    assert {"consultations_consultation", "consultations_consultation_topics", "feedback_response"} <= tables
    assert not [name for name in tables if "history" in name or name.startswith("notices_")]


# --- When Redis is away


def test_without_redis_nothing_is_kept_and_nothing_fails(own_redis, consultation):  # noqa: F811
    assert versions.stamp() is not None
    own_redis.stop()

    assert versions.stamp() is None
    assert versions.cached("x", (), lambda: "fresh") == "fresh"
    Consultation.objects.update(title="Redis is away")
    assert versions.cached("x", (), lambda: "fresher") == "fresher"

    own_redis.start()


def test_a_change_that_redis_missed_is_told_before_anything_kept_is_used(own_redis, consultation):  # noqa: F811
    before = versions.current()
    own_redis.stop()
    Consultation.objects.update(title="Redis missed this")
    own_redis.start()
    time.sleep(versions.REST)

    assert versions.current() not in (None, before)


def test_a_redis_that_says_nothing_holds_a_page_up_for_a_moment_only(own_redis):  # noqa: F811
    versions.current()
    own_redis.freeze()

    began = time.monotonic()
    assert versions.current() is None
    assert time.monotonic() - began < 2 * versions.PATIENCE + 0.2
    own_redis.thaw()
    time.sleep(versions.REST)

    assert versions.current() is not None


def test_a_redis_that_was_started_again_is_used_again_at_once(own_redis):  # noqa: F811
    before = versions.current()
    own_redis.stop()
    own_redis.start()

    assert versions.current() == before


def test_a_version_that_nobody_moves_runs_out(own_redis, monkeypatch):  # noqa: F811
    monkeypatch.setattr(versions, "LIFETIME", 1)
    versions.move()
    before = versions.current()
    time.sleep(1.1)

    assert versions.current() not in (None, before)


def test_a_child_process_speaks_for_itself(own_redis):  # noqa: F811
    before = versions.current()
    child = os.fork()
    if child == 0:
        versions.move()
        os._exit(0 if versions.current() not in (None, before) else 1)
    assert os.waitpid(child, 0)[1] == 0

    assert versions.current() not in (None, before)
