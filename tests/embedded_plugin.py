"""Gives the tests a real PostgreSQL and a real Valkey of their own, in a blink.

Loaded by pytest.ini before Django's settings are read. The servers are the
embedded ones with every safety off (see hub/embedded.py), kept in
.data/tests so that the next run starts faster, and stopped when the last test
run that uses them has gone. Given DATABASE_URL or REDIS_URL, those are used.

Migrations run once, into a database that is named by their hash. Each process
that tests gets a copy of it, which takes 40 ms.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / ".data" / "tests"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_held: list = []


def pytest_addoption(parser):
    """--no-browser leaves out the tests that need one."""
    parser.addoption("--no-browser", action="store_true", help="leave out the tests that drive a real browser")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """Set the environment up before pytest-django reads the settings."""
    _set_environment()
    return (yield)


def _set_environment() -> None:
    """Point this process at servers, a data folder and a Redis database that are only for tests."""
    # Each process that tests has its own; xdist's workers inherit the controller's environment.
    data = tempfile.mkdtemp(prefix="hub-tests-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    os.environ["HUB_DATA_DIR"] = data
    Path(data, "static").mkdir()
    for name in [name for name in os.environ if name.startswith("HUB_") and name not in OURS]:
        del os.environ[name]
    os.environ.pop("EMAIL_URL", None)
    os.environ["SECRET_KEY"] = "only for tests: " + "0123456789" * 4
    # Playwright runs an event loop in the thread that tests use.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if "HUB_TESTS_DATABASE_URL" not in os.environ:
        os.environ["HUB_TESTS_DATABASE_URL"] = os.environ.get("DATABASE_URL", "")
        os.environ["HUB_TESTS_REDIS_URL"] = os.environ.get("REDIS_URL", "")
    own_database, own_redis = os.environ["HUB_TESTS_DATABASE_URL"], os.environ["HUB_TESTS_REDIS_URL"]
    place = None
    if not own_database or not own_redis:
        from hub import embedded

        try:
            place = embedded.attach(SERVERS, throw_away=True)
        except embedded.CannotStart as problem:
            pytest.exit(f"The tests need a database. {problem}", returncode=4)
    os.environ["DATABASE_URL"] = own_database or place.database_url("postgres")
    os.environ["REDIS_URL"] = own_redis or place.redis_url(2 * _free_slot())


OURS = ("HUB_DATA_DIR", "HUB_TESTS_DATABASE_URL", "HUB_TESTS_REDIS_URL")


def _free_slot() -> int:
    """A number that no other process that tests has: it gets that pair of Redis databases to itself."""
    from hub.embedded import TEST_DATABASES, take

    folder = SERVERS / "slots"
    folder.mkdir(exist_ok=True)
    for number in range(TEST_DATABASES // 2):
        slot = take(folder / str(number))
        if slot is not None:
            _held.append(slot)
            return number
    raise pytest.UsageError("Too many test runs at once.")


def pytest_configure(config):
    """What differs from the hub itself while it is tested."""
    from django.conf import settings

    # The real one takes a fifth of a second for each password, on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # No collectstatic before tests.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.LOGGING["root"]["level"] = "CRITICAL"


def pytest_collection_modifyitems(config, items):
    """Leave the browser tests out when asked to."""
    if config.getoption("no_browser"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="--no-browser"))


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
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'hub_template_%%' OR datname LIKE 'hub_test_%%'")
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
        pid = name.removeprefix("hub_test_")
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
