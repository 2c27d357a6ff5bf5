"""Fixtures for every app's tests. The servers behind them come from tests/embedded_plugin.py.

Migrations run once, into a database that is named by their hash. Each process
that tests gets a copy of it, which takes 40 ms.
"""

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

import hypothesis
import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# How long one example takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile(
    "hub", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("hub")

# --- the database


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """This process's own copy of the migrated database; dropped at the end."""
    from django.core.cache import cache
    from django.db import connections

    django = connections["default"]
    name = f"hub_test_{os.getpid()}"
    with django_db_blocker.unblock(), _maintenance() as cursor:
        template = _migrated_template(cursor)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        django.close()
        before = django.settings_dict["NAME"]
        django.settings_dict["NAME"] = name
        cache.clear()
    yield
    with django_db_blocker.unblock(), _maintenance() as cursor:
        connections.close_all()
        django.settings_dict["NAME"] = before
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def copied_database(name: str, of: str | None = None):
    """Work in a database of that name: a copy of another, or of the one in use. It stays until `drop_database`."""
    from django.core.cache import cache
    from django.db import connections

    from core import versions

    django = connections["default"]
    before = django.settings_dict["NAME"]
    django.close()
    with _maintenance() as cursor:
        # The thread of the live server may still hold a connection: it makes a new one when it is asked again.
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [of or before])
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of or before}"')
    django.settings_dict["NAME"] = name
    cache.clear()
    versions.move()
    try:
        yield
    finally:
        connections.close_all()
        django.settings_dict["NAME"] = before


def drop_database(name: str) -> None:
    """Remove a copy, whoever still reads it."""
    with _maintenance() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def _maintenance():
    """A connection that makes and drops databases, outside Django."""
    given = os.environ["DATABASE_URL"]
    connection = psycopg2.connect(given)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    except psycopg2.errors.InsufficientPrivilege:
        pytest.exit(
            "The tests make databases of their own, and the user in DATABASE_URL may not. "
            "Allow it with: ALTER ROLE the_user CREATEDB",
            returncode=4,
        )
    finally:
        connection.close()


def _migrated_template(cursor) -> str:
    """The name of a database in which these migrations have run. One process makes it, the others wait."""
    template = f"hub_template_{_migrations_hash()}"
    cursor.execute("SELECT pg_advisory_lock(20090401)")
    try:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^hub_(template|test)_'")
        there = {row[0] for row in cursor.fetchall()}
        if template not in there:
            _drop_what_nobody_uses(cursor, there)
            _migrate(cursor, f"{template}_half")
            cursor.execute(f'ALTER DATABASE "{template}_half" RENAME TO "{template}"')
    finally:
        cursor.execute("SELECT pg_advisory_unlock(20090401)")
    return template


def _drop_what_nobody_uses(cursor, names: set[str]) -> None:
    """Templates of earlier migrations, and copies of test runs that were killed."""
    for name in names:
        pid = name.removeprefix("hub_test_").partition("_")[0]
        if pid.isdecimal() and (Path("/proc") / pid).exists():
            continue
        with contextlib.suppress(psycopg2.Error):
            cursor.execute(f'DROP DATABASE "{name}"')


def _migrate(cursor, name: str) -> None:
    from django.core.management import call_command
    from django.db import connections

    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{name}"')
    django = connections["default"]
    before = django.settings_dict["NAME"]
    django.close()
    django.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
    finally:
        django.close()
        django.settings_dict["NAME"] = before


def _migrations_hash() -> str:
    """Changes when any migration does, ours or a package's."""
    from django.apps import apps

    sum_ = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        sum_.update(app.label.encode())
        if Path(app.path).is_relative_to(ROOT) and ".venv" not in app.path:
            for each in sorted(Path(app.path, "migrations").glob("*.py")):
                sum_.update(each.name.encode() + each.read_bytes())
    return sum_.hexdigest()[:16]


# --- the browser


def browser_path() -> str | None:
    """A Chromium that the machine has, or None when Playwright's own is to be used."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    return None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """How Chromium is started: quietly, talking to nobody but us."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    found = browser_path()
    return browser_type_launch_args | {"args": quiet} | ({"executable_path": found} if found else {})
