"""News for families who follow a consultation: once, at once, to nobody else, and never against their will."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from feedback.tests.factories import ResponseFactory
from notices import ledger, post
from notices.defaults import load_steps
from notices.forecast import next_mails
from notices.models import Fault, Mail, Notice, Subscription
from notices.reasons import registered

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 3, 1)
DAY = timedelta(days=1)


def at(day: date, hour: int = 3) -> datetime:
    """A moment in the UK, outside of office hours."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


@pytest.fixture
def answered(db):
    """A consultation that was answered on a Sunday, with the timings that ship."""
    load_steps()
    return ConsultationFactory(responded=True, title="Short breaks", responded_on=SUNDAY)


def follows(consultation, address: str, *, confirmed: date | None = SUNDAY - DAY, left: date | None = None):
    """Somebody who asked for news of a consultation."""
    return Subscription.objects.create(
        follows="consultation",
        about_id=consultation.pk,
        address="" if left else address,
        recipient_hash=ledger.hash_of(address),
        made_at=at(SUNDAY - 10 * DAY),
        confirmed_at=confirmed and at(confirmed),
        left_at=left and at(left),
    )


def run(day: date = SUNDAY):
    """What the scheduler does, at three in the morning."""
    ledger.owe(day, at(day))
    return post.send(day, at(day))


def told(day: date = SUNDAY) -> list[str]:
    """Who is owed the news."""
    return sorted(each.address for each in ledger.due(registered()["answer-news"], day))


def test_who_follows_it_is_told_at_once_on_a_sunday_at_night_and_only_once(answered, mailoutbox):
    follows(answered, "parent@example.org")

    run()
    run()
    run(SUNDAY + DAY)

    (mail,) = (mail for mail in mailoutbox if mail.to == ["parent@example.org"])
    assert mail.subject == "The answer is out: Short breaks"
    assert f"Read the answer:\nhttp://localhost:8000{answered.get_absolute_url()}\n" in mail.body
    assert "You get this because you asked for news of it." in mail.body
    assert "owe" not in mail.body
    assert "sign in" not in mail.body


@pytest.mark.parametrize(
    "facts",
    [
        {"confirmed": None},
        {"confirmed": SUNDAY + DAY},
        {"left": SUNDAY},
    ],
)
def test_nobody_is_told_who_did_not_confirm_or_came_later_or_has_left(answered, facts):
    follows(answered, "parent@example.org", **facts)

    assert told() == []


def test_nobody_is_told_of_another_consultation(answered):
    follows(ConsultationFactory(late=True), "parent@example.org")

    assert told() == []


def test_news_that_is_taken_back_before_it_went_is_not_sent(answered, mailoutbox):
    follows(answered, "parent@example.org")
    ledger.owe(SUNDAY, at(SUNDAY))
    Consultation.objects.update(responded_on=None)

    post.send(SUNDAY, at(SUNDAY))

    assert not [mail for mail in mailoutbox if mail.to == ["parent@example.org"]]
    assert Notice.objects.get(role="follower").dropped_why.startswith("It is no news any more")


def test_after_a_month_it_is_no_news(answered):
    follows(answered, "parent@example.org")

    assert told(SUNDAY + 29 * DAY) == ["parent@example.org"]
    assert told(SUNDAY + 30 * DAY) == []


def test_following_something_makes_no_task_for_anybody(answered, mailoutbox):
    follows(answered, "parent@example.org")
    ResponseFactory(consultation=answered)  # its owner is thanked
    Membership.objects.update(ended_on=SUNDAY - DAY)
    ledger.owe(SUNDAY, at(SUNDAY))

    ledger.declare_unreachable(
        [(ledger.hash_of("parent@example.org"), "parent@example.org", "550")], kind=Fault.Kind.ADDRESS, now=at(SUNDAY)
    )

    assert Notice.objects.filter(reason="answer-published").exists()
    assert not Fault.objects.exclude(reason="hub-unattended").exists()
    assert told() == []
    assert set(Subscription.objects.values_list("address", flat=True)) == {""}


def test_an_address_that_was_erased_follows_nothing(answered):
    follows(answered, "parent@example.org")

    ledger.forget("Parent@example.org", at(SUNDAY))

    assert not Subscription.objects.active().exists()
    assert not Subscription.objects.exclude(address="").exists()


def test_news_for_families_is_not_among_what_staff_get_next(answered):
    follows(answered, "parent@example.org")
    ledger.owe(SUNDAY, at(SUNDAY))

    assert "parent@example.org" not in {mail.address for mail in next_mails(SUNDAY, at(SUNDAY))}


def test_the_same_address_follows_a_thing_once():
    consultation = ConsultationFactory(late=True)
    follows(consultation, "parent@example.org", left=SUNDAY)
    follows(consultation, "parent@example.org")

    with pytest.raises(IntegrityError, match="subscription_once"):
        follows(consultation, "parent@example.org")


@pytest.mark.parametrize("count", [1, 20])
def test_news_takes_the_same_number_of_queries_for_one_family_and_for_twenty(
    answered, django_assert_num_queries, count
):
    for number in range(count):
        follows(answered, f"parent{number}@example.org")

    # who follows anything, what is astir, nine for the news, the count, who looks after the hub, who reads
    with django_assert_num_queries(14):
        ledger.owe(SUNDAY, at(SUNDAY))
    assert Notice.objects.filter(role="follower").count() == count


# Leaving


@pytest.fixture
def got(answered, mailoutbox):
    """The mail that a family got, with the address that stops such mails."""
    follows(answered, "parent@example.org")
    run()
    return next(mail for mail in mailoutbox if mail.to == ["parent@example.org"])


def leave_path(mail) -> str:
    """Where its one-click header leads."""
    return re.fullmatch(r"<http://localhost:8000(/alerts/leave/[\w-]+/)>", mail.extra_headers["List-Unsubscribe"])[1]


def test_opening_the_link_stops_nothing_and_one_press_does(client, answered, got):
    path = leave_path(got)
    assert f"Stop these e-mails:\nhttp://localhost:8000{path}\n" in got.body

    page = client.get(path)
    assert "Short breaks" in page.content.decode()
    assert not page.cookies
    assert Subscription.objects.active().exists()

    page = client.post(path)
    assert "You get no more of these e-mails" in page.content.decode()
    assert not Subscription.objects.active().exists()
    assert client.post(path).status_code == 200


def test_a_mail_program_stops_it_with_one_click(got, answered):
    assert got.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    answer = Client(enforce_csrf_checks=True).post(leave_path(got), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not Subscription.objects.active().exists()


def test_leaving_one_thing_leaves_no_other_and_nobody_else(client, answered, got):
    other = follows(ConsultationFactory(late=True), "parent@example.org")
    somebody = follows(answered, "else@example.org")

    client.post(leave_path(got))

    assert set(Subscription.objects.active()) == {other, somebody}


def test_a_link_that_is_not_ours_leads_nowhere(client, got):
    forged = leave_path(got)[:-4] + "abc/"

    assert client.get(forged).status_code == 404
    assert client.post(forged).status_code == 404
    assert Subscription.objects.active().exists()


def test_the_copy_on_the_desk_does_not_hold_the_link(got):
    mail = Mail.objects.get(address="parent@example.org")

    assert "/alerts/leave/•••/" in mail.text
    assert "/alerts/leave/•••/" in mail.html
    assert leave_path(got) not in mail.text + mail.html


def test_a_reminder_to_staff_has_no_such_link(answered, mailoutbox):
    run(SUNDAY + DAY)

    assert all("List-Unsubscribe" not in mail.extra_headers for mail in mailoutbox)
