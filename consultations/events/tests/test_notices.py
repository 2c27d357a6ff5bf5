"""Reminders about events: asked once or twice, about the latest date, and over when a note is there."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from consultations.events import actions
from consultations.events.models import Event
from consultations.events.notices import notes_owed
from consultations.events.tests.factories import EventFactory, school_year_2026
from notices import ledger
from notices.defaults import load_steps
from notices.models import Notice
from notices.reasons import registered

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 1, 9)
LISTED = "2025-12-01T12:00Z"


@pytest.fixture(autouse=True)
def shipped_steps(db):
    """The timings that ship with the hub."""
    load_steps()


def monthly(**facts) -> Event:
    """A forum on the second Friday of each month, looked after by owner@example.org."""
    body = OrganisationFactory(name="Family hubs")
    owner = MembershipFactory(organisation=body, user=UserFactory(email="owner@example.org"))
    deputy = MembershipFactory(organisation=body, user=UserFactory(email="deputy@example.org"))
    facts = {"second_friday": True, "first_day": FRIDAY, "published_at": LISTED} | facts
    return EventFactory(organisation=body, owner=owner, deputy=deputy, **facts)


def owed(day: date, reason="event-note-owed") -> set[tuple]:
    """Who would be told what on a day, in all: the address, the step and the date it is about."""
    return {(each.address, each.step, each.about_on) for each in ledger.due(registered()[reason], day)}


def test_a_note_is_asked_for_three_and_fourteen_days_after_the_date():
    monthly()

    assert owed(FRIDAY + timedelta(days=2)) == set()
    assert owed(FRIDAY + timedelta(days=3)) == {("owner@example.org", "note_after_3", FRIDAY)}
    assert owed(FRIDAY + timedelta(days=14)) == {
        ("owner@example.org", "note_after_14", FRIDAY), ("deputy@example.org", "note_after_14", FRIDAY),
    }  # fmt: skip


def test_a_note_ends_it_and_the_next_date_begins_anew():
    event = monthly()
    actions.record_what_happened(event, by=None, day=FRIDAY, text="Soup.", on=FRIDAY)

    assert owed(date(2026, 1, 20)) == set()
    assert {about for _who, _step, about in owed(date(2026, 2, 16))} == {date(2026, 2, 13)}


def test_a_second_run_owes_nothing_more():
    monthly()
    day = FRIDAY + timedelta(days=3)

    now = timezone.make_aware(datetime.combine(day, time(9)))
    ledger.owe(day, now)
    ledger.owe(day, now)

    assert Notice.objects.filter(reason="event-note-owed").count() == 1


def test_a_weekly_group_is_asked_about_the_last_date_of_a_month_only():
    monthly(second_friday=False, repeats="weekly", first_day=date(2026, 1, 6))

    assert notes_owed(date(2026, 1, 21)) == {}
    assert {each.on for each in notes_owed(date(2026, 1, 28)).values()} == {date(2026, 1, 27)}
    assert {each.on for each in notes_owed(date(2026, 2, 17)).values()} == {date(2026, 1, 27)}
    assert {each.on for each in notes_owed(date(2026, 2, 25)).values()} == {date(2026, 2, 24)}


def test_one_note_in_the_month_is_enough_for_a_weekly_group():
    event = monthly(second_friday=False, repeats="weekly", first_day=date(2026, 1, 6))
    actions.record_what_happened(event, by=None, day=date(2026, 1, 13), text="Soup.", on=date(2026, 1, 14))

    assert notes_owed(date(2026, 2, 2)) == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"published_at": "2026-01-12T12:00Z"},  # it was listed after that date
        {"archived_at": "2026-01-12T12:00Z"},
        {"published_at": None},
        {"source_url": "https://example.org/"},  # found elsewhere
        {"term_time_only": True},  # and no terms are set
    ],
)
def test_nobody_is_asked_about_these(facts):
    monthly(**facts)

    assert owed(date(2026, 1, 20)) == set()


def test_nobody_is_asked_about_a_cancelled_date_and_a_moved_one_counts_from_where_it_went():
    event = monthly()
    actions.cancel_date(event, by=None, day=FRIDAY, reason="Flood.", on=date(2026, 1, 5))
    assert owed(date(2026, 1, 20)) == set()

    actions.restore_date(event, by=None, day=FRIDAY, on=date(2026, 1, 5))
    actions.move_date(event, by=None, day=FRIDAY, new_day=date(2026, 1, 16), reason="Flood.", on=date(2026, 1, 5))

    assert {about for _who, _step, about in owed(date(2026, 1, 20))} == {date(2026, 1, 16)}
    (line,) = registered()["event-note-owed"].lines([event.pk], date(2026, 1, 20)).values()
    assert line.what == "What happened on Friday 16 January?"
    assert line.button_url == reverse("events:what-happened", args=[event.slug, FRIDAY])


def test_a_group_that_ends_is_asked_whether_it_goes_on():
    last = date(2026, 3, 13)
    event = monthly(until=last)

    assert owed(last - timedelta(days=15), "event-ends") == set()
    assert owed(last - timedelta(days=14), "event-ends") == {("owner@example.org", "ends_14", last)}
    assert {step for _who, step, _on in owed(last + timedelta(days=1), "event-ends")} == {"ended_1"}

    actions.change_event(event, by=None, on=last, until=date(2027, 3, 12))
    assert owed(last + timedelta(days=1), "event-ends") == set()


def test_a_group_with_an_added_date_or_a_leader_who_left_is_found_all_the_same():
    event = monthly(until=FRIDAY)
    actions.add_date(event, by=None, day=date(2026, 2, 20), on=FRIDAY)

    assert owed(date(2026, 1, 11), "event-ends") == set()

    event.owner.ended_on = FRIDAY
    event.owner.save()
    MembershipFactory(organisation=event.organisation, role=Role.LEAD, user=UserFactory(email="lead@example.org"))
    assert owed(date(2026, 1, 12)) != set()


@pytest.mark.parametrize("count", [1, 20])
def test_the_question_is_as_many_queries_for_one_event_as_for_twenty(count, django_assert_num_queries):
    school_year_2026()
    for _number in range(count):
        monthly_event = EventFactory(second_friday=True, first_day=FRIDAY, published_at=LISTED, term_time_only=True)
    day = date(2026, 1, 20)

    with django_assert_num_queries(4):
        assert len(notes_owed(day)) == count
    with django_assert_num_queries(5):
        registered()["event-note-owed"].lines([monthly_event.pk], day)
