"""An event is written in short pages, each kept on the way to the next, with what the hub finds of it."""

from datetime import date, time

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.events.forms import PARTS, EventForm
from consultations.events.models import Attendance, Booking, Event, Repeats
from consultations.events.ready import ready
from consultations.events.tests.factories import EventFactory, school_year_2026
from consultations.events.tests.test_desk import day_parts, lead, text_of  # noqa: F401 - a fixture among them
from consultations.tests.around import term
from core.models import AccessSupport, Area, Audience, PreElectionPeriod

pytestmark = pytest.mark.django_db

FIRST = date(2026, 2, 13)


@pytest.fixture(autouse=True)
def tenth_of_january():
    with time_machine.travel("2026-01-10T09:00:00+00:00", tick=False):
        yield


def begun(member, **changed) -> dict:
    """The first page of a new event."""
    first = {"title": "Monthly forum", "organisation": member.organisation_id, "kind": "forum"}
    return first | {"summary": "Tell us how it is.", **day_parts("first_day", FIRST)} | changed


def page(event, key: str) -> str:
    return reverse("events:write-step", args=[event.slug, key])


def test_the_pages_ask_every_question_of_the_whole_form_once():
    asked = [name for part in PARTS for name in part.names]

    assert len(asked) == len(set(asked))
    beside = {"there", "on_request", "ask_days_before", "not_available"}
    assert set(asked) == set(EventForm.Meta.fields) | beside


def test_each_page_is_kept_on_the_way_to_the_next(client, lead):  # noqa: F811
    answer = client.post(reverse("events:write"), begun(lead))
    event = Event.objects.get()
    assert answer.url == page(event, "when")

    rule = {**day_parts("first_day", FIRST), "repeats": "monthly_weekday", "starts_at": "10am"}
    assert client.post(page(event, "when"), rule).url == page(event, "where")
    there = {"attendance": "in_person", "venue": "Larch Hall", "postcode": "LE1 1AA"}
    assert client.post(page(event, "where"), there).url == page(event, "booking")
    assert client.post(page(event, "booking"), {"booking": "none"}).url == page(event, "who")
    area, audience = term(Area, "melton"), term(Audience, "dads")
    assert client.post(page(event, "who"), {"areas": [area.pk], "audiences": [audience.pk]}).url == page(event, "help")
    creche = term(AccessSupport, "childcare")
    assert client.post(page(event, "help"), {"on_request": [creche.pk], "ask_days_before": 7}).url == page(event, "ask")
    last = client.post(page(event, "ask"), {"contact_phone": "01632 960 111", "owner": lead.pk})

    assert last.url == reverse("events:desk-event", args=[event.slug])
    event.refresh_from_db()
    assert (event.title, event.repeats, event.week_of_month) == ("Monthly forum", Repeats.MONTHLY_WEEKDAY, 2)
    assert (event.venue, event.booking, event.starts_at) == ("Larch Hall", Booking.NONE, time(10))
    assert list(event.areas.all()) == [area]
    assert event.supports.get().ask_days_before == 7
    assert event.owner == lead
    client.post(page(event, "what"), begun(lead, title="Other title"))
    event.refresh_from_db()
    assert (event.title, event.venue) == ("Other title", "Larch Hall")
    assert event.supports.count() == 1


def test_a_page_can_be_left_for_later(client, lead):  # noqa: F811
    event = EventFactory(organisation=lead.organisation, draft=True)

    answer = client.post(page(event, "booking"), {"booking": "none", "back": "1"})

    assert answer.url == reverse("events:desk-event", args=[event.slug])


def test_a_page_says_which_it_is_what_helps_and_what_is_not_settled(client, lead):  # noqa: F811
    event = EventFactory(organisation=lead.organisation, draft=True, starts_at=None, ends_at=None)

    shown = text_of(client.get(page(event, "when")))

    assert "Step 2 of 7" in shown
    assert "A time after the school run suits more parents" in shown
    assert "Enter the time at which it starts." in shown
    assert client.get(page(event, "nonsense")).status_code == 404
    assert "Step 1 of 7" in text_of(client.get(reverse("events:write")))


def test_what_cannot_be_is_said_with_all_that_was_typed(client, lead):  # noqa: F811
    answer = client.post(reverse("events:write"), begun(lead, title="", summary="My words"))

    assert answer.status_code == 400
    assert "My words" in text_of(answer, 400)
    assert not Event.objects.exists()


def test_nobody_overwrites_anybody(client, lead):  # noqa: F811
    event = EventFactory(organisation=lead.organisation, draft=True)

    answer = client.post(page(event, "booking"), {"booking": "none", "mark": "99.0.0"})

    assert "Somebody else changed it while you typed." in text_of(answer, 400)


def test_what_families_see_is_changed_page_by_page_as_well(client, lead):  # noqa: F811
    event = EventFactory(organisation=lead.organisation, owner=lead)
    home = reverse("events:desk-event", args=[event.slug])
    assert page(event, "booking") in text_of(client.get(home))

    said = {"booking": "phone", "booking_phone": "01632 960 003", "mark": f"{event.version}.0.0"}
    answer = client.post(page(event, "booking"), said)

    assert answer.url == home
    event.refresh_from_db()
    assert (event.booking_phone, event.venue) == ("01632 960 003", "Larch Hall")


def test_a_page_of_what_families_see_waits_until_somebody_has_checked_it(client):
    contributor = MembershipFactory(role=Role.CONTRIBUTOR)
    event = EventFactory(organisation=contributor.organisation, owner=contributor)
    client.force_login(contributor.user)
    assert "What you change is checked before they see it." in text_of(client.get(page(event, "booking")))

    said = {"booking": "phone", "booking_phone": "01632 960 003", "mark": f"{event.version}.0.0"}
    client.post(page(event, "booking"), said)

    event.refresh_from_db()
    assert event.booking_phone == ""
    assert event.checks.get().values["booking_phone"] == "01632 960 003"


def test_others_write_no_page_of_it(client):
    event = EventFactory(draft=True)
    client.force_login(MembershipFactory(role=Role.LEAD).user)

    assert client.get(page(event, "what")).status_code == 403
    assert client.post(page(event, "what")).status_code == 403


def test_a_draft_shows_what_is_done_and_what_the_hub_finds(client, lead):  # noqa: F811
    event = EventFactory(organisation=lead.organisation, draft=True, starts_at=None, ends_at=None)

    shown = text_of(client.get(reverse("events:desk-event", args=[event.slug])))

    assert "Ready to meet?" in shown
    assert "<strong>To do</strong>" in shown
    assert "Say what help there is" in shown


@pytest.mark.parametrize(
    ("facts", "label", "words"),
    [
        ({"summary": "The multidisciplinary EHCP reconfiguration stakeholder event."}, "read", "EHCP"),
        ({"starts_at": None, "ends_at": None}, "begins", "Enter the time"),
        ({"venue": "", "postcode": ""}, "way there", "Enter the place"),
        ({"venue": "Hall", "postcode": "LE1 1AA", "directions": ""}, "way there", "in words"),
        ({"attendance": Attendance.ONLINE}, "way there", "how people join"),
        ({"booking": Booking.LINK, "booking_url": "https://example.org/b", "contact_phone": ""}, "internet", "phone"),
        ({"contact_phone": "", "contact_email": ""}, "questions", "phone number or an e-mail"),
    ],
)
def test_the_hub_says_what_families_would_miss(facts, label, words):
    event = EventFactory(draft=True, **facts)

    (found,) = [each.finding for each in ready(event, FIRST) if label in each.label]

    assert not found.is_fine
    assert words in found.words


def test_a_first_date_before_an_election_or_in_the_holidays_is_said():
    school_year_2026()
    PreElectionPeriod.objects.create(name="May", starts_on=date(2026, 3, 20), ends_on=date(2026, 5, 7))
    event = EventFactory(draft=True, once=True, first_day=date(2026, 4, 8))

    found = {
        each.step: each.finding for each in ready(event, FIRST) if each.step == "when" and not each.finding.is_fine
    }
    words = " ".join(each.finding.words for each in ready(event, FIRST))

    assert found
    assert "before an election: May" in words
    assert "in school holidays" in words


@pytest.mark.parametrize("count", [1, 20])
def test_a_draft_takes_few_questions_however_many_there_are(client, lead, django_assert_max_num_queries, count):  # noqa: F811
    events = EventFactory.create_batch(count, organisation=lead.organisation, draft=True)

    with django_assert_max_num_queries(20):
        client.get(reverse("events:desk-event", args=[events[0].slug]))
