"""Words that mean the same: what is searched for besides what was typed, and the words that are known."""

import pytest

from core.models import SearchWord, Synonym
from core.searching import understand
from core.vocabulary import second_guess

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def groups():
    """Two groups of words, and one that was removed."""
    Synonym.objects.create(words=["short breaks", "respite"])
    Synonym.objects.create(words=["SEND", "special educational needs", "SEN"])
    Synonym.objects.create(words=["pool", "baths"], retired_on="2026-01-01")


@pytest.mark.parametrize(
    ("words", "also"),
    [
        ("respite", ["short breaks"]),
        ("RESPITE for teenagers", ["short breaks"]),
        ("a short break", ["respite"]),
        ("special educational needs", ["SEND", "SEN"]),
        ("sen respite", ["SEND", "special educational needs", "short breaks"]),
        ("special breaks", []),
        ("pool", []),
        ('"respite"', []),
        ("respite or play", []),
        ("play -respite", []),
        ("", []),
        ("sen sen", ["SEND", "special educational needs"]),
    ],
)
def test_a_phrase_brings_those_that_mean_the_same(words, also):
    assert understand(words).also == also


def test_words_that_mean_the_same_are_known_words():
    assert SearchWord.objects.filter(word="respite").exists()
    assert second_guess("respitte") == "respite"
