"""Web servers to measure, started as script/server starts its own."""

import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings

from hub import supervisor

PATIENCE = 30


@contextlib.contextmanager
def serving(target: str, path: str = "/"):
    """A web server for a WSGI application ("hub.wsgi"), with the very flags of script/server. Yields its address."""
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]
    command = supervisor._web(SimpleNamespace(host="127.0.0.1", port=port))
    with open(settings.HUB_DATA_DIR / "bench-web.log", "ab") as log:
        server = subprocess.Popen([*command[:-1], f"{target}:application"], stdout=log, stderr=log)
    try:
        try:
            _wait_for(server, f"http://127.0.0.1:{port}{path}")
        except OSError as problem:
            said = Path(log.name).read_text()[-2_000:]
            raise RuntimeError(f"{target} did not answer ({problem}). It said: {said}") from None
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(server: subprocess.Popen, url: str) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE).read()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if server.poll() is not None or time.monotonic() > ends:
                raise
            time.sleep(0.05)


def get(url: str, **headers) -> tuple[bytes, dict]:
    """The body of a page as it was sent, and its headers."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE) as answer:
        return answer.read(), dict(answer.headers)
