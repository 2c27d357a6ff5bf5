"""A Redis that a test may stop, freeze and start again."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import redis

from core import versions
from hub import embedded


class OwnRedis:
    """One valkey-server, which remembers over a restart."""

    def __init__(self, folder: Path):
        self.socket = folder / "redis.sock"
        program = embedded.valkey_program()
        self.command = [program, "--port", "0", "--unixsocket", self.socket, "--dir", folder, "--appendonly", "yes"]
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Come up, and answer."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        ends = time.monotonic() + 10
        while not self.answers():
            assert time.monotonic() < ends
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket)) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def stop(self) -> None:
        """Go away, having written everything down."""
        self.process.terminate()
        self.process.wait(10)

    def freeze(self) -> None:
        """Stay, and say nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Speak again."""
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture
def own_redis(settings, monkeypatch):
    """The content version lives in a Redis of this test's own."""
    with tempfile.TemporaryDirectory() as folder:
        server = OwnRedis(Path(folder))
        server.start()
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"unix://{server.socket}"}}
        monkeypatch.setattr(versions, "REST", 0.05)
        versions._start_afresh()
        yield server
        server.thaw()
        server.stop()
    monkeypatch.undo()
    versions._Redis.owed = False
    versions._start_afresh()
