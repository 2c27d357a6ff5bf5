"""Closing dates for people's own calendars, read as the icalendar library reads them."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from consultations import actions
from consultations.models import Consultation, DateChange
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.models import Topic

pytestmark = pytest.mark.django_db
ADDRESS = "/consultations/calendar.ics"
UK = ZoneInfo("Europe/London")


def read(client, address=ADDRESS):
    """The calendar as a calendar program takes it, checked by the library's own rules."""
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.content)
    calendar.validate()
    assert not [part.errors for part in calendar.walk() if part.errors]
    return calendar


def entries(client, address=ADDRESS):
    """Its entries."""
    return read(client, address).walk("VEVENT")


def test_a_closing_date_is_a_whole_day_with_a_way_back(client, settings):
    consultation = ConsultationFactory(title="Short breaks; “respite”, and more", summary="Tell us.\nWe listen.")

    (entry,) = entries(client)

    assert entry.decoded("dtstart") == consultation.closes_on
    assert entry.decoded("dtend") == consultation.closes_on + timedelta(days=1)
    assert str(entry["summary"]) == "Last day: Short breaks; “respite”, and more"
    assert str(entry["url"]) == settings.HUB_BASE_URL + consultation.get_absolute_url()
    assert str(entry["url"]) in str(entry["description"])
    assert consultation.organisation.name in str(entry["description"])
    assert entry["status"] == "CONFIRMED"
    assert entry["sequence"] == 0


def test_a_printed_closing_time_is_a_moment_by_the_uk_clock(client):
    consultation = ConsultationFactory(opens_on=date(2026, 6, 1), closes_on=date(2026, 7, 10), closes_at=time(12))

    with time_machine.travel(datetime(2026, 6, 20, 9, tzinfo=UK)):
        (entry,) = entries(client)

    assert entry.decoded("dtend") == datetime(2026, 7, 10, 12, tzinfo=UK)
    assert entry.decoded("dtend").utcoffset() == timedelta(hours=1)
    assert "It closes at noon." in str(entry["description"])
    assert consultation.closes_at


def test_the_calendar_knows_when_the_clocks_change(client):
    ConsultationFactory()

    (clock,) = read(client).walk("VTIMEZONE")
    zone = clock.to_tz()

    # The last Sundays of March and October 2026, at 1am Greenwich time.
    for day, at in ((29, time(0, 59)), (29, time(3)), (1, time(12))):
        moment = datetime.combine(date(2026, 3, day), at)
        assert zone.utcoffset(moment) == UK.utcoffset(moment), moment
    assert zone.utcoffset(datetime.combine(date(2026, 7, 1), time(12))) == timedelta(hours=1)


def test_a_moved_date_keeps_its_id_and_raises_its_sequence(client):
    consultation = ConsultationFactory()
    (before,) = entries(client)
    later = consultation.closes_on + timedelta(days=14)
    actions.move_closing_date(consultation, by=a_person(), closes_on=later, reason="The post was late.", on=today())

    (after,) = entries(client)

    assert after["uid"] == before["uid"]
    assert after["sequence"] == before["sequence"] + 1
    assert after.decoded("dtstart") == later
    assert DateChange.objects.count() >= 1


def test_what_was_stopped_is_called_off(client):
    ConsultationFactory(withdrawn=True)

    (entry,) = entries(client)

    assert entry["status"] == "CANCELLED"
    assert entry["sequence"] == 1
    assert str(entry["description"]).startswith("This was stopped.")


def test_the_calendar_takes_the_finders_filters(client):
    wanted = ConsultationFactory(title="Wanted")
    wanted.topics.add(term(Topic, "send"))
    ConsultationFactory(title="Other")

    calendar = read(client, f"{ADDRESS}?topic=send")

    assert [str(entry["summary"]) for entry in calendar.walk("VEVENT")] == ["Last day: Wanted"]
    assert str(calendar["x-wr-calname"]) == "Closing dates: Send"
    assert str(calendar["url"]).endswith("/consultations/?topic=send")


def test_one_consultation_has_a_calendar_of_its_own(client):
    consultation = ConsultationFactory()
    ConsultationFactory()

    (entry,) = entries(client, f"{consultation.get_absolute_url()}calendar.ics")

    assert consultation.title in str(entry["summary"])


def test_there_is_no_file_where_there_is_no_closing_date_or_no_page(client):
    standing = ConsultationFactory(standing=True)
    draft = ConsultationFactory(draft=True)

    assert client.get(f"{standing.get_absolute_url()}calendar.ics").status_code == 404
    assert client.get(f"{draft.get_absolute_url()}calendar.ics").status_code == 404
    assert entries(client) == []


def test_old_dates_are_left_out(client):
    ConsultationFactory(opens_on=days(-300), closes_on=days(-200))
    lately = ConsultationFactory(opens_on=days(-100), closes_on=days(-20))

    assert [lately.title in str(entry["summary"]) for entry in entries(client)] == [True]


def test_an_odd_filter_is_no_error(client):
    ConsultationFactory()

    assert len(entries(client, f"{ADDRESS}?topic=no-such&stage=&page=-1&q=%00")) == 1


def test_the_file_is_the_same_to_the_byte_while_nothing_changes(client):
    ConsultationFactory()

    assert client.get(ADDRESS).content == client.get(ADDRESS).content


@pytest.mark.parametrize("count", [1, 20])
def test_the_calendar_takes_the_same_queries_for_one_and_for_twenty(client, django_assert_max_num_queries, count):
    ConsultationFactory.create_batch(count)

    with django_assert_max_num_queries(3):
        assert len(entries(client)) == count


def test_the_entry_was_changed_when_the_consultation_was(client):
    consultation = ConsultationFactory()
    Consultation.objects.filter(pk=consultation.pk).update(changed_at=datetime(2026, 3, 1, 8, tzinfo=UK))

    (entry,) = entries(client)

    assert timezone.localtime(entry.decoded("last-modified")) == datetime(2026, 3, 1, 8, tzinfo=UK)


def a_person():
    """Somebody who may act."""
    return User.objects.create(email="somebody@example.org")
