"""Work while the database writes."""

import time

import pytest
from django.db import connection

from core.meanwhile import meanwhile

pytestmark = pytest.mark.django_db


def asks(statement: str):
    """The reply of the database."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_the_work_is_done_once_while_the_first_statement_is_under_way():
    done = []

    with meanwhile(lambda: done.append("work")):
        assert asks("SELECT pg_sleep(0.05), 7") == ""
        assert asks("SELECT 8") == 8

    assert done == ["work"]
    assert asks("SELECT 9") == 9
    assert done == ["work"]


def test_it_costs_no_time_beside_the_statement():
    asks("SELECT 1")  # a connection that has not been used yet asks first whether it still stands
    began = time.monotonic()

    with meanwhile(lambda: time.sleep(0.3)):
        asks("SELECT pg_sleep(0.3)")

    assert time.monotonic() - began < 0.55


def test_a_statement_that_fails_fails_as_ever():
    from django.db import DataError, transaction

    done = []
    with pytest.raises(DataError), transaction.atomic(), meanwhile(lambda: done.append("work")):
        asks("SELECT 1 / 0")

    assert asks("SELECT 1") == 1


def test_without_a_statement_nothing_is_done():
    done = []

    with meanwhile(lambda: done.append("work")):
        pass

    assert done == []
