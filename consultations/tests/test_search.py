"""Finding consultations by words: stems, other scripts, names of bodies, and mistyped words."""

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import OrganisationFactory
from consultations.finder import Finder
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.dates import today
from core.models import SearchWord
from core.searching import LONGEST_SEARCH, clean_words
from core.vocabulary import second_guess

pytestmark = pytest.mark.django_db


def search(words: str) -> Finder:
    """The finder, asked for words."""
    query = QueryDict(mutable=True)
    query["q"] = words
    return Finder(query, today())


def found(words: str) -> set[str]:
    """The titles that a search shows."""
    return {row.title for row in search(words).page.rows}


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("swim", "Swimming lessons after school"),
        ("SWIMMING", "Swimming lessons after school"),
        ("lessons swimming", "Swimming lessons after school"),
        ('"after school"', "Swimming lessons after school"),
        ("swimming -play", "Swimming lessons after school"),
        ("swimming or play", "Swimming lessons after school"),
        ("O'Neill", "The O'Neill Centre: what next?"),
        ("o’neill", "The O'Neill Centre: what next?"),
        ("children's centre", "Our children's centre"),
        ("childrens centre", "Our children's centre"),
        ("відпустки", "Короткі відпустки для сімей"),
        ("КОРОТКІ", "Короткі відпустки для сімей"),
        ("وقفے", "خاندانوں کے لیے مختصر وقفے"),
        ("café", "A café for parents"),
        ("the", "What is the plan"),
        ("SEND", "SEND: what works"),
        ("0-19", "Health visiting 0-19"),
    ],
)
def test_words_find_the_title_they_stand_in(words, title):
    ConsultationFactory(title=title, summary="About it.")
    ConsultationFactory(title="Bins", summary="Rubbish.", why_it_matters="", can_change="B", cannot_change="B")

    assert found(words) == {title}


@pytest.mark.parametrize("field", ["summary", "why_it_matters", "can_change", "service_area"])
def test_words_are_found_in_the_texts_too(field):
    ConsultationFactory(title="Found", **{field: "Hydrotherapy in the north"})
    ConsultationFactory(title="Other")

    assert found("hydrotherapy") == {"Found"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shrot braeks", "short breaks"),
        ("shrot", "short"),
        ("swiming", "swimming"),
        ("hydrotehrapy pool", "hydrotherapy pool"),
        ("hydrotheraphy", "hydrotherapy"),
    ],
)
def test_a_mistyped_word_is_taken_for_the_known_one_most_like_it(typed, meant):
    ConsultationFactory(title=f"All about {meant}", summary="S.")
    ConsultationFactory(title="Bins", summary="Rubbish.")

    finder = search(typed)

    assert {row.title for row in finder.page.rows} == {f"All about {meant}"}
    assert finder.guessed == meant
    assert finder.sentence.startswith(f"Nothing says “{typed}”. Showing “{meant}” instead.")


def test_words_that_are_found_are_never_guessed_at():
    ConsultationFactory(title="Short breaks")
    ConsultationFactory(title="Shirt breaks")

    assert found("shirt") == {"Shirt breaks"}
    assert search("short").guessed == ""


def test_a_word_like_no_other_finds_nothing_and_guesses_nothing():
    ConsultationFactory(title="Short breaks")

    finder = search("xylophone")

    assert finder.counts.total == 0
    assert finder.guessed == ""


def test_words_of_drafts_are_never_told():
    ConsultationFactory(title="Secretive closure", draft=True)

    finder = search("secretiv")

    assert finder.counts.total == 0
    assert finder.guessed == ""
    assert "ecretive" not in finder.sentence.replace("secretiv”", "")


def test_what_a_body_asked_is_found_by_its_name_and_by_that_of_the_body_above():
    council = OrganisationFactory(name="Eastmoor District Council")
    ConsultationFactory(title="Own", organisation=council)
    ConsultationFactory(title="Below", organisation=OrganisationFactory(name="Parks", parent=council))
    ConsultationFactory(title="Other")

    assert found("eastmoor") == {"Own", "Below"}
    assert found("eastmoor council") == {"Own", "Below"}
    assert found("Council Eastmoor") == {"Own", "Below"}


@pytest.mark.parametrize("part", ["art", "a", "men", "part of"])
def test_letters_inside_a_bodys_name_do_not_find_all_that_it_asked(part):
    ConsultationFactory(title="Bins", summary="Rubbish.", organisation=OrganisationFactory(name="Department of Health"))
    ConsultationFactory(title=f"The {part} show", summary="S.")

    assert found(part) == {f"The {part} show"}


def test_a_changed_title_can_be_guessed_at_once():
    consultation = ConsultationFactory(title="Bins")
    Consultation.objects.filter(pk=consultation.pk).update(title="Hydrotherapy")

    assert SearchWord.objects.filter(word="hydrotherapy").exists()
    assert second_guess("hydroterapy") == "hydrotherapy"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  short \t breaks\n", "short breaks"),
        ("short\x00breaks", "short breaks"),
        ("\x00\x07\x7f", ""),
        ("x" * 5000, "x" * LONGEST_SEARCH),
    ],
)
def test_what_no_search_can_use_is_left_out(typed, words):
    assert clean_words(typed) == words


@pytest.mark.parametrize(
    "words",
    [
        "'",
        '"',
        "''",
        '"unclosed',
        "\\",
        "%",
        "_",
        "&",
        "|",
        "!",
        "<->",
        ":*",
        "a & b",
        "!!a",
        "((",
        "--",
        "-",
        "-a",
        "OR",
        "or or",
    ],
)
def test_signs_that_mean_something_to_the_database_are_harmless(words):
    ConsultationFactory(title="Short breaks")

    assert search(words).page.total >= 0
    assert search(words).sentence


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=250) | st.text(alphabet="ab'\"\\-!&|():*<> \x00%", max_size=60))
def test_any_words_can_be_searched(words, db):
    if not Consultation.objects.exists():
        ConsultationFactory(title="Short breaks")

    finder = search(words)

    assert finder.page.total in (0, 1)
    assert len(finder.page.rows) == finder.page.total
