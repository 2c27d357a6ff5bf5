"""Requests for help: by when they are due, how far they have got, what the database refuses, and what is forgotten."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint

from consultations.events.tests.factories import EventFactory
from consultations.help.actions import ask_for_help, forget_asker, mark_met, put_back, say_why_not
from consultations.help.models import Asker, HelpRequest
from consultations.help.retention import kept_until
from consultations.help.stages import OPEN, TIMELINE, HelpStage, due_day
from consultations.help.tests.factories import AskerFactory, HelpRequestFactory
from consultations.models import Consultation
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days, worked_out
from core import rights
from core.models import Format
from core.retention import let_go

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 3, 6)


# By when


@pytest.mark.parametrize(
    ("asked_on", "last_day", "deadlines", "is_event", "due"),
    [
        # Five working days before the event.
        (date(2026, 3, 2), date(2026, 3, 31), [], True, date(2026, 3, 24)),
        # The day the event says an interpreter must be booked by; on a Sunday the working day before it.
        (date(2026, 3, 2), date(2026, 3, 31), [date(2026, 3, 15)], True, date(2026, 3, 13)),
        # Asked so late that there are two working days left to find it.
        (FRIDAY, date(2026, 3, 12), [], True, date(2026, 3, 10)),
        # Asked for tomorrow, and for today: never after the event, never in the past.
        (FRIDAY, date(2026, 3, 7), [], True, date(2026, 3, 7)),
        (FRIDAY, FRIDAY, [date(2026, 2, 1)], True, FRIDAY),
        # A consultation: five working days before it closes, and nobody waits for longer than ten.
        (date(2026, 3, 2), date(2026, 3, 13), [], False, date(2026, 3, 6)),
        (date(2026, 3, 2), date(2026, 6, 30), [], False, date(2026, 3, 16)),
        (date(2026, 3, 2), None, [], False, date(2026, 3, 16)),
        # Easter is no time to find anybody.
        (date(2026, 4, 2), date(2026, 4, 30), [date(2026, 4, 6)], True, date(2026, 4, 8)),
    ],
)
def test_a_request_is_due_in_time_to_be_of_use(asked_on, last_day, deadlines, is_event, due):
    assert due_day(asked_on=asked_on, last_day=last_day, deadlines=deadlines, is_event=is_event) == due


@pytest.mark.parametrize("ahead", range(40))
def test_a_due_day_is_never_in_the_past_and_never_after_the_last_day(ahead):
    last_day = FRIDAY + timedelta(days=ahead)
    for is_event in (True, False):
        assert FRIDAY <= due_day(asked_on=FRIDAY, last_day=last_day, is_event=is_event) <= last_day


# How far


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({}, HelpStage.ASKED),
        ({"due_on": lambda: days(0)}, HelpStage.ASKED),
        ({"due_on": lambda: days(-1)}, HelpStage.LATE),
        ({"met": True}, HelpStage.MET),
        ({"due_on": lambda: days(-1), "met_on": lambda: days(-1)}, HelpStage.MET),
        ({"met_late": True}, HelpStage.MET_LATE),
        ({"could_not": True}, HelpStage.COULD_NOT),
    ],
)
def test_the_stage_is_the_same_of_one_in_counts_and_in_filters(facts, stage):
    request = HelpRequestFactory(**worked_out(facts))
    request.refresh_from_db()

    assert request.stage == stage
    assert HelpRequest.objects.annotate(then=TIMELINE.case(days(0))).get().then == stage
    assert [each for each in HelpStage if HelpRequest.objects.in_stage(each).exists()] == [stage]
    assert HelpRequest.objects.waiting().exists() is (stage in OPEN)


@pytest.mark.parametrize(
    "facts",
    [
        {"withdrawn_on": lambda: days(-1), "withdrawn_reason": "No money.", "withdrawn_views": "Kept."},
        {"published_at": None},
        {"archived_at": "2026-01-01T12:00Z"},
        {"deleted_at": "2026-01-01T12:00Z"},
    ],
)
def test_what_is_stopped_or_off_the_site_waits_for_nobody(facts):
    request = HelpRequestFactory(late=True)

    Consultation.objects.filter(pk=request.consultation_id).update(**worked_out(facts))

    assert not HelpRequest.objects.waiting().exists()


@pytest.mark.parametrize(("change", "waits"), [("cancelled", False), ("skipped", False), ("moved", True)])
def test_a_date_that_is_cancelled_needs_no_help_any_more(change, waits):
    event = EventFactory()
    HelpRequestFactory(event=event, day=date(2026, 3, 10), last_day=date(2026, 3, 10))
    event.dates.create(
        day=date(2026, 3, 10),
        change=change,
        reason="" if change == "skipped" else "Flood.",
        new_venue="Town Hall" if change == "moved" else "",
        changed_on=FRIDAY,
    )

    assert HelpRequest.objects.waiting().exists() is waits


# What is done


def test_one_press_settles_it_and_putting_it_back_makes_it_wait_again():
    request = HelpRequestFactory(late=True)

    mark_met(request, by=None, on=days(0))
    assert HelpRequest.objects.get().stage == HelpStage.MET_LATE
    with pytest.raises(ValidationError):
        say_why_not(request, by=None, on=days(0), why_not="money")

    put_back(request, by=None)
    assert HelpRequest.objects.get().stage == HelpStage.LATE
    say_why_not(request, by=None, on=days(0), why_not="nobody", note="Three agencies were full.")

    there = HelpRequest.objects.get()
    assert (there.stage, there.why_not) == (HelpStage.COULD_NOT, "nobody")
    assert Asker.objects.get().note == "Three agencies were full."


def test_a_day_before_it_was_asked_is_refused():
    with pytest.raises(ValidationError):
        mark_met(HelpRequestFactory(), by=None, on=days(-5))


def test_no_history_keeps_who_asked_or_a_word_of_theirs():
    asked = ask_for_help(
        ConsultationFactory(open=True), by=None, on=days(0), kind="other", last_day=days(20),
        name="Amina", reached_at="amina@example.com", language="Somali", words="Unmistakable words",
    )  # fmt: skip
    say_why_not(asked, by=None, on=days(0), why_not="other", note="Told Amina on the phone")
    forget_asker(asked, by=None)

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text ~* %s', ["amina|unmistakable"])
            assert cursor.fetchone() == (0,), table
    assert HelpRequest.objects.get().why_not == "other"


# What the database refuses

BROKEN = {
    "helprequest_is_about_something": [{"consultation": None}],
    "helprequest_of_event_has_a_date": [{"event": EventFactory, "consultation": None, "day": FRIDAY}],
    "helprequest_of_consultation_has_no_date": [{"day": FRIDAY}],
    "helprequest_only_format_has_a_format": [{"format": lambda: term(Format, "easy_read")}],
    "helprequest_due_after_asking": [{"due_on": lambda: days(-5)}],
    "helprequest_met_after_asking": [{"met_on": lambda: days(-5)}],
    "helprequest_could_not_after_asking": [{"could_not_on": lambda: days(-5), "why_not": "money"}],
    "helprequest_is_met_or_not": [
        {"met_on": lambda: days(0), "could_not_on": lambda: days(0), "why_not": "money"},
    ],
    "helprequest_says_why_not": [{"could_not_on": lambda: days(0)}],
    "helprequest_why_not_only_then": [{"why_not": "money"}],
}


def test_every_constraint_is_broken_here():
    named = {each.name for each in HelpRequest._meta.constraints if isinstance(each, CheckConstraint)}

    assert named == set(BROKEN)


@pytest.mark.parametrize(("name", "facts"), [(name, facts) for name, many in BROKEN.items() for facts in many])
def test_the_database_refuses(name, facts):
    request = HelpRequestFactory()
    facts = worked_out(facts)
    for field, value in facts.items():
        setattr(request, field, value)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        request.save(update_fields=list(facts))
    with pytest.raises(ValidationError):
        request.full_clean()


def test_a_row_about_nobody_is_not_kept():
    with pytest.raises(IntegrityError, match="asker_says_something"), transaction.atomic():
        AskerFactory(name="", reached_at=" ", language="", words="")


# What is forgotten


def midnight(day: date) -> datetime:
    """The moment a day begins, in the UK."""
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "over"),
    [
        ({"consultation": {"closes_on": date(2026, 2, 10)}}, date(2026, 2, 10)),
        ({"consultation": {"closes_on": None, "standing": True}, "met_on": date(2026, 2, 20)}, date(2026, 2, 20)),
        ({"consultation": {"closes_on": None, "standing": True}}, date(2026, 1, 12)),
        ({"event": {}, "day": date(2026, 2, 3), "last_day": date(2026, 2, 4)}, date(2026, 2, 4)),
    ],
)
def test_who_asked_is_gone_some_days_after_it_is_over_and_the_request_stays(settings, facts, over):
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"help": 30}
    made = {"consultation": ConsultationFactory, "event": EventFactory}
    dates = {"consultation": {"opens_on": date(2026, 1, 5)}, "event": {}}
    facts = {
        name: made[name](**dates[name] | value) if isinstance(value, dict) else value for name, value in facts.items()
    }
    request = HelpRequestFactory(asked_on=date(2026, 1, 12), due_on=date(2026, 1, 20), **facts)
    AskerFactory(request=request)

    assert kept_until(request) == over + timedelta(days=30)
    assert let_go(midnight(over + timedelta(days=30)), only=["help"]) == {"help": 0}
    assert let_go(midnight(over + timedelta(days=31)), only=["help"]) == {"help": 1}

    assert HelpRequest.objects.exists()
    assert not Asker.objects.exists()


def test_who_asked_is_shown_to_them_and_erased_when_they_ask():
    AskerFactory(reached_at="Parent@example.org", name="A parent", words="A quiet room")
    AskerFactory(reached_at="other@example.org")

    held = rights.held_about("parent@example.org")
    assert [each.what for each in held] == ["Asked for help to take part"]
    assert "A quiet room" in held[0].facts.values()

    assert rights.erase("parent@example.org", by=None, now=midnight(days(1))) == 1
    assert [each.reached_at for each in Asker.objects.all()] == ["other@example.org"]
    assert HelpRequest.objects.count() == 2
