"""A database for one simulated year: made, used and dropped, however the year ends. The hub's own is not touched."""

import contextlib
import logging
import os
import signal
import uuid
from collections.abc import Iterator

import psycopg2
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from core import versions
from hub.simulation.founding import MEMORY

PREFIX = "hub_simulated_year_"
LOCK = 20090403


class CannotSimulate(Exception):
    """Why there is no database to live in, in a sentence that says how to mend it."""


@contextlib.contextmanager
def throw_away() -> Iterator[str]:
    """Work in an empty, migrated database of one's own, with mail that stays in memory; gives its name.

    It is dropped at the end: after an error, Ctrl-C and SIGTERM too. One that
    was left behind by a kill -9 is dropped by the next year. Raises
    CannotSimulate where the user in DATABASE_URL may make no database.
    """
    own = connection.settings_dict["NAME"]
    name = f"{PREFIX}{os.getpid()}_{uuid.uuid4().hex[:8]}"
    params = connection.get_connection_params()
    with _ends_in_order():
        try:
            with _one_at_a_time(params) as cursor:
                _drop_what_is_left(cursor)
                _make(cursor, name)
                connection.close()
                connection.settings_dict["NAME"] = name
                connection.ensure_connection()  # from here on nobody takes it for one that was left behind
            with override_settings(EMAIL_BACKEND=MEMORY), versions.unwatched(), _quietly():
                call_command("migrate", interactive=False, verbosity=0)
                yield name
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own
            with _one_at_a_time(params) as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def _one_at_a_time(params: dict) -> Iterator:
    """A connection that makes and drops databases, outside Django, while no other one does."""
    with contextlib.closing(psycopg2.connect(**params)) as maintenance:
        maintenance.autocommit = True
        with maintenance.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            yield cursor


def _make(cursor, name: str) -> None:
    try:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        # What is thrown away need not be safe on a disk.
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    except psycopg2.errors.InsufficientPrivilege:
        cursor.execute("SELECT current_user")
        (user,) = cursor.fetchone()
        raise CannotSimulate(
            f"A simulated year needs a database of its own, and the database user “{user}” may not make one."
            f' Whoever runs the database can allow it: ALTER ROLE "{user}" CREATEDB. Nothing was changed.'
        ) from None


def _drop_what_is_left(cursor) -> None:
    """Databases of years that were killed: those that nobody is connected to."""
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    for (left,) in cursor.fetchall():
        with contextlib.suppress(psycopg2.Error):
            cursor.execute(f'DROP DATABASE "{left}"')


@contextlib.contextmanager
def _ends_in_order() -> Iterator[None]:
    """SIGTERM ends the year as Ctrl-C does, so that the database is dropped."""

    def end(number, frame):
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without the log lines of a year: what goes wrong in it is no news of the hub."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
