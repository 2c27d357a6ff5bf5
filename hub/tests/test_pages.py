"""Pages from memory: as good as fresh ones, for nobody who is signed in, never old."""

import gzip
import io
import threading
import time
from datetime import date, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

import brotli
import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core import versions
from core.dates import today
from core.models import Topic
from hub import pages
from hub.pages import PageCache, best_encoding, key_of
from hub.tests.own_redis import own_redis  # noqa: F401 (a fixture)

UK = ZoneInfo("Europe/London")
FINDER = "/consultations/"


def environ(path, method="GET", host="localhost", **headers):
    """A request as the web server hands it over. Headers in words: accept_encoding="gzip"."""
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": host,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }


class Got:
    """An answer, read to its end."""

    def __init__(self, website, asked):
        reply = website(asked, self._start)
        self.body = b"".join(reply)
        if hasattr(reply, "close"):
            reply.close()

    def _start(self, status, headers, exc_info=None):
        self.status = int(status.split()[0])
        self.list_of_headers = headers
        self.headers = dict(headers)


class Process:
    """One web server process: the website with its own memory, and how often the website itself was asked."""

    def __init__(self, **options):
        self.asked = 0
        self._django = WSGIHandler()
        self.cache = PageCache(self._counting, **options)

    def _counting(self, asked, start_response):
        self.asked += 1
        return self._django(asked, start_response)

    def get(self, path=FINDER, **how) -> Got:
        return Got(self.cache, environ(path, **how))

    def fresh(self, path=FINDER, **how) -> Got:
        return Got(self._django, environ(path, **how))


@pytest.fixture
def process(transactional_db):
    return Process()


@pytest.fixture
def consultation(transactional_db):
    return ConsultationFactory(title="Short breaks in Westmarch", open=True)


# --- As good as a fresh one


def test_a_kept_page_equals_a_fresh_one_and_costs_no_query(process, consultation):
    fresh = process.fresh()
    first = process.get()
    with CaptureQueriesContext(connection) as queries:
        kept = process.get()

    assert len(queries) == 0
    assert process.asked == 1
    assert kept.status == HTTPStatus.OK
    assert kept.body == first.body == fresh.body
    assert b"Short breaks in Westmarch" in kept.body
    for name in fresh.headers.keys() - {"Vary", "Content-Length"}:
        assert kept.headers[name] == fresh.headers[name]
    assert kept.headers["Content-Length"] == str(len(kept.body))


def test_a_kept_page_sets_no_cookie_and_lets_a_browser_ask_again(process, consultation):
    process.get()
    kept = process.get()

    assert "Set-Cookie" not in kept.headers
    assert kept.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert kept.headers["Vary"] == "Cookie, Accept-Encoding"


@pytest.mark.parametrize(
    ("accepts", "encoding", "read"),
    [
        ("", None, bytes),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip;q=1.0, br;q=0", "gzip", gzip.decompress),
        ("deflate", None, bytes),
    ],
)
def test_each_visitor_gets_it_in_an_encoding_that_they_read(process, consultation, accepts, encoding, read):
    whole = process.get().body

    for _again in range(2):
        got = process.get(accept_encoding=accepts)
        assert got.headers.get("Content-Encoding") == encoding
        assert read(got.body) == whole
        assert got.headers["Content-Length"] == str(len(got.body))
    assert process.asked == 1


def test_who_has_the_page_already_is_told_so(process, consultation):
    etag = process.get().headers["ETag"]

    again = process.get(if_none_match=etag, accept_encoding="br")
    assert (again.status, again.body) == (HTTPStatus.NOT_MODIFIED, b"")
    assert again.headers["ETag"] == etag
    assert process.get(if_none_match=f'"other", {etag.removeprefix("W/")}').status == HTTPStatus.NOT_MODIFIED
    assert process.get(if_none_match='W/"other"').status == HTTPStatus.OK

    Consultation.objects.update(title="Changed")
    assert process.get(if_none_match=etag).status == HTTPStatus.OK


@pytest.mark.parametrize(
    "address",
    [
        "/consultations/feed.atom",
        "/consultations/answers/feed.atom",
        "/you-said-we-did/feed.atom",
        "/events/feed.atom",
        "/consultations/calendar.ics",
        "/events/calendar.ics",
    ],
)
def test_a_feed_or_a_calendar_that_did_not_change_is_not_sent_again(process, consultation, address):
    """A program that asks each hour is told so, after a change elsewhere too: the file is the same to the byte."""
    etag = process.get(address).headers["ETag"]
    assert process.get(address, if_none_match=etag).status == HTTPStatus.NOT_MODIFIED

    Topic.objects.create(key="another", label="Another topic")
    assert process.get(address, if_none_match=etag).status == HTTPStatus.NOT_MODIFIED


def test_head_has_the_headers_and_no_body(process, consultation):
    assert process.get(method="HEAD").status == HTTPStatus.OK  # not kept yet: asked of the website
    got = process.get()
    head = process.get(method="HEAD")

    assert head.body == b""
    assert head.headers == got.headers


@pytest.mark.parametrize("path", ["/", FINDER, "/consultations/feed.atom", "/consultations/planned/"])
def test_public_pages_are_kept(process, consultation, path):
    assert process.get(path).status == HTTPStatus.OK
    assert process.get(path).status == HTTPStatus.OK

    assert process.asked == 1


def test_addresses_and_hosts_are_told_apart(process, consultation):
    process.get("/consultations/?topic=money")
    process.get("/consultations/?topic=play")
    process.get("/consultations/", host="127.0.0.1")
    process.get("/consultations/", x_forwarded_proto="https")

    assert process.asked == 4


# --- For nobody who is signed in


def test_who_is_signed_in_never_gets_or_leaves_a_kept_page(process, consultation, client):
    client.force_login(User.objects.create_user("manager@example.org", name="Short breaks manager"))
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    for_everybody = process.get().body

    signed_in = process.get(cookie=cookie)
    assert process.asked == 2
    assert signed_in.body != for_everybody
    assert process.get().body == for_everybody

    process.get("/", cookie=cookie)
    assert len(process.cache.kept) == 1


@pytest.mark.parametrize("cookie", ["sessionid=1", "bad[name=1; sessionid=1", "a=b; csrftoken=1", "messages=1"])
def test_a_cookie_of_ours_goes_to_the_website(cookie):
    assert key_of(environ(FINDER, cookie=cookie)) is None


def test_a_cookie_of_somebody_elses_changes_nothing(process, consultation):
    process.get()
    process.get(cookie="cookie_policy=seen; _ga=GA1.2.3")

    assert process.asked == 1


@pytest.mark.parametrize(
    "asked",
    [
        environ("/desk/"),
        environ("/accounts/login/"),
        environ("/admin/"),
        environ("/health/ready"),
        environ(FINDER, method="POST"),
        environ(FINDER, authorization="Basic x"),
        environ(FINDER + "?q=" + "x" * pages.LONGEST_ADDRESS),
    ],
)
def test_what_is_not_a_public_page_goes_to_the_website(asked):
    assert key_of(asked) is None


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("404 Not Found", {}),
        ("302 Found", {}),
        ("200 OK", {"Set-Cookie": "a=b"}),
        ("200 OK", {"Cache-Control": "max-age=0, private"}),
        ("200 OK", {"Cache-Control": "no-store"}),
        ("200 OK", {"Content-Type": "application/json"}),
        ("200 OK", {"Vary": "Accept-Language"}),
        ("200 OK", {"Content-Encoding": "gzip"}),
        ("200 OK", {"Content-Length": str(pages.LARGEST_PAGE + 1)}),
        ("200 OK", {"Content-Length": "0"}),
    ],
)
def test_what_is_not_for_everybody_passes_through_untouched(transactional_db, status, headers):
    headers = {"Content-Type": "text/html", "Content-Length": "4"} | headers
    cache = PageCache(website_that_says(status, headers, b"page"))

    got = Got(cache, environ("/"))

    assert got.headers == headers
    assert got.body == b"page"
    assert len(cache.kept) == 0


def test_a_streamed_answer_passes_through_as_it_comes(transactional_db):
    sent = []

    def website(asked, start_response):
        start_response("200 OK", [("Content-Type", "text/csv")])
        return (sent.append(part) or part for part in (b"one", b"two"))

    reply = iter(PageCache(website)(environ("/consultations.csv"), lambda *_: None))

    assert next(reply) == b"one"
    assert sent == [b"one"]


def website_that_says(status, headers, body):
    def website(asked, start_response):
        start_response(status, list(headers.items()))
        return [body]

    return website


# --- Never old


def test_what_is_published_is_visible_in_every_process_on_the_next_request(process, consultation):
    other = Process()
    process.get(), other.get()

    ConsultationFactory(title="New: travel to school", open=True)

    assert b"New: travel to school" in process.get().body
    assert b"New: travel to school" in other.get().body


def test_a_page_built_while_somebody_publishes_is_not_kept_for_later(process, consultation):
    """The version is read before the first query: a page that may have missed a change is filed under the old one."""
    django = process._django

    def slow(asked, start_response):
        reply = django(asked, start_response)
        # In the middle of the request, after its queries.
        Consultation.objects.update(title="Published meanwhile")
        return reply

    process._django = slow
    assert b"Published meanwhile" not in process.get().body
    process._django = django

    assert b"Published meanwhile" in process.get().body


def test_what_is_rolled_back_keeps_the_page(process, consultation):
    process.get()
    with transaction.atomic():
        Consultation.objects.update(title="Never mind")
        transaction.set_rollback(True)
    process.get()

    assert process.asked == 1


def test_a_stage_changes_at_midnight_in_the_uk_without_a_write(process):
    # In British summer time midnight is 23:00 UTC.
    with time_machine.travel(datetime(2026, 7, 1, 12, 0, tzinfo=UK), tick=False):
        ConsultationFactory(
            title="Closes tonight", opens_on=today() - timedelta(days=5), closes_on=today(), level="information"
        )
        address = "/consultations/?stage=open"
        assert b"Closes tonight" in process.get(address).body
    with time_machine.travel(datetime(2026, 7, 1, 23, 59, 59, tzinfo=UK), tick=False):
        assert b"Closes tonight" in process.get(address).body
        assert process.asked == 1
    with time_machine.travel(datetime(2026, 7, 2, 0, 0, 0, tzinfo=UK), tick=False):
        assert b"Closes tonight" not in process.get(address).body
        assert process.asked == 2


def test_without_redis_pages_are_fresh(own_redis, process, consultation):  # noqa: F811
    process.get()
    own_redis.stop()

    Consultation.objects.update(title="Changed while Redis was away")
    assert b"Changed while Redis was away" in process.get().body
    Consultation.objects.update(title="Changed again")
    assert b"Changed again" in process.get().body

    own_redis.start()
    time.sleep(versions.REST)
    assert b"Changed again" in process.get().body
    asked = process.asked
    process.get()
    assert process.asked == asked


# --- Bounded, and built once


def test_a_stranger_cannot_fill_the_memory(transactional_db):
    website = website_that_says("200 OK", {"Content-Type": "text/html", "Content-Length": "50000"}, b"x" * 50_000)
    cache = PageCache(website, most_bytes=1_000_000)

    for number in range(200):
        Got(cache, environ(f"/?{number}", accept_encoding="br"))

    assert cache.kept.weight <= 1_000_000
    assert 1 < len(cache.kept) < 20


def test_an_encoding_made_later_is_weighed_too(transactional_db):
    website = website_that_says("200 OK", {"Content-Type": "text/html", "Content-Length": "4"}, b"page")
    cache = PageCache(website)
    Got(cache, environ("/"))
    before = cache.kept.weight

    Got(cache, environ("/", accept_encoding="gzip"))

    assert cache.kept.weight > before


def test_many_at_once_have_a_page_built_once(transactional_db):
    asked = []
    go_on = threading.Event()

    def website(environ, start_response):
        asked.append(True)
        go_on.wait(5)
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "4")])
        return [b"page"]

    cache = PageCache(website)
    bodies = _all_at_once(lambda: Got(cache, environ("/")).body, go_on)

    assert bodies == [b"page"] * 5
    assert len(asked) == 1


def test_those_who_waited_for_a_page_that_fails_are_answered_each(transactional_db):
    go_on = threading.Event()

    def website(environ, start_response):
        go_on.wait(5)
        start_response("500 Internal Server Error", [("Content-Type", "text/html")])
        return [b"sorry"]

    cache = PageCache(website)

    assert _all_at_once(lambda: Got(cache, environ("/")).body, go_on) == [b"sorry"] * 5
    assert cache._being_built == {}


def _all_at_once(ask, go_on, count=5):
    bodies = []

    def run():
        bodies.append(ask())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    go_on.set()
    for thread in threads:
        thread.join(10)
    return bodies


def test_the_best_encoding_is_one_that_is_allowed():
    assert best_encoding("br;q=0.0, gzip;q=0, identity") == "identity"
    assert best_encoding("GZIP , Br") == "br"


def test_dates_of_a_stamp_are_uk_days(transactional_db):
    with time_machine.travel(datetime(2026, 7, 2, 0, 30, tzinfo=UK), tick=False):
        assert versions.stamp().day == date(2026, 7, 2)
