"""Each promise about the speed of pages, and how it is measured."""

import io
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultations.models import Consultation
from consultations.stages import Stage
from core import versions
from core.dates import today
from hub.bench import county, load
from hub.bench.servers import get, serving
from hub.pages import PageCache

MANY = 20_000
FINDER = "/consultations/"


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    what: str
    target: str
    measured: str
    passed: bool


@dataclass(frozen=True)
class Asked:
    """How thoroughly to measure."""

    seconds: float
    rows: int


Measure = Callable[[Asked], list[Result]]
MEASURES: dict[str, Measure] = {}


def measure(name: str):
    """Give a measure the name that it is run by."""

    def register(function: Measure) -> Measure:
        MEASURES[name] = function
        return function

    return register


def _ratio(what: str, ours: float, theirs: float) -> Result:
    share = ours / theirs
    words = f"{share:.2f} ({ours:,.0f} of {theirs:,.0f} requests a second)"
    return Result(what, "at least 0.50", words, share >= 0.5)


@measure("finder-cached")
def finder_cached(asked: Asked) -> list[Result]:
    """The finder from memory, against a view that says "ok"."""
    county.hold(asked.rows)
    with serving("hub.wsgi", FINDER) as hub, serving("hub.bench.bare", "/bare/") as bare:
        for _each_process in range(20):
            get(hub + FINDER, **load.HEADERS)
        ours, theirs = load.compare(hub + FINDER, bare + "/bare/", asked.seconds)
    return [_ratio(f"Finder from memory, {asked.rows:,} consultations, beside the barest Django view", ours, theirs)]


@measure("finder-uncached")
def finder_uncached(asked: Asked) -> list[Result]:
    """The finder built for each request, against a plain view of twenty rows."""
    county.hold(asked.rows)
    with serving("hub.bench.uncached", FINDER) as hub, serving("hub.bench.bare", "/bare/") as bare:
        for _each_process in range(20):
            get(hub + FINDER, **load.HEADERS)
        assert get(bare + "/bare/rows/")[0].count(b"hub-card__title") == 20
        ours, theirs = load.compare(hub + FINDER, bare + "/bare/rows/", asked.seconds)
    return [_ratio(f"Finder built anew, {asked.rows:,} consultations, beside a bare view of 20 rows", ours, theirs)]


@measure("queries")
def queries(asked: Asked) -> list[Result]:
    """How many queries a page takes, with few rows and with many. Nothing is kept: the version has just moved."""
    finder, page = {}, {}
    for count in (asked.rows, 20, 1):
        county.hold(count)
        finder[count] = max(_queries(address) for address in _finder_addresses())
        page[count] = max(_queries(each.get_absolute_url()) for each in _one_of_each_stage())
    return [
        Result("Queries for the finder, nothing kept", "at most 12", _by_count(finder), max(finder.values()) <= 12),
        Result("Queries for a consultation page", "at most 10", _by_count(page), max(page.values()) <= 10),
    ]


def _finder_addresses() -> list[str]:
    topic = Consultation.objects.order_by("pk").first().topics.first()
    return [
        FINDER,
        f"{FINDER}?page=2",
        f"{FINDER}?q=scool+travel",
        f"{FINDER}?topic={topic.key}&stage=open&sort=newest",
    ]


def _one_of_each_stage() -> list[Consultation]:
    found = (Consultation.objects.published().in_stage(stage).order_by("pk").first() for stage in Stage)
    return [each for each in found if each]


def _queries(address: str) -> int:
    versions.move()
    with CaptureQueriesContext(connection) as taken:
        answer = Client(HTTP_HOST="localhost").get(address)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
    return len(taken)


def _by_count(found: dict[int, int]) -> str:
    return ", ".join(f"{number} with {count:,} rows" for count, number in found.items())


@measure("first-view")
def first_view(asked: Asked) -> list[Result]:
    """What a browser fetches for the home page, and how much of it there is when it is gzipped."""
    county.hold(min(asked.rows, 500))
    with serving("hub.wsgi", "/") as hub:
        fetched, seen_by = _fetched(hub + "/")
        weights: dict[str, int] = {"page": 0, "font": 0}
        for url in fetched:
            body, _headers = get(url, **{"Accept-Encoding": "gzip"})
            weights["font" if url.endswith(".woff2") else "page"] += len(body)
    page, whole = weights["page"] / 1000, sum(weights.values()) / 1000
    return [
        Result("Home page: HTML, CSS, script and pictures, gzipped", "at most 45 kB", f"{page:.1f} kB", page <= 45),
        Result("Home page with its fonts", "at most 100 kB", f"{whole:.1f} kB", whole <= 100),
        Result("Requests for the home page", "at most 7", f"{len(fetched)} ({seen_by})", len(fetched) <= 7),
    ]


def _fetched(url: str) -> tuple[list[str], str]:
    """Every address that the page makes a browser fetch: asked of Chromium, else read from the page."""
    try:
        return _fetched_by_chromium(url), "in Chromium"
    except Exception as problem:  # no Playwright, no browser: a fault in either must not hide the rest
        print(f"  Without a browser ({str(problem).splitlines()[0]}): reading the page instead.")
    html = get(url)[0].decode()
    linked = re.findall(r'<link[^>]+rel="(?:stylesheet|icon|preload)"[^>]+href="([^"]+)"', re.sub(r"\s+", " ", html))
    linked += re.findall(r'<(?:script|img)[^>]+src="([^"]+)"', html)
    return list(dict.fromkeys([url, *(urljoin(url, each) for each in linked)])), "read from the page"


def _fetched_by_chromium(url: str) -> list[str]:
    from playwright.sync_api import sync_playwright

    from conftest import browser_path

    fetched: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("requestfinished", lambda request: fetched.append(request.url))
        page.goto(url, wait_until="networkidle")
        browser.close()
    # Headless Chromium shows no icon and fetches none; families' browsers do.
    icon = re.search(r'<link rel="icon" href="([^"]+)"', get(url)[0].decode())
    if icon:
        fetched.append(urljoin(url, icon[1]))
    return list(dict.fromkeys(each for each in fetched if each.startswith("http")))


@measure("start")
def start(asked: Asked) -> list[Result]:
    """From a clean clone to the first page, and a second start."""
    results = []
    with tempfile.TemporaryDirectory(prefix="hub-bench-clone-") as folder:
        os.chmod(folder, 0o755)
        clone = Path(folder) / "hub"
        command = ["git", "clone", "--quiet", "--no-hardlinks", str(settings.BASE_DIR), str(clone)]
        subprocess.run(command, check=True)
        for what, most in (("First page from a clean clone", 60), ("First page at the second start", 10)):
            seconds = _seconds_to_first_page(clone)
            results.append(Result(what, f"at most {most} s", f"{seconds:.1f} s", seconds <= most))
    return results


def _seconds_to_first_page(clone: Path) -> float:
    ours = ("HUB_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment["PORT"] = "8765"
    began = time.monotonic()
    server = subprocess.Popen(
        [clone / "script" / "server"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        for line in server.stdout:
            if line.startswith("Ready:"):
                get(line.removeprefix("Ready:").strip() + "/")
                return time.monotonic() - began
        raise RuntimeError(f"script/server in the clone ended with {server.wait()} before it was ready")
    finally:
        server.send_signal(signal.SIGTERM)
        server.stdout.read()
        server.wait(60)


@measure("fresh")
def fresh(asked: Asked) -> list[Result]:
    """What is published is on the very next page of every process; a stage changes at midnight by itself."""
    county.hold(min(asked.rows, 500))
    return [_published_at_once(), _changed_at_midnight()]


def _published_at_once(times: int = 25) -> Result:
    row = Consultation.objects.published().in_stage(Stage.OPEN).order_by("closes_on", "title", "pk").first()
    late = 0
    with serving("hub.wsgi", FINDER) as one, serving("hub.wsgi", FINDER) as other:
        for number in range(times):
            title = f"Published just now, number {number}"
            Consultation.objects.filter(pk=row.pk).update(title=title)
            # Twice each: a server has two processes of its own.
            late += sum(title not in get(url + FINDER)[0].decode() for url in (one, other, one, other))
    words = f"{times * 4 - late} of {times * 4} pages were up to date"
    return Result("Published is visible at once in every process of two servers", "always", words, late == 0)


def _changed_at_midnight() -> Result:
    import time_machine

    row = Consultation.objects.published().in_stage(Stage.OPEN).order_by("closes_on", "title", "pk").first()
    address = f"{FINDER}?stage=open"
    website = PageCache(WSGIHandler())
    midnight = datetime.combine(row.closes_on + timedelta(days=1), datetime.min.time(), ZoneInfo(settings.TIME_ZONE))
    listed = []
    with time_machine.travel(midnight - timedelta(seconds=2), tick=False):
        assert today() == row.closes_on
        listed += [_page(website, address), _page(website, address)]
    with time_machine.travel(midnight, tick=False):
        listed.append(_page(website, address))
    before, kept, after = (row.get_absolute_url() in page for page in listed)
    words = f"listed before: {before}, from memory: {kept}, at midnight: {after}"
    return Result(
        "An open one leaves the open ones at midnight, without a write", "yes", words, before and kept and not after
    )


def _page(website, address: str) -> str:
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    return b"".join(website(environ, lambda *_: None)).decode()
