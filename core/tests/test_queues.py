"""What a person owes families, worst first."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core import queues

TODAY = date(2027, 4, 8)


def owed(title, due_on):
    """Something owed by a day."""
    return queues.Owed("answer", title, "/x/", "Short breaks", due_on, "", "Answer", "/desk/x/")


@pytest.fixture
def only_ours(monkeypatch):
    """No queue but those of the test."""
    monkeypatch.setattr(queues, "_registered", {})


def test_the_longest_late_comes_first_and_the_undated_last(only_ours):
    late, due, undated = (
        owed("Late", TODAY - timedelta(days=9)),
        owed("Due", TODAY + timedelta(days=2)),
        owed("Undated", None),
    )
    queues.register("answers", lambda user, today, everyone: [undated, due])
    queues.register("promises", lambda user, today, everyone: [late])

    assert queues.owed_by("somebody", TODAY) == [late, due, undated]


def test_a_late_chore_comes_after_late_answers_and_one_to_come_by_its_day(only_ours):
    def chore(title, due_on):
        return replace(owed(title, due_on), kind="checks", is_chore=True)

    right = [
        owed("A day late", TODAY - timedelta(days=1)),
        chore("Long late", TODAY - timedelta(days=9)),
        owed("Tomorrow", TODAY + timedelta(days=1)),
        chore("To check tomorrow", TODAY + timedelta(days=1)),
        owed("In spring", TODAY + timedelta(days=200)),
        chore("Some day", None),
    ]
    queues.register("all", lambda user, today, everyone: reversed(right))

    assert queues.owed_by("somebody", TODAY) == right


@pytest.mark.parametrize(
    ("due_on", "days"), [(TODAY - timedelta(days=1), 1), (TODAY, 0), (TODAY + timedelta(days=1), 0), (None, 0)]
)
def test_it_is_late_from_the_day_after_its_date(due_on, days):
    assert owed("An answer", due_on).days_late(TODAY) == days


def test_a_person_who_owes_nothing_sees_an_empty_list(only_ours):
    assert queues.owed_by("somebody", TODAY) == []
