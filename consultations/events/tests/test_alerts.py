"""Following events: one, those of a service, or a filter; told when one is new, soon, moved or cancelled."""

import re
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from accounts.tests.factories import UserFactory
from consultations.events import actions
from consultations.events.tests.factories import EventFactory
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory
from core.models import Area
from notices import digests, ledger, post
from notices.defaults import load_steps
from notices.ledger import hash_of
from notices.models import Notice, SignUp, Subscription

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 3, 1)
DAY = timedelta(days=1)
ADDRESS = "parent@example.org"


def at(day, hour=9):
    """A moment in the UK."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture(autouse=True)
def begun():
    cache.clear()
    load_steps()
    with time_machine.travel(at(SUNDAY), tick=False):
        yield


def follow(kind, about=0, filter="", cadence="at_once"):
    """Somebody follows something since yesterday."""
    return Subscription.objects.create(
        follows=kind, about_id=about, filter=filter, cadence=cadence, address=ADDRESS, recipient_hash=hash_of(ADDRESS),
        made_at=at(SUNDAY - DAY), confirmed_at=at(SUNDAY - DAY),
    )  # fmt: skip


def told(mailoutbox, day):
    """The mails of a day, as text."""
    before = len(mailoutbox)
    ledger.owe_families(day, at(day))
    post.send(day, at(day))
    return [mail.body for mail in mailoutbox[before:]]


def test_a_family_follows_an_event_by_the_real_form_and_is_told_that_it_is_soon(client, mailoutbox):
    event = EventFactory(title="Tea and talk", published_at=at(SUNDAY - 9 * DAY))  # each Tuesday
    address = re.search(r'href="(/alerts/new/\?[^"]*)"', client.get(event.get_absolute_url()).content.decode())[1]
    address = address.replace("&amp;", "&")
    page = client.get(address).content.decode()
    assert "Tea and talk" in page
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    facts = {"once": once, "cadence": "at_once", "address": ADDRESS}
    client.post(address, facts, headers={"Origin": "http://localhost:8000"})
    assert SignUp.objects.get().follows == "event"
    (ask,) = told(mailoutbox, SUNDAY)
    client.post(re.search(r"(/alerts/confirm/[^\s]+)", ask)[1])

    assert told(mailoutbox, SUNDAY) == []
    (mail,) = told(mailoutbox, SUNDAY + DAY)
    assert "Tuesday 3 March, 10am to 11:30am. Larch Hall" in mail
    assert told(mailoutbox, SUNDAY + DAY) == []


def test_a_moved_and_a_cancelled_date_are_told_at_once_and_only_as_they_stand(mailoutbox):
    event = EventFactory(title="Tea and talk")
    follow("event", event.pk, cadence="week")
    by = UserFactory()
    actions.move_date(event, by=by, day=date(2026, 3, 17), on=SUNDAY, reason="Polling.", new_day=date(2026, 3, 19))
    actions.cancel_date(event, by=by, day=date(2026, 3, 17), on=SUNDAY, reason="The hall is shut.")

    (mail,) = told(mailoutbox, SUNDAY)

    assert "The hall is shut." in mail
    assert "Polling." not in mail
    assert told(mailoutbox, SUNDAY) == []


def test_a_filter_brings_what_is_new_and_fits_and_nothing_that_was_there_before(mailoutbox):
    area = term(Area, "larchford")
    old = EventFactory(title="Old", published_at=at(SUNDAY - 9 * DAY))
    old.areas.add(area)
    follow("event-filter", filter="area=larchford&cost=free")
    new = EventFactory(title="New", first_day=date(2026, 4, 7), published_at=at(SUNDAY))
    new.areas.add(area)
    dear = EventFactory(title="Dear", cost="£5", first_day=date(2026, 4, 7), published_at=at(SUNDAY))
    dear.areas.add(area)
    EventFactory(title="Elsewhere", first_day=date(2026, 4, 7), published_at=at(SUNDAY))

    mails = told(mailoutbox, SUNDAY)

    assert len(mails) == 1
    assert "New" in mails[0]
    assert not {"Old", "Dear", "Elsewhere"} & set(re.findall(r"\w+", mails[0]))


@pytest.mark.parametrize(
    ("query", "fits"),
    [("when=weekday", True), ("when=weekend", False), ("when=evening", False), ("join=online", False)],
)
def test_a_filter_fits_a_series_as_the_list_does(client, mailoutbox, query, fits):
    event = EventFactory(title="Tea", first_day=date(2026, 3, 10), published_at=at(SUNDAY))
    follow("event-filter", filter=query)

    assert bool(told(mailoutbox, SUNDAY)) is fits
    assert (event.title in client.get(f"/events/?{query}").content.decode()) is fits


def test_whoever_follows_a_service_is_told_of_its_new_events(mailoutbox):
    event = EventFactory(title="Tea", first_day=date(2026, 4, 7), published_at=at(SUNDAY))
    follow("organisation-events", event.organisation_id)
    EventFactory(title="Elsewhere", first_day=date(2026, 4, 7), published_at=at(SUNDAY))

    (mail,) = told(mailoutbox, SUNDAY)

    assert "Tea" in mail
    assert "Elsewhere" not in mail


def test_a_weekly_mail_says_what_comes_in_the_week_once(mailoutbox, settings):
    settings.HUB_DIGEST_DAY = 6  # Sundays
    event = EventFactory(title="Tea")
    follow("event", event.pk, cadence="week")
    assert told(mailoutbox, SUNDAY) == []

    digests.run(SUNDAY, at(SUNDAY))
    post.send(SUNDAY, at(SUNDAY))

    assert "Tuesday 3 March" in mailoutbox[-1].body
    digests.run(SUNDAY, at(SUNDAY))
    assert Notice.objects.filter(reason="event-soon").count() == 1


def test_what_is_cancelled_before_the_mail_goes_is_not_said_to_be_soon(mailoutbox):
    event = EventFactory(title="Tea")
    follow("event", event.pk)
    ledger.owe_families(SUNDAY + DAY, at(SUNDAY + DAY))
    actions.cancel_date(event, by=UserFactory(), day=date(2026, 3, 3), on=SUNDAY + DAY, reason="The hall is shut.")

    mails = told(mailoutbox, SUNDAY + DAY)

    assert len(mails) == 1
    assert "The hall is shut." in mails[0]
    assert "10am to 11:30am. Larch Hall" not in mails[0]


@pytest.mark.parametrize("count", [1, 20])
def test_news_of_events_takes_the_same_queries_for_one_and_for_twenty(django_assert_max_num_queries, count):
    for event in EventFactory.create_batch(count, published_at=at(SUNDAY)):
        follow("event", event.pk)

    with django_assert_max_num_queries(45):
        ledger.owe_families(SUNDAY + DAY, at(SUNDAY + DAY))
    assert Notice.objects.filter(reason="event-soon").count() == count


def test_whoever_follows_what_a_service_asks_is_offered_its_events_too(client):
    service = EventFactory().organisation

    asks = client.get(f"/alerts/new/?follow=organisation&about={service.slug}").content.decode()
    runs = client.get(f"/alerts/new/?follow=organisation-events&about={service.slug}").content.decode()

    assert f"Also tell me about these: Events run by {service.name}" in asks
    assert f"Also tell me about these: Consultations from {service.name}" in runs


@pytest.mark.parametrize(("kind", "factory"), [("event", EventFactory), ("consultation", ConsultationFactory)])
def test_what_is_not_published_cannot_be_followed(client, kind, factory):
    seen, draft = factory(), factory(draft=True)

    assert client.get(f"/alerts/new/?follow={kind}&about={seen.slug}").status_code == 200
    assert client.get(f"/alerts/new/?follow={kind}&about={draft.slug}").status_code == 404
