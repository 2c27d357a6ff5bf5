"""What was done to an event, in sentences; and putting it back."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.events.actions import change_event, put_event_back, save_event
from consultations.events.models import Event, EventChange, EventSupport
from consultations.events.tests.factories import EventFactory
from core.models import AccessSupport, Area, Audience

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 1)


@pytest.fixture
def fis(client):
    """A browser in which somebody from the Family Information Service has signed in."""
    with time_machine.travel(DAY, tick=False):
        client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
        yield client


def last_change(event):
    """The number of what was done last."""
    return Event.pgh_event_model.objects.filter(pgh_obj_id=event.pk).latest("pgh_id").pgh_id


def test_a_place_is_put_back_and_families_who_saw_the_other_one_are_told(fis):
    event = EventFactory(venue="Larch Hall")
    change_event(event, by=event.owner.user, on=DAY, venue="Oak Hall")
    address = reverse("events:put-back", args=[event.slug, last_change(event)]) + "?field=venue"

    assert "Place: from Oak Hall to Larch Hall" in fis.get(address).content.decode()
    done = fis.post(address, {"version": event.version}, follow=True).content.decode()

    now = Event.objects.get()
    assert (now.venue, now.version, now.calendar_sequence) == ("Larch Hall", 3, 2)
    assert [each.now_place.split(",")[0] for each in EventChange.objects.all()] == ["Oak Hall", "Larch Hall"]
    assert "put back place" in done
    assert "Place: from Larch Hall to Oak Hall" in done


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"venue": ""}, "Enter the place"),
        ({"ends_at": None, "starts_at": None, "booking": "phone"}, "phone number for booking"),
        ({"first_day": date(2025, 12, 30)}, "has gone by"),
    ],
)
def test_what_does_not_fit_any_more_is_refused_in_words(facts, words):
    event = EventFactory()

    with pytest.raises(ValidationError, match=words):
        put_event_back(event, by=None, on=DAY, facts=facts, version=1)


@pytest.mark.parametrize("count", [1, 19])
def test_the_history_takes_the_same_queries_however_long(fis, django_assert_num_queries, count):
    event = EventFactory(draft=True)
    for number in range(count):
        change_event(event, by=event.owner.user, on=DAY, title=f"Drop-in {number}")

    with django_assert_num_queries(8):
        text = fis.get(reverse("events:history", args=[event.slug])).content.decode()
    assert text.count("Title: from") == count


def test_the_history_of_an_event_is_closed_to_others(client):
    event = EventFactory()
    client.force_login(MembershipFactory(role=Role.LEAD).user)

    assert client.get(reverse("events:history", args=[event.slug])).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_lists_of_an_event_are_put_back_and_what_families_need_stays(fis):
    event = EventFactory()
    town, city = (Area.objects.create(key=name, label=name) for name in ("Town", "City"))
    crossing = AccessSupport.objects.create(key="creche", label="Crèche")
    lists = {"areas": [town], "audiences": [Audience.objects.create(key="all", label="All")]}
    help_there = [EventSupport(kind=crossing, state="on_request", ask_days_before=7)]
    save_event(event, by=None, on=DAY, lists=lists, supports=help_there)
    save_event(event, by=None, on=DAY, lists={"areas": [town, city]}, supports=[])
    address = reverse("events:put-back", args=[event.slug, last_change(event)])

    shown = fis.get(address).content.decode()
    fis.post(address, {"version": event.version})

    assert "Areas: taken out City" in shown
    assert "Help to take part: added Crèche, Ask for it, 7" in shown
    assert list(event.areas.all()) == [town]
    assert event.supports.get().ask_days_before == 7
    with pytest.raises(ValidationError, match="at least one area"):
        put_event_back(event, by=None, on=DAY, facts={"areas": []}, version=Event.objects.get().version)
    assert event.areas.exists()
