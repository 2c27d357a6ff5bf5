"""From what is said of statements to levels: the rules by example, and what must hold whatever is said."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.levels import ORDER, Said, level_of_strand, levels_of, overall, still_counts
from standards.models import Level, Rating

STRANDS = ("values", "strategy", "structures", "systems", "people", "skills", "leadership")
EMERGING, ESTABLISHED, ADVANCED = Level
# From the lowest to the highest that can be said of a statement that applies.
RISING = (Rating.NOT_YET, Rating.STARTED, Rating.IN_PLACE, Rating.PARENTS_AGREE)

some_said = st.builds(
    Said,
    strand=st.sampled_from(STRANDS),
    level=st.sampled_from(ORDER),
    rating=st.sampled_from(list(Rating)),
    is_shown=st.booleans(),
)
checks = st.lists(some_said, max_size=40)


def rank(level: Level | None) -> int:
    """A level as a number; 0 before the first."""
    return 0 if level is None else ORDER.index(level) + 1


def strand(**ratings) -> Level | None:
    """The level of a strand of which this is said, by level: one rating or several."""
    return level_of_strand(
        Said("values", Level(level), Rating(rating)) for level, said in ratings.items() for rating in said.split()
    )


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, None),
        ({"emerging": "started"}, None),
        ({"emerging": "in_place"}, EMERGING),
        ({"emerging": "in_place parents_disagree"}, None),
        ({"emerging": "in_place", "established": "in_place"}, EMERGING),
        ({"emerging": "in_place", "established": "in_place parents_agree"}, ESTABLISHED),
        ({"emerging": "in_place", "established": "started parents_agree"}, EMERGING),
        ({"emerging": "in_place", "established": "parents_agree", "advanced": "parents_agree"}, ADVANCED),
        ({"emerging": "not_yet", "established": "parents_agree", "advanced": "parents_agree"}, None),
        ({"emerging": "not_applicable", "established": "parents_agree"}, ESTABLISHED),
        ({"emerging": "not_applicable"}, None),
        ({"emerging": "in_place", "established": "not_applicable", "advanced": "parents_agree"}, ADVANCED),
    ],
)
def test_a_strand_reaches_a_level_when_everything_up_to_it_is_in_place(said, level):
    assert strand(**said) == level


def test_what_nothing_shows_any_more_counts_as_started():
    assert level_of_strand([Said("values", EMERGING, Rating.IN_PLACE, is_shown=False)]) is None


def test_evidence_counts_for_24_months_and_not_a_day_longer():
    assert still_counts(date(2024, 11, 28), date(2026, 11, 28))
    assert not still_counts(date(2024, 11, 28), date(2026, 11, 29))


def test_the_whole_is_as_far_as_the_weakest_of_the_seven():
    assert overall(dict.fromkeys(STRANDS, ADVANCED) | {"skills": EMERGING}) == EMERGING
    assert overall(dict.fromkeys(STRANDS, ADVANCED) | {"skills": None}) is None
    assert overall({}) is None


@given(checks, st.data())
def test_raising_one_rating_never_lowers_a_level(said, data):
    applies = [place for place, each in enumerate(said) if each.rating in RISING]
    if not applies:
        return
    place = data.draw(st.sampled_from(applies))
    higher = data.draw(st.sampled_from(RISING[RISING.index(said[place].rating) :]))
    raised = [*said[:place], replace(said[place], rating=higher), *said[place + 1 :]]

    before, after = levels_of(said, STRANDS), levels_of(raised, STRANDS)

    assert all(rank(after[each]) >= rank(before[each]) for each in STRANDS)
    assert rank(overall(after)) >= rank(overall(before))


@given(checks, st.data())
def test_evidence_that_runs_out_never_raises_a_level(said, data):
    if not said:
        return
    place = data.draw(st.integers(0, len(said) - 1))
    aged = [*said[:place], replace(said[place], is_shown=False), *said[place + 1 :]]

    before, after = levels_of(said, STRANDS), levels_of(aged, STRANDS)

    assert all(rank(after[each]) <= rank(before[each]) for each in STRANDS)


@given(checks, st.randoms())
def test_the_order_in_which_things_are_said_makes_no_difference(said, shuffler):
    other = list(said)
    shuffler.shuffle(other)

    assert levels_of(other, STRANDS) == levels_of(said, STRANDS)
