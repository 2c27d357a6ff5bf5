"""Reports for boards and the evidence pack: the figures of hand-made rows, frozen, for those who may read them."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
import time_machine
from django.db import InternalError, transaction
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory
from core.actions import state_facts
from core.models import Area, Topic
from feedback.models import AnswerState, IssuedReport
from feedback.parents.tests.factories import ParentCheckFactory
from feedback.tests.factories import FeedbackEntryFactory, IssuedReportFactory, ResponseFactory
from hub.reports import Quarter, chart_of, gather
from standards.tests.factories import AdoptionFactory

pytestmark = pytest.mark.django_db

QUARTER = Quarter(2026, 1)
TODAY = date(2026, 4, 7)
MORNING = datetime(2026, 2, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def one_day():
    """The quarter is over since a week."""
    with time_machine.travel(datetime(2026, 4, 7, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def parks():
    return OrganisationFactory(name="Parks", promising=True)


@pytest.fixture
def sign_in(client):
    """Signs somebody in who has a role."""

    def _sign_in(role):
        member = MembershipFactory(role=role)
        client.force_login(member.user)
        return member.user

    return _sign_in


def asked(organisation, opens_on, closes_on, **facts):
    """A consultation by its dates."""
    return ConsultationFactory(
        organisation=organisation, open=True, opens_on=opens_on, closes_on=closes_on, published_at=MORNING, **facts
    )


def answered(organisation, *, due_on, on, title="Swings", **facts):
    """A consultation of the last year whose answer is out."""
    return ResponseFactory(
        consultation=asked(
            organisation, date(2025, 10, 1), date(2025, 11, 1), title=title,
            first_due_on=due_on, response_due_on=due_on, responded_on=on,
        ),
        **facts,
    )  # fmt: skip


def section(key, quarter=QUARTER):
    """One section of the report as it stands."""
    return next(each for each in gather(quarter, TODAY)["sections"] if each["key"] == key)


# What it says


def test_a_quarter_ends_with_its_third_month():
    ends = [Quarter(2026, number).ends_on for number in (1, 2, 3, 4)]

    assert ends == [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31)]
    assert Quarter.of(date(2026, 1, 1)).before == Quarter(2025, 4)


def test_it_counts_what_opened_and_closed_in_its_days_and_no_draft_and_no_past_record(parks):
    north = term(Area, "north", label="North")
    zoo = OrganisationFactory(name="Zoo")
    asked(parks, date(2026, 1, 1), date(2026, 3, 31)).areas.add(north)
    asked(parks, date(2025, 12, 31), date(2026, 1, 1))
    asked(zoo, date(2026, 3, 31), date(2026, 4, 30), level="participation").areas.add(north)
    asked(zoo, date(2026, 4, 1), date(2026, 5, 1))
    ConsultationFactory(draft=True, organisation=zoo, opens_on=date(2026, 2, 1), closes_on=date(2026, 2, 20))
    ConsultationFactory(past=True, organisation=zoo, closes_on=date(2026, 2, 1))

    found = section("asked")
    assert found["rows"] == [["Parks", 1, 2], ["Zoo", 1, 0]]
    assert found["words"] == ["2 consultations opened and 2 closed."]
    assert section("areas")["rows"] == [["No area named", 0, 1], ["North", 2, 1]]
    assert ["You work with us", 1] in section("levels")["rows"]


def test_on_time_is_judged_by_the_first_date_and_says_how_many_were_due(parks):
    due = date(2026, 2, 2)
    answered(parks, due_on=due, on=due)
    answered(parks, due_on=due, on=date(2026, 2, 3))
    asked(parks, date(2025, 10, 1), date(2025, 11, 1), first_due_on=due, response_due_on=due)
    answered(parks, due_on=date(2026, 4, 2), on=date(2026, 3, 1))  # was due in the next one

    found = section("on-time")
    assert found["rows"] == [["Parks", 3, 1]]
    assert found["words"] == ["1 of 3 answers that were due came by the day families were first told."]


def test_it_names_each_answer_that_was_late_on_the_last_day(parks):
    due = date(2026, 3, 27)
    asked(parks, date(2025, 10, 1), date(2025, 11, 1), title="Owed", first_due_on=due, response_due_on=due)
    answered(parks, due_on=due, on=date(2026, 4, 2), title="Answered since")
    answered(parks, due_on=due, on=date(2026, 3, 31), title="Answered by then")

    rows = section("late")["rows"]
    assert [row[1:] for row in rows] == [
        ["Owed", "27 March 2026", 4],
        ["Answered since", "27 March 2026", 4],
    ]


def test_promises_are_kept_open_or_past_their_date(parks):
    facts = {"organisation": parks, "published_at": MORNING}
    FeedbackEntryFactory(done_on=date(2026, 3, 1), **facts)
    FeedbackEntryFactory(done_on=date(2025, 12, 1), **facts)
    FeedbackEntryFactory(promised=True, due_on=date(2026, 6, 1), **facts)
    FeedbackEntryFactory(promised=True, due_on=date(2026, 3, 30), **facts)
    FeedbackEntryFactory(answer=AnswerState.DECIDING, we_did="Cabinet meets.", next_update_on=date(2026, 3, 1), **facts)

    assert section("promises")["rows"] == [["Parks", 1, 1, 2]]


def test_what_parents_say_of_promises_is_counted_by_service(parks):
    assert section("parents")["words"] == ["Nobody asked parents in these months whether a promise was kept."]
    entry = FeedbackEntryFactory(organisation=parks, done_on=date(2025, 12, 1), published_at=MORNING)
    for verdict, day in (("yes", 5), ("no", 6), ("no", 7)):
        ParentCheckFactory(entry=entry, verdict=verdict, told_on=date(2026, 3, day))
    ParentCheckFactory(entry=entry, verdict="partly", told_on=date(2026, 4, 1))

    found = section("parents")

    assert found["rows"] == [["Parks", 1, 0, 2]]
    assert "3 times" in found["words"][0]


def test_who_adopted_the_standard_stands_in_the_report_as_of_its_last_day(parks):
    assert section("standard")["words"] == ["Nobody has adopted the standard."]
    AdoptionFactory(organisation=parks, adopted_on=date(2025, 6, 1))

    assert section("standard")["rows"] == [["Parks", "Lapsed"]]


def test_topics_come_most_talked_about_first(parks):
    play, travel = term(Topic, "play", label="Play"), term(Topic, "travel", label="Travel")
    for topics in ([travel], [travel, play]):
        FeedbackEntryFactory(organisation=parks, published_at=MORNING).topics.set(topics)

    found = section("topics")
    assert found["rows"] == [["Travel", 2], ["Play", 1]]
    assert [bar.width for bar in chart_of(found).bars] == [340, 170]


def test_no_small_group_has_a_number_and_none_is_left_when_the_others_are_taken_away(parks):
    on = date(2026, 2, 2)
    answered(parks, due_on=on, on=on, title="A", total=40)
    answered(parks, due_on=on, on=on, title="B", total_is_few=True)
    answered(parks, due_on=on, on=on, title="C")

    found = section("who")
    assert [row[2] for row in found["rows"]] == ["40", "fewer than 5", "Not said"]
    assert "Together they name 40 people or families." in found["words"][1]


# Issued, and then never again otherwise


def test_an_issued_report_stays_as_it_was_whatever_changes(client, sign_in, parks):
    asked(parks, date(2026, 1, 5), date(2026, 3, 6), title="Swings")
    sign_in(Role.FIS_MANAGER)
    page = client.get(reverse("board-report-draft", args=[2026, 1]))
    assert "Nobody else sees this draft" in page.content.decode()

    answer = client.post(
        reverse("board-report-draft", args=[2026, 1]), {"asks": "=Fund the booking line.", "after": 0}, follow=True
    )
    Consultation.objects.update(opens_on=date(2025, 1, 5), title="Slides")
    parks.name = "Play"
    parks.save()

    report = IssuedReport.objects.get()
    read = client.get(reverse("board-report", args=[report.pk])).content.decode()
    assert answer.redirect_chain[-1][0] == reverse("board-report", args=[report.pk])
    assert "Parks" in read
    assert "Fund the booking line." in read
    assert "Play" not in read.partition("<main")[2]
    table = b"".join(client.get(reverse("board-report-csv", args=[report.pk])).streaming_content).decode()
    rows = list(csv.reader(StringIO(table.removeprefix("\ufeff"))))
    assert ["What families were asked", "Parks", "Opened", "1"] in rows
    assert rows[-1][-1] == "'=Fund the booking line."


def test_the_database_changes_no_issued_report():
    report = IssuedReportFactory()

    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        IssuedReport.objects.update(content={"title": "Better figures"})
    report.refresh_from_db()
    assert report.content["title"] == "Report for boards"


def test_a_second_press_issues_nothing_and_a_mended_one_takes_its_place(client, sign_in):
    sign_in(Role.FIS_MANAGER)
    address = reverse("board-report-draft", args=[2026, 1])
    for after in (0, 0, 1):
        client.post(address, {"asks": "", "after": after})

    assert list(IssuedReport.objects.values_list("number", flat=True)) == [2, 1]
    first = IssuedReport.objects.get(number=1)
    assert "A newer report took the place" in client.get(reverse("board-report", args=[first.pk])).content.decode()


def test_a_quarter_that_runs_has_a_draft_and_is_not_issued(client, sign_in):
    sign_in(Role.FIS_MANAGER)
    address = reverse("board-report-draft", args=[2026, 2])

    assert "You can issue it after" in client.get(address).content.decode()
    assert client.post(address, {"asks": "", "after": 0}).status_code == 400
    assert client.get(reverse("board-report-draft", args=[2026, 3])).status_code == 404
    assert not IssuedReport.objects.exists()


def test_words_to_the_board_count_no_small_group(client, sign_in):
    sign_in(Role.FIS_MANAGER)
    sent = {"asks": "3 parents of Larch House need beds.", "after": 0}

    answer = client.post(reverse("board-report-draft", args=[2026, 1]), sent)

    assert answer.status_code == 400
    assert "could point at a family" in answer.content.decode()
    assert "3 parents of Larch House" in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "reads", "drafts", "packs"),
    [
        (Role.BOARD_VIEWER, 200, 403, 403),
        (Role.FIS_EDITOR, 200, 403, 200),
        (Role.LEAD, 403, 403, 403),
        (Role.PARENT_REVIEWER, 403, 403, 403),
    ],
)
def test_boards_read_what_is_out_and_nobody_elses_drafts(client, sign_in, role, reads, drafts, packs):
    report = IssuedReportFactory()
    sign_in(role)

    for name, arguments in (("board-reports", []), ("board-report", [report.pk]), ("board-report-csv", [report.pk])):
        assert client.get(reverse(name, args=arguments)).status_code == reads
    assert client.get(reverse("board-report-draft", args=[2026, 1])).status_code == drafts
    assert client.get(reverse("evidence-pack")).status_code == packs
    if reads == 200:
        assert "Make a report" not in client.get(reverse("board-reports")).content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_the_pages_ask_as_much_for_many_rows_as_for_one(client, sign_in, parks, count, django_assert_max_num_queries):
    for number in range(count):
        IssuedReportFactory()
        body = OrganisationFactory(name=f"Service {number}", promising=True)
        answered(body, due_on=date(2026, 2, 2), on=date(2026, 2, 3), title=f"Swings {number}")
        asked(body, date(2026, 1, 5), date(2026, 3, 6), first_due_on=date(2026, 3, 9), response_due_on=date(2026, 3, 9))
    sign_in(Role.FIS_MANAGER)

    for name, arguments, most in (("board-reports", [], 12), ("board-report-draft", [2026, 1], 20)):
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name, args=arguments)).status_code == 200


# The evidence pack


def days_from_to(first: date, last: date, **more) -> dict:
    """What the form sends."""
    parts = {"day": "day", "month": "month", "year": "year"}
    return {
        f"{name}_{part}": getattr(day, attribute)
        for name, day in (("first", first), ("last", last))
        for part, attribute in parts.items()
    } | more


def test_the_pack_holds_the_answers_and_log_of_its_days_and_topics_and_nobodys_name(client, sign_in, parks):
    play = term(Topic, "play", label="Play")
    on = date(2026, 2, 2)
    inside = answered(parks, due_on=on, on=on, title="=Swings", total_is_few=True)
    inside.consultation.topics.add(play)
    answered(parks, due_on=on, on=on, title="Of another topic")
    answered(parks, due_on=on, on=date(2025, 12, 31), title="Too early").consultation.topics.add(play)
    entry = FeedbackEntryFactory(
        organisation=parks, published_at=MORNING, theme="+Gates", quote="My son Larch fell", owner=MembershipFactory()
    )
    entry.topics.add(play)
    FeedbackEntryFactory(organisation=parks, published_at=None, theme="A draft").topics.add(play)
    sign_in(Role.FIS_EDITOR)

    answer = client.post(reverse("evidence-pack"), days_from_to(date(2026, 1, 1), date(2026, 3, 31), topics=[play.pk]))

    pack = ZipFile(BytesIO(b"".join(answer.streaming_content)))
    assert sorted(pack.namelist()) == [
        *("answers.csv", "answers.html", "index.html", "log.csv", "log.html"),
        *("standard.csv", "standard.html", "style.css"),
    ]
    texts = {name: pack.read(name).decode("utf-8-sig") for name in pack.namelist()}
    assert "Not approved by Ofsted or CQC" in texts["index.html"]
    answers = list(csv.DictReader(StringIO(texts["answers.csv"])))
    assert [(row["Consultation"], row["How many took part"]) for row in answers] == [("'=Swings", "fewer than 5")]
    assert [row["Answered on"] for row in answers] == ["2026-02-02"]
    assert "2 February 2026" in texts["answers.html"]
    assert "2026-02-02" not in texts["answers.html"]
    assert [row["Point"] for row in csv.DictReader(StringIO(texts["log.csv"]))] == ["'+Gates"]
    everything = " ".join(texts.values())
    for personal in ("Larch", entry.owner.user.email, inside.contact_phone, inside.contact_email):
        assert personal not in everything


def test_a_pack_names_the_council_as_it_named_itself_when_it_set_up_the_hub(client, sign_in):
    state_facts(by=None, council_name="Ottershire Council")
    sign_in(Role.FIS_EDITOR)

    answer = client.post(reverse("evidence-pack"), days_from_to(date(2026, 1, 1), date(2026, 3, 31)))

    pack = ZipFile(BytesIO(b"".join(answer.streaming_content)))
    assert "Ottershire Council" in pack.read("index.html").decode()
    assert "Ottershire Council" in pack.read("log.html").decode()


def test_a_pack_that_ends_before_it_begins_is_refused(client, sign_in):
    sign_in(Role.FIS_EDITOR)

    answer = client.post(reverse("evidence-pack"), days_from_to(date(2026, 3, 1), date(2026, 2, 1)))

    assert answer.status_code == 400
    assert "The last day must not come before the first" in answer.content.decode()
