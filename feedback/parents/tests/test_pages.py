"""What parents say, on the pages of families, of forums, of services and of the Family Information Service."""

import datetime
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, last_looked_after_on
from consultations.tests.factories import days
from core.dates import next_working_day, today
from feedback.comments import limits as comment_limits
from feedback.comments.models import Comment, Reading
from feedback.comments.tests.factories import CheckerFactory
from feedback.parents import actions, limits
from feedback.parents.links import link_of
from feedback.parents.models import Happened, ParentCheck
from feedback.parents.tests.factories import ParentCheckFactory, done, reviewer
from feedback.tests.factories import FeedbackEntryFactory, ResponseFactory
from notices import ledger, post
from notices.defaults import load_steps
from notices.models import Notice

pytestmark = pytest.mark.django_db
LIST = "/desk/parent-checks/"


@pytest.fixture(autouse=True)
def fresh_counts():
    """Every test counts from nothing."""
    cache.clear()


@pytest.fixture
def readers():
    """Somebody reads what families tell us, and did today."""
    CheckerFactory()
    Reading.objects.create(day=today())


def even(answer) -> str:
    return " ".join(answer.content.decode().split())


def mark_of(client, address) -> str:
    return re.search(r'name="once" value="([^"]+)"', client.get(address).content.decode())[1]


def happened(entry) -> str:
    return reverse("feedback:happened", args=[entry.pk])


# For families


def test_a_done_promise_that_nobody_asked_parents_about_says_so(client):
    page = even(client.get(done().get_absolute_url()))

    assert "Nobody has asked parents yet." in page
    assert "Yes, it happened" in page


def test_both_sides_stand_beside_each_other_with_words_once_they_are_read(client):
    check = ParentCheckFactory(verdict="no", agreed=0, words="It never came.", words_state="shown", by_service=True)
    ParentCheckFactory(entry=check.entry, words="Kieran says yes.", words_state="waiting", sent_at=timezone.now())

    page = even(client.get(check.entry.get_absolute_url()))

    assert "The service says" in page
    assert "It did not happen" in page
    assert "None of them say that it happened." in page
    assert "It never came." in page
    assert "The service itself chose some of the parents" in page
    assert "Kieran" not in page
    assert "Their words are being read" in page


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ("no", "Parents say: it did not happen"),
        ("yes", "Parents say: it happened"),
        ("partly yes", "Parents say: some of it happened"),
        ("no partly yes", "Parents do not agree whether it happened"),
    ],
)
def test_the_log_and_the_answer_say_in_short_what_parents_say(client, verdicts, words):
    response = ResponseFactory()
    facts = {"response": response, "consultation": response.consultation}
    entry, silent = done(**facts), done(**facts)
    for number, verdict in enumerate(verdicts.split()):
        ParentCheckFactory(entry=entry, verdict=verdict, told_on=days(-7 - number))

    for address in ("/you-said-we-did/", entry.consultation.get_absolute_url()):
        page = even(client.get(address))
        assert page.count(words) == 1
        assert page.count("Parents ") == 1, "The other promise says nothing."
        assert f"{entry.get_absolute_url()}#parents-say" in page
        assert silent.get_absolute_url() in page


@pytest.mark.parametrize("trait", ["promised", "refused"])
def test_what_is_not_called_done_asks_nobody(client, trait):
    entry = FeedbackEntryFactory(**{trait: True})

    assert "Did it happen?" not in even(client.get(entry.get_absolute_url()))
    assert client.get(happened(entry)).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_of_a_promise_takes_as_many_questions_for_one_check_as_for_twenty(
    client, django_assert_num_queries, count
):
    entry = done()
    ParentCheckFactory.create_batch(count, entry=entry)
    client.get("/help/")

    with django_assert_num_queries(7):
        client.get(entry.get_absolute_url())


def test_anybody_says_whether_it_happened_without_a_cookie(client, readers):
    entry = done()
    mark = mark_of(client, happened(entry))

    answer = client.post(happened(entry), {"said": "no", "text": "", "once": mark}, follow=True)

    assert "We have your answer." in even(answer)
    assert not client.cookies
    assert Happened.objects.get(entry=entry).no == 1
    assert not Comment.objects.exists()


def test_the_answer_that_was_pressed_is_chosen_already(client, readers):
    page = even(client.get(f"{happened(done())}?said=unsure"))

    assert re.search(r'value="unsure"[^>]*checked', page)
    assert client.get(f"{happened(done())}?said=odd").status_code == 200


def test_words_go_to_those_who_read_what_families_tell_us(client, readers, monkeypatch):
    entry = done(theme="Waiting times")
    mark = mark_of(client, happened(entry))
    monkeypatch.setattr("feedback.comments.limits.QUICKEST", 0.0)

    client.post(happened(entry), {"said": "no", "text": "We still wait.", "once": mark})

    comment = Comment.objects.get()
    assert (comment.of_entry, comment.organisation, comment.suspicion) == (entry, entry.organisation, "")
    reader = MembershipFactory(role=Role.FIS_EDITOR).user
    client.force_login(reader)
    page = even(client.get(reverse("feedback:comment", args=[comment.pk])))
    assert "They were asked whether this happened" in page
    assert "Waiting times" in page


def test_without_anybody_who_reads_there_is_no_box_for_words(client):
    page = even(client.get(happened(done())))

    assert "<textarea" not in page
    assert "Nobody can read words at this moment" in page


def test_an_answer_that_is_missing_is_asked_for_and_words_are_kept(client, readers):
    entry = done()
    mark = mark_of(client, happened(entry))

    answer = client.post(happened(entry), {"said": "", "text": "My long words", "once": mark})

    assert answer.status_code == 400
    assert "Choose yes, no or not sure" in even(answer)
    assert "My long words" in even(answer)


def test_one_place_cannot_stuff_the_count(client):
    entry = done()
    for _each in range(limits.A_DAY_ABOUT_ONE + 3):
        client.post(happened(entry), {"said": "yes", "once": mark_of(client, happened(entry))})

    assert Happened.objects.get(entry=entry).yes == limits.A_DAY_ABOUT_ONE


def test_many_from_one_place_are_told_that_it_is_too_much(client, readers):
    entries = [done(theme=f"Point {number}") for number in range(11)]
    answers = [
        client.post(happened(entry), {"said": "yes", "text": "Words", "once": mark_of(client, happened(entry))})
        for entry in entries
        for _each in range(3)
    ]

    assert answers[limits.AN_HOUR_FROM_ONE_PLACE - 1].status_code == 302
    assert answers[-1].status_code == 429
    assert "Words" in even(answers[-1])


def test_words_that_were_too_many_can_be_sent_again_from_the_same_page(client, readers, monkeypatch):
    entry = done()
    mark = mark_of(client, happened(entry))
    typed = {"said": "no", "text": "We still wait.", "once": mark}
    monkeypatch.setattr(comment_limits, "ask", lambda *args, **facts: (comment_limits.Answer.TOO_MANY, "flood"))
    assert client.post(happened(entry), typed).status_code == 429
    monkeypatch.undo()

    assert client.post(happened(entry), typed).status_code == 302
    assert Comment.objects.get().text == "We still wait."
    assert client.post(happened(entry), typed).status_code == 302
    assert Comment.objects.count() == 1


def test_what_a_program_sends_is_not_counted(client, readers):
    entry = done()
    mark = mark_of(client, happened(entry))

    client.post(happened(entry), {"said": "yes", "once": mark, "website": "https://spam.example"})

    assert not Happened.objects.exists()


def test_another_site_cannot_answer_in_somebodys_name(settings):
    entry = done()
    client = Client(enforce_csrf_checks=True)
    mark = mark_of(client, happened(entry))

    refused = client.post(happened(entry), {"said": "yes", "once": mark}, headers={"origin": "https://evil.example"})
    taken = client.post(happened(entry), {"said": "yes", "once": mark}, headers={"origin": settings.HUB_BASE_URL})

    assert (refused.status_code, taken.status_code) == (403, 302)


def test_a_body_of_a_megabyte_is_refused_before_it_is_read(client):
    answer = client.post(happened(done()), {"said": "yes", "text": "x" * 1_000_000})

    assert answer.status_code == 413


# One parent who was asked


def asked(**facts) -> ParentCheck:
    entry = facts.pop("entry", None) or done()
    return actions.invite(entry, by=reviewer(), on=facts.pop("on", today()), email="mum@example.org")


def test_a_parent_gets_one_mail_whose_link_works_once(client, mailoutbox):
    load_steps()
    check = asked(entry=done(theme="Waiting times"))
    ledger.owe(today(), timezone.now())
    post.send(today(), timezone.now())
    post.send(today(), timezone.now())

    (mail,) = mailoutbox
    assert mail.to == ["mum@example.org"]
    link = re.search(r"https?://\S+(/did-this-happen/asked/\S+?/)(?=\s|$)", mail.body)[1]
    assert link == link_of(check)

    mark = mark_of(client, link)
    answer = client.post(link, {"verdict": "no", "words": "It never came.", "once": mark}, follow=True)

    assert "We have your answer." in even(answer)
    check.refresh_from_db()
    assert (check.verdict, check.email, check.words_state) == ("no", "", "waiting")
    assert client.get(link).status_code == 410
    assert "Each link works once." in even(client.get(link))


def test_a_parent_says_nothing_while_nobody_looks_after_the_hub_and_can_later(client):
    check = asked()
    mark = mark_of(client, link_of(check))
    last_looked_after_on(days(-60))

    answer = client.post(link_of(check), {"verdict": "yes", "words": "My words", "once": mark})

    assert answer.status_code == 503
    assert "My words" in even(answer)
    check.refresh_from_db()
    assert check.verdict == ""


def test_a_link_that_was_altered_leads_nowhere_and_an_old_one_says_so(client):
    check = asked(on=days(-61))

    assert client.get(link_of(check)).status_code == 410
    assert client.get(link_of(check).replace("asked/", "asked/1")).status_code == 404
    assert client.get("/did-this-happen/asked/nonsense/").status_code == 404


def test_families_read_that_a_parent_was_asked_and_not_who(client):
    check = asked()
    actions.answer(check, on=today(), now=timezone.now(), verdict="yes", words="")

    page = even(client.get(check.entry.get_absolute_url()))

    assert "A parent who was asked" in page
    assert "mum@example.org" not in page


# For a forum


@pytest.fixture
def forum(client):
    """A parent reviewer, signed in."""
    membership = reviewer()
    client.force_login(membership.user)
    return membership


def test_a_forum_sees_what_is_suggested_and_chooses_for_itself(client, forum):
    offered = done(4, theme="Letters")
    actions.suggest(on=today())
    done(1, theme="Parking")

    page = even(client.get(LIST))
    assert "Letters" in page
    assert "Parking" not in page
    assert "Parking" in even(client.get(LIST, {"show": "all"}))

    client.post(reverse("feedback:parent-check-choose", args=[offered.pk]))
    assert "Letters" in even(client.get(LIST, {"show": "chosen"}))
    assert "Your forum means to look at it" in even(client.get("/desk/"))

    client.post(reverse("feedback:parent-check-choose", args=[offered.pk]))
    assert "Your forum has chosen nothing" in even(client.get(LIST, {"show": "chosen"}))


def test_a_forum_says_what_parents_say_and_families_read_it_at_once(client, forum):
    entry = done()
    day = today()
    typed = {"verdict": "partly", "asked": "12", "agreed": "6", "chosen": "service", "words": "Half of it."}
    typed |= {"told_on_day": day.day, "told_on_month": day.month, "told_on_year": day.year}

    answer = client.post(reverse("feedback:parent-check", args=[entry.pk]), typed, follow=True)

    assert "The Family Information Service reads the words first." in even(answer)
    client.logout()
    page = even(client.get(entry.get_absolute_url()))
    assert "Some of it happened" in page
    assert "6 say that it happened." in page
    assert "Half of it." not in page
    assert "The service itself chose some of the parents" in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"agreed": "13"}, "No more can agree than you asked"),
        ({"verdict": "yes", "agreed": "0"}, "Nobody you asked says that it happened"),
        ({"verdict": "no", "agreed": "12"}, "Everybody you asked says that it happened"),
        ({"verdict": ""}, "Choose what parents say"),
        ({"told_on_day": "1", "told_on_month": "1", "told_on_year": "2020"}, "They can only say it after it was done"),
    ],
)
def test_what_cannot_be_is_said_beside_its_box_with_all_that_was_typed(client, forum, wrong, words):
    day = today()
    typed = {"verdict": "partly", "asked": "12", "agreed": "6", "words": "My words"}
    typed |= {"told_on_day": day.day, "told_on_month": day.month, "told_on_year": day.year} | wrong

    answer = client.post(reverse("feedback:parent-check", args=[done().pk]), typed)

    assert answer.status_code == 400
    assert words in even(answer)
    assert "My words" in even(answer)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.LEAD, Role.FIS_MANAGER, Role.BOARD_VIEWER])
def test_nobody_but_a_forum_speaks_for_parents(client, role):
    entry = done()
    client.force_login(MembershipFactory(organisation=entry.organisation, role=role).user)

    assert client.get(reverse("feedback:parent-check", args=[entry.pk])).status_code == 403
    assert client.post(reverse("feedback:parent-check-choose", args=[entry.pk])).status_code == 403


def test_a_service_asks_about_its_own_promises_only_and_is_told_what_families_read(client):
    entry = done()
    client.force_login(MembershipFactory(organisation=entry.organisation, role=Role.LEAD).user)

    assert client.get(reverse("feedback:parent-invite", args=[done().pk])).status_code == 403
    address = reverse("feedback:parent-invite", args=[entry.pk])
    assert "Families read that the service chose whom to ask." in even(client.get(address))
    client.post(address, {"email": "mum@example.org"})
    assert ParentCheck.objects.get().by_service
    assert "asked already" in even(client.post(address, {"email": "mum@example.org"}))
    assert "1 parent was asked and has not answered" in even(client.get(LIST))


def test_a_service_sees_what_parents_deny_among_what_it_owes_until_it_says_more(client):
    check = ParentCheckFactory(verdict="no", agreed=0, entry=done(theme="The hum"))
    client.force_login(MembershipFactory(organisation=check.entry.organisation, role=Role.LEAD).user)

    assert "Parents say that it did not happen" in even(client.get("/desk/"))
    type(check.entry).objects.filter(pk=check.entry_id).update(updated_on=today())
    assert "Parents say that it did not happen" not in even(client.get("/desk/"))


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_as_many_questions_for_one_promise_as_for_twenty(
    client, forum, django_assert_num_queries, count
):
    for number in range(count):
        ParentCheckFactory(entry=done(theme=f"Point {number}"))
    client.get(LIST)

    with django_assert_num_queries(8):
        client.get(LIST, {"show": "all"})


def test_every_empty_list_speaks(client, forum):
    for show, words in (
        ("suggested", "Nothing is suggested now"),
        ("chosen", "Your forum has chosen nothing"),
        ("all", "Nothing to check"),
        ("denied", "Parents deny nothing here"),
    ):
        assert words in even(client.get(LIST, {"show": show}))
    assert "Nothing has these words" in even(client.get(LIST, {"show": "all", "q": "bus"}))


# For the Family Information Service


def test_words_stand_in_the_queue_and_are_shown_as_a_person_leaves_them(client):
    check = ParentCheckFactory(words="Kieran likes it.", words_state="waiting", sent_at=timezone.now())
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    assert "What parents say of a promise" in even(client.get(reverse("consultations:checks")))
    address = reverse("feedback:parent-words", args=[check.pk])
    assert "Kieran likes it." in even(client.get(address))

    client.post(address, {"words": "My son likes it."})

    assert "My son likes it." in even(client.get(check.entry.get_absolute_url()))
    assert "Somebody has read these words already" in even(client.get(address, follow=True))


def test_words_that_are_left_out_are_gone_and_the_forum_reads_why(client):
    by = reviewer()
    entry = done()
    check = ParentCheckFactory(
        entry=entry, forum=by.organisation, words="Kieran", words_state="waiting", sent_at=timezone.now()
    )
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    client.post(reverse("feedback:parent-words-leave-out", args=[check.pk]), {"why": "It names a child"})

    client.force_login(by.user)
    assert "It names a child" in even(client.get(reverse("feedback:parent-check", args=[entry.pk])))
    check.refresh_from_db()
    assert check.words == ""


# Messages


def test_a_forum_is_reminded_of_what_it_chose_and_nobody_else_is(mailoutbox):
    by = reviewer()
    load_steps()
    MembershipFactory(role=Role.FIS_MANAGER)
    day = next_working_day(today() + datetime.timedelta(days=1))
    actions.choose(done(), by=by, on=day - datetime.timedelta(days=43))

    ledger.owe(day, ledger.opens_at(day))
    post.send(day, ledger.opens_at(day))

    assert {address for mail in mailoutbox for address in mail.to} == {by.user.email}


def test_a_forum_hears_once_a_quarter_what_is_suggested():
    by = reviewer()
    done()
    actions.suggest(on=today())
    quarter = actions.quarter_of(today())

    load_steps()

    ledger.owe(quarter, timezone.now())
    ledger.owe(today(), timezone.now())

    notices = Notice.objects.filter(reason="parent-checks-suggested")
    assert [notice.address for notice in notices] == [by.user.email]
