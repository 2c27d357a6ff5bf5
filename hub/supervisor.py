"""Starts everything the hub is made of, in order, keeps it running, and stops it without leaving anything behind.

Web server, Celery worker and Celery beat are separate processes, each in its
own session. Each is told by the system when this process has gone, even by
kill -9 (on Linux; elsewhere only by Ctrl-C and SIGTERM).
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from pathlib import Path

from hub import embedded

PYTHON = [sys.executable, "-m"]
ROOT = Path(__file__).resolve().parent.parent
# A child that falls over more often than this has a fault that starting again does not mend.
RESTARTS, WITHIN_SECONDS = 5, 300
LONGEST_LOG = 20 * 1024 * 1024
WEB_WORKERS = 2
WEB_THREADS = 2


def say(text: str) -> None:
    """One line of progress, for the person who started it, if they are still there."""
    _show(text, sys.stderr)


def _show(text: str, screen) -> None:
    # Stopping must not fail because the terminal, or whatever read this, has been closed.
    with contextlib.suppress(OSError):
        print(text, file=screen, flush=True)


class CannotGoOn(Exception):
    """Why everything stops, in a sentence that says how to mend it."""


class Supervisor:
    """One running hub."""

    def __init__(self, settings):
        self.data: Path = settings.HUB_DATA_DIR
        self.port: int = settings.PORT
        self.base_url: str = settings.HUB_BASE_URL
        # Only this machine sees a hub that calls itself localhost; any other address is for a proxy or the network.
        self.host = "127.0.0.1" if settings.ON_THIS_MACHINE else "0.0.0.0"
        self.needs_servers = settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS
        self.shows_demo = settings.SHOW_DEMO
        self.servers: embedded.Servers | None = None
        self.children: dict[str, subprocess.Popen] = {}
        self.falls: dict[str, deque] = {}
        self.asked_to_stop = 0
        self.lock: int | None = None

    # --- starting

    def run(self) -> None:
        """From the lock to the last child's end."""
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._ask_to_stop)
        os.umask(0o077)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_lock()
        self._test_port()
        try:
            self._start_everything()
            self._watch()
        except Stopped:
            pass
        finally:
            self._stop_everything()

    def _ask_to_stop(self, number, frame) -> None:
        self.asked_to_stop += 1

    def _stop_here_if_asked(self) -> None:
        if self.asked_to_stop:
            raise Stopped

    def _take_lock(self) -> None:
        lock, told = self.data / "server.lock", False
        ends = time.monotonic() + embedded.PATIENCE
        while True:
            try:
                self.lock = embedded.take(lock, says=f"script/server, process {os.getpid()}, {self.base_url}")
            except PermissionError:
                owner = embedded.account_name(self.data.stat().st_uid)
                raise CannotGoOn(
                    f"The data in {self.data} belong to {owner}, and you are {embedded.account_name(os.geteuid())}. "
                    f"Start the hub as {owner}, or set HUB_DATA_DIR to a folder of your own."
                ) from None
            if self.lock is not None:
                return
            held = lock.read_text()
            if held != "keeper":
                raise CannotGoOn(f"The hub is running already ({held}). Stop that one first, with Ctrl-C.")
            if not told:
                told = True
                say("A manage.py command is using the database: waiting for it to end")
            if time.monotonic() > ends:
                raise CannotGoOn("A manage.py command is still using the database. End it, then start again.")
            self._stop_here_if_asked()
            time.sleep(0.1)

    def _test_port(self) -> None:
        # A server that was killed a moment ago may still be letting go of it.
        ends = time.monotonic() + 3
        while True:
            with socket.socket() as plug:
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    plug.bind((self.host, self.port))
                    return
                except PermissionError:
                    problem = f"Port {self.port} is only for root. Choose one above 1023: PORT=8000 script/server"
                    raise CannotGoOn(problem) from None
                except OSError:
                    if time.monotonic() > ends:
                        problem = f"Port {self.port} is in use by another program. Choose another one: "
                        problem += f"PORT={self.port + 1} script/server"
                        raise CannotGoOn(problem) from None
            time.sleep(0.1)

    def _start_everything(self) -> None:
        if self.needs_servers:
            place = embedded.home(self.data)
            self.servers = embedded.Servers(place)
            self.servers.start(say)
            embedded.make_database(place)
        self._stop_here_if_asked()
        self._prepare()
        say("Starting the website, the worker and the scheduler")
        for name in COMMANDS:
            self._start(name)
        self._wait_for_website()
        say(f"Logs are in {self.data / 'log'}. Stop everything with Ctrl-C.")
        _show(f"Ready: {self.base_url}", sys.stdout)
        self._show_signins()

    def _prepare(self) -> None:
        child = subprocess.Popen(
            [*PYTHON, "hub.prepare"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=embedded.dies_with_parent(signal.SIGKILL),
        )
        while child.poll() is None:
            if self.asked_to_stop:
                _kill_session(child)
                raise Stopped
            time.sleep(0.05)
        if child.returncode:
            raise CannotGoOn("The hub could not be brought up to date: the lines above say why.")

    def _start(self, name: str) -> None:
        command = COMMANDS[name](self)
        logs = self.data / "log"
        logs.mkdir(mode=0o700, exist_ok=True)
        with open(logs / f"{name}.log", "ab") as log:
            self.children[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=embedded.dies_with_parent(LAST_WORD[name]),
            )

    def _wait_for_website(self) -> None:
        ends = time.monotonic() + embedded.PATIENCE
        while not self._website_answers():
            self._stop_here_if_asked()
            if self.children["web"].poll() is not None or time.monotonic() > ends:
                raise CannotGoOn(f"The website did not start. Its last lines are in {self.data / 'log' / 'web.log'}.")
            time.sleep(0.05)

    def _website_answers(self) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/health/live", headers={"Host": "localhost"})
        # A proxy that the environment names is no way to this machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _show_signins(self) -> None:
        if self.shows_demo:
            with contextlib.suppress(OSError):
                _show((self.data / "demo-signins").read_text().rstrip(), sys.stdout)

    # --- while it runs

    def _watch(self) -> None:
        looked_at_logs = time.monotonic()
        while not self.asked_to_stop:
            time.sleep(0.2)
            running = dict(self.children) | (dict(self.servers.children) if self.servers else {})
            for name, child in running.items():
                if child.poll() is not None and not self.asked_to_stop:
                    self._start_again(name, child)
            if time.monotonic() - looked_at_logs > 60:
                looked_at_logs = time.monotonic()
                self._shorten_logs()

    def _start_again(self, name: str, child: subprocess.Popen) -> None:
        now = time.monotonic()
        falls = self.falls.setdefault(name, deque(maxlen=RESTARTS))
        if len(falls) == RESTARTS and now - falls[0] < WITHIN_SECONDS:
            raise CannotGoOn(f"{name} keeps stopping. Its last lines are in {self.data / 'log' / f'{name}.log'}.")
        falls.append(now)
        say(f"{name} stopped by itself ({_how_it_ended(child.returncode)}): starting it again")
        _kill_session(child)
        if name in COMMANDS:
            self._start(name)
        elif self.servers:
            self.servers.restart(name)

    def _shorten_logs(self) -> None:
        """Keep one earlier log beside each: the children go on writing at the end of theirs."""
        for log in (self.data / "log").glob("*.log"):
            if log.stat().st_size > LONGEST_LOG:
                log.with_suffix(".log.1").write_bytes(log.read_bytes())
                os.truncate(log, 0)

    # --- stopping

    def _stop_everything(self) -> None:
        if self.children or self.servers:
            say("Stopping")
        impatient = self.asked_to_stop
        for name in list(COMMANDS):
            child = self.children.pop(name, None)
            if child is None:
                continue
            child.send_signal(signal.SIGTERM)
            ends = time.monotonic() + SECONDS_TO_STOP[name]
            # A second Ctrl-C means now.
            while child.poll() is None and time.monotonic() < ends and self.asked_to_stop <= max(impatient, 1):
                time.sleep(0.03)
            _kill_session(child)
        if self.servers:
            self.servers.stop()


class Stopped(Exception):
    """Somebody asked for the end while the hub was still starting."""


def _web(hub: Supervisor) -> list[str]:
    # Granian and not gunicorn: docs/decisions/0001-web-server.md.
    command = [*PYTHON, "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--log-level", "warning"]
    command += ["--host", hub.host, "--port", str(hub.port), "--workers", str(WEB_WORKERS)]
    command += ["--blocking-threads", str(WEB_THREADS), "--workers-kill-timeout", "5", "--respawn-failed-workers"]
    return [*command, "hub.wsgi:application"]


def _worker(hub: Supervisor) -> list[str]:
    command = [*PYTHON, "celery", "-A", "hub", "worker", "--concurrency", "2", "--loglevel", "WARNING"]
    return [*command, "--without-mingle", "--without-gossip"]


def _beat(hub: Supervisor) -> list[str]:
    command = [*PYTHON, "celery", "-A", "hub", "beat", "--loglevel", "WARNING", "--pidfile="]
    return [*command, "--schedule", str(hub.data / "beat-schedule")]


# In the order in which they start, and stop.
COMMANDS = {"web": _web, "worker": _worker, "beat": _beat}
SECONDS_TO_STOP = {"web": 8, "worker": 10, "beat": 3}
# What the system sends when this process is killed: the worker's is the one that does not wait for the queue.
LAST_WORD = {"web": signal.SIGTERM, "worker": signal.SIGQUIT, "beat": signal.SIGTERM}


def _kill_session(child: subprocess.Popen) -> None:
    """End a child and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _how_it_ended(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"


def main() -> None:
    """What script/server runs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
    from django.conf import settings

    try:
        Supervisor(settings).run()
    except (CannotGoOn, embedded.CannotStart) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
