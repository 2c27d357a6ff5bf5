"""The demo county: complete on any day, in plain words, and nobody's real home."""

import re
from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.db import transaction

from accounts.models import Organisation, Role, User
from accounts.stages import Attendance, upkeep
from consultations.events.models import Event, EventDate, OccurrenceNote
from consultations.events.recurrence import Terms, by_event, upcoming
from consultations.models import Consultation, Document, RecordKind, Support, SupportState, WayToTakePart
from consultations.plan.clashes import clashes_of
from consultations.plan.load import Load
from consultations.plan.models import ClashDecision, HowSure, Intention, Umbrella
from consultations.sources.models import Found, Source
from consultations.stages import Stage, days_late, days_report_late
from core.dates import today
from core.freshness import TIMELINE, Freshness
from core.models import Link, PreElectionPeriod, SchoolTerm
from feedback.local_offer.report import count_of
from feedback.models import (
    AnswerState,
    FeedbackEntry,
    HeardFrom,
    HoldingNote,
    IssuedReport,
    Kind,
    Origin,
    ReportKind,
    Response,
    StandingReport,
)
from hub.demo.calendar import Calendar
from hub.demo.load import FOLDER, consultations_as_written, load, read
from hub.setting_up import missing_to_open
from notices import ledger
from notices.reasons import registered
from practice.models import ExampleCheck, PracticeExample, Tried
from standards.evidence import offers
from standards.figures import figures
from standards.models import Adoption, ClaimAnswer, Indicator


class Undo(Exception):
    """Takes the loaded county away again."""


@pytest.fixture(scope="module")
def westmarch(django_db_setup, django_db_blocker):
    """The county as loaded today, once for the tests that only look at it."""
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield load(on=today())
                raise Undo
        except Undo:
            pass


@pytest.fixture
def county(westmarch, db):
    """The county to look at."""
    return westmarch


# What there is


def test_there_is_enough_to_look_at(county):
    assert Consultation.objects.published().count() >= 60
    assert Organisation.objects.count() >= 12
    assert FeedbackEntry.objects.published().count() >= 90
    assert Consultation.objects.filter(published_at=None).exists()


def test_there_is_always_somewhere_to_go(county):
    """Events of every kind of trouble: a date off, one moved, one left out, a series off, and what happened."""
    assert Event.objects.published().count() >= 24
    assert Event.objects.filter(published_at=None).exists()
    assert {each.change for each in EventDate.objects.all()} == {"cancelled", "moved", "skipped"}
    assert Event.objects.filter(cancelled_on__isnull=False).count() == 1
    assert OccurrenceNote.objects.count() >= 7
    assert OccurrenceNote.objects.filter(came_is_few=True).exists()
    assert Event.objects.exclude(pk__in=Event.consultations.through.objects.values("event")).count() <= 4
    assert SchoolTerm.objects.filter(ends_on__gte=today()).count() >= 6
    terms = Terms(SchoolTerm.objects.all())
    departures = by_event(EventDate.objects.all())
    coming = [
        event
        for event in Event.objects.published()
        if upcoming(event, departures.get(event.pk, []), terms, today(), 1, cancelled=False)
    ]
    assert len(coming) >= 18


def test_the_forward_plan_has_something_of_everything(county):
    assert Intention.objects.kept().count() >= 12
    assert set(Intention.objects.values_list("how_sure", flat=True)) == set(HowSure)
    assert {each.choice for each in ClashDecision.objects.all()} == {"join", "go_ahead"}
    holidays = Intention.objects.get(title__startswith="Holiday clubs")
    assert clashes_of(holidays, today()).open[0].ask.title == "Sleep clinic for disabled children"
    assert Umbrella.objects.published().get().consultations.count() == 3
    assert PreElectionPeriod.objects.filter(ends_on__gte=today()).exists()
    words = [each["words"] for each in Load(today(), public=False).busiest()]
    assert any(re.match(r"Dads and male carers in Melbridge are asked [4-9] things", each) for each in words)


def test_the_desk_of_the_service_has_something_of_everything(county):
    """A report to the board and one on the local offer, dates that changed at a source, and a link to mend."""
    board = IssuedReport.objects.get(kind=ReportKind.BOARD)
    assert board.content["asks"]
    assert count_of(IssuedReport.objects.get(kind=ReportKind.LOCAL_OFFER).content) == 4
    assert Source.objects.get().found.count() == 2
    assert Found.objects.changed().get().consultation.title.startswith("Otter Meadow play area")
    assert Link.objects.broken().count() == 2
    assert missing_to_open() == []


def test_a_service_finds_most_of_its_first_check_filled_in_already(county):
    """At least 12 of the 24 statements arrive with a figure or with records that can show them."""
    body = Organisation.objects.get(name="Disabled Children’s Service")
    figure_of = figures([body.pk], today())[body.pk]
    arrive = [
        each.key
        for each in Indicator.objects.all()
        if (each.key in figure_of and figure_of[each.key].has_records) or offers(body, each.evidence_kinds, today())
    ]

    assert len(arrive) >= 12
    assert sum(each.has_records for each in figure_of.values()) >= 8


def test_the_standard_is_adopted_checked_and_due(county):
    assert {each.stage.value for each in Adoption.objects.all()} == {"adopted", "current", "due"}
    assert {each.agrees for each in ClaimAnswer.objects.all()} == {"yes", "no", "unsure"}


def test_the_mocks_consultations_are_there_with_their_facts(county):
    larch = Consultation.objects.get(title="Respite beds at Larch House")
    assert (larch.stage, days_late(larch, today()), larch.took_part) == (Stage.LATE, 34, 212)
    assert larch.owner.public_name == "Short breaks lead"
    assert HoldingNote.objects.published().filter(consultation=larch).exists()

    waiting = Consultation.objects.get(title="Speech and language waiting times")
    assert (waiting.responded_on - waiting.closes_on).days == 41
    answer = Response.objects.get(consultation=waiting)
    assert answer.total == 318
    assert [theme.answer for theme in answer.themes.all()] == ["done", "done", "will_do", "cannot", "deciding"]

    first = Consultation.objects.get(title="Short breaks: what should we pay for first?")
    assert first.minutes_needed == 8
    for title in (
        "A new family hub in Melbridge",
        "Travel to school for 16 to 19 year olds",
        "Holiday activities for teenagers",
    ):
        assert Consultation.objects.published().filter(title=title).exists()


def test_the_short_breaks_lead_owes_what_the_mock_shows(county):
    owes = Consultation.objects.owing().filter(owner__user__email="short-breaks-lead@demo.example")
    waiting = sorted((each.response_due_on - today()).days for each in owes)
    assert waiting[0] == -34
    assert sum(0 < days <= 28 for days in waiting) == 2
    late_promise = (
        FeedbackEntry.objects.open_promises()
        .filter(due_on__lt=today())
        .get(owner__user__email="short-breaks-lead@demo.example")
    )
    assert (today() - late_promise.due_on).days == 9


def test_what_stays_open_has_reports_one_on_time_and_one_late(county):
    panel = Consultation.objects.get(title="Parent and carer panel: join us")
    told = StandingReport.objects.published().filter(consultation=panel)
    assert [(today() - each.reported_on).days for each in told] == [63, 225]
    assert all(each.reported_on <= each.due_on for each in told)
    assert panel.next_report_on == told[0].next_on > today()
    assert told[0].published_at.date() == told[0].reported_on

    readers = Consultation.objects.get(title__startswith="Readers’ panel")
    assert StandingReport.objects.published().filter(consultation=readers).count() == 1
    assert days_report_late(readers, today()) == 12


def test_answers_come_in_every_kind(county):
    assert set(Response.objects.published().values_list("kind", flat=True)) == set(Kind)
    states = set(FeedbackEntry.objects.published().values_list("answer", flat=True))
    assert states == set(AnswerState)
    assert set(FeedbackEntry.objects.values_list("heard_from", flat=True)) >= set(HeardFrom)
    assert FeedbackEntry.objects.filter(origin=Origin.FOUND).count() >= 5


def test_past_records_have_each_outcome_and_one_was_taken_on(county):
    past = Consultation.objects.published().filter(record=RecordKind.PAST)
    assert set(past.values_list("outcome", flat=True)) == {"found", "not_found", "not_looked"}
    assert past.filter(taken_on_on__isnull=False).get().stage == Stage.AWAITING
    assert past.filter(responded_exactly=False).exists()


def test_only_some_have_joined_the_promise(county):
    districts = Organisation.objects.filter(kind="council", parent=None, is_keeper=False)
    assert {body.promise_holder() is None for body in districts} == {True, False}
    assert Organisation.objects.get(is_keeper=True).promise_accepted_on < today()


def test_help_to_take_part_comes_in_every_state(county):
    assert set(Support.objects.values_list("state", flat=True)) == set(SupportState)
    assert set(Document.objects.values_list("format__key", flat=True)) >= {"easy_read", "bsl_video", "translation"}
    assert WayToTakePart.objects.filter(post_by__isnull=False).exists()


def test_it_is_as_awkward_as_the_real_thing(county):
    titles = list(Consultation.objects.values_list("title", flat=True))
    assert max(map(len, titles)) >= 190
    for mark in ("&", "“", "’", "–", "/", "(", "£", "12–18 Chapel Row"):
        assert any(mark in title for title in titles), mark
    assert any(re.search(r"[\u0400-\u04ff]", title) for title in titles)
    assert any(re.search(r"[\u0600-\u06ff]", title) for title in titles)
    assert set(Consultation.objects.values_list("language", flat=True)) == {"en-GB", "uk", "ur"}
    assert {at.hour for at in Consultation.objects.values_list("closes_at", flat=True) if at} == {12, 17}


def test_no_marker_is_left_in_any_text(county):
    texts = [
        str(value)
        for model in (Consultation, FeedbackEntry, Response, HoldingNote, StandingReport, WayToTakePart)
        for row in model.objects.defer(*(["search"] if hasattr(model, "search") else [])).values()
        for name, value in row.items()
        if isinstance(value, str) and name != "search"
    ]
    assert [text for text in texts if re.search(r"\{[^}]*\}", text) and text != "{}"] == []


def test_it_is_looked_after(county):
    assert upkeep(today()).stage == Attendance.ATTENDED
    assert ledger.due(registered()["hub-unattended"], today()) == []


# Who can sign in


def test_the_printed_accounts_can_sign_in(county):
    assert county[0].role == "Short breaks lead"
    for sign_in in county:
        user = authenticate(username=sign_in.address, password=sign_in.password)
        assert user is not None, sign_in.role
        assert user.memberships.active().exists()
    roles = set(
        User.objects.filter(email__in=[each.address for each in county]).values_list("memberships__role", flat=True)
    )
    assert roles == {
        Role.CONTRIBUTOR,
        Role.LEAD,
        Role.FIS_MANAGER,
        Role.FIS_EDITOR,
        Role.BOARD_VIEWER,
        Role.PARENT_REVIEWER,
    }


def test_only_the_printed_accounts_have_a_password(county):
    with_password = [user.email for user in User.objects.all() if user.has_usable_password()]
    assert sorted(with_password) == sorted(sign_in.address for sign_in in county)


# Its words, as written


def _texts(data):
    """Every text in a mapping or list."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for each in data.values():
            yield from _texts(each)
    elif isinstance(data, list):
        for each in data:
            yield from _texts(each)


def _sentences(text):
    return [part for part in re.split(r"[.!?۔؟:]+(?:\s|$)", text) if part.strip()]


def test_summaries_are_short_and_plain():
    for facts in consultations_as_written():
        summary = facts["summary"]
        words = len(summary.split())
        assert words <= 60, facts["title"]
        assert words / len(_sentences(summary)) <= 25, facts["title"]


def test_no_sentence_runs_on():
    everything = [*consultations_as_written(), *read("log"), read("organisations")]
    for data in everything:
        data = {name: value for name, value in data.items() if name != "title"}
        for text in _texts(data):
            for sentence in _sentences(text):
                assert len(sentence.split()) <= 25, sentence


REAL = set(
    re.findall(
        r"\w+",
        """
    Leicester Leicestershire Rutland Charnwood Loughborough Hinckley Bosworth Melton Mowbray Harborough Oadby Wigston
    Blaby Braunstone Barwell Coalville Ibstock Lutterworth Shepshed Quorn Barrow Soar Ashby Zouch Belgrave Bradgate
    Swithland Glenfield Syston Birstall Narborough Mountsorrel Thurmaston Enderby Countesthorpe Kegworth Whetstone
    Somerset Durham Lancashire Kent Surrey Shropshire Hereford Ludlow Nottingham Derby Northampton Coventry Birmingham
    NYA SCIE Contact NNPCF Healthwatch Ofsted
    """,
    )
)


def test_no_real_place_or_body_is_in_it():
    for file in FOLDER.glob("*.yaml"):
        words = set(re.findall(r"\w+", file.read_text(encoding="utf-8")))
        assert words.isdisjoint(REAL), file.name


def test_nobody_is_named_and_every_contact_is_invented():
    for file in FOLDER.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\b(Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor|Sir)\b\.? [A-Z]", text), file.name
        assert not [
            number for number in re.findall(r"\b0\d{4} \d{3} \d{3}\b", text) if not number.startswith("01632 960")
        ]
        for host in re.findall(r"(?:https?://|@)([\w.-]+)", text):
            assert host.endswith(".example.org"), host


# Its dates


def test_days_in_sentences_are_in_words_and_on_working_days():
    calendar = Calendar(date(2026, 11, 22))
    assert calendar.told("moved to {+11}, {+11 long}") == "moved to 3 December, Thursday 3 December"
    assert calendar.told("on {+55 saturday} or {+6 saturday}") == "on Saturday 16 January 2027 or Saturday 28 November"
    assert calendar.told(["by {+60}", {"since": "{-22}"}]) == ["by 21 January 2027", {"since": "30 October"}]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 30), "autumn 2026, winter 2026–27, spring 2027"),
        (date(2026, 12, 1), "winter 2026–27, spring 2027, summer 2027"),
        (date(2027, 2, 28), "winter 2026–27, spring 2027, summer 2027"),
        (date(2027, 3, 1), "spring 2027, summer 2027, autumn 2027"),
    ],
)
def test_seasons_are_counted_from_this_one(day, words):
    assert Calendar(day).told("{season}, {season+1}, {season+2}") == words


def test_years_and_months_are_counted_from_this_one():
    assert (
        Calendar(date(2026, 11, 22)).told("{year}–{year+1}, {month+2}, {month-1}")
        == "2026–2027, January 2027, October 2026"
    )


def test_a_working_day_never_crosses_today():
    christmas = Calendar(date(2026, 12, 25))
    assert christmas.working(1) == date(2026, 12, 29)
    assert christmas.working(-1) == date(2026, 12, 24)


def test_good_practice_shows_each_of_its_sides(county):
    published = PracticeExample.objects.published()
    assert published.ours().count() == 5
    assert published.exclude(source_url="").count() == 1
    assert set(Tried.objects.values_list("how_it_went", flat=True)) == {"worked", "partly"}
    assert ExampleCheck.objects.sent().count() == 1
    assert PracticeExample.objects.filter(returned_at__isnull=False, published_at=None).count() == 1
    assert published.ours().exclude(entry=None).count() == 5
    # One that nobody has checked for more than a year.
    assert published.filter(TIMELINE.within(Freshness.STALE, today())).count() == 1
