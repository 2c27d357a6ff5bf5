"""The form on which families tell us something: when it is open, what it keeps, and what it does under attack."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from core.dates import today, working_days_before
from core.models import HubFacts
from feedback.comments import limits
from feedback.comments.models import Comment, Reading, Suspicion
from feedback.comments.tests.factories import CheckerFactory, CommentFactory, HelpRouteFactory
from feedback.models import FeedbackEntry
from feedback.tests.factories import FeedbackEntryFactory
from notices.models import SignUp

pytestmark = pytest.mark.django_db
WRITE = "/tell-us/write/"


@pytest.fixture(autouse=True)
def fresh_counts():
    """Every test counts from nothing."""
    cache.clear()


@pytest.fixture
def readers():
    """Two people read, and one did today."""
    CheckerFactory.create_batch(2)
    Reading.objects.create(day=today())


def typed(client, **facts) -> dict:
    """What a parent fills in, on a page that was opened a while ago."""
    page = client.get(WRITE).content.decode()
    mark = re.search(r'name="once" value="([^"]+)"', page)[1]
    said = {"who": "parent", "about": "service", "kind": "missing", "text": "No club after school.", "part": ""}
    return said | {"once": mark} | facts


def send(client, monkeypatch, *, seconds=30.0, **facts):
    """Send the form after so many seconds."""
    monkeypatch.setattr("feedback.comments.forms.TellForm.seconds", seconds)
    return client.post(WRITE, typed(client, **facts))


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


# When it is open


def test_the_first_words_say_who_can_help_with_one_child(client, readers):
    HelpRouteFactory()

    page = text_of(client.get("/tell-us/"))

    first = page.index("We cannot sort out one child’s support here. These people can")
    assert first < page.index("Plan team") < page.index("Tell us now")
    assert "Somebody last read what families tell us on" in page


def test_without_anybody_who_reads_it_is_off(client):
    assert "not switched on yet" in text_of(client.get("/tell-us/"))
    assert "<textarea" not in text_of(client.get(WRITE))
    answer = client.post(WRITE, {"text": "My words"})
    assert answer.status_code == 503
    assert "My words" in text_of(answer)
    assert not Comment.objects.exists()


def test_without_the_phone_of_childrens_services_it_is_off(client, readers, settings):
    settings.HUB_CHILDREN_SERVICES_PHONE = ""
    HubFacts.objects.all().delete()

    assert "not switched on yet" in text_of(client.get(WRITE))


@pytest.mark.parametrize(("working_days", "is_open"), [(3, True), (4, False)])
def test_it_closes_when_nobody_has_read_for_three_working_days(client, working_days, is_open):
    CheckerFactory()
    Reading.objects.create(day=working_days_before(today(), working_days))

    page = text_of(client.get(WRITE))

    assert ("<textarea" in page) is is_open
    if not is_open:
        assert "Nobody has read what families tell us since" in page
        assert "Print the form" in page
        assert client.post(WRITE, {"text": "x"}).status_code == 503


def test_it_opens_again_when_somebody_opens_the_list(client):
    checker = CheckerFactory()
    Reading.objects.create(day=working_days_before(today(), 5))
    assert "<textarea" not in text_of(client.get(WRITE))

    client.force_login(checker.membership.user)
    client.get("/desk/tell-us/")
    client.get("/desk/tell-us/")
    client.logout()

    assert Reading.objects.filter(day=today()).count() == 1
    assert "<textarea" in text_of(client.get(WRITE))


def test_somebody_who_has_left_reads_no_more(client):
    checker = CheckerFactory()
    Reading.objects.create(day=today())
    checker.membership.ended_on = today()
    checker.membership.save()

    assert "not switched on yet" in text_of(client.get(WRITE))


# What it keeps


def test_what_is_sent_waits_for_a_person_and_nothing_of_it_is_public(client, readers, monkeypatch):
    answer = send(client, monkeypatch, text="Kieran has no bus.", name="Dawn", email="dawn@example.com")

    comment = Comment.objects.get()
    assert answer.url == f"/tell-us/thank-you/?reference={comment.reference}"
    assert (comment.text, comment.name, comment.suspicion) == ("Kieran has no bus.", "Dawn", "")
    assert not client.cookies
    assert not FeedbackEntry.objects.exists()
    for page in (answer.url, "/tell-us/", "/tell-us/gaps/", "/you-said-we-did/", "/search/?q=Kieran"):
        assert "has no bus" not in text_of(client.get(page))
    thanks = text_of(client.get(answer.url))
    assert comment.reference in thanks
    assert "dawn" not in thanks.lower()


def test_the_same_page_sent_twice_is_one_comment_with_one_reference(client, readers, monkeypatch):
    monkeypatch.setattr("feedback.comments.forms.TellForm.seconds", 30.0)
    said = typed(client)

    first, second = client.post(WRITE, said), client.post(WRITE, said)

    assert first.url == second.url
    assert Comment.objects.count() == 1


def test_an_error_keeps_what_was_typed(client, readers, monkeypatch):
    answer = send(client, monkeypatch, kind="", text="All that I wrote", wants_news="on")

    assert answer.status_code == 400
    page = text_of(answer)
    assert "All that I wrote" in page
    assert "Choose what kind of thing it is" in page
    assert "Enter your e-mail address, or untick" in page


def test_what_another_site_sends_in_a_visitors_name_is_refused(client, readers, monkeypatch):
    monkeypatch.setattr("feedback.comments.forms.TellForm.seconds", 30.0)

    answer = client.post(WRITE, typed(client), headers={"Origin": "https://elsewhere.example.org"})

    assert answer.status_code == 403
    assert not Comment.objects.exists()


def test_a_mailbox_is_asked_before_it_is_told_anything(client, readers, monkeypatch):
    answer = send(client, monkeypatch, email="dawn@example.com", wants_news="on")

    assert "mail=1" in answer.url
    assert SignUp.objects.get().follows == "comment"


def test_the_safeguarding_notice_stands_above_each_box_for_words(client, readers):
    page = text_of(client.get(WRITE))

    notice = "Please do not include names or details that could identify a child or adult."
    assert page.count(notice) == 2
    assert page.index(notice) < page.index("<textarea")
    assert page.rindex(notice) < page.index('name="name"')


def test_a_thank_you_page_shows_only_what_can_be_a_reference(client):
    page = text_of(client.get("/tell-us/thank-you/?reference=<script>"))

    assert "Your reference" not in page


def test_a_reference_says_nothing_and_is_never_the_same():
    found = {CommentFactory().reference for _each in range(50)}

    assert len(found) == 50
    assert all(re.fullmatch(r"[BCDFGHJKMNPQRTVWXYZ2-9]{4}-[BCDFGHJKMNPQRTVWXYZ2-9]{4}", each) for each in found)


# Under attack


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("See " + " ".join(f"https://{n}.example.com" for n in range(50)), Suspicion.LINKS),
        ("<script>alert(document.cookie)</script>", Suspicion.CODE),
        ("Robert'); DROP TABLE feedback_comment;--", Suspicion.CODE),
        ("' OR '1'='1", Suspicion.CODE),
        ("{{ settings.SECRET_KEY }}", Suspicion.CODE),
        ("Pay\u202egnp.exe now", Suspicion.HIDDEN),
        ("Buy\u200b\u2060 this", Suspicion.HIDDEN),
        ("A null \x00 character", Suspicion.HIDDEN),
    ],
)
def test_what_looks_like_a_program_waits_folded_up_and_is_shown_as_plain_words(client, readers, monkeypatch, text, why):
    answer = send(client, monkeypatch, text=text)

    assert answer.status_code == 302
    comment = Comment.objects.get()
    assert comment.suspicion == why
    assert not re.search("[\u202a-\u202e\u200b\u2060\u2066-\u2069\x00]", comment.text)
    client.force_login(CheckerFactory().membership.user)
    page = client.get(reverse("feedback:comment", args=[comment.pk])).content.decode()
    assert "<script>alert" not in page
    assert not Comment.objects.to_read().exists()


@pytest.mark.parametrize(
    "text",
    [
        "ہمارے بچے کے لیے کوئی بس نہیں",
        "می‌خواهم کمک",  # with a joiner that Persian needs
        "We love it 👨‍👩‍👧 ❤️ \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "See https://westmarch.example.org/short-breaks",
        "I don't like the update; drop-in on Monday is better.\n\nOr select another day.",
    ],
)
def test_what_families_write_in_any_script_is_not_suspicious(client, readers, monkeypatch, text):
    send(client, monkeypatch, text=text)

    assert Comment.objects.get().suspicion == ""


def test_what_nobody_can_have_typed_waits_folded_up(client, readers, monkeypatch):
    send(client, monkeypatch, seconds=0.4, text="One")
    send(client, monkeypatch, website="https://example.com", text="Two")
    send(client, monkeypatch, text="Three")
    send(client, monkeypatch, text="  three ")

    found = list(Comment.objects.order_by("pk").values_list("suspicion", flat=True))
    assert found == [Suspicion.QUICK, Suspicion.TRAP, "", Suspicion.SAME]


def test_an_attack_from_one_place_and_from_many_leaves_the_queue_usable(client, readers, monkeypatch):
    monkeypatch.setattr(limits, "AN_HOUR_FROM_ONE_PLACE", 3)
    monkeypatch.setattr(limits, "AN_HOUR_SUSPICIOUS", 4)
    for number in range(8):
        client.defaults["REMOTE_ADDR"] = "192.0.2.7"
        send(client, monkeypatch, text=f"Cheap loans {number}")
    answers = []
    for number in range(8):
        client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
        answers.append(send(client, monkeypatch, seconds=0.1, text=f"Loans {number}").status_code)

    client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert send(client, monkeypatch, text="There is no bus to the clinic.").status_code == 302

    assert Comment.objects.to_read().count() == 4
    assert Comment.objects.folded().count() == 4
    assert set(answers) == {429}
    assert Comment.objects.to_read().last().text == "There is no bus to the clinic."


def test_beyond_the_limit_whoever_sends_is_told_so_and_keeps_their_words(client, readers, monkeypatch):
    monkeypatch.setattr(limits, "AN_HOUR_SUSPICIOUS", 0)

    answer = send(client, monkeypatch, seconds=0.1, text="A parent in a hurry")

    assert answer.status_code == 429
    page = text_of(answer)
    assert "A parent in a hurry" in page
    assert "Too much comes in at this moment" in page
    assert "Print the form" in page


def test_the_same_page_can_be_sent_again_after_too_much_came_in(client, readers, monkeypatch):
    monkeypatch.setattr("feedback.comments.forms.TellForm.seconds", 0.1)
    said = typed(client)
    monkeypatch.setattr(limits, "AN_HOUR_SUSPICIOUS", 0)
    assert client.post(WRITE, said).status_code == 429

    monkeypatch.setattr(limits, "AN_HOUR_SUSPICIOUS", 10)

    assert client.post(WRITE, said).status_code == 302
    assert Comment.objects.count() == 1


def test_in_a_flood_that_looks_like_people_the_rest_waits_folded_up_and_none_is_lost(client, readers, monkeypatch):
    monkeypatch.setattr(limits, "AN_HOUR_IN_ALL", 2)

    for number in range(5):
        client.defaults["REMOTE_ADDR"] = f"198.51.100.{number}"
        send(client, monkeypatch, text=f"Point {number}")

    assert Comment.objects.to_read().count() == 2
    assert list(Comment.objects.folded().values_list("suspicion", flat=True)) == [Suspicion.FLOOD] * 3


def test_a_body_of_a_megabyte_is_refused_before_it_is_read(client, readers):
    answer = client.post(WRITE, {"text": "x" * 1024 * 1024})

    assert answer.status_code == 413
    assert "too long" in text_of(answer)
    assert not Comment.objects.exists()


def test_a_long_letter_in_any_script_fits(client, readers, monkeypatch):
    assert send(client, monkeypatch, text="م" * 4000).status_code == 302
    assert send(client, monkeypatch, text="م" * 4001).status_code == 400


def test_an_attack_moves_no_page_out_of_the_cache(client, readers, monkeypatch):
    """However many comments come in, no public page changes by them."""
    from core import versions

    assert "feedback_comment" not in versions._public_tables()
    assert "feedback_helproute" in versions._public_tables()


# What is missing


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_of_gaps_takes_as_many_queries_for_one_as_for_twenty(client, django_assert_max_num_queries, count):
    for number in range(count):
        FeedbackEntryFactory(is_gap=True, theme=f"Gap {number}")
    FeedbackEntryFactory(theme="No gap")

    with django_assert_max_num_queries(4):
        page = text_of(client.get("/tell-us/gaps/"))

    assert page.count('<a href="/you-said-we-did/') >= count
    assert "No gap" not in page


def test_an_empty_list_of_gaps_says_so(client):
    assert "Nobody has named a gap yet" in text_of(client.get("/tell-us/gaps/"))


def test_the_paper_asks_the_same_questions(client):
    page = text_of(client.get("/tell-us/on-paper/"))

    for words in ("Who are you?", "What is it about?", "Something is missing", "Please do not include names"):
        assert words in page
