"""The desk's pages of timings: read by those who look after the hub, changed by who manages it, after a preview."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory, days
from core.dates import next_working_day, today
from notices.defaults import load_steps
from notices.models import Step

pytestmark = pytest.mark.django_db

TIMINGS = reverse("notices:timings")


@pytest.fixture(autouse=True)
def shipped_steps(db):
    """The timings that ship with the hub."""
    load_steps()


@pytest.fixture
def manager(client):
    """The browser of whoever manages the hub."""
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    return client


def step(key: str) -> Step:
    """The newest timing of a step."""
    return Step.objects.filter(key=key).order_by("pk").last()


def posted(page: str, **changes) -> dict:
    """What a browser would send back of a form, with some of it changed."""
    data: dict = {}
    for tag in re.findall(r"<input[^>]*>", page):
        facts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        ticked = facts.get("type") not in ("radio", "checkbox") or re.search(r"\schecked", tag)
        if facts.get("name") and facts["name"] != "csrfmiddlewaretoken" and ticked:
            data.setdefault(facts["name"], []).append(facts.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*\sselected', options)
        data[name] = [chosen[1] if chosen else ""]
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*([^<]*)</textarea>', page):
        data[name] = [text]
    return data | changes


def test_every_reminder_is_said_in_words(manager):
    page = manager.get(TIMINGS).content.decode()

    assert "28 days before the day the answer is due" in page
    assert "15 days after the day the answer is due, then every 14 days" in page
    assert "Owner, Deputy, Lead of the organisation, Family Information Service" in page
    assert "the first who is there: Team mailbox, else Deputy, else Lead" in page
    assert "Stands in:" not in page

    Step.objects.filter(key="late_1").update(chain=["lead"], urgent=True)
    page = manager.get(TIMINGS).content.decode()
    assert "Stands in: Lead of the organisation" in page
    assert "In a mail of its own" in page


def test_an_editor_reads_the_timings_and_changes_none(client):
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    page = client.get(TIMINGS).content.decode()
    assert "Add a reminder" not in page
    for name in ("timing", "timing-stop"):
        assert client.get(reverse(f"notices:{name}", args=[step("due_28").pk])).status_code == 403


def test_nothing_changes_before_the_preview_was_agreed_to(manager):
    ConsultationFactory(title="Short breaks", closes_on=days(-34), opens_on=days(-90))
    Consultation.objects.update(answer_owed_from=days(-33), response_due_on=days(40), first_due_on=days(40))
    address = reverse("notices:timing", args=[step("due_28").pk])
    data = posted(manager.get(address).content.decode(), days="35")

    preview = manager.post(address, data | {"do": "preview"})
    html = preview.content.decode()

    assert preview.status_code == 200
    assert "35 days before the day the answer is due" in html
    assert "Short breaks" in html
    assert step("due_28").offset_days == -28

    assert manager.post(address, posted(html, do="save")).url == f"{TIMINGS}?shown=answer-owed#answer-owed"
    changed = step("due_28")
    assert (changed.offset_days, changed.recipients) == (-35, ["owner"])
    assert changed.valid_from == next_working_day(today() + timedelta(days=1))
    assert "35 days before the day the answer is due" in manager.get(TIMINGS).content.decode()


def test_going_back_from_the_preview_keeps_everything_typed(manager):
    address = reverse("notices:timing", args=[step("late_1").pk])
    data = posted(manager.get(address).content.decode(), days="3", text="Please publish it.", chain_2="")
    back = manager.post(address, posted(manager.post(address, data).content.decode(), do="back")).content.decode()

    again = posted(back)
    assert again["days"] == ["3"]
    assert again["text"] == ["Please publish it."]
    assert again["recipients"] == ["owner", "deputy", "lead", "fis"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"days": ""}, "Enter how many days"),
        ({"days": "soon"}, "must be a number"),
        ({"recipients": []}, "Choose who is told"),
        ({"text": ""}, "Enter what we ask for"),
        ({"repeat_every_days": "1"}, "nobody reads a reminder that comes every day"),
        ({"chain_1": "lead", "chain_2": "lead"}, "only once"),
        ({"valid_from_day": "1", "valid_from_month": "1", "valid_from_year": "2020"}, "Choose a day still to come"),
        ({"valid_from_day": "31", "valid_from_month": "2", "valid_from_year": "2030"}, "must be a real date"),
        ({"anchor": "yesterday"}, "Choose one of the answers in the list"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_kept(manager, changes, words):
    address = reverse("notices:timing", args=[step("late_1").pk])
    data = posted(manager.get(address).content.decode(), **changes)

    refused = manager.post(address, data | {"do": "save"})

    assert refused.status_code == 400
    assert words in refused.content.decode()
    assert Step.objects.filter(key="late_1").count() == 1


def test_a_reminder_is_added_and_stopped_and_started_again(manager):
    address = reverse("notices:timing-add", args=["answer-owed"])
    data = posted(manager.get(address).content.decode(), days="3", text="Three days late.", do="save")
    data |= {"side": "after", "anchor": "response_due_on", "recipients": ["owner"]}
    assert manager.post(address, data).url == f"{TIMINGS}?shown=answer-owed#answer-owed"
    added = step("added_9")
    assert (added.offset_days, added.anchor) == (3, "response_due_on")

    stop = reverse("notices:timing-stop", args=[step("due_28").pk])
    assert "Stop this reminder?" in manager.get(stop).content.decode()
    assert manager.post(stop).url == f"{TIMINGS}?shown=answer-owed#answer-owed"
    assert not step("due_28").is_in_force(today() + timedelta(days=1))


def test_the_last_reminder_of_what_is_late_says_why_it_cannot_stop(manager):
    refused = manager.post(reverse("notices:timing-stop", args=[step("note_past_1").pk]))

    assert refused.status_code == 400
    assert "Chasing never stops" in refused.content.decode()


def test_a_reminder_of_a_reason_that_is_gone_is_not_found(manager):
    gone = Step.objects.create(reason="long-ago", key="x", anchor="y", offset_days=0, recipients=["owner"], text="x")

    assert manager.get(reverse("notices:timing", args=[gone.pk])).status_code == 404
    assert manager.get(reverse("notices:timing-add", args=["long-ago"])).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_as_many_queries_for_one_reminder_as_for_twenty(manager, django_assert_num_queries, count):
    Step.objects.exclude(key="late_1").delete()
    for number in range(count - 1):
        Step.objects.create(
            reason="answer-owed", key=f"k{number}", anchor="response_due_on", offset_days=number, recipients=["owner"]
        )

    with django_assert_num_queries(4):  # person, roles, steps, upkeep
        manager.get(TIMINGS)
