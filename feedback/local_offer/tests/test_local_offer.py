"""The yearly report of what families said about the local offer, from sorting to the page that families read."""

import csv
import io

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core.dates import today
from core.publishing import Conflict
from feedback.local_offer import actions, report
from feedback.models import AnswerState, FeedbackEntry, IssuedReport, LeftOut, LocalOfferPart
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db


def said(part="", **facts) -> FeedbackEntry:
    """One thing that families said ten days ago."""
    return FeedbackEntryFactory(**{"heard_on": days(-10), "local_offer": part} | facts)


def published(**days_of_it) -> IssuedReport:
    """A report that is out, about the last 30 days."""
    facts = {"by": None, "on": today(), "first": days(-30), "last": days(-1), "after": 0} | days_of_it
    return actions.publish_report(**facts)


@pytest.fixture
def manager(client):
    """Signed in as who manages the hub."""
    member = MembershipFactory(role=Role.FIS_MANAGER)
    client.force_login(member.user)
    return client


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_comments_stand_under_the_three_things_they_can_be_about():
    said(LocalOfferPart.CONTENT, theme="No page about hearing")
    said(LocalOfferPart.ACCESS, theme="Hard to find")
    said(LocalOfferPart.NOT, theme="Bins")
    said(LocalOfferPart.MADE, theme="Too old", heard_on=days(-90))
    said(theme="Nobody has looked")

    content = report.gather(days(-30), days(-1), today())

    found = {group["key"]: [each["about"] for each in group["comments"]] for group in content["groups"]}
    assert found == {"content": ["No page about hearing"], "access": ["Hard to find"], "made": []}


def test_what_is_left_out_is_counted_and_its_words_are_not_told():
    said(LocalOfferPart.CONTENT, theme="In")
    said(LocalOfferPart.CONTENT, left_out=LeftOut.ONE_PERSON, you_said="My own boy")
    for _each in range(6):
        said(LocalOfferPart.ACCESS, left_out=LeftOut.ABUSE)

    content = report.gather(days(-30), days(-1), today())

    assert "My own boy" not in str(content)
    # A count from 1 to 4 could point at a family (DESIGN rule 9).
    assert [number for _why, number in content["left_out"]] == ["fewer than 5", "6"]
    assert "vexatious" not in str(content).lower()


@pytest.mark.parametrize("facts", [{"published_at": None}, {"published_at": None, "answer": AnswerState.NONE}])
def test_it_is_not_published_while_a_comment_lacks_an_answer_that_families_can_see(facts):
    said(LocalOfferPart.CONTENT)
    said(LocalOfferPart.CONTENT, **facts)

    with pytest.raises(ValidationError, match="1 comment has no answer yet"):
        published()

    assert not IssuedReport.objects.exists()


def test_a_comment_without_an_answer_that_is_left_out_stops_nothing():
    said(LocalOfferPart.CONTENT)
    said(LocalOfferPart.CONTENT, published_at=None, left_out=LeftOut.ONE_PERSON)

    assert published().number == 1


def test_nothing_is_published_about_days_without_a_comment():
    said(LocalOfferPart.NOT)

    with pytest.raises(ValidationError, match="No comment of these days"):
        published()


def test_it_stays_as_it_was_and_a_second_press_publishes_nothing():
    entry = said(LocalOfferPart.CONTENT, theme="As it was")
    first = published()
    FeedbackEntry.objects.filter(pk=entry.pk).update(theme="As it is now")

    first.refresh_from_db()
    assert first.content["groups"][0]["comments"][0]["about"] == "As it was"
    with pytest.raises(Conflict):
        published()
    assert published(after=1).number == 2


def test_only_a_comment_on_the_local_offer_can_be_left_out():
    entry = said(LocalOfferPart.CONTENT)

    with pytest.raises(IntegrityError, match="entry_left_out_of_the_local_offer"), transaction.atomic():
        FeedbackEntry.objects.filter(pk=entry.pk).update(local_offer="not", left_out="abuse")
    actions.sort_comment(entry, by=None, part=LocalOfferPart.NOT, left_out=LeftOut.ABUSE)
    entry.refresh_from_db()
    assert entry.left_out == ""


def test_comments_are_sorted_one_after_the_other_and_the_report_is_published(client, manager):
    older, newer = said(theme="Older", heard_on=days(-20)), said(theme="Newer")
    draft = reverse("feedback:local-offer-draft")
    assert "Nobody has said yet whether 2 comments" in text_of(manager.get(draft))
    assert "Newer" in text_of(manager.get(reverse("feedback:local-offer-sort")))

    address = reverse("feedback:local-offer-comment", args=[newer.pk])
    assert manager.post(address, {}).status_code == 400
    to_older = manager.post(address, {"part": "content", "left_out": ""})
    assert to_older["Location"].startswith(reverse("feedback:local-offer-comment", args=[older.pk]))
    done = manager.post(to_older["Location"], {"part": "not", "left_out": ""})
    assert done["Location"].startswith(draft)

    issued = manager.post(done["Location"], {"after": "0"})
    client.logout()
    page = text_of(client.get(issued["Location"]))
    assert "Newer" in page
    assert "Older" not in page
    assert issued["Location"] in text_of(client.get(reverse("feedback:local-offer")))
    assert reverse("feedback:local-offer") in text_of(client.get(reverse("feedback:log")))


def test_the_table_has_a_line_for_each_comment_and_no_formula(client):
    said(LocalOfferPart.CONTENT, theme="=1+1")
    said(LocalOfferPart.ACCESS, left_out=LeftOut.ABUSE)

    answer = client.get(reverse("feedback:local-offer-csv", args=[published().pk]))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 3
    assert rows[1][1] == "'=1+1"


def test_days_in_the_wrong_order_are_said_beside_their_box(manager):
    boxes = {f"{name}_{part}": getattr(days(ago), part) for name, ago in (("first", -1), ("last", -9)) for part in
             ("day", "month", "year")}  # fmt: skip

    answer = manager.post(reverse("feedback:local-offer-days"), boxes)

    assert answer.status_code == 400
    assert "The last day must come after the first" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.LEAD, Role.FIS_EDITOR, Role.BOARD_VIEWER])
def test_only_who_manages_the_hub_publishes_it(client, role):
    client.force_login(MembershipFactory(role=role).user)

    assert client.get(reverse("feedback:local-offer-draft")).status_code == 403
    assert client.post(reverse("feedback:local-offer-draft"), {"after": 0}).status_code == 403


@pytest.mark.parametrize(("issued_days_ago", "words"), [(10, "355"), (400, "35")])
def test_the_desk_counts_the_days_to_the_next_one(manager, issued_days_ago, words):
    def tile():
        tiles = manager.get(reverse("desk")).context["tiles"]
        return next(each for each in tiles if "local offer report" in str(each["text"]))

    assert tile()["number"] == "None"
    said(LocalOfferPart.CONTENT)
    facts = {"kind": "local_offer", "starts_on": days(-60), "ends_on": days(-30), "number": 1, "content": {}}
    IssuedReport.objects.create(issued_at=timezone.now() - timezone.timedelta(days=issued_days_ago), **facts)

    assert tile()["number"] == words


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("name", ["local-offer-draft", "local-offer-sort", "local-offer-desk", "local-offer"])
def test_the_pages_take_the_same_queries_for_one_as_for_twenty(manager, name, count, django_assert_max_num_queries):
    for number in range(count):
        said(LocalOfferPart.CONTENT)
        said(theme=f"Point {number}")
    published()
    for number in range(1, count):
        published(after=number)

    with django_assert_max_num_queries(12):
        manager.get(reverse(f"feedback:{name}"))
