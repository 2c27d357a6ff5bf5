"""What the database refuses of events, however it is written."""

from datetime import date, time

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from consultations.events.models import Event, EventChange, EventDate, EventSupport, OccurrenceNote
from consultations.events.tests.factories import EventFactory, SchoolTermFactory
from consultations.tests.around import term
from core.models import AccessSupport, SchoolTerm

DAY = date(2026, 1, 13)
# Each constraint, the traits of an event that satisfies it, and the facts that break it and nothing else.
BROKEN = {
    "event_reference_once": [({}, {"reference": "taken"})],
    "event_has_a_title": [({}, {"title": " "})],
    "event_begins_before_it_ends": [({}, {"until": date(2026, 1, 5)})],
    "event_starts_before_it_ends": [
        ({}, {"ends_at": time(10)}),
        ({}, {"starts_at": None}),
    ],
    "event_once_is_one_day": [
        ({"once": True}, {"until": None}),
        ({"once": True}, {"until": date(2026, 2, 1)}),
    ],
    "event_monthly_says_which_week": [({"second_friday": True}, {"week_of_month": None})],
    "event_week_only_when_monthly": [({}, {"week_of_month": 1})],
    **{
        f"event_first_day_fits_week_{week}": [
            ({"second_friday": True}, {"week_of_month": week, "first_day": day}),
        ]
        for week, day in ((1, date(2026, 1, 9)), (2, date(2026, 1, 16)), (3, DAY), (4, date(2026, 1, 30)))
    },
    "event_first_day_fits_last_week": [({"second_friday": True}, {"week_of_month": -1})],
    "event_cancelling_is_explained": [({}, {"cancelled_on": DAY})],
    "event_only_cancelled_has_a_reason": [({}, {"cancelled_reason": "A reason."})],
    "event_has_some_places": [({}, {"places": 0})],
    "event_is_complete": [({}, {"summary": ""}), ({}, {"contact_name": " "}), ({}, {"owner": None})],
    "event_in_person_has_a_place": [({}, {"venue": ""})],
    "event_online_can_be_joined": [({"online": True}, {"online_url": ""})],
    "event_link_after_booking_is_booked": [({"online": True}, {"link_after_booking": True})],
    "event_booking_email": [({}, {"booking": "email"})],
    "event_booking_phone": [({}, {"booking": "phone"})],
    "event_booking_link": [({}, {"booking": "link"})],
}
DATES_BROKEN = {
    "eventdate_departs_from_the_rule": {"change": ""},
    "eventdate_change_is_explained": {"reason": " "},
    "eventdate_moves_somewhere": {"new_day": None},
    "eventdate_only_moved_has_a_new_place": {"change": "cancelled"},
    "eventdate_starts_before_it_ends": {"new_ends_at": time(10)},
}
ELSEWHERE = {
    "eventdate_once",
    "eventchange_is_about_a_date",
    "occurrencenote_once",
    "occurrencenote_says_something",
    "occurrencenote_few_has_no_number",
    "eventsupport_once",
    "eventsupport_says_ask_by_when",
    "eventsupport_ask_only_on_request",
}


def refuses(name):
    return pytest.raises(IntegrityError, match=name)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "traits", "facts"), [(name, *each) for name, many in BROKEN.items() for each in many])
def test_the_database_refuses_an_event_that_breaks_a_rule(name, traits, facts):
    EventFactory(reference="taken")
    event = EventFactory(**traits)

    with refuses(name), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**facts)


@pytest.mark.django_db
@pytest.mark.parametrize("name", DATES_BROKEN)
def test_the_database_refuses_a_date_that_breaks_a_rule(name):
    row = EventDate.objects.create(
        event=EventFactory(), day=DAY, change="moved", new_day=date(2026, 1, 14), reason="Flood.", changed_on=DAY
    )

    with refuses(name), transaction.atomic():
        EventDate.objects.filter(pk=row.pk).update(**DATES_BROKEN[name])


@pytest.mark.django_db
def test_a_date_departs_once_and_a_note_stands_once():
    event = EventFactory()
    EventDate.objects.create(event=event, day=DAY, change="skipped", changed_on=DAY)
    OccurrenceNote.objects.create(event=event, day=DAY, text="Soup.", written_on=DAY)

    with refuses("eventdate_once"), transaction.atomic():
        EventDate.objects.create(event=event, day=DAY, change="skipped", changed_on=DAY)
    with refuses("occurrencenote_once"), transaction.atomic():
        OccurrenceNote.objects.create(event=event, day=DAY, text="Soup.", written_on=DAY)
    with refuses("eventchange_is_about_a_date"), transaction.atomic():
        EventChange.objects.create(event=event, what="moved", changed_on=DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("occurrencenote_says_something", {"text": " "}),
        *(("occurrencenote_few_has_no_number", {"came": number}) for number in (1, 4)),
        ("occurrencenote_few_has_no_number", {"came": 12, "came_is_few": True}),
    ],
)
def test_a_note_says_something_and_no_small_number(name, facts):
    note = OccurrenceNote.objects.create(event=EventFactory(), day=DAY, text="Soup.", written_on=DAY)

    with refuses(name), transaction.atomic():
        OccurrenceNote.objects.filter(pk=note.pk).update(**facts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("eventsupport_says_ask_by_when", {"state": "on_request"}),
        ("eventsupport_ask_only_on_request", {"ask_days_before": 14}),
    ],
)
def test_help_that_must_be_asked_for_says_by_when(name, facts):
    kind = term(AccessSupport, "an-interpreter")
    row = EventSupport.objects.create(event=EventFactory(), kind=kind, state="there")

    with refuses(name), transaction.atomic():
        EventSupport.objects.filter(pk=row.pk).update(**facts)
    with refuses("eventsupport_once"), transaction.atomic():
        EventSupport.objects.create(event=row.event, kind=kind, state="there")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("term_has_a_name", {"name": " "}),
        ("term_starts_before_it_ends", {"ends_on": date(2026, 1, 1)}),
        ("term_days_are_in_one_term", {"starts_on": date(2026, 1, 31)}),
    ],
)
def test_terms_have_a_name_and_do_not_overlap(name, facts):
    SchoolTermFactory()
    later = SchoolTermFactory(starts_on=date(2026, 2, 23), ends_on=date(2026, 3, 27))

    with refuses(name), transaction.atomic():
        SchoolTerm.objects.filter(pk=later.pk).update(**facts)


def test_every_constraint_is_broken_here_once():
    named = {
        constraint.name
        for model in apps.get_app_config("consultations").get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, (CheckConstraint, UniqueConstraint)) and ".events." in model.__module__
    }

    assert named == {*BROKEN, *DATES_BROKEN, *ELSEWHERE}
