"""Reports of standing opportunities: published once, chased like an answer, taken back, and shown to families."""

import threading
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import leave_promise
from accounts.tests.factories import OrganisationFactory, UserFactory
from consultations.actions import move_closing_date, set_report_date
from consultations.models import Consultation, ParticipationLevel
from consultations.stages import REPORT_WITHIN, REPORTS, TIMELINE, ReportStage, Stage
from consultations.tests.factories import ConsultationFactory, days, worked_out
from core.dates import today
from core.publishing import Conflict
from feedback import actions
from feedback.actions import publish_report, put_report_right, take_back_report
from feedback.counts import Count
from feedback.drafts import prefill_report
from feedback.models import StandingReport
from feedback.panels import EARLIER_SHOWN, newest_reports, reports
from feedback.tests.answers import facts as answer_facts
from feedback.tests.answers import theme
from feedback.tests.factories import StandingReportFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
DUE = date(2026, 5, 26)
NEXT = date(2026, 11, 2)


@pytest.fixture
def by():
    """Whoever acts."""
    return UserFactory()


@pytest.fixture
def panel():
    """A standing opportunity whose report is due on DUE."""
    return standing()


def standing(**facts) -> Consultation:
    """One like it."""
    return ConsultationFactory(**{"standing": True, "opens_on": date(2025, 12, 1), "next_report_on": DUE, **facts})


def said(**changed) -> dict:
    """What a complete report says."""
    return {
        "you_said": "Groups are all in the morning.",
        "what_changed": "Two groups now meet at 5pm.",
        "took_part": Count(23),
        "next_on": NEXT,
        **changed,
    }


def saved(consultation) -> Consultation:
    """As the database has it."""
    return Consultation.objects.get(pk=consultation.pk)


def lacking(consultation, by, on=DUE, **changed) -> dict[str, list[str]]:
    """What the report is refused for, by field."""
    with pytest.raises(ValidationError) as refused:
        publish_report(consultation, by=by, on=on, **said(**changed))
    assert not StandingReport.objects.exists()
    assert saved(consultation).next_report_on == consultation.next_report_on
    return refused.value.message_dict if hasattr(refused.value, "error_dict") else {"": refused.value.messages}


# Publishing


def test_publishing_a_report_moves_the_day_of_the_next_one(panel, by):
    report = publish_report(panel, by=by, on=DUE, **said())

    assert report.is_published
    assert (report.reported_on, report.due_on, report.next_on) == (DUE, DUE, NEXT)
    assert saved(panel).next_report_on == panel.next_report_on == NEXT


def test_a_late_report_ends_being_late_the_day_it_comes(panel, by):
    late = DUE + 40 * DAY
    assert REPORTS.of(panel, late) == ReportStage.LATE

    publish_report(panel, by=by, on=late, **said())

    assert REPORTS.of(saved(panel), late) == ReportStage.AHEAD


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("you_said", " \n", "Say what families said"),
        ("what_changed", "", "Say what changed because of it, or why nothing did"),
        ("took_part", Count(), "Say how many took part: a number, or “fewer than 5”"),
        ("next_on", None, "Say when families get the next report"),
        ("next_on", DUE, "The next report must come on a day still to come"),
        ("next_on", DUE - DAY, "The next report must come on a day still to come"),
        (
            "next_on",
            DUE + REPORT_WITHIN + DAY,
            "The next report must come within six months, by Wednesday 25 November",
        ),
        ("you_said", "Only 3 parents came.", "“3 parents” could point at a family. Write “fewer than 5” instead"),
        (
            "what_changed",
            "We rang two families.",
            "“two families” could point at a family. Write “fewer than 5” instead",
        ),
    ],
)
def test_an_incomplete_report_is_refused_and_says_what_is_lacking(panel, by, field, value, words):
    assert lacking(panel, by, **{field: value}) == {field: [words]}


@pytest.mark.parametrize("next_on", [DUE + DAY, DUE + REPORT_WITHIN])
def test_the_next_report_comes_tomorrow_at_the_earliest_and_within_six_months(panel, by, next_on):
    publish_report(panel, by=by, on=DUE, **said(next_on=next_on))

    assert saved(panel).next_report_on == next_on


def test_everything_that_is_lacking_is_said_at_once(panel, by):
    lacks = lacking(panel, by, you_said="", what_changed="", took_part=Count(), next_on=None)

    assert set(lacks) == {"you_said", "what_changed", "took_part", "next_on"}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"draft": True}, "Families cannot see this yet, so there is nothing to report."),
        ({"opens_on": DUE + DAY}, "It has not opened yet, so there is nothing to report."),
        (
            {"withdrawn_on": DUE, "withdrawn_reason": "No money.", "withdrawn_views": "Kept."},
            "It was stopped, and its page says why. It owes no report.",
        ),
        (
            {"closes_on": DUE + DAY, "next_report_on": None},
            "It has a closing date. Families get an answer after that day, and no report.",
        ),
    ],
)
def test_there_is_nothing_to_report_on_what_families_cannot_join(by, facts, words):
    assert lacking(standing(**facts), by) == {"": [words]}


@pytest.mark.parametrize("count", [Count(0), Count(few=True)])
def test_nobody_and_fewer_than_5_can_be_said(panel, by, count):
    report = publish_report(panel, by=by, on=DUE, **said(took_part=count))

    assert Count(report.took_part, report.took_part_is_few) == count


def test_the_same_report_again_changes_nothing(panel, by):
    first = publish_report(panel, by=by, on=DUE, newest_seen=0, **said())

    again = publish_report(saved(panel), by=by, on=DUE, newest_seen=0, **said())

    assert again == first
    assert StandingReport.objects.count() == 1
    assert saved(panel).next_report_on == NEXT


def test_who_did_not_see_the_newest_report_is_stopped_and_may_add_theirs(panel, by):
    first = publish_report(panel, by=by, on=DUE, newest_seen=0, **said())

    with pytest.raises(Conflict):
        publish_report(panel, by=by, on=DUE, newest_seen=0, **said(you_said="Something else."))
    assert StandingReport.objects.count() == 1

    publish_report(panel, by=by, on=DUE, newest_seen=first.pk, **said(you_said="Something else."))
    assert StandingReport.objects.published().count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("words", ["The same words.", ""])
def test_of_two_people_at_once_one_publishes(words):
    panel, by = standing(), UserFactory()
    outcomes = []
    start = threading.Barrier(2)

    def publish(number):
        start.wait()
        try:
            text = words or f"Words of person {number}."
            publish_report(panel, by=by, on=DUE, newest_seen=0, **said(you_said=text))
            outcomes.append("out")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    people = [threading.Thread(target=publish, args=(number,)) for number in (1, 2)]
    for each in people:
        each.start()
    for each in people:
        each.join()

    assert sorted(outcomes) == (["out", "out"] if words else ["conflict", "out"])
    assert StandingReport.objects.count() == 1


# Who owes one


@pytest.mark.parametrize(
    "facts",
    [
        {"organisation": None, "next_report_on": None},
        {"level": ParticipationLevel.INFORMATION, "next_report_on": None},
    ],
)
def test_who_promised_no_report_may_publish_one_and_owes_no_next_one(by, facts):
    if "organisation" in facts:
        facts = facts | {"organisation": OrganisationFactory()}
    panel = standing(**facts)

    report = publish_report(panel, by=by, on=DUE, **said(next_on=None))

    assert report.next_on is None
    assert saved(panel).next_report_on is None

    again = publish_report(panel, by=by, on=DUE + DAY, **said(you_said="More.", next_on=NEXT))
    assert again.next_on is None
    assert saved(panel).next_report_on is None


def test_who_left_the_promise_is_late_with_what_was_promised_and_owes_nothing_after_it(panel, by):
    leave_promise(panel.organisation, by=by, on=DUE)
    assert REPORTS.of(saved(panel), DUE + DAY) == ReportStage.LATE

    publish_report(panel, by=by, on=DUE + DAY, **said(next_on=None))

    assert saved(panel).next_report_on is None


def test_a_report_that_was_promised_stays_promised_when_its_page_is_published_again(panel, by):
    leave_promise(panel.organisation, by=by, on=DUE - DAY)
    set_report_date(panel, DUE)

    assert panel.next_report_on == DUE


def test_a_report_stops_no_clock_of_an_answer(panel, by):
    publish_report(panel, by=by, on=DUE, **said())
    move_closing_date(panel, by=by, closes_on=DUE + 10 * DAY, reason="The panel ends.", on=DUE)
    closed = saved(panel)
    assert closed.next_report_on is None
    due = closed.response_due_on

    for day in (DUE + DAY, due, due + DAY, due + 400 * DAY):
        with pytest.raises(ValidationError):
            publish_report(closed, by=by, on=day, **said(you_said="Again.", next_on=day + DAY))
    take_back_report(StandingReport.objects.get(), by=by, on=DUE)

    assert saved(panel).next_report_on is None
    assert (saved(panel).response_due_on, saved(panel).responded_on) == (due, None)
    assert TIMELINE.of(saved(panel), due + DAY) == Stage.LATE
    actions.publish_response(closed, by=by, on=due + DAY, facts=answer_facts(), themes=[theme(done_on=DUE)])
    assert saved(panel).responded_on == due + DAY


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.sampled_from(["report", "take back", "wait", "put right", "close"]), min_size=1, max_size=8))
def test_whatever_is_done_with_reports_the_answer_is_owed_as_if_there_were_none(by, steps):
    panel, twin = standing(), standing()
    day, closes = DUE, DUE + 100 * DAY
    for number, step in enumerate(steps):
        newest = StandingReport.objects.published().filter(consultation=panel).first()
        try:
            if step == "report":
                publish_report(panel, by=by, on=day, **said(you_said=f"Point {number}.", next_on=day + 90 * DAY))
            elif step == "take back" and newest:
                take_back_report(newest, by=by, on=day)
            elif step == "put right" and newest:
                words = {"you_said": "Mended.", "what_changed": "Mended.", "took_part": Count(9)}
                put_report_right(newest, by=by, version=newest.version, **words)
            elif step == "close":
                for each in (panel, twin):
                    if each.closes_on is None:
                        move_closing_date(each, by=by, closes_on=closes, reason="It ends.", on=day)
        except ValidationError:
            pass
        day += 5 * DAY
        panel, twin = saved(panel), saved(twin)

    assert (panel.closes_on is None) or panel.next_report_on is None
    for field in ("closes_on", "answer_owed_from", "response_due_on", "first_due_on", "responded_on"):
        assert getattr(panel, field) == getattr(twin, field)
    for after in (-1, 0, 1, 84, 85, 90, 400):
        assert TIMELINE.of(panel, closes + after * DAY) == TIMELINE.of(twin, closes + after * DAY)


# Taking it back, putting it right


def test_a_report_that_is_taken_back_is_due_again_by_the_day_it_was_due(panel, by):
    report = publish_report(panel, by=by, on=DUE - 10 * DAY, **said())

    take_back_report(report, by=by, on=DUE)
    take_back_report(report, by=by, on=DUE)

    assert not StandingReport.objects.published().exists()
    assert saved(panel).next_report_on == DUE
    assert REPORTS.of(saved(panel), DUE + DAY) == ReportStage.LATE


def test_a_report_that_is_published_again_keeps_its_address(panel, by):
    report = publish_report(panel, by=by, on=DUE, **said())
    take_back_report(report, by=by, on=DUE)

    again = publish_report(saved(panel), by=by, on=DUE + DAY, **said(you_said="Better words."))

    assert again.pk == report.pk
    assert (again.reported_on, again.due_on, again.you_said) == (DUE + DAY, DUE, "Better words.")
    assert saved(panel).next_report_on == NEXT


@pytest.mark.parametrize(("after", "refused"), [(0, False), (14, False), (15, True)])
def test_a_report_can_be_taken_back_for_two_weeks(panel, by, after, refused):
    report = publish_report(panel, by=by, on=DUE, **said())
    on = DUE + after * DAY

    if refused:
        with pytest.raises(ValidationError, match="more than two weeks"):
            take_back_report(report, by=by, on=on)
    else:
        take_back_report(report, by=by, on=on)

    assert StandingReport.objects.published().exists() is refused
    assert saved(panel).next_report_on == (NEXT if refused else DUE)


def test_only_the_newest_report_can_be_taken_back(panel, by):
    older = publish_report(panel, by=by, on=DUE, **said())
    newer = publish_report(panel, by=by, on=DUE + DAY, **said(you_said="More."))

    with pytest.raises(ValidationError, match="A newer report is out"):
        take_back_report(older, by=by, on=DUE + DAY)
    take_back_report(newer, by=by, on=DUE + DAY)
    take_back_report(older, by=by, on=DUE + DAY)

    assert saved(panel).next_report_on == DUE


def test_what_was_taken_back_and_not_used_again_does_not_come_back(panel, by):
    older = publish_report(panel, by=by, on=DUE, **said())
    newer = publish_report(panel, by=by, on=DUE + DAY, **said(you_said="More."))
    for each in (newer, older):
        take_back_report(each, by=by, on=DUE + DAY)
    assert prefill_report(panel, None, DUE + DAY)["you_said"] == "More."

    publish_report(panel, by=by, on=DUE + DAY, **said(you_said="New."))

    assert StandingReport.objects.get(pk=newer.pk).you_said == "New."
    assert prefill_report(panel, newer, DUE + DAY)["you_said"] == ""


@pytest.mark.parametrize(
    ("day", "next_on"),
    [
        (DUE, date(2026, 11, 25)),
        (date(2026, 5, 29), date(2026, 11, 27)),  # six months on is a Saturday
        (date(2026, 6, 25), date(2026, 12, 24)),  # and Christmas Day
    ],
)
def test_the_form_offers_the_last_working_day_within_six_months(panel, day, next_on):
    assert prefill_report(panel, None, day)["next_on"] == [str(next_on.day), str(next_on.month), str(next_on.year)]


@pytest.mark.parametrize(("on", "kept"), [(DUE, True), (NEXT - DAY, True), (NEXT, False)])
def test_a_report_that_was_taken_back_keeps_its_day_of_the_next_one_while_it_is_to_come(panel, by, on, kept):
    take_back_report(publish_report(panel, by=by, on=DUE, **said()), by=by, on=DUE)

    offered = prefill_report(panel, None, on)["next_on"]

    assert (offered == [str(NEXT.day), str(NEXT.month), str(NEXT.year)]) is kept


def test_putting_a_report_right_moves_no_date(panel, by):
    report = publish_report(panel, by=by, on=DUE, **said())
    words = {"you_said": "Groups are early.", "what_changed": "Three groups meet at 5pm.", "took_part": Count(24)}

    put_report_right(report, by=by, version=report.version, **words)

    now = StandingReport.objects.get()
    assert (now.you_said, now.what_changed, now.took_part) == ("Groups are early.", "Three groups meet at 5pm.", 24)
    assert (now.reported_on, now.due_on, now.next_on) == (DUE, DUE, NEXT)
    assert saved(panel).next_report_on == NEXT


def test_of_two_people_who_put_a_report_right_the_second_is_told(panel, by):
    report = publish_report(panel, by=by, on=DUE, **said())
    words = {"you_said": "First.", "what_changed": "First.", "took_part": Count(24)}
    put_report_right(report, by=by, version=report.version, **words)

    put_report_right(report, by=by, version=report.version, **words)  # the same again is no clash
    with pytest.raises(Conflict):
        put_report_right(report, by=by, version=report.version, **words | {"you_said": "Second."})

    assert StandingReport.objects.get().you_said == "First."


def test_a_report_that_was_taken_back_is_not_put_right(panel, by):
    report = publish_report(panel, by=by, on=DUE, **said())
    take_back_report(report, by=by, on=DUE)
    now = StandingReport.objects.get()

    with pytest.raises(Conflict):
        put_report_right(now, by=by, version=now.version, you_said="New.", what_changed="New.", took_part=Count(9))


@pytest.mark.parametrize(
    ("field", "value"),
    [("you_said", ""), ("what_changed", " "), ("took_part", Count()), ("you_said", "2 parents came.")],
)
def test_a_correction_that_lacks_something_is_refused(panel, by, field, value):
    report = publish_report(panel, by=by, on=DUE, **said())
    words = {"you_said": "First.", "what_changed": "First.", "took_part": Count(24), field: value}

    with pytest.raises(ValidationError) as refused:
        put_report_right(report, by=by, version=report.version, **words)

    assert list(refused.value.message_dict) == [field]
    assert StandingReport.objects.get().you_said == "Groups are all in the morning."


# What the database and the history keep


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("report_says_something", {"you_said": " \n"}),
        ("report_says_something", {"what_changed": ""}),
        ("report_says_how_many", {"took_part": None}),
        *(("report_few_has_no_number", {"took_part": number}) for number in (1, 2, 3, 4)),
        ("report_few_has_no_number", {"took_part_is_few": True}),
        ("report_next_within_six_months", {"next_on": lambda: days(-30)}),
        ("report_next_within_six_months", {"next_on": lambda: days(-30) + REPORT_WITHIN + DAY}),
    ],
)
def test_the_database_refuses(name, facts):
    StandingReportFactory()

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        StandingReport.objects.update(**worked_out(facts))


@pytest.mark.parametrize(
    "facts",
    [
        {"took_part": 0},
        {"took_part": 5},
        {"took_part": None, "took_part_is_few": True},
        {"next_on": None},
        {"next_on": lambda: days(-29)},
        {"next_on": lambda: days(-30) + REPORT_WITHIN},
        {"published_at": None, "you_said": "", "what_changed": "", "took_part": None},
    ],
)
def test_the_database_takes(facts):
    StandingReportFactory()

    assert StandingReport.objects.update(**worked_out(facts)) == 1


def test_every_refusal_is_said_in_words():
    for constraint in StandingReport._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            assert str(constraint.violation_error_message) != CheckConstraint.default_violation_error_message


def test_the_history_says_who_did_what_and_keeps_no_words_of_families(panel, by):
    report = publish_report(panel, by=by, on=DUE, **said())
    take_back_report(report, by=by, on=DUE)

    history = apps.get_model("feedback", "StandingReportHistory")
    kept = history.objects.filter(pgh_obj_id=report.pk).order_by("pgh_id")
    assert [each.pgh_context.metadata["did"] for each in kept] == ["published a report", "took a report back"]
    assert "you_said" not in {field.name for field in history._meta.get_fields()}
    asked = apps.get_model("consultations", "ConsultationHistory").objects.filter(pgh_obj_id=panel.pk)
    newest = asked.latest("pgh_id")
    assert newest.pgh_context.metadata == {"by": by.pk, "did": "took a report back"}


# What families see


def shown(client, consultation) -> str:
    """Its page."""
    return client.get(consultation.get_absolute_url()).content.decode()


def test_the_newest_report_comes_first_on_the_page_and_earlier_ones_are_folded(client):
    panel = ConsultationFactory(standing=True)
    StandingReportFactory(consultation=panel, reported_on=days(-200), you_said="The first thing.", next_on=None)
    StandingReportFactory(consultation=panel, you_said="The **newest** thing.")

    html = shown(client, panel).partition("<main")[2]

    assert html.index("The <strong>newest</strong> thing.") < html.index("The first thing.")
    assert html.index("What came of it so far") < html.index("Who decides")
    assert html.index("<details") < html.index("The first thing.") < html.index("</details>")
    assert "23 people or families took part." in html
    assert "The next report comes by" in html
    assert "There is no report yet" not in html
    assert reverse("feedback:reports", args=[panel.slug]) in html


def test_a_report_stays_on_the_page_once_the_panel_has_a_closing_date(client):
    report = StandingReportFactory()
    Consultation.objects.update(next_report_on=None, closes_on=days(10))

    html = shown(client, report.consultation)

    assert report.what_changed in html
    assert "The next report comes by" not in html


def test_a_page_whose_next_report_is_late_says_so_beside_the_last_one(client):
    report = StandingReportFactory(consultation__next_report_on=days(-12), next_on=days(-12))

    html = shown(client, report.consultation)

    assert html.index("The report is 12 days late.") < html.index(report.you_said)
    assert "The next report comes by" not in html


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"took_part": 1204}, "1,204 people or families took part."),
        ({"took_part": 0}, "Nobody took part."),
        ({"took_part": None, "took_part_is_few": True}, "Fewer than 5 people or families took part."),
    ],
)
def test_how_many_took_part_is_said_without_a_small_number(client, facts, words):
    assert words in shown(client, StandingReportFactory(**facts).consultation)


def test_a_report_that_was_taken_back_is_on_no_page(client):
    report = StandingReportFactory(published_at=None)

    assert report.you_said not in shown(client, report.consultation)
    assert (
        report.you_said not in client.get(reverse("feedback:reports", args=[report.consultation.slug])).content.decode()
    )
    assert "Report of" not in client.get(reverse("consultations:find")).content.decode()


def test_all_reports_stand_in_full_on_a_page_of_their_own(client):
    panel = ConsultationFactory(standing=True)
    for number in range(EARLIER_SHOWN + 3):
        StandingReportFactory(
            consultation=panel, reported_on=days(-30 * number - 1), you_said=f"Thing {number}.", next_on=None
        )
    StandingReportFactory(you_said="Of another panel.")

    html = client.get(reverse("feedback:reports", args=[panel.slug])).content.decode()

    places = [html.index(f"Thing {number}.") for number in range(EARLIER_SHOWN + 3)]
    assert places == sorted(places)
    assert "<details" not in html.partition("<main")[2]
    assert "Of another panel." not in html
    assert shown(client, panel).count('<details class="govuk-details"') == EARLIER_SHOWN


def test_that_page_says_when_the_next_report_is_late(client):
    report = StandingReportFactory(consultation__next_report_on=days(-12), next_on=days(-12))
    page = reverse("feedback:reports", args=[report.consultation.slug])
    assert "The report is 12 days late." in client.get(page).content.decode()

    Consultation.objects.update(next_report_on=days(12))
    assert "days late" not in client.get(page).content.decode()


def test_each_report_has_an_address_on_that_page(client):
    report = StandingReportFactory()
    address, _hash, place = report.get_absolute_url().partition("#")

    assert f'id="{place}"' in client.get(address).content.decode()


def test_a_page_of_reports_without_any_says_so_and_leads_back(client):
    panel = ConsultationFactory(standing=True)

    html = client.get(reverse("feedback:reports", args=[panel.slug])).content.decode()

    assert "There is no report yet" in html
    assert panel.get_absolute_url() in html


def test_nobody_finds_the_reports_of_what_is_not_published(client):
    panel = StandingReportFactory(consultation__draft=True).consultation

    assert client.get(reverse("feedback:reports", args=[panel.slug])).status_code == 404


@pytest.mark.parametrize("page", ["2", "999", "x"])
def test_many_reports_come_in_pages(client, page):
    panel = ConsultationFactory(standing=True)
    for number in range(21):
        StandingReportFactory(consultation=panel, reported_on=days(-number), you_said=f"Thing {number}.", next_on=None)

    answer = client.get(reverse("feedback:reports", args=[panel.slug]), {"page": page})

    assert len(answer.context["reports"]) == (20 if page == "x" else 1)


def test_the_card_and_the_feed_say_when_the_newest_report_came(client):
    report = StandingReportFactory(consultation__title="A panel")
    StandingReportFactory(consultation=report.consultation, reported_on=days(-200), next_on=None)
    words = newest_reports([report.consultation_id], today())[report.consultation_id]
    assert words.startswith("Report of ")

    assert words in client.get(reverse("consultations:find")).content.decode()
    assert f"A panel (Always open. {words})" in client.get(reverse("consultations:feed")).content.decode()


def test_a_report_makes_its_panel_the_newest_of_the_feed(client, by):
    panel = ConsultationFactory(title="A panel", standing=True)
    Consultation.objects.update(published_at=timezone.now() - timedelta(days=90))
    ConsultationFactory(title="Newer", published_at=timezone.now() - timedelta(days=1))
    Consultation.objects.update(changed_at=timezone.now() - timedelta(days=1))

    publish_report(panel, by=by, on=today(), **said(next_on=days(100)))

    feed = client.get(reverse("consultations:feed")).content.decode()
    assert feed.index("A panel (Always open. Report of") < feed.index("Newer")


@pytest.mark.parametrize("count", [1, 20])
def test_panels_take_the_same_queries_for_one_as_for_twenty(django_assert_num_queries, count):
    ids = []
    for _number in range(count):
        panel = ConsultationFactory(standing=True)
        for number in range(6):
            StandingReportFactory(consultation=panel, reported_on=days(-number - 1), next_on=None)
        ids.append(panel.pk)

    with django_assert_num_queries(1):
        found = reports(ids, today())
        assert all(len(each.earlier) == EARLIER_SHOWN and each.newest.took_part for each in found.values())
        assert all(each.all_url for each in found.values())
    with django_assert_num_queries(1):
        assert len(newest_reports(ids, today())) == count


@pytest.mark.parametrize("count", [1, 20])
def test_pages_with_reports_keep_within_their_questions(client, django_assert_max_num_queries, count):
    for number in range(count):
        report = StandingReportFactory(consultation__title=f"Panel {number}")
        for earlier in range(count - 1):
            StandingReportFactory(consultation=report.consultation, reported_on=days(-40 - earlier), next_on=None)

    with django_assert_max_num_queries(11):
        client.get(report.consultation.get_absolute_url())
    with django_assert_max_num_queries(12):
        client.get(reverse("consultations:find"))
    with django_assert_max_num_queries(4):  # with since when nobody looks after the hub
        client.get(reverse("feedback:reports", args=[report.consultation.slug]))
