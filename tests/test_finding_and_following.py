"""Stories told by a real browser: finding a group and keeping it, following a question to its answer, searching."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import icalendar
import pytest
import recurring_ical_events
from django.core.cache import cache
from django.utils import timezone

from consultations.actions import record_answer
from consultations.events.models import Event
from consultations.tests.around import complete
from consultations.tests.factories import ConsultationFactory
from core.dates import day_words, today
from notices import ledger, post
from notices.defaults import load_steps
from notices.models import Subscription

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GROUP = "Stay, play and talk"
ADDRESS = "parent@example.org"


def five_minutes_later() -> None:
    """What the scheduler does every five minutes for families."""
    ledger.owe_families(today(), timezone.now())
    post.send(today(), timezone.now())


def test_a_parent_finds_a_term_time_drop_in_near_her_and_keeps_it(visitor, county):
    page = visitor.page
    group = Event.objects.get(title=GROUP)
    area = group.areas.first()

    # Three steps: events, near her, this one.
    visitor.goes_to("/")
    if not page.get_by_role("link", name="Events", exact=True).first.is_visible():
        page.get_by_text("Menu", exact=True).click()
    visitor.follows("Events")
    visitor.goes_to(f"/events/?area={area.key}&kind=drop_in")
    visitor.follows(GROUP)
    assert visitor.reads("in term time")
    assert not page.context.cookies()

    # Into her phone's calendar: what a calendar program makes of the file is what the page says.
    with page.expect_download() as coming:
        page.get_by_role("link", name="Put it in my calendar").click()
    calendar = icalendar.Calendar.from_ical(Path(coming.value.path()).read_bytes())
    calendar.validate()
    ahead = recurring_ical_events.of(calendar).between(today(), today() + timedelta(days=60))
    shown = [each.decoded("dtstart").date() for each in ahead if each.get("status") != "CANCELLED"]
    dates = page.locator("section[aria-labelledby=dates]").inner_text()
    assert shown
    assert day_words(min(shown)) in dates
    assert str(calendar.walk("VEVENT")[0]["url"]).endswith(group.get_absolute_url())

    # The month, and the poster for the nursery's door.
    visitor.goes_to("/events/calendar/")
    visitor.goes_to(f"{group.get_absolute_url()}share/")
    visitor.follows("See the poster")
    assert visitor.reads("Come along:")
    visitor.goes_to(f"/ur{group.get_absolute_url()}")
    assert page.locator("[lang=ur]").first.get_attribute("dir") == "rtl"


def test_a_parent_follows_a_question_with_an_address_only_to_its_answer(visitor, db, mailoutbox, client):
    cache.clear()
    load_steps()
    page = visitor.page
    consultation = complete(
        ConsultationFactory(title="Short breaks: what helps?", closes_on=today() + timedelta(days=3))
    )

    visitor.goes_to(consultation.get_absolute_url())
    visitor.follows("Get e-mails about this")
    assert visitor.reads("Short breaks: what helps?")
    send = page.locator("main form button")
    send.click()
    visitor.looks()
    assert visitor.reads("There is a problem")
    page.get_by_label("e-mail").first.fill(ADDRESS)
    page.get_by_label("As soon as it happens").check()
    send.click()
    visitor.looks()
    assert not page.context.cookies()
    assert not Subscription.objects.exists()

    # Nothing comes before she says yes from her own mailbox; opening the link alone says nothing.
    five_minutes_later()
    (ask,) = mailoutbox
    visitor.goes_to(re.search(r"(/alerts/confirm/\S+)", ask.body)[1])
    assert not Subscription.objects.exists()
    visitor.presses("Yes, send me e-mails")
    assert Subscription.objects.active().count() == 1

    five_minutes_later()
    soon = mailoutbox[-1]
    assert "It closes in 3 days" in soon.body
    assert "<img" not in soon.alternatives[0][0]

    # It closes, and is answered: within minutes she is told.
    yesterday = today() - timedelta(days=1)
    type(consultation).objects.filter(pk=consultation.pk).update(
        closes_on=yesterday, opens_on=yesterday - timedelta(days=40), answer_owed_from=today()
    )
    consultation.refresh_from_db()
    record_answer(consultation, by=consultation.owner.user, on=today())
    five_minutes_later()
    answer = mailoutbox[-1]
    assert "The answer is out" in answer.body
    assert len(mailoutbox) == 3
    five_minutes_later()
    assert len(mailoutbox) == 3

    # One press of her mail program, and she has left.
    leave = urlsplit(re.search(r"<(http[^>]+)>", answer.extra_headers["List-Unsubscribe"])[1]).path
    assert answer.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.post(leave, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.active().exists()
    assert not Subscription.objects.exclude(address="").exists()


def test_a_search_knows_what_parents_mean_and_says_what_it_looked_for(visitor, county):
    page = visitor.page
    visitor.goes_to("/search/")
    page.get_by_role("main").get_by_role("searchbox").fill("respite")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    visitor.looks()
    assert visitor.reads("short breaks") or visitor.reads("Short breaks")
    visitor.goes_to("/search/?q=scool+travel")
    assert visitor.reads("school")
    visitor.goes_to("/search/?q=zzzzqqq")
    visitor.goes_to(f"/search/?q={GROUP}")
    assert visitor.reads(GROUP)
    assert not page.context.cookies()
