"""The standard as everybody reads it."""

import pytest
from django.urls import reverse

from core.dates import today
from standards.defaults import load_standard
from standards.models import Indicator, Level, Standard, Strand

pytestmark = pytest.mark.django_db

PAGES = ("standards:standard", "standards:summary", "standards:blank")


@pytest.fixture
def standard():
    """The version that a hub starts with."""
    load_standard(on=today())
    return Standard.objects.newest()


def test_a_hub_starts_with_seven_strands_three_levels_and_24_statements(standard):
    assert [strand.position for strand in standard.strands.all()] == [1, 2, 3, 4, 5, 6, 7]
    assert Indicator.objects.count() == 24
    assert Indicator.objects.filter(level=Level.EMERGING).count() == 8
    assert all({each.level for each in strand.indicators.all()} == set(Level) for strand in standard.strands.all())
    assert load_standard(on=today()) == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_every_statement_of_the_version_that_counts(client, name, standard):
    newer = Standard.objects.create(version=2, title="Newer", about="a", who_for="b", commitment="c")
    Strand.objects.create(standard=newer, key="values", position=1, plain_title="Not yet", title="x", about="y")

    page = client.get(reverse(name)).content.decode()

    statements = Indicator.objects.filter(strand__standard=standard).values_list("statement", flat=True)
    assert [each for each in statements if each not in page] == []
    assert "Not yet</h2>" not in page


def test_the_strands_can_be_read_by_culture_structure_practice_and_review(client, standard):
    page = client.get(reverse("standards:standard") + "?by=part").content.decode()

    assert page.index("Culture: what we believe") < page.index("Review: how we know it works")
    # This one belongs to two of them.
    assert page.count("How we run it and report back") == 2


@pytest.mark.parametrize("name", PAGES)
def test_without_a_standard_there_is_no_page_and_no_entry_in_the_menu(client, name):
    assert client.get(reverse(name)).status_code == 404
    assert "/standard/" not in client.get("/").content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_each_page_asks_little_of_the_database(client, standard, name, django_assert_max_num_queries):
    client.get("/help/")
    with django_assert_max_num_queries(8):
        client.get(reverse(name))


def test_the_menu_leads_to_it(client, standard):
    assert 'href="/standard/"' in client.get("/help/").content.decode()
