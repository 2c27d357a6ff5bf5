"""Public pages from memory: the outermost layer of the website, before every middleware.

Families mostly ask for the same few pages. Each process keeps the ones it has
built and shows them again for as long as the content version (core/versions.py)
and the UK day are those that it read before it built them. Whoever is signed
in neither gets nor leaves a kept page. docs/decisions/0002-page-cache.md tells why.
"""

import gzip
import hashlib
import re
import threading
from functools import lru_cache

import brotli
from django.conf import settings
from django.http import parse_cookie

from core import versions
from core.versions import Kept, Stamp

MOST_BYTES = 48 * 1024 * 1024
LARGEST_PAGE = 1024 * 1024
LONGEST_ADDRESS = 2_000
# How long to wait for another thread that is building the same page.
PATIENCE = 10.0

CLOSED_TO_THE_PUBLIC = ("/desk/", "/admin/", "/accounts/", "/health/", "/static/", "/media/", "/preview/")
KINDS = ("text/html", "application/atom+xml", "text/csv", "text/calendar")
# What a page may differ by besides its address; another header in Vary means that it is not kept.
MAY_VARY_BY = {"cookie", "accept-encoding"}
OFFERED = ("br", "gzip")


class PageCache:
    """Wraps the website, and answers in its place where a kept page is as good as a new one."""

    def __init__(self, website, most_bytes: int = MOST_BYTES):
        self.website = website
        self.kept = Kept(most_bytes)
        self._being_built: dict[tuple, threading.Event] = {}
        self._lock = threading.Lock()

    def __call__(self, environ, start_response):
        key = key_of(environ)
        stamp = versions.stamp() if key else None
        if stamp is None:
            return self.website(environ, start_response)
        page = self.kept.get(stamp, key)
        if page is not None:
            return self._show(stamp, key, page, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            return self.website(environ, start_response)
        return self._build_once(stamp, key, environ, start_response)

    def _build_once(self, stamp: Stamp, key: tuple, environ, start_response):
        """Build a page, unless another thread is at it: then wait for that one and show it."""
        with self._lock:
            theirs = self._being_built.get((stamp, key))
            if theirs is None:
                ours = self._being_built[stamp, key] = threading.Event()
        if theirs is not None:
            theirs.wait(PATIENCE)
            page = self.kept.get(stamp, key)
            if page is not None:
                return self._show(stamp, key, page, environ, start_response)
            # It was one that is not kept, or it takes too long.
            return self._build(stamp, key, environ, start_response)
        try:
            return self._build(stamp, key, environ, start_response)
        finally:
            with self._lock:
                del self._being_built[stamp, key]
            ours.set()

    def _build(self, stamp: Stamp, key: tuple, environ, start_response):
        """Ask the website, and keep its answer where it is one for everybody."""
        answer = Answer()
        body = self.website(environ, answer.start)
        if not answer.may_be_kept:
            start_response(answer.status, answer.headers)
            return body
        try:
            page = Page(answer, b"".join(body))
        finally:
            if hasattr(body, "close"):
                body.close()
        self.kept.put(stamp, key, page, page.weight)
        return self._show(stamp, key, page, environ, start_response)

    def _show(self, stamp: Stamp, key: tuple, page: "Page", environ, start_response):
        """Answer with a kept page, in an encoding that the visitor reads."""
        if page.is_known_as(environ.get("HTTP_IF_NONE_MATCH")):
            start_response("304 Not Modified", list(page.headers))
            return []
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if encoding not in page.bodies:
            page.add(encoding)
            self.kept.put(stamp, key, page, page.weight)
        headers, body = page.bodies[encoding]
        start_response(page.status, list(headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


# --- What may be kept


def key_of(environ) -> tuple | None:
    """What tells one public page from another; None for whatever must go to the website itself."""
    path = environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    if (
        environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        or path.startswith(CLOSED_TO_THE_PUBLIC)
        or len(path) + len(query) > LONGEST_ADDRESS
        or "HTTP_AUTHORIZATION" in environ
        or settings.DEBUG
        or ("HTTP_COOKIE" in environ and carries_a_cookie_of_ours(environ["HTTP_COOKIE"]))
    ):
        return None
    return (
        environ.get("wsgi.url_scheme"),
        # Behind a proxy, whether a page is served as secure is what the proxy says.
        environ.get("HTTP_X_FORWARDED_PROTO"),
        environ.get("HTTP_HOST") or environ.get("SERVER_NAME"),
        environ.get("SCRIPT_NAME", ""),
        path,
        query,
    )


def carries_a_cookie_of_ours(cookies: str) -> bool:
    """Whether the visitor may be signed in, or have a form or a message under way.

    Read as Django reads it, so that what it would find is found here. A
    council's other cookies say nothing about what a page shows.
    """
    ours = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages"}
    return not ours.isdisjoint(parse_cookie(cookies))


class Answer:
    """What the website answered, before anything is sent."""

    def __init__(self):
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def start(self, status, headers):
        """Stands in for the web server's start_response."""
        self.status, self.headers = status, headers

    @property
    def may_be_kept(self) -> bool:
        """Whether this is a whole page, not too large, that is the same for everybody who is not signed in."""
        said = {name.lower(): value for name, value in self.headers}
        stays_here = {"private", "no-store", "no-cache"} & words(said.get("cache-control", ""))
        return (
            self.status.startswith("200 ")
            and "set-cookie" not in said
            and "content-encoding" not in said
            and not stays_here
            and words(said.get("vary", "")) <= MAY_VARY_BY
            and said.get("content-type", "").startswith(KINDS)
            # A streamed answer has no length: it passes through as it comes.
            and 0 < int(said.get("content-length", 0)) <= LARGEST_PAGE
        )


def words(header: str) -> set[str]:
    """The words of a header that is a list, without their values."""
    return {part.partition("=")[0].strip().lower() for part in header.split(",")} - {""}


# --- A kept page


class Page:
    """One page, ready to send: compressed once for each way that a visitor asks for."""

    def __init__(self, answer: Answer, body: bytes):
        self.status = answer.status
        said = {name.lower(): value for name, value in answer.headers}
        # Weak, because the same page in another encoding has the same one.
        self.etag = said.get("etag") or f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        ours = {"content-length", "vary", "etag", "cache-control"}
        self.headers = [(name, value) for name, value in answer.headers if name.lower() not in ours]
        self.headers += [
            ("Vary", "Cookie, Accept-Encoding"),
            ("ETag", self.etag),
            # A browser may keep it, and asks each time whether it still stands.
            ("Cache-Control", said.get("cache-control") or "public, max-age=0, must-revalidate"),
        ]
        self.bodies: dict[str, tuple[list[tuple[str, str]], bytes]] = {}
        self.whole = body
        self.add("identity")

    @property
    def weight(self) -> int:
        """The memory it takes, roughly: its bodies, and a little for all around them."""
        return 4_000 + sum(len(body) for _headers, body in self.bodies.values())

    def add(self, encoding: str) -> None:
        """Make the body for one encoding. The levels are where more work gains next to nothing."""
        headers = list(self.headers)
        body = self.whole
        if encoding == "br":
            body = brotli.compress(body, quality=5)
        elif encoding == "gzip":
            body = gzip.compress(body, compresslevel=6, mtime=0)
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        headers.append(("Content-Length", str(len(body))))
        self.bodies[encoding] = (headers, body)

    def is_known_as(self, if_none_match: str | None) -> bool:
        """Whether the visitor has this very page already."""
        if not if_none_match:
            return False
        if if_none_match.strip() == "*":
            return True
        mine = self.etag.removeprefix("W/")
        return mine in re.findall(r'"[^"]*"', if_none_match)


@lru_cache(maxsize=200)
def best_encoding(accepted: str) -> str:
    """The best of the encodings we offer that an Accept-Encoding header allows."""
    allowed = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if not re.fullmatch(r"q=0(\.0*)?", weight.strip()):
            allowed.add(name.strip())
    return next((each for each in OFFERED if each in allowed), "identity")
