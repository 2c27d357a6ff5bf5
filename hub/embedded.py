"""The PostgreSQL and the Valkey that the hub brings along, for a first run and for tests.

Their programs come from two wheels (hub/programs.py); the data lie in the hub's
data folder (hub/home.py). Both listen on sockets in a closed folder, on no
network port. For real use there are DATABASE_URL and REDIS_URL.

Who starts them: `script/server` by itself; a manage.py command or a test run
through a keeper, a small process that stops them when its last user has gone,
however that user ended. A lock on the folder sees that there is only one of these.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub.home import DATABASE, CannotStart, Home, account_name, home
from hub.programs import postgres_programs, valkey_program, within_reach

PATIENCE = 30.0
# Two for each process that tests, one for the queue and one for the cache.
TEST_DATABASES = 128


def dies_with_parent(sends: signal.Signals):
    """For a child about to start: its own session, and a signal when its parent is gone (Linux)."""
    parent = os.getpid()

    def in_the_child():  # pragma: no cover, in the child
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, int(sends))
            if os.getppid() != parent:
                os._exit(1)

    return in_the_child


class Servers:
    """PostgreSQL and Valkey, started by this process and stopped by it."""

    def __init__(self, place: Home, *, throw_away: bool = False):
        self.home = place
        self.throw_away = throw_away
        self.children: dict[str, subprocess.Popen] = {}
        self._as_account: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = pwd.getpwnam(place.account)
            self._as_account = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}

    def start(self, say: Callable[[str], object] = lambda text: None) -> None:
        """Both, ready to be used; an empty database on the first start only."""
        place = self.home
        self._check_it_is_ours()
        programs, version = postgres_programs(place)
        valkey = valkey_program()
        self._make_folders()
        programs, valkey = within_reach(place, programs, valkey)
        self._say_whether_it_moved(say)
        self._write_home()
        self._wait_for_leftover()
        if not (place.postgres / "PG_VERSION").exists():
            say("Making an empty database")
            self._initdb(programs, version)
        say(f"Starting PostgreSQL {version} and Valkey")
        self._run("postgres", self._postgres_command(programs), signal.SIGINT)
        self._run("valkey", self._valkey_command(valkey), signal.SIGTERM)
        self._wait_until_they_answer()

    def stop(self) -> None:
        """Valkey first, then PostgreSQL; each gets time to write everything down."""
        for name, ask in (("valkey", signal.SIGTERM), ("postgres", signal.SIGINT)):
            child = self.children.pop(name, None)
            if child is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(ask)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def restart(self, name: str) -> None:
        """Start one again that has died."""
        if name == "postgres":
            programs, _ = postgres_programs(self.home)
            programs, _ = within_reach(self.home, programs, valkey_program())
            self._wait_for_leftover()
            self._run("postgres", self._postgres_command(programs), signal.SIGINT)
        else:
            programs, _ = postgres_programs(self.home)
            _, valkey = within_reach(self.home, programs, valkey_program())
            self._run("valkey", self._valkey_command(valkey), signal.SIGTERM)
        self._wait_until_they_answer()

    def _check_it_is_ours(self) -> None:
        """Data that have gone, or were given to another account, never lead to a second, empty database."""
        place = self.home
        if (place.data / "home.json").exists() and not (place.postgres / "PG_VERSION").exists():
            raise CannotStart(
                f"This hub's database should be in {place.postgres}, and it is not there. Put it back from "
                f"your backup. To begin again with an empty hub, remove {place.data / 'home.json'}."
            )
        if not (place.data / "home.json").exists() and (place.postgres / "PG_VERSION").exists():
            owner = account_name(place.postgres.stat().st_uid)
            if owner != place.account:
                raise CannotStart(
                    f"The database in {place.postgres} belongs to {owner}, and the hub would run it as "
                    f"{place.account}. Give it back to {place.account}, or set HUB_DATA_DIR to another folder."
                )

    def _say_whether_it_moved(self, say) -> None:
        with contextlib.suppress(FileNotFoundError):
            before = json.loads((self.home.data / "home.json").read_text())["path"]
            if before != self.home.path:
                say(f"This hub was moved here from {before}. Its data have come along: {self.home.state}")

    def _make_folders(self) -> None:
        place = self.home
        try:
            place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            if place.account != place.made_by:
                # The servers' account passes through; what is secret in it is closed file by file.
                place.data.chmod(0o711)
            for folder in (place.log, place.data / "outbox", place.data / "media"):
                folder.mkdir(mode=0o700, exist_ok=True)
            if place.state != place.path:
                Path(place.state).mkdir(exist_ok=True)
                Path(place.state).chmod(0o711)
        except OSError as problem:
            raise CannotStart(
                f"{account_name(os.geteuid())} cannot write to {place.path} ({problem.strerror}). "
                "Give that folder to this user, or set HUB_DATA_DIR to a folder of your own."
            ) from None
        for folder in (place.postgres, place.valkey, Path(place.sockets)):
            self._own_folder(folder)

    def _own_folder(self, folder: Path) -> None:
        """A folder that only the servers' account may enter. Somebody else's is not taken over."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.lstat()
        uid = self._as_account.get("user", os.geteuid())
        if folder.is_symlink() or owner.st_uid not in (uid, os.geteuid()):
            raise CannotStart(
                f"{folder} belongs to {account_name(owner.st_uid)}, not to {account_name(uid)}. "
                "Remove it, or set HUB_DATA_DIR to a folder of your own."
            )
        if self._as_account and owner.st_uid != uid:
            os.chown(folder, uid, self._as_account["group"])
        folder.chmod(0o700)

    def _write_home(self) -> None:
        written = self.home.data / "home.json"
        text = json.dumps(asdict(self.home), indent=1) + "\n"
        if not written.exists() and not (self.home.postgres / "PG_VERSION").exists():
            return  # written once there is a database to remember
        if not written.exists() or written.read_text() != text:
            half = written.with_suffix(".half")
            half.write_text(text)
            half.chmod(0o600)
            half.replace(written)

    def _initdb(self, programs: Path, version: int) -> None:
        place = self.home
        # A first start that was cut off leaves half a folder, which no database is in yet.
        half = place.postgres / "half"
        for left in place.postgres.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if version >= 17 else ["--locale=C"]
        command: list[str | Path] = [programs / "initdb", "-D", half, "--username=hub", "--encoding=UTF8", *locale]
        command += ["--auth=peer", "--no-sync" if self.throw_away else "--data-checksums"]
        made = subprocess.run(
            command, capture_output=True, text=True, cwd=place.postgres, env=_plain_environment(), **self._as_account
        )
        if made.returncode:
            raise CannotStart(
                f"PostgreSQL could not make a database in {place.postgres}. It says: "
                f"{' '.join((made.stderr or made.stdout).split())[-600:]}"
            )
        # The system tells PostgreSQL who is at the other end of the socket: no password is needed or kept.
        names = sorted({place.made_by, place.account, "root"})
        (half / "pg_hba.conf").write_text("local all all peer map=hub\n")
        (half / "pg_ident.conf").write_text("".join(f"hub {name} hub\n" for name in names))
        last = half / "PG_VERSION"
        for each in half.iterdir():
            if each != last:
                each.rename(place.postgres / each.name)
        last.rename(place.postgres / last.name)
        half.rmdir()
        self._write_home()

    def _postgres_command(self, programs: Path) -> list:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.home.sockets,
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            # A refused row's values, and the question that held them, may be a family's words.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        }
        if self.throw_away:
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "off")
        command = [programs / "postgres", "-D", self.home.postgres]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _valkey_command(self, program: Path) -> list:
        command = f"--port 0 --unixsocketperm 700 --save '' --maxmemory 256mb --databases {TEST_DATABASES}"
        # A queue must never be evicted; what is cached carries its own time to live.
        command += f" --maxmemory-policy noeviction --appendonly {'no' if self.throw_away else 'yes'}"
        words = [word.strip("'") for word in command.split()]
        return [program, *words, "--unixsocket", self.home.valkey_socket, "--dir", self.home.valkey]

    def _run(self, name: str, command: list, when_parent_dies: signal.Signals) -> None:
        with open(self.home.log / f"{name}.log", "ab") as log:
            self.children[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home.state,
                env=_plain_environment(),
                start_new_session=True,
                preexec_fn=dies_with_parent(when_parent_dies),
                **self._as_account,
            )

    def _wait_for_leftover(self) -> None:
        """Wait for a PostgreSQL that is still stopping after its parent was killed; ask it to, if need be."""
        written = self.home.postgres / "postmaster.pid"
        ends = time.monotonic() + 15
        asked = False
        while _running_postgres(written):
            if time.monotonic() > ends:
                raise CannotStart(
                    f"Another PostgreSQL is using {self.home.postgres} and does not stop. "
                    f"Its process number is the first line of {written}: end it, then start again."
                )
            if not asked and time.monotonic() > ends - 12:
                asked = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(_running_postgres(written) or 0, signal.SIGINT)
            time.sleep(0.05)

    def _wait_until_they_answer(self) -> None:
        ends = time.monotonic() + PATIENCE
        while not answers(self.home):
            for name, child in self.children.items():
                if child.poll() is not None:
                    log = self.home.log / f"{name}.log"
                    last = " ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
                    raise CannotStart(f"{name} stopped as soon as it was started. It says: {last} (see {log})")
            if time.monotonic() > ends:
                raise CannotStart(f"The database did not answer within {PATIENCE:.0f} seconds. See {self.home.log}.")
            time.sleep(0.03)


def _plain_environment() -> dict[str, str]:
    """No locale or PG* variable of the person who starts it changes how the server runs."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _running_postgres(written: Path) -> int | None:
    """The process number in a postmaster.pid, when that process runs on this very folder.

    After a restart of the machine the number may be anybody's, and in a copied
    folder it is the original's.
    """
    try:
        pid = int(written.read_text().split("\n")[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if os.fsencode(written.parent) in command else None


def answers(place: Home) -> bool:
    """Whether both servers take connections now."""
    import psycopg2

    try:
        with socket.socket(socket.AF_UNIX) as plug:
            plug.settimeout(2)
            plug.connect(str(place.valkey_socket))
            plug.sendall(b"PING\r\n")
            if not plug.recv(16).startswith(b"+PONG"):
                return False
        psycopg2.connect(host=place.sockets, user="hub", dbname="postgres", connect_timeout=2).close()
    except (OSError, psycopg2.OperationalError):
        return False
    return True


def make_database(place: Home, name: str = DATABASE) -> bool:
    """Make the hub's database, unless it is there. True when it was made now."""
    import psycopg2

    with contextlib.closing(psycopg2.connect(host=place.sockets, user="hub", dbname="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone():
                return False
            try:
                cursor.execute(f'CREATE DATABASE "{name}"')
            except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                return False  # another process was faster
            return True


# --- one at a time


def take(lock: Path, how: int = fcntl.LOCK_EX | fcntl.LOCK_NB, says: str = ""):
    """Hold a lock file for as long as the answer is kept open; None when somebody else holds it.

    The system lets go of it when the holder ends, however it ends.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        os.close(handle)
        return None
    if says:
        os.ftruncate(handle, 0)
        os.pwrite(handle, says.encode(), 0)
    return handle


def attach(data: Path, *, throw_away: bool = False) -> Home:
    """Use the servers of `data` until this process ends: those that run, or else a keeper's.

    Raises CannotStart when there are none and none can be started.
    """
    place = home(data)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _attached.append(take(data / "users.lock", fcntl.LOCK_SH))
    except PermissionError:
        raise CannotStart(
            f"The data in {data} belong to {account_name(data.stat().st_uid)}, and you are "
            f"{account_name(os.geteuid())}. Start it as that user, or set HUB_DATA_DIR to a folder of your own."
        ) from None
    if not answers(place):
        command = [sys.executable, "-m", "hub.embedded", str(data)] + ["--throw-away"] * throw_away
        keeper = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent,
        )
        said = keeper.stdout.readline().strip() if keeper.stdout else ""
        if said != "ready":
            raise CannotStart(said or "The embedded servers did not start.")
        # It outlives this process on purpose: others may have attached to it by then.
        keeper.returncode = 0
        place = home(data)
    make_database(place)
    return place


_attached: list = []


def keep(data: Path, *, throw_away: bool) -> None:
    """Run the servers until nobody is attached to them any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lock = take(data / "server.lock", says="keeper")
    if lock is None:
        ends = time.monotonic() + PATIENCE
        while not answers(home(data)):
            if time.monotonic() > ends:
                raise CannotStart("The hub's server is starting or stopping. Try again in a moment.")
            time.sleep(0.1)
        print("ready", flush=True)
        return
    servers = Servers(home(data), throw_away=throw_away)
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    try:
        try:
            servers.start()
        except CannotStart:
            if not throw_away:
                raise
            # Without fsync a machine that fell over may leave a broken cluster; nothing in it matters.
            servers.stop()
            for folder in (servers.home.postgres, servers.home.valkey):
                shutil.rmtree(folder, ignore_errors=True)
            (data / "home.json").unlink(missing_ok=True)
            servers = Servers(home(data), throw_away=True)
            servers.start()
        print("ready", flush=True)
        while not ended:
            time.sleep(0.5)
            last = take(data / "users.lock")
            if last is not None:
                # Held until the servers have stopped, so that nobody attaches meanwhile.
                servers.stop()
                return
    finally:
        servers.stop()


def main() -> None:
    """Be the keeper of one data folder; the first line printed is "ready" or what is wrong.

    With `-- COMMAND` behind it: run that with throw-away servers in the folder.
    """
    try:
        if "--" in sys.argv:
            attach(Path(sys.argv[1]), throw_away=True)
            sys.exit(subprocess.run(sys.argv[sys.argv.index("--") + 1 :]).returncode)
        keep(Path(sys.argv[1]), throw_away="--throw-away" in sys.argv)
    except CannotStart as problem:
        print(problem, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
