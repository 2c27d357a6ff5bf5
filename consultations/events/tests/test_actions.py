"""What is done with events: dates that move keep the old one and the reason, and calendars are told."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError

from consultations.events import actions
from consultations.events.models import DateChangeKind, Event, EventChange, EventDate, Repeats
from consultations.events.recurrence import Terms, occurrences
from consultations.events.tests.factories import EventFactory, school_year_2026
from consultations.tests.around import term
from core.models import Area, Audience

pytestmark = pytest.mark.django_db

ON = date(2026, 1, 10)
TUESDAY, NEXT_TUESDAY = date(2026, 1, 13), date(2026, 1, 20)


def in_january(event):
    """What the series has from 10 January to the end of the month: the day, and whether it is off."""
    found = occurrences(event, list(event.dates.all()), Terms([]), ON, date(2026, 1, 31))
    return [(each.on.day, each.is_cancelled) for each in found]


def test_a_cancelled_date_keeps_its_reason_and_raises_the_sequence():
    event = EventFactory()

    actions.cancel_date(event, by=None, day=TUESDAY, reason="The hall is flooded.", on=ON)

    assert in_january(event) == [(13, True), (20, False), (27, False)]
    event.refresh_from_db()
    assert event.calendar_sequence == 1
    change = EventChange.objects.get()
    assert (change.what, change.day, change.was_day, change.changed_on) == ("cancelled", TUESDAY, TUESDAY, ON)
    assert change.was_starts_at == time(10)
    assert change.reason == "The hall is flooded."


def test_a_moved_date_keeps_the_old_one_the_new_one_and_the_reason():
    event = EventFactory()

    actions.move_date(
        event, by=None, day=TUESDAY, new_day=date(2026, 1, 15), new_starts_at=time(14), new_ends_at=time(15),
        new_venue="The library", reason="The hall is flooded.", on=ON,
    )  # fmt: skip

    assert in_january(event) == [(15, False), (20, False), (27, False)]
    change = EventChange.objects.get()
    assert (change.what, change.was_day, change.now_day) == ("moved", TUESDAY, date(2026, 1, 15))
    assert (change.was_starts_at, change.now_starts_at) == (time(10), time(14))
    assert (change.was_place, change.now_place) == ("Larch Hall, Mill Lane, Larchford, WM1 1AA", "The library")
    assert event.calendar_sequence == 1


def test_a_date_that_moves_twice_is_still_one_date():
    event = EventFactory()
    actions.move_date(event, by=None, day=TUESDAY, new_day=date(2026, 1, 15), reason="Flood.", on=ON)

    actions.move_date(event, by=None, day=TUESDAY, new_day=date(2026, 1, 16), reason="Still wet.", on=ON)

    assert in_january(event) == [(16, False), (20, False), (27, False)]
    assert [each.was_day for each in EventChange.objects.all()] == [TUESDAY, date(2026, 1, 15)]
    assert EventDate.objects.count() == 1


def test_a_date_put_back_is_as_planned():
    event = EventFactory()
    actions.move_date(event, by=None, day=TUESDAY, new_day=date(2026, 1, 15), reason="Flood.", on=ON)

    actions.restore_date(event, by=None, day=TUESDAY, on=ON)

    assert in_january(event) == [(13, False), (20, False), (27, False)]
    assert EventChange.objects.last().what == "restored"
    assert event.calendar_sequence == 2


def test_a_date_that_is_left_out_is_in_no_list():
    event = EventFactory()

    actions.skip_date(event, by=None, day=TUESDAY, on=ON)

    assert in_january(event) == [(20, False), (27, False)]


def test_an_added_date_can_be_cancelled_and_put_back():
    event = EventFactory(once=True, first_day=TUESDAY)
    saturday = date(2026, 1, 24)

    actions.add_date(event, by=None, day=saturday, starts_at=time(9), ends_at=time(10), on=ON)
    actions.cancel_date(event, by=None, day=saturday, reason="Too few helpers.", on=ON)
    assert in_january(event) == [(13, False), (24, True)]
    actions.restore_date(event, by=None, day=saturday, on=ON)

    assert in_january(event) == [(13, False), (24, False)]
    assert event.dates.get().new_starts_at == time(9)


def test_a_cancelled_series_is_off_from_that_day_on():
    event = EventFactory()

    actions.cancel_event(event, by=None, reason="The worker has left.", on=date(2026, 1, 14))

    assert in_january(event) == [(13, False), (20, True), (27, True)]
    assert EventChange.objects.get().what == "series_cancelled"
    actions.take_up_again(event, by=None, on=date(2026, 1, 15))
    assert in_january(event) == [(13, False), (20, False), (27, False)]
    assert event.calendar_sequence == 2


@pytest.mark.parametrize(
    "refused",
    [
        lambda event: actions.cancel_date(event, by=None, day=TUESDAY, reason=" ", on=ON),
        lambda event: actions.cancel_date(event, by=None, day=date(2026, 1, 14), reason="x", on=ON),
        lambda event: actions.cancel_date(event, by=None, day=date(2026, 1, 6), reason="x", on=ON),
        lambda event: actions.move_date(event, by=None, day=TUESDAY, reason="x", on=ON),
        lambda event: actions.move_date(event, by=None, day=TUESDAY, new_day=NEXT_TUESDAY, reason="x", on=ON),
        lambda event: actions.move_date(event, by=None, day=TUESDAY, new_day=date(2026, 1, 9), reason="x", on=ON),
        lambda event: actions.move_date(event, by=None, day=TUESDAY, new_day=date(2027, 2, 1), reason="x", on=ON),
        lambda event: actions.add_date(event, by=None, day=TUESDAY, on=ON),
        lambda event: actions.restore_date(event, by=None, day=TUESDAY, on=ON),
        lambda event: actions.cancel_event(event, by=None, reason="", on=ON),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(refused):
    event = EventFactory()

    with pytest.raises(ValidationError):
        refused(event)

    assert not EventDate.objects.exists()
    assert not EventChange.objects.exists()
    assert Event.objects.get().calendar_sequence == 0


def test_a_term_time_group_has_no_date_in_the_holidays_to_cancel():
    school_year_2026()
    event = EventFactory(term_time_only=True)

    with pytest.raises(ValidationError, match="no date on that day"):
        actions.cancel_date(event, by=None, day=date(2026, 2, 17), reason="x", on=ON)


def test_of_a_draft_nobody_is_told():
    event = EventFactory(draft=True)

    actions.cancel_date(event, by=None, day=TUESDAY, reason="The hall is flooded.", on=ON)

    assert not EventChange.objects.exists()


def test_changing_the_time_is_a_change_and_changing_the_summary_is_none():
    event = EventFactory()

    actions.change_event(event, by=None, on=ON, summary="With cake.")
    assert not EventChange.objects.exists()
    actions.change_event(event, by=None, on=ON, starts_at=time(9, 30))

    change = EventChange.objects.get()
    assert (change.what, change.was_starts_at, change.now_starts_at) == ("series_changed", time(10), time(9, 30))
    assert Event.objects.get().calendar_sequence == 1


def test_publishing_names_everything_that_is_missing():
    event = EventFactory(draft=True, summary="", venue="")

    with pytest.raises(ValidationError) as refused:
        actions.publish_event(event, by=None, on=ON)

    assert set(refused.value.messages) == {
        "Choose at least one area",
        "Choose at least one group that it is for",
        "A published event needs what happens there, whom to ask, and an owner",
        "Enter the place",
    }
    assert not event.is_published


def test_a_complete_event_can_be_published():
    event = EventFactory(draft=True)
    event.areas.add(term(Area, "larchford"))
    event.audiences.add(term(Audience, "everyone"))

    actions.publish_event(event, by=None, on=ON)

    assert Event.objects.published().get() == event
    assert Event.objects.get().checked_on == ON


def test_the_first_date_of_the_last_tuesdays_is_a_last_tuesday():
    event = EventFactory(draft=True, repeats=Repeats.MONTHLY_WEEKDAY, week_of_month=-1, first_day=date(2026, 3, 24))

    with pytest.raises(ValidationError, match="second Friday"):
        actions.save_event(event, by=None, on=ON)


def test_what_happened_is_said_after_the_date_and_small_counts_stay_hidden():
    event = EventFactory()
    sixth = date(2026, 1, 6)

    note = actions.record_what_happened(event, by=event.owner.user, day=sixth, text="We made soup.", came=3, on=ON)

    assert (note.came, note.came_is_few, note.written_by) == (None, True, event.owner.user)
    better = actions.record_what_happened(event, by=None, day=sixth, text="We made soup and bread.", came=12, on=ON)
    assert (better.pk, better.came, better.came_is_few) == (note.pk, 12, False)


@pytest.mark.parametrize(
    ("day", "text"), [(TUESDAY, "Not yet."), (date(2026, 1, 7), "No such date."), (date(2026, 1, 6), "  ")]
)
def test_nothing_happened_on_a_day_without_a_meeting_or_without_words(day, text):
    event = EventFactory()

    with pytest.raises(ValidationError):
        actions.record_what_happened(event, by=None, day=day, text=text, on=ON)


def test_nothing_happened_on_a_cancelled_date():
    event = EventFactory()
    actions.cancel_date(event, by=None, day=TUESDAY, reason="Flood.", on=ON)

    with pytest.raises(ValidationError, match="no meeting"):
        actions.record_what_happened(event, by=None, day=TUESDAY, text="Nothing.", on=date(2026, 1, 14))


def test_a_moved_date_is_noted_under_the_day_by_the_rule():
    event = EventFactory()
    actions.move_date(event, by=None, day=TUESDAY, new_day=date(2026, 1, 15), reason="Flood.", on=ON)

    with pytest.raises(ValidationError, match="not come yet"):
        actions.record_what_happened(event, by=None, day=TUESDAY, text="Early.", on=date(2026, 1, 14))

    assert actions.record_what_happened(event, by=None, day=TUESDAY, text="Fine.", on=date(2026, 1, 15)).day == TUESDAY


def test_who_changed_what_is_in_the_history():
    event = EventFactory()

    actions.cancel_date(event, by=event.owner.user, day=TUESDAY, reason="Flood.", on=ON)

    kept = EventDate.pgh_event_model.objects.get()
    assert kept.change == DateChangeKind.CANCELLED
    assert kept.pgh_context.metadata == {"by": event.owner.user.pk, "did": "cancelled a date"}
