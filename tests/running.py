"""A whole hub in processes of its own, for tests that break it: nothing in it stands in for anything.

PostgreSQL and Valkey are those that script/server starts, with their real
settings. Worker, scheduler and website are started by the supervisor's own
commands, through tests/launcher.py, which lets a test turn the clock; there it
is always a working day. Mail goes to tests/mail_sink.py. The test's own process
reads and writes the same database.
"""

import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import psycopg2
import time_machine
from django.apps import apps
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.http import HttpRequest

from hub import embedded, supervisor
from hub.programs import postgres_programs
from notices import ledger
from notices.defaults import load_steps
from notices.models import Counter
from tests.launcher import Clock

UK = ZoneInfo("Europe/London")
ROOT = supervisor.ROOT
# A Tuesday. Tests move on from here; what day it really is does not matter.
FIRST_DAY = date(2027, 3, 2)
PROCESSES = ("sink", "worker", "web", "beat")
LONG_ENOUGH = 40.0
NOT_OURS = ("HUB_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BOUNCE_", "ANYMAIL_", "NOTIFY_")


def wait_until(holds: Callable[[], object], within: float = LONG_ENOUGH, says: Callable[[], object] = str):
    """Wait for something to come true, and give what it says. `says` is asked what there is to see when it does not."""
    ends = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < ends, f"Not within {within:.0f} s. {says()}"
        time.sleep(0.01)
    return found


class Sink:
    """The mail server."""

    def __init__(self, folder: Path):
        folder.mkdir()
        self.folder = folder
        self.file = folder / "taken.jsonl"
        self.file.touch()
        self.forgotten = 0
        self.behaves()
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            self.port = plug.getsockname()[1]

    @property
    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "tests.mail_sink", str(self.folder), str(self.port)]

    def behaves(self, **manners) -> None:
        """Take everything, except for what is said here (tests/mail_sink.py)."""
        if "holds_at" in manners:
            manners["holds_at"] += self.forgotten
        half = self.folder / "manners.half"
        half.write_text(json.dumps(manners))
        half.replace(self.folder / "manners.json")

    def taken(self) -> list[dict]:
        """Every mail that it took in this test so far, in order."""
        lines = self.file.read_bytes().split(b"\n")[self.forgotten : -1]
        return [json.loads(line) for line in lines]

    def count(self) -> int:
        """How many mails it took in this test so far."""
        return self.file.read_bytes().count(b"\n") - self.forgotten

    def has_taken(self, goal: int, says: Callable[[], object]) -> None:
        """Wait until it took so many mails in this test."""
        wait_until(lambda: self.count() >= goal, says=says)

    def forget(self) -> None:
        """Count from here."""
        self.forgotten += self.count()


class Running:
    """A hub that runs, and whatever a test does to it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.data = folder / ".data"
        self.clock = Clock(folder / "clock")
        self.servers = embedded.Servers(embedded.home(self.data))
        self.sink = Sink(folder / "sink")
        self.log = folder / "log"
        self.log.mkdir()
        self.processes: dict[str, subprocess.Popen] = {}
        # Those that a test gave another environment, which the next test has no use for.
        self.told_otherwise: set[str] = set()
        self.writers: list[subprocess.Popen] = []
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            self.port = plug.getsockname()[1]

    # --- its processes

    @property
    def environment(self) -> dict[str, str]:
        """All that its processes are told."""
        place = self.servers.home
        given = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        return given | {
            "HUB_DATA_DIR": str(self.data),
            "HUB_DEMO": "0",
            "PORT": str(self.port),
            "DATABASE_URL": place.database_url(),
            "REDIS_URL": place.redis_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
        }

    def command(self, name: str) -> list[str]:
        """The supervisor's own command of a process, on the test's clock. "second beat" is one more beat."""
        second, _space, kind = name.rpartition(" ")
        if kind == "sink":
            return self.sink.command
        data = self.folder / "second" if second else self.data
        data.mkdir(exist_ok=True)
        words = supervisor.COMMANDS[kind](SimpleNamespace(data=data, host="127.0.0.1", port=self.port))[2:]
        if kind == "web":
            words[words.index("--workers") + 1] = "1"
        return [sys.executable, "-m", "tests.launcher", str(self.folder / "clock"), *words]

    def start(self, name: str, **environment: str) -> subprocess.Popen:
        """Start worker, beat, web or sink, with more in its environment."""
        # What is written down is written by another process, which a limit on this one's files does not reach.
        with open(self.log / f"{name}.log", "ab") as file:
            writer = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file, start_new_session=True)
        self.writers.append(writer)
        self.processes[name] = subprocess.Popen(
            self.command(name),
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=writer.stdin,
            stderr=writer.stdin,
            start_new_session=True,
            preexec_fn=embedded.dies_with_parent(signal.SIGKILL),
        )
        writer.stdin.close()
        if environment:
            self.told_otherwise.add(name)
        return self.processes[name]

    def kill(self, name: str) -> None:
        """End a process and all its children by kill -9."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, name: str, within: float = 10) -> int:
        """Ask a process to end, and wait until it has."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(within)

    def limit_files(self, name: str, size: int) -> None:
        """Let the children of the worker write no longer files than so many bytes, as on a full disk; -1 for any."""
        words = self.command(name)
        wanted = int(words[words.index("--concurrency") + 1])
        # It forks them one after the other, and one that comes later would have no limit.
        for child in wait_until(lambda: len(found := self.children(name)) == wanted and found):
            _soft, hard = resource.prlimit(child, resource.RLIMIT_FSIZE)
            resource.prlimit(child, resource.RLIMIT_FSIZE, (size, hard))

    def children(self, name: str) -> list[int]:
        """The processes that one has forked."""
        pid = self.processes[name].pid
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                after_name = folder.joinpath("stat").read_text().rpartition(")")[2].split()
                if after_name[1] == str(pid) and after_name[0] != "Z":
                    found.append(int(folder.name))
        return found

    def left_behind(self) -> list[int]:
        """Every process that still belongs to it."""
        ours = str(self.folder).encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if folder.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                if ours in folder.joinpath("cmdline").read_bytes() + folder.joinpath("environ").read_bytes():
                    found.append(int(folder.name))
        return found

    def words(self, name: str) -> str:
        """All that a process has said."""
        return (self.log / f"{name}.log").read_text()

    def runs(self, name: str) -> bool:
        """Whether a process is there, the very one that was started."""
        return name in self.processes and self.processes[name].poll() is None

    def said(self, name: str) -> list[dict]:
        """The lines of a process's log."""
        return [json.loads(line) for line in self.words(name).splitlines() if line.startswith("{")]

    def tells_on(self, words: Iterable[str]) -> list[str]:
        """Lines of any log that hold one of these words."""
        logs = [*self.log.glob("*.log"), *(self.data / "log").glob("*.log")]
        lines = [line for log in logs if log.stem != "sink" for line in log.read_text(errors="replace").splitlines()]
        return [line for line in lines if any(word in line for word in words)]

    # --- its servers

    def database_stops(self, *, killed: bool = False) -> None:
        """The database goes away: in order, as for a restart, or by kill -9."""
        connection.close()
        server = self.servers.children["postgres"]
        server.send_signal(signal.SIGKILL if killed else signal.SIGINT)
        server.wait(20)

    def database_starts(self) -> None:
        """It comes back."""
        self.servers.restart("postgres")
        connection.close()

    def queue_stops(self, *, killed: bool = False) -> None:
        """Valkey goes away: having written down what it knows, or by kill -9."""
        server = self.servers.children["valkey"]
        server.send_signal(signal.SIGKILL if killed else signal.SIGTERM)
        server.wait(20)

    def queue_starts(self) -> None:
        """It comes back."""
        self.servers.restart("valkey")

    # --- its time

    @property
    def now(self) -> datetime:
        """The time by its clock."""
        return datetime.fromtimestamp((time.time_ns() + self.clock.offset) / 1e9, UK)

    @property
    def day(self) -> date:
        """The day by its clock."""
        return self.now.date()

    def turn_clock(self, by: timedelta) -> None:
        """Set the clock, as somebody does who finds it wrong."""
        self.clock.offset += round(by.total_seconds() * 1e9)

    def turn_clock_to(self, day: date, hour: int, minute: int = 0, second: int = 1) -> None:
        """Set the clock to a moment, just after a minute has begun."""
        self.turn_clock(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UK) - self.now)

    def on_its_clock(self):
        """The test's own process lives by the clock of the hub inside this block."""
        return time_machine.travel(self.now.timestamp())

    def next_turn(self, minutes: int = 5) -> None:
        """Go on by so many minutes, to just after the scheduler asks for sending."""
        now = self.now
        self.turn_clock(timedelta(minutes=minutes - now.minute % 5, seconds=1 - now.second))

    def send(self, minutes: int = 5) -> None:
        """Go on by so many minutes, and wait until what the scheduler then asks for was sent."""
        with self.once_more("runs"):
            self.next_turn(minutes)

    def owe(self) -> None:
        """Go on to five past the hour, and wait until the scheduler had written down what is owed, and sent."""
        with self.once_more("runs", "passes"):
            now = self.now
            self.turn_clock((now.replace(minute=5, second=1) - now) % timedelta(hours=1))

    @contextlib.contextmanager
    def once_more(self, *keys: str) -> Iterator[None]:
        """Turn the clock in this block; it ends when each of these has begun after that, and ended."""
        before = {key: counted(key) for key in keys}
        yield
        turned = self.now.replace(second=0, microsecond=0)
        wait_until(lambda: all(counted(key, since=turned) > before[key] for key in keys), says=self.tells)

    def let_time_go_by(self, holds: Callable[[], object], minutes: int = 5) -> None:
        """Turn after turn goes by, each taken or missed, until something comes true."""
        ends = time.monotonic() + LONG_ENOUGH
        while not holds():
            assert time.monotonic() < ends, f"Not within {LONG_ENOUGH:.0f} s. {self.tells()}"
            self.next_turn(minutes)
            with contextlib.suppress(AssertionError):
                wait_until(holds, within=1)

    def tells(self) -> str:
        """What its processes said last, for a test that fails."""
        return "\n".join(
            f"{log.stem}: {line[:400]}"
            for log in sorted(self.log.glob("*.log"))
            for line in log.read_text().splitlines()[-5:]
        )

    # --- its website

    def get(self, path: str) -> tuple[int, dict]:
        """What the website answers, as JSON."""
        return self._ask("GET", path)

    def ready(self) -> dict:
        """What /health/ready says, with its verdict under "ready"."""
        code, said = self.get("/health/ready")
        assert said["ready"] is (code == 200)
        return said["says"] | {"ready": said["ready"]}

    def gets_ready(self) -> None:
        """Wait until /health/ready says that all is well."""
        wait_until(lambda: self.ready()["ready"], says=lambda: f"{self.ready()}\n{self.tells()}")

    def sign_in(self, user) -> str:
        """The session of somebody who has signed in."""
        with self.on_its_clock():
            request = HttpRequest()
            request.session = SessionStore()
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            request.session.save()
        return request.session.session_key

    def post(self, path: str, form: str, *, session: str) -> http.client.HTTPResponse:
        """Send a form as somebody who is signed in."""
        token = "t" * 32
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG_ENOUGH)
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        line.request("POST", path, f"csrfmiddlewaretoken={token}&{form}", headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer

    def _ask(self, method: str, path: str) -> tuple[int, dict]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG_ENOUGH)
        try:
            line.request(method, path)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()

    # --- from one test to the next

    def begin_anew(self, day: date) -> None:
        """An empty hub with the shipped timings, at 8:58 on a working day, with nothing left to be done."""
        self.mend()
        # After this nothing is under way that an earlier test asked for.
        with self.once_more("runs", "passes"):
            self.turn_clock_to(day, 8, 5)
        empty_the_database()
        load_steps()
        ledger.owe(self.day, self.now)
        with self.once_more("runs"):
            self.turn_clock_to(day, 8, 58)
        self.sink.forget()

    def mend(self) -> None:
        """Start again whatever a test before this one left broken."""
        self.sink.behaves()
        for name in self.servers.children:
            if self.servers.children[name].poll() is not None:
                self.servers.restart(name)
        connection.close()
        for name in [name for name in self.processes if name.startswith("second ") or name in self.told_otherwise]:
            self.kill(name)
        self.told_otherwise.clear()
        for name in PROCESSES:
            if not self.runs(name):
                self.start(name)
            self.processes[name].send_signal(signal.SIGCONT)


def counted(key: str, *, since: datetime | None = None) -> int:
    """How often something has happened; 0 when it has not happened since a moment."""
    found = Counter.objects.filter(key=key)
    if since is not None:
        found = found.filter(changed_at__gte=since)
    return sum(found.values_list("total", flat=True))


def empty_the_database() -> None:
    """Every row of every app goes, as soon as no task that still reads stands in the way."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    kept = {"django_content_type", "auth_permission"}
    names = ", ".join(connection.ops.quote_name(table) for table in tables if table not in kept)

    def emptied() -> bool:
        # A task of the timetable may read these tables in another order: PostgreSQL then ends one of the two.
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        except OperationalError:
            return False
        return True

    wait_until(emptied)


@contextlib.contextmanager
def running() -> Iterator[Running]:
    """A running hub, whose database this process uses too. Whatever happens, nothing of it is left behind."""
    # Not pytest's own folder: the account that PostgreSQL runs as cannot enter that when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="hub-faults-"))
    folder.chmod(0o755)
    hub = Running(folder)
    before = dict(connection.settings_dict)
    try:
        hub.turn_clock_to(FIRST_DAY, 8, 0)
        hub.servers.start()
        place = hub.servers.home
        embedded.make_database(place)
        for name in ("sink", "worker", "web"):
            hub.start(name)
        _copy_tables(hub)
        hub.start("beat")
        connection.close()
        connection.settings_dict.update(NAME="hub", HOST=place.sockets, USER="hub", PASSWORD="", PORT="", OPTIONS={})
        wait_until(lambda: (hub.sink.folder / "ready").exists(), says=hub.tells)
        yield hub
    finally:
        connection.close()
        connection.settings_dict.update(before)
        for name in list(hub.processes):
            hub.kill(name)
        hub.servers.stop()
        left = hub.left_behind()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for writer in hub.writers:
            writer.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
    assert not left, "No process may outlive the hub that it belongs to"


def _copy_tables(hub: Running) -> None:
    """Give it the tables of this test run's database, or else migrate, which takes ten times as long."""
    place = hub.servers.home
    programs, _version = postgres_programs(place)
    given = connection.get_connection_params()
    source = psycopg2.extensions.make_dsn(
        **{name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    )
    dump = subprocess.run([programs / "pg_dump", "--no-owner", source], capture_output=True)
    if dump.returncode:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=hub.environment, check=True)
        return
    fill = [programs / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", place.database_url()]
    subprocess.run(fill, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)
