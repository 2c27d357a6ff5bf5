"""Events in the site search."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from consultations.events import actions
from consultations.events.search import hits
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def second_of_march():
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/London"))):
        yield


def found(client, words):
    """What the site search shows for some words."""
    response = client.get("/search/", {"q": words})
    assert response.status_code == 200
    return response.content.decode()


def test_an_event_is_found_by_its_title_place_and_words_with_its_next_date(client):
    EventFactory(title="Tea and talk", venue="Larch Hall", summary="Bring the little ones.")
    ConsultationFactory(title="Parking")

    for words in ("talking", "larch", "little"):
        html = found(client, words)
        assert "Next: Tuesday 3 March" in html, words
        assert "Parking" not in html


def test_a_mistyped_place_is_understood(client):
    EventFactory(title="Tea", venue="Ottermouth Library", summary="Come.")

    assert "Next: Tuesday 3 March" in found(client, "Otermouth")


def test_a_cancelled_event_says_so_and_a_draft_is_not_found(client):
    event = EventFactory(title="Tea and talk")
    EventFactory(title="Talk in secret", draft=True)
    actions.cancel_event(event, by=UserFactory(), reason="No money.", on=DAY)

    html = found(client, "talk")

    assert ">Cancelled<" in html
    assert "secret" not in html


@pytest.mark.parametrize("count", [1, 20])
def test_hits_take_the_same_queries_for_one_and_for_twenty(django_assert_num_queries, count):
    ids = [each.pk for each in EventFactory.create_batch(count)]

    with django_assert_num_queries(3):
        assert len(hits(ids, DAY)) == count
