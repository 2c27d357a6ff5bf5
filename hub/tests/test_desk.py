""" "What you owe", the front page of the desk."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return MembershipFactory(job_title="Short breaks lead", organisation=OrganisationFactory(promising=True))


@pytest.fixture
def desk(client, member):
    """Opens the desk of the member, or of somebody else."""

    def open_desk(by=None, **asked):
        client.force_login((by or member).user)
        answer = client.get(reverse("desk"), asked)
        assert answer.status_code == 200
        return answer

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
                *("What you owe", "Consultations", "Events", "Forward plan"),
                *("Panels and groups", "What families were told"),
            ],
        ),
        (
            Role.LEAD,
            [
                *("What you owe", "Consultations", "Events", "Forward plan", "People"),
                *("Panels and groups", "What families were told"),
            ],
        ),
        (
            Role.FIS_EDITOR,
            [
                *("What you owe", "Consultations", "Events", "Forward plan", "Messages", "People"),
                *("Panels and groups", "What families were told", "Board reports", "Set up the hub", "Search words"),
            ],
        ),
        (
            Role.BOARD_VIEWER,
            [
                *("What you owe", "Consultations", "Events", "Forward plan"),
                *("Panels and groups", "What families were told", "Board reports"),
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


def test_the_tiles_count_what_is_owed(desk, member):
    ours(member, late=True, took_part=200)
    ours(member, awaiting=True, response_due_on=days(28), took_part=12)
    ours(member, awaiting=True, response_due_on=days(29))
    FeedbackEntryFactory(overdue=True, organisation=member.organisation)
    FeedbackEntryFactory(promised=True, organisation=member.organisation)
    ConsultationFactory(late=True, took_part=999)

    answer = desk()

    assert tile(answer, "answer late") == "1"
    assert tile(answer, "due in 28 days") == "1"
    assert tile(answer, "promise past its date") == "1"
    assert tile(answer, "families waiting") == "212"


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


def test_the_tiles_count_late_reports_apart_and_due_ones_with_the_answers(desk, member):
    assert tile(desk(), "report late") is None
    ours(member, standing=True, next_report_on=days(-12), took_part=200)
    ours(member, standing=True, next_report_on=days(5), took_part=30)
    ours(member, awaiting=True, response_due_on=days(28), took_part=12)
    ConsultationFactory(standing=True, next_report_on=days(-9), took_part=999)

    answer = desk()

    assert tile(answer, "report late") == "1"
    assert tile(answer, "answers late") == "0"
    assert tile(answer, "due in 28 days") == "2"
    assert tile(answer, "families waiting") == "212"


@time_machine.travel("2026-07-01 12:00 +0100")
def test_on_time_is_judged_by_the_first_date_and_counts_what_is_still_late(desk, member):
    first = date(2026, 4, 8)
    dates = {"opens_on": date(2025, 12, 1), "closes_on": date(2026, 1, 14), "first_due_on": first}
    moved = dates | {"response_due_on": date(2026, 4, 20)}
    for answered in (date(2026, 4, 7), first, date(2026, 4, 9), None):
        ours(member, responded_on=answered, **moved)
    last_year = {"opens_on": date(2025, 1, 1), "closes_on": date(2025, 2, 1), "responded_on": date(2025, 4, 1)}
    ours(member, **last_year)

    assert tile(desk(), "on time this year") == "2 of 4"


def test_without_anything_due_this_year_nothing_is_said_of_time(desk):
    assert tile(desk(), "on time this year") is None


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


@pytest.mark.parametrize("count", [1, 20])
def test_the_desk_takes_the_same_queries_however_long(client, member, django_assert_max_num_queries, count):
    for _number in range(count):
        ours(member, late=True)
        FeedbackEntryFactory(overdue=True, organisation=member.organisation)
        ours(member, standing=True, next_report_on=days(-3))
    client.force_login(member.user)

    with django_assert_max_num_queries(11):  # session, person, memberships, three queues, three tiles, upkeep
        client.get(reverse("desk"))
