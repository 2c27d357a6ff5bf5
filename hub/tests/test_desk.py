""" "What you owe", the front page of the desk."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.models import Event
from consultations.events.tests.factories import EventFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory, days
from consultations.writing.models import Check
from core.dates import today
from core.models import HeldFor, ImportedRow
from feedback.models import FeedbackEntry
from feedback.tests.factories import FeedbackEntryFactory
from notices.defaults import load_steps
from notices.models import Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return MembershipFactory(job_title="Short breaks lead", organisation=OrganisationFactory(promising=True))


@pytest.fixture
def desk(client, member):
    """Opens the desk of the member, or of somebody else; `desk.client` then opens its other pages."""

    def open_desk(by=None, **asked):
        client.force_login((by or member).user)
        answer = client.get(reverse("desk"), asked)
        assert answer.status_code == 200
        return answer

    open_desk.client = client
    return open_desk


def ours(member, **facts):
    return ConsultationFactory(organisation=member.organisation, owner=member, **facts)


def tile(answer, text):
    return next((str(each["number"]) for each in answer.context["tiles"] if text in each["text"]), None)


def test_the_desk_is_at_its_stable_address():
    assert reverse("desk") == "/desk/"


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get(reverse("desk")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (
            Role.CONTRIBUTOR,
            [
                *("What you owe", "Consultations", "Events", "Good practice", "Forward plan"),
                *(
                    "The standard",
                    "Panels and groups",
                    "Parent checks",
                    "What families were told",
                    "Toolkits and links",
                ),
            ],
        ),
        (
            Role.LEAD,
            [
                *("What you owe", "Consultations", "Events", "Good practice", "Forward plan", "People"),
                *(
                    "The standard",
                    "Panels and groups",
                    "Parent checks",
                    "What families were told",
                    "Toolkits and links",
                ),
            ],
        ),
        (
            Role.FIS_EDITOR,
            [
                *("What you owe", "Consultations", "Events", "Good practice", "Forward plan", "Messages", "People"),
                *(
                    "The standard",
                    "Panels and groups",
                    "What families tell us",
                    "Parent checks",
                    "What families were told",
                ),
                *("Toolkits and links", "Board reports", "Set up the hub", "Search words"),
            ],
        ),
        (
            Role.BOARD_VIEWER,
            [
                *("What you owe", "Consultations", "Events", "Good practice", "Forward plan"),
                *("The standard", "Panels and groups", "Parent checks", "What families were told"),
                *("Toolkits and links", "Board reports"),
            ],
        ),
    ],
)
def test_every_staff_page_has_a_menu_of_what_one_may_open(client, role, pages):
    client.force_login(MembershipFactory(role=role).user)

    for page in ("desk", "feedback:desk-reports"):
        menu = client.get(reverse(page)).context["site"].desk_menu
        assert [link.text for link in menu] == pages
        assert all(client.get(link.url).status_code == 200 for link in menu)


@pytest.mark.parametrize(
    ("page", "here"),
    [
        ("desk", "What you owe"),
        ("notices:timings", "Messages"),
        ("accounts:person-add", "People"),
        ("feedback:desk-log", "What families were told"),
        ("feedback:parent-checks", "Parent checks"),
        ("resources:desk-resources", "Toolkits and links"),
    ],
)
def test_the_menu_of_staff_pages_says_where_one_is(client, page, here):
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)

    menu = client.get(reverse(page)).context["site"].desk_menu

    assert [link.text for link in menu if link.here] == [here]


def test_an_empty_desk_says_thank_you(desk):
    assert "Nothing is owed" in desk().content.decode()


def test_a_late_answer_stands_first_with_its_button(desk, member):
    late = ours(member, late=True, response_due_on=days(-34), took_part=212)
    ours(member, awaiting=True, response_due_on=days(12))
    FeedbackEntryFactory(overdue=True, organisation=member.organisation)

    answer = desk()

    html = answer.content.decode()
    assert [row.words.split(" past ")[0] for row in answer.context["rows"]] == [
        "34 days late",
        "9 days",
        "due in 12 days",
    ]
    assert f'href="{reverse("feedback:answer", args=[late.slug])}"' in html
    assert "212 families waiting" in html


def test_the_numbers_count_what_is_owed_and_name_the_worst(desk, member):
    ours(member, late=True, response_due_on=days(-34))
    ours(member, late=True, response_due_on=days(-3))
    ours(member, awaiting=True, response_due_on=days(28))
    ours(member, awaiting=True, response_due_on=days(29))
    FeedbackEntryFactory(overdue=True, organisation=member.organisation)
    FeedbackEntryFactory(promised=True, organisation=member.organisation)
    ConsultationFactory(late=True)

    answer = desk()

    assert tile(answer, "answers late") == "2"
    assert tile(answer, "due in 28 days") == "1"
    assert tile(answer, "promise past its date") == "1"
    worst = next(each["about"] for each in answer.context["tiles"] if "late" in each["text"])
    assert worst == f"longest: 34 days, {member.user}, Short breaks lead"


def test_what_must_be_done_today_comes_first_and_only_that_is_red(desk, member):
    ours(member, awaiting=True, response_due_on=days(9))
    FeedbackEntryFactory(overdue=True, organisation=member.organisation)

    shown = [(each["text"], each["stage"]) for each in desk().context["tiles"]]

    assert shown[:3] == [
        ("promise past its date", "stage-late"),
        ("due in 28 days", "stage-closing"),
        ("answers late", ""),
    ]


@pytest.mark.parametrize(("due", "colour"), [(0, "stage-late"), (1, "stage-closing")])
def test_what_is_due_today_is_red_and_what_is_due_tomorrow_is_not(desk, member, due, colour):
    ours(member, awaiting=True, response_due_on=days(due))

    assert [each["stage"] for each in desk().context["tiles"] if each["text"] == "due in 28 days"] == [colour]


@pytest.mark.parametrize("whose", ["contributor", "mine", "everyone"])
def test_each_number_leads_to_exactly_the_rows_it_counts(desk, member, whose):
    for _number in range(2):
        ours(member, late=True)
    ours(member, awaiting=True, response_due_on=days(5))
    ours(member, standing=True, next_report_on=days(-3))
    ours(member, responded=True)
    FeedbackEntryFactory(overdue=True, organisation=member.organisation)
    for facts in ({"late": True}, {"awaiting": True, "response_due_on": days(4)}, {"responded": True}):
        ConsultationFactory(**facts)
    FeedbackEntryFactory(overdue=True)
    if whose != "contributor":
        MembershipFactory(user=member.user, role=Role.FIS_EDITOR)

    shown = desk(**({"show": "mine"} if whose == "mine" else {})).context["tiles"]

    assert len(shown) >= 5
    for each in shown:
        rows = desk.client.get(each["url"]).context["page"].paginator.count
        assert str(rows) == each["number"].split(" of ")[-1], each


def test_a_list_says_who_owns_each_row_and_can_be_narrowed(desk, member):
    ours(member, late=True, title="Respite beds")
    ours(member, late=True, title="Short breaks")
    desk()

    html = desk.client.get(reverse("desk-late")).content.decode()
    narrowed = desk.client.get(reverse("desk-late"), {"q": "RESPITE"})

    assert f"Owner: {member.user}, Short breaks lead" in html
    assert [row.owed.title for row in narrowed.context["rows"]] == ["Respite beds"]
    assert "Nothing has these words" in desk.client.get(reverse("desk-late"), {"q": "zebra"}).content.decode()


def test_a_report_stands_with_its_button_from_four_weeks_before_its_day(desk, member):
    late = ours(member, title="A late panel", standing=True, next_report_on=days(-12), took_part=212)
    ours(member, title="A panel due soon", standing=True, next_report_on=days(28))
    ours(member, title="A panel due later", standing=True, next_report_on=days(29))

    answer = desk()

    html = answer.content.decode()
    assert [(row.owed.title, row.words) for row in answer.context["rows"]] == [
        ("A late panel", "12 days late"),
        ("A panel due soon", "due in 28 days"),
    ]
    assert "Report: <a" in html
    assert f'href="{reverse("feedback:report", args=[late.slug])}"' in html
    assert "212 families waiting" in html
    assert reverse("feedback:desk-reports") in html


def test_late_reports_are_counted_apart_and_due_ones_with_the_answers(desk, member):
    assert tile(desk(), "report late") is None
    ours(member, standing=True, next_report_on=days(-12))
    ours(member, standing=True, next_report_on=days(5))
    ours(member, awaiting=True, response_due_on=days(28))
    ConsultationFactory(standing=True, next_report_on=days(-9))

    answer = desk()

    assert tile(answer, "report late") == "1"
    assert tile(answer, "answers late") == "0"
    assert tile(answer, "due in 28 days") == "2"


@time_machine.travel("2026-07-01 12:00 +0100")
def test_on_time_is_judged_by_the_first_date_and_counts_what_is_still_late(desk, member):
    first = date(2026, 4, 8)
    dates = {"opens_on": date(2025, 12, 1), "closes_on": date(2026, 1, 14), "first_due_on": first}
    moved = dates | {"response_due_on": date(2026, 4, 20)}
    for answered in (date(2026, 4, 7), first, date(2026, 4, 9), None):
        ours(member, responded_on=answered, **moved)
    last_year = {"opens_on": date(2025, 1, 1), "closes_on": date(2025, 2, 1), "responded_on": date(2025, 4, 1)}
    ours(member, **last_year)

    assert tile(desk(), "answered on time") == "2 of 4"
    said = [words for *_row, words in desk.client.get(reverse("desk-on-time")).context["rows"]]
    assert said == ["84 days late, not out yet", "1 day late", "in time", "in time"]


def test_without_anything_due_in_a_year_nothing_is_said_of_time(desk):
    assert tile(desk(), "answered on time") is None


def test_the_list_of_answers_on_time_does_not_praise_that_none_was_due(client, member):
    client.force_login(member.user)

    page = client.get(reverse("desk-on-time")).content.decode()

    assert "No answer was due yet" in page
    assert "That is how it should be" not in page


def test_those_who_look_after_the_hub_see_everyone_s_and_can_ask_for_their_own(desk):
    late = ConsultationFactory(late=True)
    editor = MembershipFactory(role=Role.FIS_EDITOR)

    assert late.title in desk(by=editor).content.decode()
    assert "What everyone owes" in desk(by=editor).content.decode()
    assert late.title not in desk(by=editor, show="mine").content.decode()


def test_others_never_see_everyone_s(desk):
    late = ConsultationFactory(late=True)

    html = desk(show="everyone").content.decode()

    assert late.title not in html
    assert "Only mine" not in html


def test_an_answer_is_gone_from_the_desk_once_it_is_out(desk, member):
    late = ours(member, late=True)
    assert late.title in desk().content.decode()

    late.responded_on = today()
    late.save()

    assert late.title not in desk().content.decode()


def test_a_long_desk_comes_in_pages(desk, member):
    for _number in range(21):
        ours(member, late=True)

    assert len(desk().context["rows"]) == 20
    assert len(desk(page=2).context["rows"]) == 1
    assert len(desk(page="999").context["rows"]) == 1
    assert len(desk(page="x").context["rows"]) == 20


@pytest.mark.parametrize("count", [1, 200])
def test_the_desk_and_its_lists_take_few_queries_however_long(client, member, django_assert_max_num_queries, count):
    facts = {"organisation": member.organisation, "owner": member}
    for trait in ({"late": True}, {"responded": True}, {"standing": True, "next_report_on": days(-3)}):
        Consultation.objects.bulk_create(ConsultationFactory.build_batch(count, **facts, **trait))
    promises = FeedbackEntryFactory.build_batch(count, overdue=True, organisation=member.organisation, owner=member)
    FeedbackEntry.objects.bulk_create(promises)
    client.force_login(member.user)

    for page in ("desk", "desk-late", "desk-late-reports", "desk-promises", "desk-on-time"):
        with django_assert_max_num_queries(20):
            assert len(client.get(reverse(page)).context["rows"]) >= min(count, 20)


@pytest.mark.parametrize("count", [1, 200])
def test_the_front_page_of_the_service_itself_takes_few_queries(client, member, django_assert_max_num_queries, count):
    """Whoever looks after the hub sees every number, every queue and every fault."""
    load_steps()
    facts = {"organisation": member.organisation, "owner": member}
    stale = {"checked_on": days(-200), "review_by": days(-100)}
    for trait in ({"late": True}, {"responded": True}, {"standing": True, "next_report_on": days(-3), **stale}):
        Consultation.objects.bulk_create(ConsultationFactory.build_batch(count, **facts, **trait))
    drafts = Event.objects.bulk_create(EventFactory.build_batch(count, **facts, draft=True))
    Check.objects.bulk_create(Check(event=draft, sent_at=timezone.now() - timedelta(days=9)) for draft in drafts)
    events = {"published_at": "2025-01-01T00:00Z", "term_time_only": False, "until": today()}
    Event.objects.bulk_create(EventFactory.build_batch(count, **facts, **events))
    Event.objects.bulk_create(EventFactory.build_batch(1, **facts, term_time_only=True))
    promises = FeedbackEntryFactory.build_batch(count, overdue=True, organisation=member.organisation, owner=member)
    FeedbackEntry.objects.bulk_create(promises)
    held = {"kind": "consultations", "source_hash": "x", "row": {}, "held_for": HeldFor.NEEDS_DATES}
    ImportedRow.objects.bulk_create(ImportedRow(reference=f"r{number}", **held) for number in range(count))
    about = [("answer-owed", Consultation), ("promise-owed", FeedbackEntry), ("report-owed", Consultation)]
    for number in range(min(count, 6)):
        reason, model = about[number % 3]
        thing = model.objects.order_by("pk")[number]
        Fault.objects.create(kind=Fault.Kind.NOBODY, reason=reason, about_id=thing.pk, recipient_hash=str(number))
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)

    with django_assert_max_num_queries(20):
        page = client.get(reverse("desk"))

    assert len(page.context["tiles"]) == 8
    assert len(page.context["faults"]) == min(count, 3)
