"""Links to other sites: which count as broken, and how politely they are tried."""

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from core.fetching import Answer, Why
from core.links import MOST_A_NIGHT, _in_turns, check, check_some, due, note, words
from core.models import Link
from core.tests.serving import serving

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


def at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo("Europe/London"))


def nights(link: Link, *came) -> Link:
    """What came of a link, night after night."""
    for number, each in enumerate(came):
        day = MONDAY + timedelta(days=number)
        link = note(link, Answer(each, link.url) if isinstance(each, int) else each, on=day, now=at(day))
    return link


@pytest.fixture
def link():
    return Link.objects.create(url="https://example.org/a")


@pytest.mark.parametrize(
    ("came", "since"),
    [
        ((404, 404), None),
        ((404, 404, 404), date(2026, 11, 25)),
        ((404, Why.SILENT, 500), date(2026, 11, 25)),
        ((404, 404, 200, 404), None),
        ((404, 404, 404, 404), date(2026, 11, 25)),
        ((404, 404, 404, 200), None),
        ((401, 403, 429), None),
    ],
)
def test_a_link_is_broken_after_it_failed_on_three_days_in_a_row(link, came, since):
    assert nights(link, *came).broken_since == since


def test_failing_three_times_on_one_day_counts_once(link):
    for _time in range(3):
        link = note(link, Why.SILENT, on=MONDAY, now=at(MONDAY))

    assert (link.bad_days, link.broken_since) == (1, None)


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (404, "The page is gone"),
        (410, "The page is gone"),
        (503, "The site has a fault"),
        (451, "The site does not show the page"),
        (403, "The page is there"),
        (Why.SILENT, "The site does not answer"),
        (Why.PRIVATE, "The address is not on the public internet"),
    ],
)
def test_what_happened_is_said_in_words(link, came, said):
    assert words(nights(link, came)) == said


def test_what_began_to_fail_is_tried_first_and_what_works_is_left_alone_for_a_week(link):
    fine = nights(Link.objects.create(url="https://example.org/fine"), 200)
    failing = nights(Link.objects.create(url="https://example.org/failing"), 404)

    assert due(MONDAY + timedelta(days=1), at(MONDAY + timedelta(days=1))) == [failing, link]
    assert due(MONDAY, at(MONDAY)) == [link]
    assert due(MONDAY + timedelta(days=8), at(MONDAY + timedelta(days=8))) == [failing, link, fine]


def test_a_night_has_its_measure():
    Link.objects.bulk_create([Link(url=f"https://example.org/{number}") for number in range(MOST_A_NIGHT + 1)])

    assert len(due(MONDAY, at(MONDAY))) == MOST_A_NIGHT
    assert check_some(on=MONDAY, now=at(MONDAY), seconds=0) == 0


def test_a_site_is_given_a_pause_and_others_their_turn(settings):
    settings.HUB_FETCH_LOOPBACK = True
    with serving() as site:
        for path in ("/a", "/b", "/gone"):
            Link.objects.create(url=site.page(path, code=404 if path == "/gone" else 200))
        began = time.monotonic()

        assert check_some(on=MONDAY, now=at(MONDAY), pause=0.2) == 3

    assert time.monotonic() - began >= 0.4
    assert dict(Link.objects.values_list("code", "bad_days")) == {200: 0, 404: 1}
    links = [Link(url=f"https://{host}.example.org/{path}") for host in "ab" for path in "12"]
    assert [each.url[8] for each in _in_turns(links)] == ["a", "b", "a", "b"]


def test_a_link_into_the_councils_own_network_is_never_asked(settings):
    with serving() as site:
        tried = check(Link.objects.create(url="http://127.0.0.1/secret"), on=MONDAY, now=at(MONDAY))

        assert tried.why == Why.PRIVATE
        assert site.asked == []


def test_a_link_that_no_page_shows_any_more_is_not_brought_back(link):
    Link.objects.all().delete()

    note(link, Why.SILENT, on=MONDAY, now=at(MONDAY))

    assert not Link.objects.exists()


def test_the_database_keeps_no_broken_link_that_never_failed():
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.create(url="https://example.org/b", broken_since=MONDAY)
