"""A website of its own for tests of what the hub asks of others: real sockets, on this machine only."""

import contextlib
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """A website whose pages a test sets: by path, a code, headers and a body. It remembers what it was asked."""

    def __init__(self, address: str):
        self.address = address
        self.pages: dict[str, tuple] = {}
        self.asked: list[tuple[str, str, dict]] = []
        self.no_heads = False

    def url(self, path: str) -> str:
        """The full address of a page."""
        return f"{self.address}{path}"

    def page(self, path: str, body: bytes | str = b"", code: int = 200, **headers) -> str:
        """Put a page up; an underscore in a header's name stands for a dash. Gives its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (code, named, body.encode() if isinstance(body, str) else body)
        return self.url(path)


class _Quiet(ThreadingHTTPServer):
    """Says nothing of visitors who hang up."""

    def handle_error(self, request, client_address) -> None:
        """They may."""


@contextlib.contextmanager
def serving(certificate: str = ""):
    """A website that answers until the test is over; by https where a file with a certificate is named."""

    class Handler(BaseHTTPRequestHandler):
        """Answers from the pages of the site."""

        def log_message(self, *arguments) -> None:
            """Tests are quiet."""

        def do_HEAD(self) -> None:
            """The head of a page, unless the site gives none."""
            if site.no_heads:
                self.send_error(405)
                return
            self.do_GET()

        def do_GET(self) -> None:
            """A page."""
            site.asked.append((self.command, self.path, dict(self.headers)))
            if self.path == "/drips":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    for _second in range(50):
                        self.wfile.write(b".")
                        self.wfile.flush()
                        time.sleep(0.1)
                return
            code, headers, body = site.pages.get(self.path, (404, {}, b""))
            tag = headers.get("ETag")
            if tag and self.headers.get("If-None-Match") == tag:
                code, body = 304, b""
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

    server = _Quiet(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = Site(f"http{'s' if certificate else ''}://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
