"""An upper floor is seen from a lower page."""

from datetime import date

import pytest

from core import panels

DAY = date(2027, 4, 8)


@pytest.fixture
def place(monkeypatch):
    """A place on no page of ours."""
    yield "a place for tests"
    panels._registered.pop("a place for tests", None)


def test_what_upper_floors_register_is_gathered_for_every_record_in_one_call(place):
    calls = []

    def gather(ids, day):
        calls.append((list(ids), day))
        return {ids[0]: "an answer"}

    panels.register(place, "answer", "feedback/_answer.html", gather)

    assert panels.gather(place, [7, 8], DAY) == {
        7: {"answer": panels.Panel("answer", "feedback/_answer.html", "an answer")},
        8: {},
    }
    assert calls == [([7, 8], DAY)]


def test_nothing_is_asked_when_there_are_no_records(place):
    panels.register(place, "answer", "x.html", lambda ids, day: pytest.fail("asked"))

    assert panels.gather(place, [], DAY) == {}


def test_registering_twice_shows_it_once(place):
    panels.register(place, "answer", "old.html", lambda ids, day: {1: "old"})
    panels.register(place, "answer", "new.html", lambda ids, day: {1: "new"})

    assert panels.gather(place, [1], DAY)[1]["answer"].content == "new"


def test_a_place_where_nobody_registered_is_empty(place):
    assert panels.gather(place, [1], DAY) == {1: {}}
