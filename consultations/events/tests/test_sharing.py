"""Passing an event on, its card in other languages, and its facts for search engines."""

import json
import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from consultations.events import actions
from consultations.events.models import EventSupport
from consultations.events.tests.factories import EventFactory
from consultations.languages import languages
from consultations.models import SupportState
from consultations.tests.around import term
from core.models import AccessSupport, Area, Audience
from core.sharing import NEWSLETTER_WORDS, TEXT_CHARACTERS

pytestmark = pytest.mark.django_db
UK = ZoneInfo("Europe/London")
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def second_of_march():
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UK)):
        yield


def facts_on(client, event):
    """What search engines read on its page."""
    html = client.get(event.get_absolute_url()).content.decode()
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])


def test_the_pack_says_when_and_where(client):
    event = EventFactory(title="Tea and talk")

    pack = client.get(f"{event.get_absolute_url()}share/").context["pack"]

    assert pack.newsletter.startswith("Come along: Tea and talk. Come and talk to us over a cup of tea.")
    assert "Every Tuesday, 10am to 11:30am. Larch Hall" in pack.newsletter
    assert len(pack.newsletter.split()) <= NEWSLETTER_WORDS
    assert len(pack.text_message) <= TEXT_CHARACTERS


def test_the_poster_shows_the_next_dates_that_take_place(client):
    event = EventFactory()
    actions.cancel_date(event, by=UserFactory(), day=date(2026, 3, 10), reason="The boiler.", on=DAY)

    html = client.get(f"{event.get_absolute_url()}poster/").content.decode()

    assert "Tuesday 3 March" in html
    assert "Tuesday 10 March" not in html
    assert client.get(f"{event.get_absolute_url()}code.svg").content.startswith(b"<svg ")


def test_a_cancelled_event_invites_nobody(client):
    event = EventFactory()
    actions.cancel_event(event, by=UserFactory(), reason="No money.", on=DAY)

    assert client.get(f"{event.get_absolute_url()}share/").context["pack"].opening == "Cancelled:"


def test_the_card_says_the_next_dates_place_and_interpreter(client):
    event = EventFactory()
    kind = term(AccessSupport, "spoken_interpreter")
    EventSupport.objects.create(event=event, kind=kind, state=SupportState.ON_REQUEST, ask_days_before=5)

    html = client.get(f"/gu{event.get_absolute_url()}").content.decode()

    assert f"{languages()['gu'].day(date(2026, 3, 3))}, 10:00–11:30" in html
    assert "Larch Hall, Mill Lane, Larchford, WM1 1AA" in html
    # Too late for 3 March: the next in time is 10 March.
    assert languages()["gu"].day(date(2026, 3, 5)) in html


@pytest.mark.parametrize("page", ["share/", "poster/", "code.svg", "calendar.ics"])
def test_a_draft_is_passed_on_to_nobody(client, page):
    draft = EventFactory(draft=True)

    assert client.get(f"{draft.get_absolute_url()}{page}").status_code == 404
    assert client.get(f"/gu{draft.get_absolute_url()}").status_code == 404


def test_search_engines_read_each_date_with_its_state(client):
    event = EventFactory()
    by = UserFactory()
    actions.cancel_date(event, by=by, day=date(2026, 3, 10), reason="The boiler.", on=DAY)
    actions.move_date(event, by=by, day=date(2026, 3, 17), on=DAY, reason="Polling.", new_day=date(2026, 3, 19))

    facts = facts_on(client, event)

    assert facts["@type"] == "EventSeries"
    assert facts["isAccessibleForFree"] is True
    assert [(each["startDate"], each["eventStatus"].rpartition("/")[2]) for each in facts["subEvent"][:3]] == [
        ("2026-03-03T10:00:00Z", "EventScheduled"),
        ("2026-03-10T10:00:00Z", "EventCancelled"),
        ("2026-03-19T10:00:00Z", "EventRescheduled"),
    ]
    assert facts["subEvent"][0]["location"][0]["name"] == "Larch Hall"


def test_a_single_online_event_is_one_event(client):
    event = EventFactory(online=True, once=True, first_day=date(2026, 4, 14))

    facts = facts_on(client, event)

    assert facts["@type"] == "Event"
    assert facts["startDate"] == "2026-04-14T10:00:00+01:00"
    assert facts["eventAttendanceMode"].endswith("OnlineEventAttendanceMode")
    assert facts["location"][0] == {"@type": "VirtualLocation", "url": "https://meet.example.org/a"}


# In a family's own lists


def test_an_event_stands_in_a_familys_list_with_its_next_date(client):
    event, over = EventFactory(title="Tea"), EventFactory(title="Over", until=date(2026, 2, 1))

    html = client.get(f"/my-list/?e={event.slug}&e={over.slug}").content.decode()

    assert "Tuesday 3 March, 10am to 11:30am" in html
    assert "No date is known" in html


@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_the_same_queries_for_one_event_and_for_twenty(client, django_assert_max_num_queries, count):
    slugs = "&".join(f"e={each.slug}" for each in EventFactory.create_batch(count))

    with django_assert_max_num_queries(5):
        assert len(client.get(f"/my-list/?{slugs}").context["coming"]) == count


def test_what_fits_a_family_best_comes_first_among_the_dates(client):
    small, near = term(Audience, "under_5", label="Children under 5"), term(Area, "larchford")
    once = EventFactory(title="Small ones", first_day=date(2026, 1, 5))  # Mondays
    once.audiences.add(small)
    twice = EventFactory(title="Small ones, near")
    twice.audiences.add(small)
    twice.areas.add(near)
    EventFactory(title="For others")

    dates = client.get("/families-like-mine/?age=under_5&area=larchford").context["dates"]

    assert [card.title for card in dates] == ["Small ones, near", "Small ones"]
