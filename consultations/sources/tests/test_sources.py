"""Reading sources at night: drafts once, changed dates flagged, nothing mended here overwritten."""

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from accounts.tests.people import People
from consultations import tasks
from consultations.events.models import Event
from consultations.events.tests.factories import EventFactory
from consultations.models import Consultation
from consultations.sources.actions import keep_dates, read_source, save_source, take_dates
from consultations.sources.models import Found, Source, SourceKind
from consultations.sources.tests.feeds import ATOM, CALENDAR, citizen_space
from consultations.tests.factories import ConsultationFactory
from core.queues import owed_by
from core.tests.serving import serving

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 11, 26)


@pytest.fixture
def site(settings):
    """Another system, on an address that only tests may ask."""
    settings.HUB_FETCH_LOOPBACK = True
    with serving() as there:
        yield there


@pytest.fixture
def fis():
    return MembershipFactory(role=Role.FIS_MANAGER).user


def source(url: str, kind=SourceKind.CITIZEN_SPACE) -> Source:
    return Source.objects.create(organisation=OrganisationFactory(), kind=kind, url=url)


def night(from_: Source, number: int = 0) -> int:
    day = THURSDAY + timedelta(days=number)
    now = datetime.combine(day, time(4), ZoneInfo("Europe/London"))
    return read_source(Source.objects.get(pk=from_.pk), on=day, now=now)


def test_a_new_entry_becomes_a_draft_once_that_no_family_sees(site):
    feed = source(site.page("/api", citizen_space()))

    assert (night(feed), night(feed, 1)) == (1, 0)

    draft = Consultation.objects.get()
    assert (draft.published_at, draft.organisation_id) == (None, feed.organisation_id)
    assert (draft.opens_on, draft.closes_on) == (date(2026, 11, 1), date(2026, 12, 20))
    assert draft.source_page_url == "https://consult.example.org/children/respite-2026/"


def test_what_was_over_before_is_left(site):
    assert night(source(site.page("/api", citizen_space({"enddate": "2026/11/25"})))) == 0
    assert not Consultation.objects.exists()


def test_a_calendar_becomes_draft_events(site):
    night(source(site.page("/cal", CALENDAR), SourceKind.CALENDAR))

    draft = Event.objects.get()
    assert (draft.title, draft.venue, draft.published_at) == ("Coffee morning", "Larch House", None)
    assert (draft.first_day, draft.starts_at, draft.ends_at) == (date(2027, 6, 8), time(10), time(11, 30))


def test_a_news_feed_becomes_drafts_without_dates(site):
    night(source(site.page("/feed", ATOM), SourceKind.FEED))

    assert Consultation.objects.get().closes_on is None


def test_an_unchanged_feed_is_not_sent_again(site):
    feed = source(site.page("/api", citizen_space(), ETag='"1"'))

    night(feed)
    night(feed, 1)

    assert site.asked[1][2]["If-None-Match"] == '"1"'
    assert Source.objects.get().problem == ""


def test_what_was_mended_here_stays_and_changed_dates_are_flagged(site):
    feed = source(site.page("/api", citizen_space()))
    night(feed)
    Consultation.objects.update(title="Our words", closes_on=date(2026, 12, 22))
    site.page("/api", citizen_space({"title": "Their words", "enddate": "2027/01/10"}))

    night(feed, 1)

    ours = Consultation.objects.get()
    assert (ours.title, ours.closes_on) == ("Our words", date(2026, 12, 22))
    assert [found.says["closes_on"] for found in Found.objects.changed()] == ["2027-01-10"]


def changed(site, **made) -> Found:
    feed = source(site.page("/api", citizen_space()))
    night(feed)
    site.page("/api", citizen_space({"enddate": "2027/01/10"}))
    night(feed, 1)
    return Found.objects.changed().get()


def test_taking_the_sources_dates_moves_a_draft(site, fis):
    take_dates(changed(site), by=fis, on=THURSDAY)

    assert Consultation.objects.get().closes_on == date(2027, 1, 10)
    assert not Found.objects.changed().exists()


def test_families_who_saw_a_closing_date_see_both_and_why(site, fis):
    found = changed(site)
    published = ConsultationFactory(opens_on=date(2026, 11, 1), closes_on=date(2026, 12, 20))
    Found.objects.update(consultation=published)

    take_dates(found, by=fis, on=THURSDAY)

    published.refresh_from_db()
    assert published.closes_on == date(2027, 1, 10)
    assert "own page has another closing date" in published.date_changes.first().reason


def test_an_opening_day_that_families_saw_is_not_moved(site, fis):
    found = changed(site)
    Found.objects.update(consultation=ConsultationFactory(opens_on=date(2026, 11, 2), closes_on=date(2026, 12, 20)))

    with pytest.raises(ValidationError):
        take_dates(found, by=fis, on=THURSDAY)

    assert Found.objects.changed().exists()


def test_keeping_ours_holds_until_the_source_changes_once_more(site, fis):
    found = changed(site)

    keep_dates(found, by=fis)
    night(found.source, 2)
    assert not Found.objects.changed().exists()

    site.page("/api", citizen_space({"enddate": "2027/02/01"}))
    night(found.source, 3)

    assert Found.objects.changed().exists()
    assert Consultation.objects.get().closes_on == date(2026, 12, 20)


def test_an_event_takes_its_new_time(site, fis):
    feed = source(site.page("/cal", CALENDAR), SourceKind.CALENDAR)
    night(feed)
    site.page("/cal", CALENDAR.replace("20270608T09", "20270615T08").replace("20270608T10", "20270615T10"))
    night(feed, 1)

    take_dates(Found.objects.changed().get(), by=fis, on=THURSDAY)

    event = Event.objects.get()
    assert (event.first_day, event.starts_at, event.ends_at) == (date(2027, 6, 15), time(9), time(11, 30))


def test_what_was_thrown_away_does_not_come_back(site):
    feed = source(site.page("/api", citizen_space()))
    night(feed)
    Consultation.objects.update(deleted_at=timezone.now())
    site.page("/api", citizen_space({"enddate": "2027/01/10"}))

    assert night(feed, 1) == 0
    assert not Found.objects.changed().exists()

    Consultation.objects.all().delete()
    assert night(feed, 2) == 0


def bad(rows: list) -> list[str]:
    return [row.kind for row in rows if row.kind in ("sources", "source-dates")]


def test_a_source_that_fails_for_three_nights_is_owed(site, fis):
    def seen():
        """What the desk shows, each time anew: what waits is asked once a page."""
        return bad(owed_by(User.objects.get(pk=fis.pk), THURSDAY, everyone=True))

    feed = source(site.page("/api", "oops", code=500))
    for number in range(3):
        assert seen() == []
        night(feed, number)
        night(feed, number)

    assert seen() == ["sources"]
    assert Source.objects.get().problem == "The site answered with the number 500"

    site.page("/api", citizen_space())
    night(feed, 3)
    assert seen() == []


def test_changed_dates_are_owed_by_the_service_and_nobody_else(site, fis):
    changed(site)

    assert bad(owed_by(fis, THURSDAY, everyone=True)) == ["source-dates"]
    assert bad(owed_by(People().who("board viewer"), THURSDAY, everyone=True)) == []


def test_at_night_one_source_that_breaks_does_not_keep_us_from_the_next(site):
    source("http://10.0.0.1/feed")
    source(site.page("/api", json.dumps([{"id": "1", "title": "A"}, 7, {"id": "2"}])))
    off = source(site.page("/off", citizen_space()))
    Source.objects.filter(pk=off.pk).update(is_on=False)

    tasks.read_sources()

    assert [each.title for each in Consultation.objects.all()] == ["A"]
    assert Source.objects.get(url="http://10.0.0.1/feed").problem == "The address is not on the public internet"


def test_the_database_keeps_no_entry_that_is_two_things():
    both = {"consultation": ConsultationFactory(draft=True), "event": EventFactory(draft=True)}

    with pytest.raises(IntegrityError), transaction.atomic():
        Found.objects.create(
            source=source("https://example.org/"), external_id="1", title="A", found_at=timezone.now(), **both
        )


def test_a_source_that_breaks_the_reading_off_counts_as_not_read(site):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consultations_found ADD CHECK (title <> 'Boom')")
    feed = source(site.page("/api", citizen_space({"title": "Boom"})))

    tasks.read_sources()

    feed.refresh_from_db()
    assert (feed.bad_nights, feed.problem.partition(".")[0]) == (1, "Reading it broke off")
    assert not Consultation.objects.exists()


def test_a_source_is_added_changed_and_switched_off_on_the_desk(client, fis):
    client.force_login(fis)
    body = OrganisationFactory()
    said = {"organisation": body.pk, "kind": "feed", "url": "https://example.org/feed", "is_on": "on"}

    assert client.post(reverse("consultations:source-add"), said).status_code == 302
    made = Source.objects.get()
    del said["is_on"]
    client.post(reverse("consultations:source-edit", args=[made.pk]), said)

    assert not Source.objects.in_use().exists()
    assert "Switched off" in client.get(reverse("consultations:sources")).content.decode()


def test_reading_it_again_as_a_whole_follows_a_change(fis):
    made = source("https://example.org/feed")
    made.etag, made.bad_nights, made.last_bad_on = '"1"', 3, THURSDAY

    save_source(made, by=fis)

    assert (made.etag, made.bad_nights) == ("", 0)


@pytest.mark.parametrize(("button", "day"), [("take", date(2027, 1, 10)), ("keep", date(2026, 12, 20))])
def test_two_buttons_settle_it(client, site, fis, button, day):
    found = changed(site)
    client.force_login(fis)

    page = client.get(reverse("consultations:source-changes")).content.decode()
    client.post(reverse(f"consultations:found-{button}", args=[found.pk]))

    assert "closes 10 January 2027" in page
    assert Consultation.objects.get().closes_on == day
    assert not Found.objects.changed().exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_pages_ask_as_much_for_twenty_rows_as_for_one(client, fis, django_assert_max_num_queries, count):
    client.force_login(fis)
    for number in range(count):
        feed = source(f"https://example.org/{number}")
        Found.objects.create(
            source=feed,
            external_id="1",
            title="Found",
            consultation=ConsultationFactory(draft=True),
            says={"opens_on": None, "closes_on": "2027-01-01"},
            found_at=timezone.now(),
        )
    for name in ("sources", "source-changes"):
        with django_assert_max_num_queries(10):
            assert len(client.get(reverse(f"consultations:{name}")).context["page"].object_list) == count
    with django_assert_max_num_queries(10):
        client.get(reverse("consultations:source", args=[feed.pk]))
