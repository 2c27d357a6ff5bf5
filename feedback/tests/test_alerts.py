"""From typing an address to the last e-mail: by the real forms and links, and mails read by Python's own parser."""

import re
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import OrganisationFactory
from consultations.actions import record_answer
from consultations.tests.factories import ConsultationFactory
from core import retention
from core.models import Topic
from notices import actions, ledger, limits, post
from notices.defaults import load_steps
from notices.models import Mail, Notice, SignUp, Subscription

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 3, 1)
DAY = timedelta(days=1)
ORIGIN = "http://localhost:8000"


def at(day: date, hour: int = 3) -> datetime:
    """A moment in the UK, outside of office hours."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture(autouse=True)
def begun():
    """A Sunday night, with the timings that ship and nothing counted yet."""
    cache.clear()
    load_steps()
    with time_machine.travel(at(SUNDAY), tick=False):
        yield


@pytest.fixture
def consultation():
    """One that families can take part in."""
    return ConsultationFactory(open=True, title="Short breaks", closes_on=SUNDAY + 20 * DAY)


@pytest.fixture
def visitor():
    """Somebody's browser; forged forms are refused."""
    return Client(enforce_csrf_checks=True)


def form_of(visitor, url: str) -> dict:
    """What a form already holds."""
    page = visitor.get(url)
    assert page.status_code == 200
    assert not page.cookies
    html = page.content.decode()
    return {"once": re.search(r'name="once" value="([^"]+)"', html)[1], "cadence": "week"}


def sign_up(visitor, url: str, address: str = "parent@example.org", **typed):
    """Fill in the form and send it."""
    facts = form_of(visitor, url) | {"address": address} | typed
    return visitor.post(url, facts, headers={"Origin": ORIGIN})


def of(consultation) -> str:
    """The form of one consultation."""
    return f"/alerts/new/?follow=consultation&about={consultation.slug}"


def run(day: date = SUNDAY, hour: int = 3) -> None:
    """What the scheduler does every five minutes."""
    ledger.owe_families(day, at(day, hour))
    post.send(day, at(day, hour))


def read(mail):
    """A mail as another program reads it."""
    return message_from_bytes(mail.message().as_bytes(), policy=policy.default)


def parts(mail) -> tuple[str, str]:
    """Its text and its page."""
    message = read(mail)
    return message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


def to_parent(mailoutbox, address: str = "parent@example.org") -> list:
    """The mails to somebody."""
    return [mail for mail in mailoutbox if mail.to == [address]]


def link(mail, page: str) -> str:
    """The path of a link in the text of a mail."""
    return urlsplit(re.search(rf"http://localhost:8000/alerts/{page}/\S+", parts(mail)[0])[0]).path


def follow(visitor, mailoutbox, url: str, **typed):
    """Sign up and press in the mailbox. Gives the mail that asked."""
    assert sign_up(visitor, url, **typed).status_code == 302
    run()
    mail = to_parent(mailoutbox)[-1]
    assert "You will get e-mails" in visitor.post(link(mail, "confirm")).content.decode()
    return mail


# One consultation, from the first form to the last mail


def test_a_parent_follows_a_consultation_and_leaves_with_one_press(visitor, consultation, mailoutbox):
    page = visitor.get(consultation.get_absolute_url()).content.decode()
    assert of(consultation).replace("&", "&amp;") in page
    assert "Short breaks" in visitor.get(of(consultation)).content.decode()

    answer = sign_up(visitor, of(consultation), "Parent@Example.org")
    assert answer["Location"] == "/alerts/check-your-email/"
    assert not answer.cookies
    assert not Subscription.objects.exists()
    run()
    run()

    (asks,) = to_parent(mailoutbox)
    assert asks.subject == "Press to get e-mails about this: Short breaks"
    text, html = parts(asks)
    assert link(asks, "confirm") in text
    assert link(asks, "confirm") in html
    assert "List-Unsubscribe" not in read(asks)

    assert "Short breaks" in visitor.get(link(asks, "confirm")).content.decode()
    assert not Subscription.objects.exists()  # a scanner that follows links has said yes to nothing
    assert "You will get e-mails" in visitor.post(link(asks, "confirm")).content.decode()
    assert Subscription.objects.active().get().address == "parent@example.org"

    with time_machine.travel(at(SUNDAY + 60 * DAY), tick=False):
        record_answer(consultation, by=None, on=SUNDAY + 60 * DAY)
        run(SUNDAY + 60 * DAY)
        run(SUNDAY + 60 * DAY)
        news = to_parent(mailoutbox)[-1]
        assert len(to_parent(mailoutbox)) == 2
        assert news.subject == "The answer is out: Short breaks"
        assert read(news)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for part in parts(news):
            assert link(news, "leave") in part
            assert link(news, "manage") in part
            assert "parent@example.org" not in part

        leave = urlsplit(read(news)["List-Unsubscribe"].strip(" <>")).path
        assert "You get no more of these e-mails" in visitor.post(leave).content.decode()

    assert not Subscription.objects.active().exists()
    for table in (Subscription, Notice, Mail, SignUp):
        assert not table.objects.filter(address__icontains="parent@example.org").exists(), table
    assert Subscription.objects.get().recipient_hash == ledger.hash_of("parent@example.org")


def test_pressing_yes_twice_is_the_same(visitor, consultation, mailoutbox):
    mail = follow(visitor, mailoutbox, of(consultation))

    assert "You will get e-mails" in visitor.post(link(mail, "confirm")).content.decode()

    assert Subscription.objects.count() == 1


def test_the_first_mail_is_not_sent_once_somebody_has_said_yes_or_a_week_is_over(visitor, consultation, mailoutbox):
    sign_up(visitor, of(consultation))
    run(SUNDAY + 7 * DAY)

    assert not mailoutbox


def test_who_left_can_follow_again_on_the_same_day(visitor, consultation, mailoutbox):
    mail = follow(visitor, mailoutbox, of(consultation))
    actions.stop_following(
        ledger.hash_of("parent@example.org"), ids=Subscription.objects.values_list("pk", flat=True), now=at(SUNDAY)
    )

    again = follow(visitor, mailoutbox, of(consultation))

    assert link(again, "confirm") != link(mail, "confirm")
    assert Subscription.objects.active().count() == 1


def test_a_tick_also_follows_the_service_and_nothing_is_ticked_for_anybody(visitor, consultation, mailoutbox):
    assert "Also tell me about these" in visitor.get(of(consultation)).content.decode()
    follow(visitor, mailoutbox, of(consultation), besides="on")

    assert set(Subscription.objects.values_list("follows", flat=True)) == {"consultation", "organisation"}


# It tells nothing, and floods nobody


def test_the_form_answers_the_same_whether_an_address_is_known_or_not(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))
    mailoutbox.clear()

    known = sign_up(visitor, of(consultation))
    strange = sign_up(visitor, of(consultation), "stranger@example.org")
    run()

    assert (known.status_code, known["Location"]) == (strange.status_code, strange["Location"])
    assert {mail.to[0]: mail.subject for mail in mailoutbox} == {
        "parent@example.org": "Press to get e-mails about this: Short breaks",
        "stranger@example.org": "Press to get e-mails about this: Short breaks",
    }


def test_a_known_and_a_strange_address_take_the_same(visitor, consultation, mailoutbox, django_assert_num_queries):
    follow(visitor, mailoutbox, of(consultation))
    counts = []
    for address in ("parent@example.org", "stranger@example.org"):
        typed = form_of(visitor, of(consultation)) | {"address": address}
        with django_assert_num_queries(20, exact=False) as queries:
            visitor.post(of(consultation), typed, headers={"Origin": ORIGIN})
        counts.append([re.sub(r"'[^']*'|\d+", "?", each["sql"]) for each in queries.captured_queries])

    assert counts[0][:5] == counts[1][:5]
    assert abs(len(counts[0]) - len(counts[1])) <= 1  # what was confirmed before is deleted


def test_a_program_with_a_thousand_addresses_sends_no_flood(visitor, consultation, mailoutbox):
    statuses = [sign_up(visitor, of(consultation), f"a{number}@example.org").status_code for number in range(40)]
    run()

    assert statuses.count(302) == limits.AN_HOUR_FROM_ONE_PLACE
    assert set(statuses[limits.AN_HOUR_FROM_ONE_PLACE :]) == {429}
    assert len(mailoutbox) == limits.AN_HOUR_FROM_ONE_PLACE


def test_many_places_together_send_no_flood_either(visitor, consultation, mailoutbox, monkeypatch):
    monkeypatch.setattr(limits, "AN_HOUR_IN_ALL", 3)
    for number in range(6):
        typed = form_of(visitor, of(consultation)) | {"address": f"a{number}@example.org"}
        visitor.post(of(consultation), typed, headers={"Origin": ORIGIN}, REMOTE_ADDR=f"192.0.2.{number}")
    run()

    assert len(mailoutbox) == 3


def test_a_mailbox_gets_no_more_than_a_few_such_mails_a_day_and_nobody_is_told(visitor, mailoutbox):
    answers = [sign_up(visitor, of(ConsultationFactory(open=True))).status_code for _number in range(6)]
    run()

    assert set(answers) == {302}
    assert SignUp.objects.count() == limits.A_DAY_TO_ONE_ADDRESS


def test_too_many_keeps_what_was_typed_and_says_when(visitor, consultation, monkeypatch):
    monkeypatch.setattr(limits, "AN_HOUR_FROM_ONE_PLACE", 0)

    page = sign_up(visitor, of(consultation)).content.decode()

    assert "Try again in an hour" in page
    assert "parent@example.org" in page


def test_nothing_in_redis_names_an_address_or_a_place(visitor, consultation):
    sign_up(visitor, of(consultation))

    keys = b" ".join(cache._cache.get_client().keys("*"))
    assert b"alerts:" in keys
    assert b"parent" not in keys
    assert b"127.0.0.1" not in keys


@pytest.mark.parametrize("origin", ["null", "https://elsewhere.example"])
def test_a_form_that_another_site_sends_is_refused(visitor, consultation, origin):
    typed = form_of(visitor, of(consultation)) | {"address": "parent@example.org"}

    assert visitor.post(of(consultation), typed, headers={"Origin": origin}).status_code == 403
    assert not SignUp.objects.exists()


def test_the_page_lets_a_browser_say_where_its_form_came_from(visitor, consultation):
    assert visitor.get(of(consultation))["Referrer-Policy"] == "same-origin"


def test_a_form_without_its_mark_or_sent_twice_does_nothing_more(visitor, consultation):
    assert visitor.post(of(consultation), {"address": "parent@example.org", "cadence": "week"}).status_code == 200
    assert not SignUp.objects.exists()

    typed = form_of(visitor, of(consultation)) | {"address": "parent@example.org"}
    visitor.post(of(consultation), typed)
    visitor.post(of(consultation), typed | {"address": "other@example.org"})

    assert SignUp.objects.count() == 1


def test_a_program_that_fills_in_the_hidden_box_gets_the_same_page_and_no_mail(visitor, consultation):
    assert sign_up(visitor, of(consultation), website="https://spam.example").status_code == 302
    assert not SignUp.objects.exists()


def test_words_that_a_stranger_typed_are_not_mailed_to_anybody(visitor, mailoutbox):
    sign_up(visitor, "/alerts/new/?follow=finder&q=buy+this")
    run()

    (mail,) = mailoutbox
    assert "buy this" not in mail.subject + "".join(parts(mail))


@pytest.mark.parametrize(
    "asked", ["", "?follow=nothing", "?follow=consultation&about=gone", "?follow=organisation&about=gone"]
)
def test_what_is_not_there_cannot_be_followed(visitor, asked):
    assert visitor.get(f"/alerts/new/{asked}").status_code == 404


def test_a_draft_cannot_be_followed(visitor):
    assert visitor.get(of(ConsultationFactory(draft=True))).status_code == 404


@pytest.mark.parametrize("typed", ["", "not an address", "a@b@c"])
def test_an_address_that_is_none_is_refused_in_plain_words(visitor, consultation, typed):
    page = sign_up(visitor, of(consultation), typed)

    assert page.status_code == 200
    assert re.search(r"Enter (your e-mail address|an e-mail address in full)", page.content.decode())


# What you follow


def manage(visitor, mailoutbox) -> str:
    """The page of what somebody follows, by the link that the hub mails."""
    sign_up(visitor, "/alerts/link/")
    run()
    return link(to_parent(mailoutbox)[-1], "manage")


def test_the_link_to_what_one_follows_goes_only_to_who_follows_something(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))
    mailoutbox.clear()

    known = sign_up(visitor, "/alerts/link/")
    strange = sign_up(visitor, "/alerts/link/", "stranger@example.org")
    run()

    assert known["Location"] == strange["Location"] == "/alerts/check-your-email/"
    (mail,) = mailoutbox
    assert mail.to == ["parent@example.org"]
    assert "Short breaks" in visitor.get(link(mail, "manage")).content.decode()


def test_stopping_one_can_be_taken_back_for_the_moment(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))
    path = manage(visitor, mailoutbox)
    pk = Subscription.objects.get().pk

    page = visitor.post(path, {"do": "stop", "which": str(pk)}).content.decode()
    assert "You follow nothing" in page
    assert not Subscription.objects.exclude(address="").exists()

    mark = re.search(r'name="mark" value="([^"]+)"', page)[1]
    assert "Short breaks" in visitor.post(path, {"do": "again", "mark": mark}).content.decode()
    assert Subscription.objects.active().get().address == "parent@example.org"


def test_taking_it_back_ends_after_an_hour(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))
    path = manage(visitor, mailoutbox)
    page = visitor.post(path, {"do": "stop-all"}).content.decode()
    mark = re.search(r'name="mark" value="([^"]+)"', page)[1]

    with time_machine.travel(at(SUNDAY, hour=5), tick=False):
        assert "too long ago" in visitor.post(path, {"do": "again", "mark": mark}).content.decode()

    assert not Subscription.objects.active().exists()


def test_nobody_stops_what_somebody_else_follows(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))
    path = manage(visitor, mailoutbox)
    other = Subscription.objects.create(
        follows="consultation",
        about_id=consultation.pk,
        address="else@example.org",
        recipient_hash=ledger.hash_of("else@example.org"),
        made_at=at(SUNDAY),
        confirmed_at=at(SUNDAY),
    )

    visitor.post(path, {"do": "stop", "which": str(other.pk)})
    visitor.post(path, {"do": "stop-all"})

    assert list(Subscription.objects.active()) == [other]


def test_how_often_is_changed_for_all_that_one_follows(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation), besides="on")
    path = manage(visitor, mailoutbox)

    assert "Saved." in visitor.post(path, {"do": "cadence", "cadence": "day"}).content.decode()
    assert set(Subscription.objects.values_list("cadence", flat=True)) == {"day"}
    assert "Choose" in visitor.post(path, {"do": "cadence", "cadence": "never"}).content.decode()


def test_an_old_link_shows_nothing_but_still_stops(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))
    path = manage(visitor, mailoutbox)

    with time_machine.travel(at(SUNDAY + 91 * DAY), tick=False):
        page = visitor.get(path).content.decode()

    assert "Short breaks" not in page
    assert "too old" in page


def test_a_link_of_one_page_does_not_open_another(visitor, consultation, mailoutbox):
    mail = follow(visitor, mailoutbox, of(consultation))

    assert visitor.get(link(mail, "confirm").replace("confirm", "manage")).status_code == 404
    assert visitor.get(link(mail, "confirm")[:-5] + "abcd/").status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_what_one_follows_takes_the_same_queries_for_one_and_for_twenty(
    visitor, consultation, mailoutbox, django_assert_num_queries, count
):
    follow(visitor, mailoutbox, of(consultation))
    path = manage(visitor, mailoutbox)
    for each in ConsultationFactory.create_batch(count - 1, open=True):
        Subscription.objects.create(
            follows="consultation",
            about_id=each.pk,
            address="parent@example.org",
            recipient_hash=ledger.hash_of("parent@example.org"),
            made_at=at(SUNDAY),
            confirmed_at=at(SUNDAY),
        )

    with django_assert_num_queries(5):  # the mail, how many, the page of them, their titles, who looks after the hub
        visitor.get(path)


# Forgetting


def test_an_address_that_nobody_confirmed_is_forgotten_after_a_week(visitor, consultation, mailoutbox):
    sign_up(visitor, of(consultation))
    run()
    mail = to_parent(mailoutbox)[0]

    retention.let_go(at(SUNDAY + 7 * DAY) - timedelta(seconds=1), only=["sign-ups"])
    assert SignUp.objects.exists()
    retention.let_go(at(SUNDAY + 7 * DAY), only=["sign-ups"])

    for table in (SignUp, Notice, Mail):
        assert not table.objects.filter(address__icontains="parent@example.org").exists(), table
    assert "too old" in visitor.get(link(mail, "confirm")).content.decode()
    assert "too old" in visitor.post(link(mail, "confirm")).content.decode()
    assert not Subscription.objects.exists()


def test_forgetting_leaves_who_follows_something_alone(visitor, consultation, mailoutbox):
    follow(visitor, mailoutbox, of(consultation))

    retention.let_go(at(SUNDAY + 8 * DAY), only=["sign-ups"])

    assert Subscription.objects.active().get().address == "parent@example.org"
    assert not SignUp.objects.exists()


# An organisation, and a filter


def test_an_answer_reaches_who_follows_the_service_or_a_filter_at_once_and_once(visitor, consultation, mailoutbox):
    topic = Topic.objects.create(key="respite", label="Respite")
    consultation.topics.add(topic)
    top = OrganisationFactory()
    type(consultation.organisation).objects.filter(pk=consultation.organisation_id).update(parent=top)
    follow(visitor, mailoutbox, f"/alerts/new/?follow=organisation&about={top.slug}")
    follow(visitor, mailoutbox, "/alerts/new/?follow=finder&stage=open&topic=respite")
    cache.clear()
    follow(visitor, mailoutbox, of(consultation))
    mailoutbox.clear()

    record_answer(consultation, by=None, on=SUNDAY)
    run()
    run()

    (news,) = to_parent(mailoutbox)
    assert news.subject == "The answer is out: Short breaks"
    visitor.post(link(news, "leave"))
    assert not Subscription.objects.active().exists()


def test_an_answer_does_not_reach_who_follows_another_service_or_filter(visitor, consultation, mailoutbox):
    Topic.objects.create(key="respite", label="Respite")
    follow(visitor, mailoutbox, f"/alerts/new/?follow=organisation&about={OrganisationFactory().slug}")
    follow(visitor, mailoutbox, "/alerts/new/?follow=finder&topic=respite")
    mailoutbox.clear()

    record_answer(consultation, by=None, on=SUNDAY)
    run()

    assert not to_parent(mailoutbox)


def test_a_filter_whose_topic_is_gone_holds_nothing(visitor, consultation, mailoutbox):
    topic = Topic.objects.create(key="respite", label="Respite")
    follow(visitor, mailoutbox, "/alerts/new/?follow=finder&topic=respite")
    mailoutbox.clear()
    topic.delete()

    record_answer(consultation, by=None, on=SUNDAY)
    run()

    assert not to_parent(mailoutbox)


def test_equal_filters_are_kept_in_one_writing(visitor, mailoutbox):
    for key in ("respite", "travel"):
        Topic.objects.create(key=key, label=key)
    follow(visitor, mailoutbox, "/alerts/new/?follow=finder&topic=travel&stage=open&topic=respite&sort=newest")
    follow(visitor, mailoutbox, "/alerts/new/?follow=finder&topic=respite&topic=travel")

    assert Subscription.objects.get().filter == "topic=respite&topic=travel"
