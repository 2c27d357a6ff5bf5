"""News of events, read as a feed reader reads it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import feedparser
import pytest
import time_machine

from accounts.tests.factories import UserFactory
from consultations.events import actions
from consultations.events.models import Event
from consultations.events.tests.factories import EventFactory
from core.models import Area

pytestmark = pytest.mark.django_db
UK = ZoneInfo("Europe/London")
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def second_of_march():
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UK)):
        yield


def read(client, query=""):
    """The feed as a feed reader takes it."""
    response = client.get(f"/events/feed.atom{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_an_entry_says_when_and_where_and_leads_to_its_page(client, settings):
    event = EventFactory(title="Tea & talk")

    (entry,) = read(client).entries

    assert entry.title == "Tea & talk (Every Tuesday, 10am to 11:30am)"
    assert entry.link == settings.HUB_BASE_URL + event.get_absolute_url()
    assert "Larch Hall" in entry.summary


def test_a_date_that_moved_comes_to_the_top_and_says_so(client):
    moved, other = EventFactory(title="Moved"), EventFactory(title="Other")
    Event.objects.update(published_at=datetime(2026, 1, 1, tzinfo=UK), changed_at=datetime(2026, 1, 1, tzinfo=UK))
    by = UserFactory()
    actions.move_date(
        moved, by=by, day=date(2026, 3, 17), on=DAY, reason="The hall is painted.", new_day=date(2026, 3, 19)
    )

    first, second = read(client).entries

    assert first.title.startswith("Moved")
    assert "Tuesday 17 March to Thursday 19 March. The hall is painted." in first.summary
    assert first.updated > second.updated
    assert other.pk


def test_a_cancelled_series_says_so(client):
    event = EventFactory(title="Tea")
    actions.cancel_event(event, by=UserFactory(), reason="No money.", on=DAY)

    (entry,) = read(client).entries

    assert entry.title == "Tea (Cancelled)"
    assert "No money." in entry.summary


def test_the_feed_takes_the_filters_of_the_list(client):
    area = Area.objects.create(key="larchford", label="Larchford")
    EventFactory(title="Wanted").areas.add(area)
    EventFactory(title="Elsewhere")
    EventFactory(draft=True)

    feed = read(client, "?area=larchford")

    assert [entry.title.split(" (")[0] for entry in feed.entries] == ["Wanted"]
    assert feed.feed.title == "Events: Larchford"


@pytest.mark.parametrize("count", [1, 20])
def test_the_feed_takes_the_same_queries_for_one_and_for_twenty(client, django_assert_max_num_queries, count):
    EventFactory.create_batch(count)

    with django_assert_max_num_queries(11):
        assert len(read(client).entries) == count
