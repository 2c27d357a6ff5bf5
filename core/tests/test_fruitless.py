"""Searches that found nothing: what is kept of them, what never is, and when it is forgotten."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from core import fruitless, retention
from core.models import FruitlessSearch

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)


def kept() -> list[tuple[str, int]]:
    """What staff see."""
    return list(FruitlessSearch.objects.shown().values_list("words", "days"))


def searched(words: str, *days: int) -> None:
    """Somebody searched on these days after Monday."""
    for number in days:
        fruitless.note(words, MONDAY + timedelta(days=number))


def test_words_are_kept_once_they_were_searched_for_on_three_days():
    searched("Zip  WIRE", 0, 1)
    before = kept()
    searched("zip wire", 1, 1, 5)

    assert before == []
    assert kept() == [("zip wire", 3)]


def test_until_then_nothing_says_what_the_words_were():
    searched("zip wire", 0, 1)
    row = FruitlessSearch.objects.get()

    assert (row.words, row.days) == ("", 2)
    assert "zip" not in row.mark


@pytest.mark.parametrize(
    "words",
    [
        "anna@example.org",
        "01632 960114",
        "LE3 8RA",
        "a" * 60,
        "one two three four five six",
        "",
        "x",
        "12",
        "a_b",
        "<b>",
    ],
)
def test_what_may_tell_of_somebody_is_never_kept(words):
    searched(words, 0, 1, 2, 3)

    assert not FruitlessSearch.objects.exists()


@pytest.mark.parametrize("words", ["zip wire", "o'neill", "drop-in", "відпустки", "وقفے"])
def test_plain_words_of_any_script_may_be_kept(words):
    assert fruitless.plain(words) == words


def test_a_robot_counts_for_nothing():
    fruitless.note("zip wire", MONDAY, "Mozilla/5.0 (compatible; SomeBot/2.1)")

    assert not FruitlessSearch.objects.exists()


def test_no_more_are_kept_than_people_could_make_in_a_day(monkeypatch):
    monkeypatch.setattr(fruitless, "MOST_A_DAY", 2)
    for words in ("one", "two", "three"):
        searched(words, 0)

    assert FruitlessSearch.objects.count() == 2


def _forgotten(day) -> int:
    """How many went in the night of a day."""
    now = timezone.make_aware(datetime.combine(day, time(4)))
    return sum(retention.let_go(now, only=["search-marks", "search-words"]).values())


def test_what_was_not_asked_again_is_forgotten():
    searched("zip wire", 0, 1, 2)
    searched("sand pit", 2)
    last = MONDAY + timedelta(days=2)

    assert _forgotten(last + timedelta(days=30)) == 0
    assert _forgotten(last + timedelta(days=31)) == 1
    assert kept() == [("zip wire", 3)]
    assert _forgotten(last + timedelta(days=184)) == 1
