"""The staff pages of what families tell us."""

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import days
from core.dates import today
from core.models import Topic
from core.queues import owed_by
from feedback.comments.actions import pass_on
from feedback.comments.models import Checker, Comment, HelpRoute, Outcome
from feedback.comments.tests.factories import CommentFactory, HelpRouteFactory
from feedback.models import FeedbackEntry
from feedback.tests.factories import FeedbackEntryFactory

pytestmark = pytest.mark.django_db
QUEUE = "/desk/tell-us/"


@pytest.fixture
def fis(client):
    """Signed in as somebody who manages the hub."""
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    return client


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("role", [Role.LEAD, Role.CONTRIBUTOR, Role.BOARD_VIEWER, Role.PARENT_REVIEWER])
def test_nobody_in_a_service_reads_the_words_themselves(client, role):
    comment = CommentFactory()
    client.force_login(MembershipFactory(role=role).user)

    for name in ("comment", "comment-merge", "comment-refer", "comment-help", "comment-leave-out"):
        assert client.get(reverse(f"feedback:{name}", args=[comment.pk])).status_code == 403
        assert client.post(reverse(f"feedback:{name}", args=[comment.pk])).status_code == 403
    assert client.get(QUEUE).status_code == 403


def test_what_looks_like_a_program_stands_folded_below_the_others(fis):
    CommentFactory(text="From a parent")
    CommentFactory(text="Cheap loans", suspicion="links")

    page = text_of(fis.get(QUEUE))

    assert "From a parent" in page
    assert "Cheap loans" not in page
    assert "1 more may not come from a person" in page
    assert "Cheap loans" in text_of(fis.get(f"{QUEUE}?show=folded"))


def test_it_is_passed_on_from_the_page_with_the_original_beside(fis):
    comment = CommentFactory(text="Kieran has no bus", kind="missing")
    body = OrganisationFactory(promising=True)
    topic = Topic.objects.create(key="send", label="SEND")
    url = reverse("feedback:comment", args=[comment.pk])
    assert text_of(fis.get(url)).count("Kieran has no bus") == 2
    said = {"you_said": "There is no bus", "organisation": body.pk, "topics": [topic.pk], "part": "not"}

    assert fis.post(url, said).status_code == 400
    assert fis.post(url, said | {"theme": "No bus"}).status_code == 302

    entry = FeedbackEntry.objects.get()
    assert (entry.you_said, entry.is_gap) == ("There is no bus", False)
    assert "No bus" in text_of(fis.get(url))
    assert fis.get(reverse("feedback:comment-refer", args=[comment.pk])).status_code == 302


def test_the_front_of_the_desk_says_how_much_waits_and_by_when(fis):
    CommentFactory.create_batch(2)
    CommentFactory(suspicion="links")

    page = text_of(fis.get("/desk/"))

    assert "comments from families to read" in page
    assert "2 to read" in page


def test_a_service_sees_the_point_among_what_it_owes_and_not_the_words(client, fis):
    member = MembershipFactory(organisation=OrganisationFactory(promising=True), role=Role.LEAD)
    pass_on(
        CommentFactory(text="Kieran"),
        by=None,
        on=today(),
        organisation=member.organisation,
        theme="No bus",
        you_said="There is no bus",
        part="not",
        is_gap=False,
    )

    (owed,) = owed_by(member.user, today())
    assert (owed.kind, owed.title, owed.button) == ("point", "No bus", "Answer it")
    client.force_login(member.user)
    page = text_of(client.get(owed.button_url))
    assert "Answer what families said" in page
    assert "Kieran" not in page


def test_staff_of_a_service_enter_what_they_heard_at_an_event(client):
    client.force_login(MembershipFactory(role=Role.CONTRIBUTOR).user)
    event = EventFactory()
    url = reverse("feedback:comment-heard")
    page = client.get(url, {"page": event.get_absolute_url()}).content.decode()
    mark = page.split('name="once" value="')[1].split('"')[0]
    day = days(-1)
    said = {
        "heard_from": "event", "heard_on_day": day.day, "heard_on_month": day.month, "heard_on_year": day.year,
        "people": 12, "who": "parent", "about": "service", "kind": "well", "text": "Good", "once": mark,
    }  # fmt: skip

    assert client.post(url, said | {"page": "/nowhere/"}).status_code == 400
    for _twice in range(2):
        assert client.post(url, said | {"page": f"http://testserver{event.get_absolute_url()}"}).status_code == 302

    comment = Comment.objects.get()
    assert (comment.event, comment.people, comment.heard_from) == (event, 12, "event")


def test_a_merge_finds_points_by_their_words(fis):
    FeedbackEntryFactory(theme="Parking at Larch House")
    FeedbackEntryFactory(theme="Waiting times")
    url = reverse("feedback:comment-merge", args=[CommentFactory().pk])

    page = text_of(fis.get(url, {"q": "larch"}))

    assert "Parking at Larch House" in page
    assert "Waiting times" not in page
    assert "No point has these words" in text_of(fis.get(url, {"q": "nothing like it"}))


def test_routes_are_added_changed_taken_off_and_put_back(fis, client):
    assert fis.post("/desk/tell-us/help/new/", {"name": "Plan team", "position": 1}).status_code == 400
    said = {"name": "Plan team", "what_for": "Plans.", "phone": "01632 960 211", "position": 1}
    assert fis.post("/desk/tell-us/help/new/", said).status_code == 302
    route = HelpRoute.objects.get()
    assert "01632 960 211" in text_of(client.get("/tell-us/"))

    fis.post(reverse("feedback:help-route-switch", args=[route.pk]))
    assert "Plan team" not in text_of(client.get("/tell-us/"))
    fis.post(reverse("feedback:help-route-switch", args=[route.pk]))
    assert "Plan team" in text_of(client.get("/tell-us/"))


def test_naming_those_who_read_opens_the_form_and_only_a_manager_does(fis, client):
    member = MembershipFactory(role=Role.FIS_EDITOR)

    assert fis.post("/desk/tell-us/readers/", {"checkers": [member.pk]}).status_code == 302
    assert Checker.objects.get().membership == member
    assert "Tell us now" in text_of(client.get("/tell-us/"))
    client.force_login(member.user)
    assert client.get("/desk/tell-us/readers/").status_code == 403


def test_a_safety_concern_shows_no_words_any_more(fis):
    comment = CommentFactory(text="Kieran")
    url = reverse("feedback:comment-refer", args=[comment.pk])
    assert fis.post(url, {"referred_to": "Children’s services"}).status_code == 400

    assert fis.post(url, {"referred_to": "Children’s services", "sure": "on"}).status_code == 302

    page = text_of(fis.get(reverse("feedback:comment", args=[comment.pk])))
    assert "Referred to: Children’s services" in page
    assert "Kieran" not in page
    assert Comment.objects.get().outcome == Outcome.REFERRED


def test_no_page_calls_anybody_vexatious(fis):
    comment = CommentFactory(suspicion="links")
    HelpRouteFactory()
    pages = [QUEUE, f"{QUEUE}?show=done", "/tell-us/", "/tell-us/write/"]
    pages += [reverse(f"feedback:{name}", args=[comment.pk]) for name in ("comment", "comment-leave-out")]

    for page in pages:
        assert "vexatious" not in text_of(fis.get(page)).lower()


@pytest.mark.parametrize("count", [1, 20])
def test_the_queue_takes_as_many_queries_for_one_as_for_twenty(fis, django_assert_max_num_queries, count):
    CommentFactory.create_batch(count, organisation=OrganisationFactory())
    fis.get(QUEUE)

    with django_assert_max_num_queries(10):
        fis.get(QUEUE)
