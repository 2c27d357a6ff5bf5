"""The Atom feed: any list of the finder, newest change first."""

from datetime import datetime, time, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import feedparser
import pytest
from django.utils import timezone

from accounts.tests.factories import last_looked_after_on
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory, days
from core.dates import day_words, today

pytestmark = pytest.mark.django_db
ADDRESS = "/consultations/feed.atom"
UK = ZoneInfo("Europe/London")
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client, query=""):
    """The feed as a feed reader takes it."""
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_the_feed_is_atom_and_says_what_every_reader_needs(client):
    ConsultationFactory(title="Short breaks & “respite” <now>")

    response = client.get(ADDRESS)
    feed = feedparser.parse(response.content)

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "Have your say"
    assert feed.feed.author
    root = ElementTree.fromstring(response.content)
    for needed in ("id", "title", "updated"):
        assert root.find(ATOM + needed).text
        assert all(entry.find(ATOM + needed).text for entry in root.iter(f"{ATOM}entry"))


def test_an_entry_says_the_stage_in_its_title(client):
    late = ConsultationFactory(late=True, title="Short breaks")

    (entry,) = read(client).entries

    assert entry.title.startswith("Short breaks (Answer is ")
    assert entry.link.endswith(late.get_absolute_url())
    assert entry.summary == late.summary


def test_an_entry_keeps_its_id_when_its_title_and_address_change(client):
    consultation = ConsultationFactory()
    before = read(client).entries[0].id

    Consultation.objects.filter(pk=consultation.pk).update(title="New", slug="new-address")

    assert read(client).entries[0].id == before
    assert read(client).entries[0].title.startswith("New (")


def test_what_changed_last_comes_first(client):
    old = ConsultationFactory(title="Old", responded=True)
    ConsultationFactory(title="New")
    Consultation.objects.filter(pk=old.pk).update(changed_at=timezone.now() + timedelta(minutes=5))

    assert [entry.title.split(" (")[0] for entry in read(client).entries] == ["Old", "New"]


def test_an_answer_is_news(client):
    consultation = ConsultationFactory(late=True)
    before = read(client).entries[0]

    consultation.responded_on = days(0)
    consultation.save()

    after = read(client).entries[0]
    assert after.id == before.id
    assert after.updated >= before.updated
    assert "Answered: see what changed" in after.title


def test_a_late_report_is_news(client):
    ConsultationFactory(title="A panel", standing=True, next_report_on=days(-12))

    assert read(client).entries[0].title.startswith("A panel (Always open. Report is 12 days late")


def test_an_empty_feed_is_valid(client):
    assert read(client).entries == []


def test_drafts_are_not_news(client):
    ConsultationFactory(draft=True)
    ConsultationFactory(archived_at=timezone.now())

    assert read(client).entries == []


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x01", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize("field", ["title", "summary"])
def test_a_character_that_xml_forbids_does_not_break_the_feed(client, character, field):
    """Word puts a vertical tab where somebody pressed Shift and Enter."""
    ConsultationFactory(**{field: f"Short{character}breaks"})

    assert len(read(client).entries) == 1


def test_fifty_entries_at_most(client):
    one = ConsultationFactory()
    for _number in range(54):
        ConsultationFactory(owner=one.owner, organisation=one.organisation)

    assert len(read(client).entries) == 50


def test_the_feed_says_what_it_was_narrowed_to_and_links_to_that_list(client, settings):
    ConsultationFactory()

    feed = read(client, "?q=breaks&stage=open")

    assert feed.feed.title == "Have your say: “breaks”, Open"
    links = {link.rel: link.href.removeprefix(settings.HUB_BASE_URL) for link in feed.feed.links}
    assert links["alternate"] == "/consultations/?q=breaks&stage=open"
    assert links["self"] == "/consultations/feed.atom?q=breaks&stage=open"


@pytest.mark.parametrize("rows", [1, 20])
def test_the_feed_asks_few_questions_however_many_rows(client, rows, django_assert_max_num_queries):
    for _number in range(rows):
        ConsultationFactory(responded=True)

    with django_assert_max_num_queries(12):
        client.get(ADDRESS)


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}?stage=late", "/you-said-we-did/feed.atom"])
def test_a_feed_says_when_nobody_looks_after_the_hub(client, address):
    ConsultationFactory(late=True)
    last_looked_after_on(today() - timedelta(days=60))

    said = [each for each in feedparser.parse(client.get(address).content).entries if "unattended" in each.id]

    assert [each.title for each in said] == [f"Nobody has looked after this site since {day_words(days(-60))}"]
    assert "may be out of date" in said[0].summary
    assert said[0].updated == datetime.combine(today(), time(0), tzinfo=UK).isoformat()


def test_a_feed_of_a_hub_that_is_looked_after_says_nothing_of_it(client):
    last_looked_after_on(today() - timedelta(days=59))

    assert read(client).entries == []


def test_an_answer_that_became_late_is_news_at_midnight(client):
    """Nobody touched the record: its stage changed by the calendar."""
    late = ConsultationFactory(title="Late", late=True, response_due_on=days(-1), first_due_on=days(-1))
    other = ConsultationFactory(title="Other", opens_on=days(-80))
    long_ago = timezone.now() - timedelta(days=200)
    Consultation.objects.filter(pk__in=[late.pk, other.pk]).update(published_at=long_ago, changed_at=long_ago)

    newest, older = read(client).entries

    assert newest.title.startswith("Late (")
    assert newest.updated == datetime.combine(today(), time(0), tzinfo=UK).isoformat()
    assert older.title.startswith("Other (")
