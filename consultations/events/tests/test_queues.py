"""What waits for somebody about events, by who asks."""

from datetime import date, timedelta

import pytest

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.events import queues
from consultations.events.tests.factories import EventFactory, SchoolTermFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)  # a Thursday
NOTE, TERM = "Say what happened", "Add a term"


@pytest.fixture
def fis():
    return MembershipFactory(role=Role.FIS_EDITOR).user


def waits(user, button: str, **asked):
    """What waits for somebody and is dealt with by this button."""
    return [row for row in queues.events_waiting(user, TODAY, **asked) if row.button == button]


def listed(**facts):
    """An event that families have seen for long."""
    return EventFactory(published_at="2025-01-01T00:00Z", **facts)


def test_a_date_without_a_note_waits_for_its_service_and_for_who_looks_after_the_hub(fis):
    event = listed(once=True, first_day=TODAY - timedelta(days=2))
    contributor = MembershipFactory(organisation=event.organisation).user

    (row,) = waits(contributor, NOTE)

    assert (row.title, row.words, row.button) == (event.title, "was on 24 November", "Say what happened")
    assert row.button_url.endswith("/2026-11-24/what-happened/")
    assert len(waits(fis, NOTE, everyone=True)) == 1
    assert waits(fis, NOTE) == []
    for role in (Role.BOARD_VIEWER, Role.LEAD):
        assert waits(MembershipFactory(role=role).user, NOTE, everyone=True) == []


@pytest.mark.parametrize(("days", "count"), [(14, 1), (15, 0)])
def test_a_note_is_asked_for_as_long_as_reminders_are(fis, days, count):
    listed(once=True, first_day=TODAY - timedelta(days=days))

    assert len(waits(fis, NOTE, everyone=True)) == count


@pytest.mark.parametrize(("until", "count"), [(-61, 0), (-10, 1), (14, 1), (15, 0)])
def test_a_group_whose_dates_end_waits_for_more(fis, until, count):
    listed(until=TODAY + timedelta(days=until))

    rows = waits(fis, "Change its dates", everyone=True)

    assert [row.words for row in rows] == ["last date: 16 November" if until < 0 else "last date: 10 December"] * count


def test_school_terms_are_asked_for_half_a_year_ahead_where_a_group_meets_in_term_time(fis):
    SchoolTermFactory(starts_on=date(2026, 11, 2), ends_on=date(2026, 12, 18))
    listed()
    assert waits(fis, TERM, everyone=True) == []

    listed(term_time_only=True)
    (row,) = waits(fis, TERM, everyone=True)
    assert (row.words, row.due_on) == ("set until Friday 18 December", date(2026, 12, 18))
    assert waits(MembershipFactory(role=Role.LEAD).user, TERM, everyone=True) == []

    SchoolTermFactory(starts_on=date(2027, 6, 1), ends_on=date(2027, 7, 20))
    assert waits(fis, TERM, everyone=True) == []


@pytest.mark.parametrize("count", [1, 20])
def test_they_take_as_many_queries_for_many_events(fis, count, django_assert_max_num_queries):
    owner = MembershipFactory()
    for _number in range(count):
        listed(owner=owner, organisation=owner.organisation, until=TODAY)
    with django_assert_max_num_queries(5):  # one for the roles of the person
        assert len(list(queues.events_waiting(fis, TODAY, everyone=True))) == count * 2
