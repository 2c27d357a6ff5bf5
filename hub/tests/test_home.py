"""The home page: what is open, the newest answers, who still owes one; all as the finder counts them."""

import re
from datetime import timedelta

import pytest
import time_machine

from consultations.models import Consultation
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days
from core.models import Topic
from hub.views import ANSWERS_SHOWN, WAITING_SHOWN

pytestmark = pytest.mark.django_db


def home(client) -> str:
    """The home page with its white space made even."""
    response = client.get("/")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def section(html: str, name: str) -> str:
    """One section of the page."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', html)
    return found.group() if found else ""


def titles(html: str) -> list[str]:
    """The titles of its cards."""
    return re.findall(r'<h3[^>]*><a href="/consultations/[-\w]+/">(.*?)</a>', html)


def test_an_empty_hub_says_that_nothing_is_open(client):
    html = home(client)

    assert "Nothing open right now" in section(html, "open")
    assert section(html, "answers") == section(html, "waiting") == ""


def test_what_closes_soonest_comes_first_and_six_are_shown(client):
    for number in range(8):
        ConsultationFactory(title=f"Closes {number}", closes_on=days(20 - number))
    ConsultationFactory(title="Standing", standing=True)

    open_ones = section(home(client), "open")

    assert titles(open_ones) == [f"Closes {number}" for number in (7, 6, 5, 4, 3, 2)]
    assert "All 9 open" in open_ones
    assert "/consultations/?stage=open" in open_ones


def test_the_newest_answers_are_shown(client):
    for number in range(6):
        ConsultationFactory(title=f"Answer {number}", responded=True, responded_on=days(-number))

    assert titles(section(home(client), "answers")) == ["Answer 0", "Answer 1", "Answer 2", "Answer 3"][:ANSWERS_SHOWN]


def test_who_still_waits_is_shown_the_longest_late_first_and_all_are_counted(client):
    ConsultationFactory(title="Waits", awaiting=True)
    ConsultationFactory(title="Unpromised", awaiting=True, response_due_on=None, first_due_on=None)
    ConsultationFactory(title="Late", late=True)
    ConsultationFactory(title="Later", late=True, closes_on=days(-190))

    waiting = section(home(client), "waiting")

    assert titles(waiting) == ["Later", "Late", "Waits", "Unpromised"][:WAITING_SHOWN]
    assert "All 4 waiting" in waiting
    assert "/consultations/?stage=late&amp;stage=awaiting" in waiting.replace(
        "stage=late&stage", "stage=late&amp;stage"
    )


def test_the_numbers_are_those_of_the_lists_behind_them(client):
    for trait in ("open", "standing", "late", "awaiting", "responded", "past", "draft"):
        ConsultationFactory(**{trait: True})
    html = home(client)

    for name, words in (("open", "open"), ("waiting", "waiting")):
        count = re.search(rf"All (\d+) {words}", section(html, name)).group(1)
        link = re.search(r'href="(/consultations/\?[^"]*)"', section(html, name)).group(1).replace("&amp;", "&")
        assert re.search(rf"\b{count} consultations?\b", client.get(link).content.decode())


def test_drafts_are_not_on_the_home_page(client):
    ConsultationFactory(title="Hidden", draft=True)
    ConsultationFactory(title="Hidden too", archived_at="2027-01-01T00:00Z")

    assert "Hidden" not in home(client)


def test_short_ways_in_lead_to_what_most_listed_ones_are_about(client):
    busy, rare = term(Topic, "travel"), term(Topic, "play")
    for number in range(3):
        ConsultationFactory(minutes_needed=5).topics.set([busy, rare] if number == 0 else [busy])

    html = home(client)

    assert html.index("?topic=travel") < html.index("?topic=play")
    assert "?quick=1&amp;stage=open" in html


def test_no_way_in_leads_to_an_empty_list(client):
    ConsultationFactory(late=True, minutes_needed=5)
    ConsultationFactory(minutes_needed=30).topics.set([term(Topic, "travel")])
    ConsultationFactory()

    for link in re.findall(r'class="hub-chips">(.*?)</ul>', home(client)):
        for address in re.findall(r'href="([^"]*)"', link):
            assert "Nothing matches" not in client.get(address.replace("&amp;", "&")).content.decode(), address


def test_the_search_box_leads_to_the_finder(client):
    assert re.search(r'<form class="hub-search" action="/consultations/" method="get"', home(client))


@pytest.mark.parametrize("rows", [1, 20])
def test_home_asks_few_questions_however_many_rows(client, rows, django_assert_max_num_queries):
    for _number in range(rows):
        for trait in ("open", "late", "responded"):
            ConsultationFactory(**{trait: True})

    with django_assert_max_num_queries(12):
        home(client)


def test_a_stage_changes_on_the_home_page_without_any_write(client):
    record = ConsultationFactory(title="Short breaks", closes_on=days(3))
    assert "Short breaks" in section(home(client), "open")

    with time_machine.travel(f"{record.closes_on + timedelta(days=1)}T00:00:00Z", tick=False):
        html = home(client)

    assert "Short breaks" not in section(html, "open")
    assert "Short breaks" in section(html, "waiting")
    assert Consultation.objects.get().version == 1
