"""One command starts everything and stops everything. These start the real thing, without the demo."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from hub.supervisor import ROOT

LONG_ENOUGH = 120


class Hub:
    """A hub of its own, as script/server starts it once .venv is there."""

    def __init__(self, folder: Path):
        self.data = folder / ".data"
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            self.port = plug.getsockname()[1]
        ours = ("HUB_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BOUNCE_", "ANYMAIL_", "NOTIFY_", "SECRET_KEY")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.environment |= {"HUB_DATA_DIR": str(self.data), "HUB_DEMO": "0", "PORT": str(self.port)}
        self.process: subprocess.Popen | None = None
        self.said = folder / "said"

    def start(self, **environment) -> "Hub":
        """Start it and wait until it is ready, or has given up."""
        with open(self.said, "w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub.supervisor"],
                cwd=ROOT,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        ends = time.monotonic() + LONG_ENOUGH
        while "\nReady: " not in self.words() and self.process.poll() is None and time.monotonic() < ends:
            time.sleep(0.05)
        return self

    def words(self) -> str:
        """Everything it has said on the screen."""
        return "\n" + self.said.read_text()

    def running(self) -> dict[int, str]:
        """Every process that belongs to it, by what its environment or command names."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if folder.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                command = folder.joinpath("cmdline").read_bytes()
                if str(self.data).encode() in command + folder.joinpath("environ").read_bytes():
                    found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        return found

    def is_gone(self, within: float) -> bool:
        """Whether no process of it is left after so many seconds."""
        ends = time.monotonic() + within
        while self.running() and time.monotonic() < ends:
            time.sleep(0.05)
        return not self.running()

    def ready(self) -> dict:
        """What /health/ready says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=10) as answer:
                return json.load(answer)["says"]
        except urllib.error.HTTPError as answer:
            return json.load(answer)["says"]

    def wait_until(self, holds, within: float = LONG_ENOUGH) -> None:
        """Wait for something to come true."""
        ends = time.monotonic() + within
        while True:
            with contextlib.suppress(OSError, urllib.error.URLError):
                if holds():
                    return
            assert time.monotonic() < ends, self.words()
            time.sleep(0.1)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")


@pytest.fixture
def hub():
    """A hub that is not started yet; ended with everything that belongs to it."""
    folder = Path(tempfile.mkdtemp(prefix="hub-supervisor-"))
    folder.chmod(0o755)
    hub = Hub(folder)
    yield hub
    for number in hub.running():
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    shutil.rmtree(folder)


def test_one_command_starts_the_hub_mends_what_falls_over_and_leaves_nothing_behind(hub):
    hub.start()
    assert f"\nReady: http://localhost:{hub.port}\n" in hub.words()
    assert "This hub is empty. Make its first keeper with" in hub.words()
    hub.wait_until(lambda: hub.ready()["scheduler"].startswith("Last ran"))
    commands = " ".join(hub.running().values())
    for each in ("granian", "celery -A hub worker", "celery -A hub beat", "valkey-server", "postgres"):
        assert each in commands

    # A second start on the same data says that there is one, and starts nothing.
    second = subprocess.run(
        [sys.executable, "-m", "hub.supervisor"], cwd=ROOT, env=hub.environment, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert second.stderr.startswith("The hub is running already (script/server, process ")

    # A child that falls over is started again.
    for child in ("granian --interface", f"-D {hub.data}/postgres"):
        victim = min(number for number, command in hub.running().items() if child in command)
        os.kill(victim, signal.SIGKILL)
        hub.wait_until(lambda victim=victim: victim not in hub.running() and hub.ready()["database"] == "Answers.")
    assert "web stopped by itself (by signal 9): starting it again" in hub.words()

    # Killed without warning, it takes everything with it, and the next start finds the data again.
    hub.process.kill()
    hub.process.wait()
    hub.start()
    assert f"\nReady: http://localhost:{hub.port}\n" in hub.words()
    assert "Making an empty database" not in hub.words()
    assert "Bringing the database up to date" not in hub.words()

    hub.process.send_signal(signal.SIGINT)
    assert hub.process.wait(30) == 0
    assert hub.is_gone(within=0)


def test_a_port_in_use_is_said_before_anything_is_started(hub):
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", hub.port))
        plug.listen()
        hub.start()

    assert hub.process.wait() == 1
    assert hub.words().strip() == (
        f"Port {hub.port} is in use by another program. Choose another one: PORT={hub.port + 1} script/server"
    )
    assert not (hub.data / "home.json").exists()


def test_killed_while_it_starts_it_leaves_nothing_behind(hub):
    with open(hub.said, "w") as said:
        hub.process = subprocess.Popen(
            [sys.executable, "-m", "hub.supervisor"], cwd=ROOT, env=hub.environment, stdout=said, stderr=said
        )
    hub.wait_until(lambda: "Starting PostgreSQL" in hub.words())

    hub.process.kill()
    hub.process.wait()

    assert hub.is_gone(within=10), hub.running()
