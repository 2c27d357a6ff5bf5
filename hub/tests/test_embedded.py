"""The servers that the hub brings along: whose they are, and that data are never lost or doubled."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import psycopg2
import pytest

from hub import embedded
from hub.home import LONGEST_SOCKET_FOLDER, planned


@pytest.fixture
def data():
    """A data folder that goes with everything that was kept for it elsewhere."""
    # Not pytest's: the account that PostgreSQL runs as cannot enter those when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="hub-embedded-"))
    folder.chmod(0o755)
    yield folder / ".data"
    shutil.rmtree(folder)


@pytest.fixture
def servers(data):
    """Servers that are started and stopped by the test."""
    started = []

    def make(place=None):
        started.append(embedded.Servers(place or embedded.home(data), throw_away=True))
        started[-1].start()
        return started[-1]

    yield make
    for each in started:
        each.stop()


def ask(place, question, name="hub"):
    """The answer to one question, as the person who started the server."""
    connection = psycopg2.connect(host=place.sockets, user="hub", dbname=name)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(question)
        answer = cursor.fetchone() if cursor.description else None
    connection.close()
    return answer and answer[0]


def test_data_outlive_a_stop_and_a_kill(servers, data):
    first = servers()
    embedded.make_database(first.home)
    ask(first.home, "CREATE TABLE kept AS SELECT 1 AS one")
    first.stop()

    second = servers()
    assert ask(second.home, "SELECT one FROM kept") == 1
    second.children["postgres"].kill()
    second.children["postgres"].wait()
    second.restart("postgres")

    assert ask(second.home, "SELECT one FROM kept") == 1
    assert embedded.make_database(second.home) is False


def test_nobody_else_may_enter_where_the_data_and_sockets_are(servers):
    place = servers().home

    for folder in (place.postgres, place.valkey, Path(place.sockets), place.log):
        assert folder.stat().st_mode & 0o077 == 0, folder
    assert (place.data / "home.json").stat().st_mode & 0o077 == 0


def test_a_moved_folder_brings_its_data_along_and_says_so(servers, data):
    first = servers()
    embedded.make_database(first.home)
    first.stop()
    moved = data.with_name("elsewhere") / ".data"
    moved.parent.mkdir()
    data.rename(moved)
    said = []

    second = embedded.Servers(embedded.home(moved), throw_away=True)
    try:
        second.start(said.append)
        assert embedded.make_database(second.home) is False
    finally:
        second.stop()

    assert said[0] == f"This hub was moved here from {data}. Its data have come along: {moved}"


def test_another_user_is_told_whose_the_data_are_and_gets_no_empty_database(servers, data):
    place = servers().home
    theirs = asdict(place) | {"made_by": "somebody"}
    (data / "home.json").write_text(json.dumps(theirs))

    with pytest.raises(embedded.CannotStart, match="were made by somebody, and you are"):
        embedded.Servers(embedded.home(data)).start()


def test_a_database_that_has_gone_is_never_replaced_by_an_empty_one(servers, data):
    first = servers()
    first.stop()
    shutil.rmtree(first.home.postgres)

    with pytest.raises(embedded.CannotStart, match="and it is not there"):
        servers()


def test_a_copy_of_a_hub_does_not_share_the_originals_database(data):
    data.mkdir()
    me = embedded.account_name(os.geteuid())
    elsewhere = embedded.Home(str(data), me, me, "/var/lib/hub-0", "/var/lib/hub-0/run")
    (data / "home.json").write_text(json.dumps(asdict(elsewhere)))
    copy = data.with_name("copy")
    shutil.copytree(data, copy)

    with pytest.raises(embedded.CannotStart, match="is a copy of"):
        embedded.home(copy)


def test_data_of_another_major_version_are_refused_in_clear_words(servers, data):
    first = servers()
    first.stop()
    (first.home.postgres / "PG_VERSION").write_text("13\n")

    with pytest.raises(embedded.CannotStart, match="was made by PostgreSQL 13, and this machine has"):
        servers()


def test_a_path_too_long_for_a_socket_is_made_short():
    place = planned(Path("/tmp") / ("long" * 30) / ".data")

    assert len(place.sockets) <= LONGEST_SOCKET_FOLDER


def test_a_process_number_of_another_program_is_not_taken_for_ours(data):
    data.mkdir()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")

    assert embedded._running_postgres(data / "postmaster.pid") is None


def attached(data) -> subprocess.Popen:
    """Another process that uses the servers until it is ended."""
    code = "import sys, pathlib; from hub import embedded; "
    code += "embedded.attach(pathlib.Path(sys.argv[1])); print('attached', flush=True); sys.stdin.read()"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def gone(place, seconds=8.0) -> bool:
    """Whether the servers have stopped, within so many seconds."""
    ends = time.monotonic() + seconds
    while embedded.answers(place) or place.postgres_socket.exists():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def test_servers_stay_until_the_last_process_that_uses_them_has_gone_even_by_kill(data):
    first, second = attached(data), attached(data)
    assert first.stdout.readline() == second.stdout.readline() == "attached\n"
    place = embedded.home(data)

    first.communicate("")
    time.sleep(1.5)
    assert embedded.answers(place)

    second.send_signal(signal.SIGKILL)
    second.communicate()
    assert gone(place)
