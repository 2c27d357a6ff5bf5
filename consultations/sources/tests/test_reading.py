"""What is read out of feeds: plain text and days, and nothing that can do harm."""

from datetime import date, time

import pytest

from consultations.sources.models import SourceKind
from consultations.sources.reading import Unreadable, link, plain, read
from consultations.sources.tests.feeds import ATOM, BOMB, CALENDAR, RSS, citizen_space


def one(kind: str, body: str):
    found = read(kind, body.encode())
    assert len(found) == 1
    return found[0]


def test_a_list_from_citizen_space_gives_titles_texts_and_days():
    entry = one(SourceKind.CITIZEN_SPACE, citizen_space())

    assert entry.title == "Respite care: what matters to you"
    assert entry.text == "We buy respite care anew.\nTell us what matters & why."
    assert (entry.starts_on, entry.ends_on) == (date(2026, 11, 1), date(2026, 12, 20))
    assert entry.url == "https://consult.example.org/children/respite-2026/"


def test_what_is_hidden_there_is_not_shown_here():
    assert read(SourceKind.CITIZEN_SPACE, citizen_space({"visibility": "private"}).encode()) == []


@pytest.mark.parametrize("printed", ["", None, "soon", "2026/13/40", 7])
def test_a_day_that_is_not_printed_is_not_guessed(printed):
    assert one(SourceKind.CITIZEN_SPACE, citizen_space({"enddate": printed})).ends_on is None


@pytest.mark.parametrize(
    ("body", "number", "title", "text"),
    [
        (RSS, "n-17", "Short breaks review", "Tell us more"),
        (ATOM, "urn:x:play", "Play areas", "Which ones to mend first."),
    ],
)
def test_a_news_feed_gives_titles_and_texts(body, number, title, text):
    entry = one(SourceKind.FEED, body)

    assert (entry.external_id, entry.title, entry.text) == (number, title, text)
    assert entry.starts_on is None


def test_a_calendar_gives_days_and_times_by_the_clock_here():
    entry = one(SourceKind.CALENDAR, CALENDAR)

    assert (entry.title, entry.place, entry.text) == ("Coffee morning", "Larch House", "Come along.")
    assert (entry.starts_on, entry.starts_at, entry.ends_at) == (date(2027, 6, 8), time(10), time(11, 30))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (SourceKind.CITIZEN_SPACE, b"<html>"),
        (SourceKind.CITIZEN_SPACE, b'{"error": 1}'),
        (SourceKind.CITIZEN_SPACE, b"[" * 100_000),
        (SourceKind.FEED, b"<html><p>Hello</p></html>"),
        (SourceKind.FEED, b"/etc/passwd"),
        (SourceKind.FEED, b"http://127.0.0.1/feed"),
        (SourceKind.FEED, BOMB.encode()),
        (SourceKind.FEED, BOMB.encode("utf-16")),
        (SourceKind.CALENDAR, b"Hello"),
        (SourceKind.CALENDAR, b"\xff\xfe\x00"),
    ],
)
def test_what_is_no_such_feed_is_refused(kind, body):
    with pytest.raises(Unreadable):
        read(kind, body)


def test_text_of_strangers_becomes_plain():
    assert plain("<style>p{}</style><a href='javascript:x'>Hi</a>\x00 \u202ethere") == "Hi there"
    assert plain("&lt;b&gt; stays as it was printed") == "<b> stays as it was printed"
    assert link("javascript:alert(1)") == ""


def test_signs_that_no_database_keeps_are_left_out():
    entry = one(
        SourceKind.CITIZEN_SPACE, citizen_space({"title": "A\ud800\x00 b", "url": "https://example.org/\x00\udfff"})
    )

    assert (entry.title, entry.url) == ("A b", "https://example.org/")
