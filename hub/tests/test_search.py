"""The site search: what it finds of each kind, in which order, how it is shown, and what it makes of mistakes."""

import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import OrganisationFactory
from consultations.tests.factories import ConsultationFactory
from core.models import Synonym
from feedback.tests.factories import FeedbackEntryFactory
from hub import search as site_search

pytestmark = pytest.mark.django_db
SEARCH = "/search/"


def page(client, **asked) -> str:
    """The page as text."""
    response = client.get(SEARCH, asked)
    assert response.status_code == 200
    return response.content.decode()


def titles(html: str) -> list[str]:
    """The titles of the hits, in order, without their marks."""
    found = re.findall(r'class="hub-card__title" dir="auto"><a [^>]*>(.*?)</a>', html)
    return [re.sub("<[^>]*>", "", each) for each in found]


def counts(html: str) -> dict[str, str]:
    """How many there are of each kind, as the page says."""
    return dict(re.findall(r'<h2 id="hits-(\w+)">.*?count">([^<]*)</span>', html))


def test_what_families_may_read_is_found_in_every_kind(client):
    ConsultationFactory(title="Swimming lessons")
    FeedbackEntryFactory(theme="Cold water", you_said="The swimming pool is cold.")
    OrganisationFactory(name="Swimming service")

    html = page(client, q="swim")

    assert set(titles(html)) == {"Swimming lessons", "Cold water", "Swimming service"}
    assert counts(html) == {"consultation": "1", "entry": "1", "organisation": "1"}
    assert "3 results for “swim”." in html


def test_what_is_not_published_is_not_found(client):
    ConsultationFactory(draft=True, title="Swimming lessons")
    FeedbackEntryFactory(theme="Swimming", published_at=None)

    assert titles(page(client, q="swimming")) == []


def test_the_best_match_stands_first_within_its_kind_and_decides_which_kind_is_first(client):
    ConsultationFactory(title="Parks", summary="About swimming and much else.")
    FeedbackEntryFactory(theme="Swimming", you_said="Swimming for all.")
    FeedbackEntryFactory(theme="Buses", you_said="No bus goes to swimming.")

    assert titles(page(client, q="swimming")) == ["Swimming", "Buses", "Parks"]


def test_one_kind_is_shown_whole_and_page_by_page(client):
    for number in range(25):
        ConsultationFactory(title=f"Swimming {number}")
    FeedbackEntryFactory(theme="Swimming")

    everything, first = page(client, q="swimming"), page(client, q="swimming", kind="consultation")
    second = page(client, q="swimming", kind="consultation", page="2")

    assert len(titles(everything)) == site_search.OF_EACH + 1
    assert "See all: Consultations (25)" in everything
    assert (len(titles(first)), len(titles(second))) == (20, 5)
    assert not set(titles(first)) & set(titles(second))
    assert "There are 2 pages, so this is the last one." in page(client, q="swimming", kind="consultation", page="9")


def test_when_only_one_kind_is_found_all_of_it_is_shown(client):
    for number in range(8):
        ConsultationFactory(title=f"Swimming {number}")

    assert len(titles(page(client, q="swimming"))) == 8


def test_very_many_are_not_counted(client, monkeypatch):
    monkeypatch.setattr(site_search, "MOST", 20)
    for number in range(22):
        ConsultationFactory(title=f"Swimming {number}")

    html = page(client, q="swimming")

    assert "More than 20 results" in html
    assert counts(html) == {"consultation": "more than 20"}
    assert len(titles(html)) == 20


def test_the_words_are_marked_where_they_stand(client):
    ConsultationFactory(title="Swimming lessons", summary="We ask about " + "many things and " * 20 + "swimming pools.")

    html = page(client, q="swim")

    assert "<mark>Swimming</mark> lessons" in html
    assert re.search(r"… .*<mark>swimming</mark> pools\.", html)


def test_a_text_can_mark_nothing_by_itself(client):
    ConsultationFactory(title="<b>Swimming</b> \ue000nothing\ue001", summary="<script>alert(1)</script> & more")

    html = page(client, q="swimming")

    assert "&lt;b&gt;<mark>Swimming</mark>&lt;/b&gt; nothing" in html
    assert "<script>alert" not in html


def test_an_organisation_is_found_by_the_beginnings_of_its_name(client):
    OrganisationFactory(name="Eastmarch District Council")

    assert titles(page(client, q="eastm council")) == ["Eastmarch District Council"]


@pytest.mark.parametrize(
    ("words", "title"), [("відпустки", "Короткі відпустки"), ("وقفے", "مختصر وقفے"), ("ટૂંકા", "ટૂંકા વિરામ")]
)
def test_other_scripts_are_found(client, words, title):
    ConsultationFactory(title=title)

    assert titles(page(client, q=words)) == [title]


def test_a_search_finds_words_that_mean_the_same_and_says_so(client):
    Synonym.objects.create(words=["short breaks", "respite"])
    ConsultationFactory(title="Short breaks for teenagers")
    ConsultationFactory(title="Breaks that are short")
    FeedbackEntryFactory(theme="Respite at home for teenagers")

    html = page(client, q="respite for teenagers")

    assert set(titles(html)) == {"Short breaks for teenagers", "Respite at home for teenagers"}
    assert "Also searched for: short breaks." in html
    assert "<mark>Short</mark>" in html
    assert "Also searched for: short breaks." in client.get("/consultations/?q=respite").content.decode()


def test_a_change_of_words_that_mean_the_same_shows_at_once(client):
    group = Synonym.objects.create(words=["short breaks", "respite"])
    ConsultationFactory(title="Short breaks")
    before = titles(page(client, q="respite"))
    Synonym.objects.filter(pk=group.pk).update(words=["respite", "time off"])

    assert (before, titles(page(client, q="respite"))) == (["Short breaks"], [])


@pytest.mark.parametrize("typed", ["watr", "cleening servise"])
def test_words_of_every_kind_are_known_when_they_are_mistyped(client, typed):
    FeedbackEntryFactory(theme="Cold water")
    OrganisationFactory(name="Cleaning service")

    assert "We searched for" in page(client, q=typed)


def test_a_mistyped_word_is_guessed_and_there_is_a_way_back(client):
    ConsultationFactory(title="Swimming lessons")

    html = page(client, q="swiming")

    assert titles(html) == ["Swimming lessons"]
    assert "We searched for “swimming” instead." in html
    assert "?q=swiming&amp;as_typed=1" in html
    assert titles(page(client, q="swiming", as_typed="1")) == []


def test_nothing_found_says_what_to_do(client):
    html = page(client, q="zeppelins")

    assert "No results for “zeppelins”." in html
    assert "check the spelling" in html


def test_without_words_the_page_says_what_can_be_searched_for(client):
    html = page(client)

    assert "Search everything here" in html
    assert "results for" not in html


def test_an_unknown_kind_is_left_out_and_said(client):
    ConsultationFactory(title="Swimming lessons")

    html = page(client, q="swimming", kind="bus", page="x")

    assert titles(html) == ["Swimming lessons"]
    assert "We do not know “bus”" in html


def test_search_engines_do_not_keep_results(client):
    assert '<meta name="robots" content="noindex">' in page(client, q="swimming")


@given(
    words=st.text(max_size=300), kind=st.sampled_from(["", "consultation", "entry", "x"]), number=st.text(max_size=8)
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_breaks_it(client, words, kind, number):
    words = words.encode("utf-8", "ignore").decode()
    assert client.get(SEARCH, {"q": words, "kind": kind, "page": number}).status_code == 200


@pytest.mark.parametrize("words", ["\x00", "' OR 1=1 --", "a" * 5000, "%", "\\", "()&|!<->:*", '"', "-", "e\u0301"])
def test_odd_words_break_nothing(client, words):
    ConsultationFactory()

    assert client.get(SEARCH, {"q": words}).status_code == 200


@pytest.mark.parametrize("asked", [{}, {"kind": "consultation"}, {"kind": "entry"}, {"kind": "organisation"}])
def test_a_search_asks_as_many_questions_for_twenty_hits_as_for_one(client, asked, django_assert_max_num_queries):
    taken = []
    for rows in (1, 19):
        for number in range(rows):
            organisation = OrganisationFactory(name=f"Swimming service {rows}-{number}", about="Swimming.")
            ConsultationFactory(responded=True, title=f"Swimming {number}", organisation=organisation)
            FeedbackEntryFactory(theme=f"Swimming {number}", organisation=organisation)
        client.get(SEARCH, {"q": "swimming"} | asked)
        with django_assert_max_num_queries(9) as queries:
            client.get(SEARCH, {"q": "swimming"} | asked)
        taken.append(len(queries))

    assert taken[0] == taken[1]


def test_every_page_leads_to_the_search(client):
    html = client.get(reverse("consultations:find")).content.decode()

    assert 'action="/search/"' in html


def test_a_browser_is_told_how_to_search_here(client, settings):
    settings.HUB_BASE_URL = "https://hub.example"
    response = client.get(reverse("opensearch"))

    root = ElementTree.fromstring(response.content)
    url = root.find("{http://a9.com/-/spec/opensearch/1.1/}Url")

    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    assert url.get("template") == "https://hub.example/search/?q={searchTerms}"
    assert reverse("opensearch") in page(client)
