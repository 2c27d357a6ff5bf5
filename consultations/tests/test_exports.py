"""The table to download: any list of the finder, every match."""

import csv
import io
import re
from datetime import date

import feedparser
import pytest
import time_machine

from accounts.tests.factories import OrganisationFactory, last_looked_after_on
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days
from core.models import Topic

pytestmark = pytest.mark.django_db
ADDRESS = "/consultations.csv"


def rows(client, query="") -> list[dict]:
    """The table, read back."""
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_says_what_the_page_says(client, settings):
    service = OrganisationFactory(name="Short breaks service", promising=True)
    with time_machine.travel("2022-07-13 09:00Z", tick=False):
        ConsultationFactory(
            title="Short breaks",
            slug="short-breaks",
            organisation=service,
            opens_on=date(2022, 3, 1),
            closes_on=date(2022, 4, 8),
            took_part=212,
        )
        (row,) = rows(client)

    assert row == {
        "title": "Short breaks",
        "organisation": "Short breaks service",
        "stage": "late",
        "level": "consultation",
        "opens": "2022-03-01",
        "closes": "2022-04-08",
        "answer_due": "2022-07-01",
        "answered": "",
        "families_who_took_part": "212",
        "address": f"{settings.HUB_BASE_URL.rstrip('/')}/consultations/short-breaks/",
        "not_looked_after_since": "",
    }


def test_fewer_than_five_stays_so(client):
    ConsultationFactory(took_part_is_few=True)

    assert rows(client)[0]["families_who_took_part"] == "fewer than 5"


def test_an_answer_known_only_by_a_day_says_by(client):
    ConsultationFactory(responded=True, responded_on=date(2021, 5, 31), responded_exactly=False)

    assert rows(client)[0]["answered"] == "by 2021-05-31"


@pytest.mark.parametrize("title", ["=1+1", "+44", "-1", "@x", "\t=1", '=HYPERLINK("http://example.org","Click")'])
def test_no_cell_runs_in_a_spreadsheet(client, title):
    ConsultationFactory(title=title, organisation=OrganisationFactory(name=f"{title} service"))

    (row,) = rows(client)

    assert row["title"] == f"'{title}"
    assert row["organisation"] == f"'{title} service"


def test_any_text_survives(client):
    title = 'Короткі "відпустки",\nوقفے; O\'Neill'
    ConsultationFactory(title=title)

    assert rows(client)[0]["title"] == title


def test_the_table_has_every_match_and_not_only_a_page(client):
    one = ConsultationFactory()
    for _number in range(44):
        ConsultationFactory(owner=one.owner, organisation=one.organisation)

    assert len(rows(client)) == 45


def test_drafts_are_not_in_the_table(client):
    ConsultationFactory(draft=True)

    assert rows(client) == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?stage=open&stage=late",
        "?topic=travel",
        "?q=breaks",
        "?q=shrot",
        "?q=hydrotherapi+pol",
        "?quick=1",
        "?level=information",
        "?q=breaks&stage=late&sort=newest",
        "?stage=no-such",
        "?page=99",
    ],
)
def test_list_feed_and_table_agree(client, query):
    for trait in ("open", "late", "responded", "closed", "withdrawn", "forthcoming", "past", "draft"):
        ConsultationFactory(title=f"Short breaks, {trait}", **{trait: True}, minutes_needed=5)
        ConsultationFactory(title=f"Hydrotherapy pool, {trait}", **{trait: True}).topics.add(term(Topic, "travel"))

    page = client.get("/consultations/" + query).content.decode()
    first = set(re.findall(r'<a href="(/consultations/[-\w]+/)">', page))
    listed = first - {"/consultations/planned/"}
    table = {"/" + row["address"].split("/", 3)[3] for row in rows(client, query)}
    feed = {
        "/" + entry.link.split("/", 3)[3]
        for entry in feedparser.parse(client.get("/consultations/feed.atom" + query).content).entries
    }

    assert listed
    assert table == feed == listed


def test_the_list_links_to_the_same_list_as_feed_and_table(client):
    ConsultationFactory().topics.add(term(Topic, "travel"))

    page = client.get("/consultations/?q=breaks&topic=travel&sort=newest&nonsense=1").content.decode()

    for address in ("/consultations/feed.atom", "/consultations.csv"):
        assert f'href="{address}?q=breaks&amp;topic=travel&amp;sort=newest"' in page


def test_the_table_of_many_rows_needs_no_more_questions(client, django_assert_max_num_queries):
    one = ConsultationFactory(opens_on=days(-3))
    for _number in range(20):
        ConsultationFactory(owner=one.owner, organisation=one.organisation)

    with django_assert_max_num_queries(6):
        assert len(rows(client)) == 21


def test_every_row_says_when_nobody_looks_after_the_hub(client):
    ConsultationFactory(late=True)
    ConsultationFactory()
    last_looked_after_on(days(-60))

    assert {row["not_looked_after_since"] for row in rows(client)} == {str(days(-60))}
