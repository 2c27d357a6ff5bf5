"""The past of a record in sentences: what a reader of a history sees. Shown with a school term, and with texts."""

from datetime import date

import pytest

from core import history
from core.models import SchoolTerm
from core.pasts import Past, Piece, compared_words

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 26)


@pytest.fixture
def term():
    """A term whose last day was moved by nobody in particular."""
    with history.label(by=None, did="set a school term"):
        term = SchoolTerm.objects.create(name="Spring", starts_on=date(2026, 1, 5), ends_on=date(2026, 2, 13))
    with history.label(by=None, did="moved the last day"):
        term.ends_on = date(2026, 2, 20)
        term.save()
    return term


def test_each_change_says_who_did_what_and_from_what_to_what(term):
    newest, oldest = Past(term, DAY).page(1)

    assert (newest.who, newest.did) == ("The hub itself", "moved the last day")
    assert [each.sentence for each in newest.fields] == ["Last day of school: from 13 February to 20 February"]
    assert (oldest.is_first, oldest.fields) == (True, [])


def test_before_the_first_change_there_was_nothing(term):
    newest, oldest = Past(term, DAY).page(1)

    assert Past(term, DAY).before(newest.number).ends_on == date(2026, 2, 13)
    assert Past(term, DAY).before(oldest.number) is None
    assert Past(term, DAY).before(999_999) is None


def test_the_last_change_of_a_page_is_compared_with_the_first_of_the_next(term):
    for number in range(25):
        term.name = f"Spring {number}"
        term.save()

    second = Past(term, DAY).page(2)

    assert len(Past(term, DAY).page(1)) == 20
    assert [len(each.fields) for each in second] == [1] * (27 - 20 - 1) + [0]


def test_a_long_text_is_told_word_by_word():
    assert compared_words("We close two  centres in May.", "We close one centre\nin May.") == [
        Piece("same", "We close "),
        Piece("gone", "two  centres "),
        Piece("new", "one centre\n"),
        Piece("same", "in May."),
    ]


def test_what_stayed_of_a_long_text_is_left_out_but_for_its_ends():
    middle = " ".join(["word"] * 100)

    pieces = compared_words(f"A {middle} B", f"C {middle} D")

    assert [each.kind for each in pieces] == ["gone", "new", "same", "left_out", "same", "gone", "new"]
    assert sum(len(each.text) for each in pieces) < 200


def test_very_long_texts_are_not_compared_word_by_word():
    assert compared_words("a " * 3000, "b " * 3000) == []
