"""Gives the tests a real PostgreSQL and a real Valkey of their own, in a blink.

Loaded by pytest.ini before Django's settings are read. The servers are the
embedded ones with every safety off (see hub/embedded.py), kept in
.data/tests so that the next run starts faster, and stopped when the last test
run that uses them has gone. Given DATABASE_URL or REDIS_URL, those are used.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / ".data" / "tests"

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
    for name in [name for name in os.environ if name.startswith(SETTINGS) and name not in OURS]:
        del os.environ[name]
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


SETTINGS = ("HUB_", "EMAIL_URL", "BOUNCE_", "ANYMAIL_", "NOTIFY_")
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


# What takes longest, first: two processes take a file at a time, and neither should wait at the end for the other.
SLOWEST = (
    "hub/tests/test_simulate_year.py",
    "tests/test_faults.py",
    "tests/test_journeys.py",
    "tests/test_looking_after.py",
    "hub/tests/test_supervisor.py",
    "tests/test_finding_and_following.py",
    "tests/test_addresses.py",
    "hub/tests/test_content.py",
    "consultations/tests/test_views.py",
    "feedback/tests/test_digests.py",
    "feedback/tests/test_histories.py",
)


def pytest_collection_modifyitems(config, items):
    """Put the slowest files first. Leave the browser tests out when asked to."""
    turn = {ROOT / name: number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))
    if config.getoption("no_browser"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="--no-browser"))
