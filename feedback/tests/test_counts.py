"""Fewer than 5 is never a number, and never worked out (DESIGN rule 9)."""

import itertools

import pytest
from django.core.exceptions import ValidationError

from feedback.counts import HIDDEN_WORDS, Count, safe_rows, small_group_in

FEW = Count(few=True)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("318", "318"),
        ("1,204", "1,204"),
        ("0", "0"),
        ("5", "5"),
        ("4", "fewer than 5"),
        ("1", "fewer than 5"),
        ("fewer than 5", "fewer than 5"),
        (" Fewer  than five ", "fewer than 5"),
        ("<5", "fewer than 5"),
        ("", ""),
    ],
)
def test_a_count_is_read_as_people_type_it_and_forgets_small_numbers(typed, words):
    assert str(Count.read(typed)) == words


@pytest.mark.parametrize("typed", ["many", "-3", "3.5", "12 or so", "99999999", "٣"])
def test_what_is_no_count_is_refused(typed):
    with pytest.raises(ValidationError, match="Enter a number"):
        Count.read(typed)


def words(rows, total):
    return [row.words for row in safe_rows([(f"Way {n}", count) for n, count in enumerate(rows)], total)]


def test_a_table_without_small_groups_is_shown_as_it_is():
    assert words([Count(200), Count(50)], Count(250)) == ["200", "50"]


def test_one_small_group_takes_the_next_smallest_number_with_it():
    assert words([Count(200), Count(50), FEW], Count(253)) == ["200", str(HIDDEN_WORDS), "fewer than 5"]


def test_those_in_no_row_are_a_group_too():
    """203 people, 200 of them online: the 3 who are left must not show."""
    assert words([Count(200)], Count(203)) == [str(HIDDEN_WORDS)]


def test_an_empty_group_is_shown_because_hiding_it_hides_nobody():
    assert words([Count(0), Count(100), FEW], Count(102)) == ["0", str(HIDDEN_WORDS), "fewer than 5"]


def test_when_nothing_safe_is_left_there_is_no_table():
    assert words([Count(5), FEW], Count(6)) == []


def test_two_small_groups_that_can_only_be_one_each_are_hidden():
    """Two groups "fewer than 5" that leave 2 people are 1 and 1."""
    assert words([Count(50), FEW, FEW], Count(52)) == [str(HIDDEN_WORDS), "fewer than 5", "fewer than 5"]


def test_a_total_of_fewer_than_five_shows_no_table():
    assert words([Count(0), FEW], FEW) == []


def test_without_a_total_there_is_nothing_to_subtract_from():
    assert words([Count(200), FEW], Count()) == ["200", "fewer than 5"]


def test_no_table_of_three_ways_ever_gives_a_small_group_away():
    """Every table of three small ways: a reader who knows the rules finds two sizes or more for each small group."""
    for sizes in itertools.product(range(12), repeat=3):
        total = sum(sizes)
        rows = words([Count.of(size) for size in sizes], Count.of(total))
        if not rows:
            continue
        possible = [
            guess
            for guess in itertools.product(range(total + 1), repeat=3)
            if sum(guess) == total and all(map(fits, guess, rows))
        ]
        for place, size in enumerate(sizes):
            if 0 < size < 5:
                assert len({guess[place] for guess in possible}) > 1, (sizes, rows)


def fits(size, shown):
    if shown == "fewer than 5":
        return 1 <= size <= 4
    if shown == str(HIDDEN_WORDS):
        return size >= 5
    return shown == str(size)


@pytest.mark.parametrize(
    "text",
    ["3 parents asked for this", "two families", "We heard from only four young people.", "3", "about 2",
     "1 of the dads", "Three disabled children"],
)  # fmt: skip
def test_a_text_that_counts_a_small_group_is_noticed(text):
    assert small_group_in(text)


@pytest.mark.parametrize(
    "text",
    ["about half", "318 parents", "13 families", "1 in 4 parents", "We hired 3 therapists", "open until 4pm", "",
     "2.5% of parents", "fewer than 5 parents", "at key stage 2", "24 replies"],
)  # fmt: skip
def test_other_numbers_are_left_alone(text):
    assert not small_group_in(text)
