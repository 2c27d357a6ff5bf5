"""The content version moves with what families can see; what was built stands until it does. (See hub/tests too.)"""

import contextlib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction

from core import versions
from core.models import TermAlias, Topic

UK = ZoneInfo("Europe/London")


@pytest.fixture
def moved(transactional_db):
    """Asks whether the version has moved since the last time it was asked."""
    seen = [versions.current()]

    def ask() -> bool:
        seen.append(versions.current())
        return seen[-1] != seen[-2]

    return ask


@pytest.fixture
def topic(transactional_db):
    return Topic.objects.create(key="money", label="Money")


# --- What moves it


def test_saving_a_row_moves_it(topic, moved):
    topic.label = "Money matters"
    topic.save()

    assert moved()
    assert not moved()


def test_bulk_writes_move_it(topic, moved):
    Topic.objects.update(label="All the same")
    assert moved()

    Topic.objects.bulk_create([Topic(key="play", label="Play"), Topic(key="travel", label="Travel")])
    assert moved()

    Topic.objects.all().delete()
    assert moved()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_topic SET label = 'By hand'",
        "  delete\nfrom only public.core_topic",
        'TRUNCATE "django_session", "core_topic" CASCADE',
        "WITH gone AS (DELETE FROM core_topic RETURNING id) SELECT count(*) FROM gone",
        "SELECT set_config('hub.reason', 'why', false); UPDATE \"core_topic\" SET label = 'With a reason'",
        b"INSERT INTO core_topic (key, label, short_label, help, position) VALUES ('x', 'X', '', '', 0)",
        "MERGE INTO core_topic t USING (VALUES ('money')) v (key) ON t.key = v.key"
        " WHEN MATCHED THEN UPDATE SET label = 'M'",
    ],
)
def test_sql_by_hand_moves_it(topic, moved, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)

    assert moved()


def test_one_statement_for_many_rows_moves_it(topic, moved):
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE core_topic SET label = %s WHERE key = %s", [("A", "money"), ("B", "not there")])

    assert moved()


def test_emptying_the_database_moves_it(topic, moved):
    call_command("flush", verbosity=0, interactive=False)

    assert moved()


def test_a_transaction_moves_it_once_and_only_when_it_commits(moved, monkeypatch):
    moves = []
    monkeypatch.setattr(versions._Redis, "ask", _noting(moves, versions._Redis.ask))

    with transaction.atomic():
        Topic.objects.create(key="money", label="Money")
        with transaction.atomic():
            Topic.objects.create(key="play", label="Play")
        Topic.objects.update(label="All the same")
        assert moves == []

    assert moves == ["SET"]
    assert moved()


def _noting(moves, ask):
    def noting(self, command, *words):
        if command == "SET" and "NX" not in words:
            moves.append(command)
        return ask(self, command, *words)

    return noting


def test_what_is_rolled_back_does_not_move_it(topic, moved):
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        Topic.objects.update(label="Never mind")
        raise ZeroDivisionError

    assert not moved()


def test_what_survives_a_rolled_back_part_moves_it(moved):
    with transaction.atomic():
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            Topic.objects.create(key="lost", label="Lost")
            raise ZeroDivisionError
        Topic.objects.create(key="kept", label="Kept")

    assert moved()


# --- What does not


def test_reading_and_locking_do_not_move_it(topic, moved):
    with transaction.atomic():
        list(Topic.objects.select_for_update(of=("self",)))
        list(Topic.objects.filter(label="update core_topic set label = ''; delete from core_topic"))

    assert not moved()


def test_an_update_that_changes_no_row_does_not_move_it(topic, moved):
    assert Topic.objects.filter(key="not there").update(label="x") == 0

    assert not moved()


def test_what_families_never_see_does_not_move_it(moved):
    TermAlias.objects.create(vocabulary="topics", printed="cash")

    assert not moved()


def test_reading_a_public_table_into_a_private_one_does_not_move_it():
    sql = 'INSERT INTO "notices_notice" SELECT id FROM "core_topic" ON CONFLICT DO UPDATE SET x = 1'

    assert not versions._read(sql).public


# --- Blocks that many pages share


def labels():
    return list(Topic.objects.values_list("label", flat=True))


def test_a_block_is_built_once_until_something_changes(topic):
    before = versions.cached("labels", (), labels)
    assert versions.cached("labels", (), labels) is before

    Topic.objects.update(label="New")
    assert versions.cached("labels", (), labels) == ["New"]
    assert versions.cached("labels", ("others",), list) == []


def test_nothing_is_kept_where_nobody_watches_what_is_written(topic):
    """A database that is thrown away moves no version, so what was read a moment ago may be wrong."""
    assert versions.cached("labels", (), labels) == ["Money"]

    with versions.unwatched():
        Topic.objects.update(label="New")
        assert versions.cached("labels", (), labels) == ["New"]
        Topic.objects.update(label="Newer")
        assert versions.cached("labels", (), labels) == ["Newer"]
        Topic.objects.update(label="Money")

    assert versions.cached("labels", (), labels) == ["Money"]


def test_a_block_is_built_again_on_the_next_uk_day(transactional_db):
    # Half past midnight in British summer time is still the day before in UTC.
    with time_machine.travel(datetime(2026, 7, 1, 23, 59, tzinfo=UK), tick=False):
        assert versions.cached("day", (), lambda: "Wednesday") == "Wednesday"
    with time_machine.travel(datetime(2026, 7, 2, 0, 30, tzinfo=UK), tick=False):
        assert versions.cached("day", (), lambda: "Thursday") == "Thursday"


def test_a_transaction_sees_its_own_change_and_keeps_nothing(topic):
    before = versions.cached("labels", (), labels)
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        Topic.objects.update(label="Not sure yet")
        assert versions.cached("labels", (), labels) == ["Not sure yet"]
        raise ZeroDivisionError

    assert versions.cached("labels", (), labels) == before == ["Money"]


def test_the_store_is_bounded_and_forgets_the_least_used():
    stamp = versions.Stamp(b"1", date(2026, 3, 1))
    kept = versions.Kept(most=100)
    for number in range(10):
        kept.put(stamp, number, number, weight=10)
    kept.get(stamp, 0)
    kept.put(stamp, "new", "new", weight=15)

    assert kept.weight <= 100
    assert kept.get(stamp, 0) == 0
    assert kept.get(stamp, 1) is None
    assert kept.get(stamp, 2) is None
    assert kept.get(stamp, "new") == "new"

    kept.put(stamp, "new", "too heavy", weight=500)
    assert kept.weight <= 100

    kept.put(versions.Stamp(b"2", date(2026, 3, 1)), "later", "later", weight=10)
    assert len(kept) == 1
