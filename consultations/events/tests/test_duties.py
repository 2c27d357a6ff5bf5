"""Nobody who looks after an event leaves without handing it over."""

from datetime import UTC, date, datetime

import pytest

from accounts.tests.factories import MembershipFactory
from consultations.events.models import Event
from consultations.events.tests.factories import EventFactory
from core.duties import duties_of, hand_over

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 10)


def test_what_still_has_dates_is_a_duty_and_what_is_over_is_none():
    member, other = MembershipFactory(), MembershipFactory()
    EventFactory(title="Weekly", owner=member)
    EventFactory(title="As deputy", owner=other, deputy=member)
    EventFactory(title="Over", owner=member, until=date(2026, 1, 6))
    EventFactory(title="Cancelled", owner=member, cancelled_on=ON, cancelled_reason="x")
    added = EventFactory(title="With a date added", owner=member, once=True)
    added.dates.create(day=date(2026, 2, 1), is_extra=True, changed_on=ON)

    duties = [(each.title, each.what) for each in duties_of(member.pk, ON)]

    assert duties == [
        ("As deputy", "Deputy"),
        ("Weekly", "Looks after the event"),
        ("With a date added", "Looks after the event"),
    ]


def test_who_is_still_reminded_of_an_event_that_is_over_hands_it_over():
    member = MembershipFactory()
    before = datetime(2025, 6, 1, tzinfo=UTC)
    was_on = {"owner": member, "first_day": date(2026, 1, 6), "once": True}
    EventFactory(title="Nobody said what happened", published_at=before, **was_on)
    noted = EventFactory(title="Somebody did", published_at=before, **was_on)
    noted.notes.create(day=date(2026, 1, 6), text="Forty came.", written_on=ON)
    EventFactory(title="A draft", draft=True, **was_on)
    EventFactory(title="Long over", owner=member, published_at=before, once=True, first_day=date(2025, 11, 10))
    ended = EventFactory(title="A series that ended", owner=member, published_at=before, until=date(2026, 1, 6))
    ended.notes.create(day=date(2026, 1, 6), text="The last one.", written_on=ON)

    titles = [each.title for each in duties_of(member.pk, ON)]

    assert titles == ["A series that ended", "Nobody said what happened"]


def test_handing_over_names_the_other_everywhere_and_nobody_twice():
    member, other = MembershipFactory(), MembershipFactory()
    mine = EventFactory(owner=member, deputy=other)
    theirs = EventFactory(owner=other, deputy=member)

    assert hand_over(member.pk, other.pk, by=None, on=ON) == 2

    for event in (mine, theirs):
        event = Event.objects.get(pk=event.pk)
        assert (event.owner, event.deputy) == (other, None)
