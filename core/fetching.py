"""Asking other people's websites for something: the one place where the hub goes out by itself.

Addresses come from staff and from other systems, so an address may point at
what is behind the council's firewall. Each host is looked up here, each
address it has must be a public one, and the connection goes to just the
address that was looked at. A redirect is another address and is judged again.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.db import models
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

# Seconds that one address may take, redirects and all; and seconds of silence.
LONGEST = 30.0
SILENCE = 10.0
LARGEST = 5 * 1024 * 1024
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
NOT_CHANGED = 304
PORTS = {80, 443, 8080, 8443}
# Addresses of the old internet as a network of the new one writes them.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Why(models.TextChoices):
    """Why there was no answer, in words for staff."""

    ADDRESS = "address", _("The address is not one of a web page")
    PRIVATE = "private", _("The address is not on the public internet")
    NO_SITE = "no_site", _("There is no such site")
    SILENT = "silent", _("The site does not answer")
    CERTIFICATE = "certificate", _("The site’s certificate is not valid")
    TOO_LARGE = "too_large", _("What the site sends is too large")
    IN_CIRCLES = "in_circles", _("The site sends us on too many times")


class NoAnswer(Exception):
    """A site was asked and nothing came of it, or it may not be asked at all."""

    def __init__(self, why: Why):
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True)
class Answer:
    """What a site answered."""

    code: int
    url: str  # where it was found in the end
    headers: dict[str, str] = field(default_factory=dict)  # by their names in small letters
    body: bytes = b""

    @property
    def is_unchanged(self) -> bool:
        """The site says that it is as it was."""
        return self.code == NOT_CHANGED


def fetch(
    url: str,
    *,
    method: str = "GET",
    etag: str = "",
    modified: str = "",
    largest: int = LARGEST,
    longest: float = LONGEST,
    silence: float = SILENCE,
    read: bool = True,
) -> Answer:
    """Ask for an address, and follow where it leads. Raises NoAnswer; an answer may be one that says "not found".

    `etag` and `modified` are what the site said the last time: it may then say
    that nothing has changed. Without `read` the body stays where it is.
    """
    until = time.monotonic() + longest
    headers = {
        "User-Agent": f"ParticipationHub/1.0 (+{settings.HUB_BASE_URL})",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if etag:
        headers["If-None-Match"] = etag
    if modified:
        headers["If-Modified-Since"] = modified
    for _hop in range(MOST_REDIRECTS + 1):
        answer = _ask(url, method, headers, until, silence, largest if read else 0)
        if answer.code not in REDIRECTS or not answer.headers.get("location"):
            return answer
        url = urljoin(url, answer.headers["location"])
    raise NoAnswer(Why.IN_CIRCLES)


def look(url: str, **limits) -> Answer:
    """See whether there is something at an address, with as little trouble for the site as can be.

    The head of the page is asked for; where that is refused, its beginning.
    """
    try:
        answer = fetch(url, method="HEAD", read=False, **limits)
        if answer.code < 400:
            return answer
    except NoAnswer as refused:
        if refused.why != Why.SILENT:
            raise
    return fetch(url, read=False, **limits)


def _ask(url: str, method: str, headers: dict, until: float, silence: float, largest: int) -> Answer:
    """One request to one address."""
    parts = _parts(url)
    connection = _connection(parts, _public_address(parts), min(silence, _left(until)))
    cut = threading.Timer(_left(until), _cut, [connection.sock])
    cut.daemon = True
    cut.start()
    try:
        target = parts.path or "/"
        connection.request(method, f"{target}?{parts.query}" if parts.query else target, headers=headers)
        got = connection.getresponse()
        said = {name.lower(): value for name, value in got.getheaders()}
        body = _read(got, largest) if largest and got.status not in REDIRECTS else b""
    except ssl.SSLCertVerificationError as wrong:
        raise NoAnswer(Why.CERTIFICATE) from wrong
    except (OSError, http.client.HTTPException) as wrong:
        raise NoAnswer(Why.SILENT) from wrong
    finally:
        cut.cancel()
        connection.close()
    if time.monotonic() >= until:  # what ended there may not have been all of it
        raise NoAnswer(Why.SILENT)
    return Answer(got.status, url, said, body)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise NoAnswer(Why.SILENT)
    return left


def _cut(connected: socket.socket) -> None:
    """End a connection whose time is up, however slowly it still speaks."""
    with contextlib.suppress(OSError):  # it may have ended by itself
        connected.shutdown(socket.SHUT_RDWR)


def _read(got: http.client.HTTPResponse, largest: int) -> bytes:
    if int(got.length or 0) > largest:
        raise NoAnswer(Why.TOO_LARGE)
    body = got.read(largest + 1)
    if len(body) > largest:
        raise NoAnswer(Why.TOO_LARGE)
    if got.length:  # it was cut short
        raise NoAnswer(Why.SILENT)
    return body


def _parts(url: str) -> SplitResult:
    """The parts of an address of the web; nothing else is asked for."""
    try:
        parts = urlsplit(iri_to_uri(url.strip()))
        port = parts.port
    except ValueError as wrong:
        raise NoAnswer(Why.ADDRESS) from wrong
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise NoAnswer(Why.ADDRESS)
    if port and port not in PORTS and not settings.HUB_FETCH_LOOPBACK:
        raise NoAnswer(Why.ADDRESS)
    return parts


def _public_address(parts: SplitResult) -> str:
    """The address of the host on the internet: one that may be asked, or none."""
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host.encode("idna").decode(), parts.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as wrong:
        raise NoAnswer(Why.NO_SITE) from wrong
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(is_public(each) for each in addresses):
        raise NoAnswer(Why.PRIVATE)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether anybody on the internet could ask this address: not one of this machine, its network, or many."""
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(asked, ipaddress.IPv6Address):
        inner = asked.ipv4_mapped or asked.sixtofour or (asked.teredo and asked.teredo[1])
        if asked in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(asked) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    if asked.is_loopback and settings.HUB_FETCH_LOOPBACK:
        return True
    return asked.is_global and not asked.is_multicast and not asked.is_reserved and not asked.is_unspecified


def _connection(parts: SplitResult, address: str, silence: float) -> http.client.HTTPConnection:
    """A connection to just this address; the site is still named by its name, and so is its certificate."""
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        secure = http.client.HTTPSConnection(host, parts.port, timeout=silence, context=context)
        plain = _socket(address, parts.port or 443, silence)
        try:
            secure.sock = context.wrap_socket(plain, server_hostname=host)
        except ssl.SSLCertVerificationError as wrong:
            plain.close()
            raise NoAnswer(Why.CERTIFICATE) from wrong
        except OSError as wrong:
            plain.close()
            raise NoAnswer(Why.SILENT) from wrong
        return secure
    connection = http.client.HTTPConnection(host, parts.port, timeout=silence)
    connection.sock = _socket(address, parts.port or 80, silence)
    return connection


def _socket(address: str, port: int, silence: float) -> socket.socket:
    try:
        return socket.create_connection((address, port), timeout=silence)
    except OSError as wrong:
        raise NoAnswer(Why.SILENT) from wrong
