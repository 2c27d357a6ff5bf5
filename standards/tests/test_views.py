"""The standard as everybody reads it."""

import csv
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from consultations.tests.factories import days
from core.dates import today
from standards.defaults import load_standard
from standards.models import Adoption, Indicator, Level, Standard, Strand
from standards.tests.factories import AdoptionFactory, published

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


# --- The register


def test_the_register_is_narrowed_by_state_kind_and_name(client):
    AdoptionFactory(organisation__name="Larch hubs", organisation__kind="service")
    AdoptionFactory(organisation__name="Oak school", organisation__kind="school", checked=True)
    ended = {"ended_on": today(), "ended_reason": "It closed."}
    AdoptionFactory(organisation__name="Elm nursery", organisation__kind="early_years", **ended)

    for query, shown in (
        ("", {"Larch hubs", "Oak school", "Elm nursery"}),
        ("?state=current", {"Oak school"}),
        ("?state=ended", {"Elm nursery"}),
        ("?kind=school", {"Oak school"}),
        ("?q=larch", {"Larch hubs"}),
        ("?state=nonsense&kind=x", {"Larch hubs", "Oak school", "Elm nursery"}),
        ("?state=lapsed", set()),
    ):
        page = client.get(reverse("standards:register") + query).content.decode()
        found = {name for name in ("Larch hubs", "Oak school", "Elm nursery") if f">{name}</a>" in page}
        assert found == shown, query
    assert "Nobody matches all of that" in page


@pytest.mark.parametrize("count", [1, 20])
def test_the_register_asks_ten_questions_at_most_however_long(client, django_assert_max_num_queries, count):
    for _number in range(count):
        AdoptionFactory()

    with django_assert_max_num_queries(10):
        assert client.get(reverse("standards:register") + "?state=adopted").status_code == 200


@pytest.mark.parametrize("said", [1, 24])
def test_the_page_of_an_organisation_asks_the_same_however_much_was_said(client, django_assert_max_num_queries, said):
    check = published()
    check.judgements.filter(pk__in=list(check.judgements.values_list("pk", flat=True)[said:])).delete()

    with django_assert_max_num_queries(12):
        page = client.get(check.adoption.get_absolute_url()).content.decode()
    assert "What its own check says" in page
    assert page.count("hub-profile__title") == 7


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ("First steps", "Next one by")),
        ({"lapses_on": -1, "renew_by": -90, "adopted_on": -400}, ("Lapsed", "Lapsed on")),
        ({"renew_by": -1, "adopted_on": -400}, ("Due for review", "Next one by")),
    ],
)
def test_the_badge_changes_by_itself_when_it_lapses(client, facts, words):
    check = published()
    Adoption.objects.update(**{name: days(number) for name, number in facts.items()})

    answer = client.get(reverse("standards:badge", args=[check.adoption.organisation.slug]))

    assert answer["Content-Type"] == "image/svg+xml"
    assert [each for each in words if each not in answer.content.decode()] == []
    ElementTree.fromstring(answer.content)


def test_a_name_in_the_badge_is_no_part_of_the_picture(client):
    adoption = AdoptionFactory(organisation__name="<script>alert(1)</script>")

    answer = client.get(reverse("standards:badge", args=[adoption.organisation.slug])).content.decode()

    assert "<script>" not in answer


def test_the_page_of_an_organisation_says_that_it_adopted_the_standard(client):
    adoption = AdoptionFactory(checked=True)
    page = client.get(adoption.organisation.get_absolute_url()).content.decode()

    assert "Checked in the last 12 months" in page
    assert adoption.get_absolute_url() in page


def test_search_engines_find_the_standard_and_each_pledge_once(client, standard):
    ended = {"ended_on": today(), "ended_reason": "It moved."}
    adoption = AdoptionFactory(**ended)
    AdoptionFactory(organisation=adoption.organisation)

    assert "/standard/register/" in client.get("/sitemap-pages.xml").content.decode()
    assert client.get("/sitemap-pledges.xml").content.decode().count(adoption.get_absolute_url()) == 1


def test_a_check_and_the_register_are_downloaded_as_tables(client):
    check = published(people_emerging_1="started")
    check.judgements.filter(indicator__key="values-emerging-1").update(words="=1+1")
    slug = check.adoption.organisation.slug

    rows = list(csv.reader(StringIO(text_of(client.get(reverse("standards:check-csv", args=[slug]))))))
    assert len(rows) == 25
    assert rows[1][6] == "'=1+1"
    assert "Minutes of the board" in rows[1][9]
    register = list(csv.DictReader(StringIO(text_of(client.get(reverse("standards:register-csv"))))))
    assert [row["state"] for row in register] == ["current"]
    assert client.get(reverse("standards:check-csv", args=[AdoptionFactory().organisation.slug])).status_code == 404


def text_of(answer) -> str:
    """What a file says."""
    return b"".join(answer.streaming_content).decode("utf-8-sig")
