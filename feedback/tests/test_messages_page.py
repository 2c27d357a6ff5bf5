"""The desk's pages of messages, with real reminders in them: next, sent, held back, not sent, and one thing's story."""

import base64
import hashlib
import re
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, UserFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory, days
from core.dates import next_working_day, today
from notices import forecast, ledger, post
from notices.bounces import Bounce, Fate, record
from notices.defaults import load_steps
from notices.models import Fault, Hold, Mail, Notice

pytestmark = pytest.mark.django_db
MESSAGES = reverse("notices:messages")


@pytest.fixture
def editor(db):
    """Somebody of the Family Information Service."""
    return MembershipFactory(role=Role.FIS_EDITOR, user=UserFactory(email="fis@example.org")).user


@pytest.fixture
def fis(client, editor):
    """They, signed in."""
    client.force_login(editor)
    return client


@pytest.fixture
def late(db):
    """A late consultation, with the timings that ship."""
    load_steps()
    owner = MembershipFactory(user=UserFactory(email="owner@example.org"), job_title="Head of breaks")
    return ConsultationFactory(late=True, title="Short breaks", owner=owner, organisation__promising=True)


def owe_and_send(send: bool = True) -> None:
    """What the scheduler does."""
    ledger.owe(today(), timezone.now())
    if send:
        post.send(today(), timezone.now(), at_once=True)


def page_of(client, name: str = "", **asked) -> str:
    """The page that somebody sees."""
    return client.get(MESSAGES, {"show": name, **asked}).content.decode()


def thing(late, name: str = "thing") -> str:
    """The address of a page about the answer to a consultation."""
    return reverse(f"notices:{name}", args=["answer-owed", late.pk])


@pytest.mark.parametrize(
    ("role", "answer"),
    [
        (Role.FIS_MANAGER, 200),
        (Role.FIS_EDITOR, 200),
        (Role.LEAD, 403),
        (Role.CONTRIBUTOR, 403),
        (Role.BOARD_VIEWER, 403),
        (Role.PARENT_REVIEWER, 403),
        (None, 302),
    ],
)
def test_only_the_family_information_service_sees_messages(client, late, mailoutbox, role, answer):
    owe_and_send()
    if role:
        client.force_login(MembershipFactory(role=role).user)
    mail = Mail.objects.first()

    for address in (
        MESSAGES,
        reverse("notices:mail", args=[mail.pk]),
        reverse("notices:mail-page", args=[mail.pk]),
        thing(late),
        thing(late, "hold"),
        reverse("accounts:messages-to", args=[late.owner.pk]),
    ):
        assert client.get(address).status_code == answer, address
    assert client.post(thing(late, "steer"), {"do": "send"}).status_code == (302 if answer == 200 else answer)


# What goes next


def test_what_waits_is_shown_by_person_with_role_and_masked_address(fis, late):
    owe_and_send(send=False)

    page = page_of(fis)

    assert "Short breaks" in page
    assert "Answer is" in page
    assert "o•••@example.org" in page
    assert "owner@example.org" not in page
    assert thing(late) in page


def test_it_is_said_who_reads_a_message_as_what_and_for_whom(fis, late, mailoutbox):
    name = f"Head of breaks, {late.owner.organisation.name}"
    to_them = reverse("accounts:messages-to", args=[late.owner.pk])
    owe_and_send(send=False)
    assert name in page_of(fis)

    owe_and_send()
    mail = Mail.objects.get(address="owner@example.org")
    for page in (
        page_of(fis, "sent"),
        fis.get(thing(late)).content.decode(),
        fis.get(reverse("notices:mail", args=[mail.pk])).content.decode(),
    ):
        assert name in page
        assert to_them in page

    late.owner.user.is_active = False
    late.owner.user.save()
    Consultation.objects.update(team_mailbox="")
    late.organisation.mailbox = "Team@example.org"
    late.organisation.save()
    assert f"Mailbox of {late.organisation.name}" in fis.get(thing(late)).content.decode()


def test_the_messages_to_one_person_are_on_one_page(fis, late, mailoutbox):
    other = MembershipFactory(user=UserFactory(email="other@example.org"))
    ConsultationFactory(late=True, title="Day trips", owner=other, organisation=late.organisation)
    owe_and_send(send=False)
    address = reverse("accounts:messages-to", args=[late.owner.pk])
    assert address in fis.get(reverse("accounts:people")).content.decode()

    before = fis.get(address).content.decode()
    assert "Today" in before or "Nothing goes out to them next." not in before
    owe_and_send()
    after = fis.get(address).content.decode()

    assert "Nothing goes out to them next." in after
    assert "Sent on" in after
    assert "Short breaks" in after
    assert "Day trips" not in after
    assert fis.get(reverse("accounts:messages-to", args=[999999])).status_code == 404


def test_the_page_of_somebody_new_speaks(fis, late):
    newcomer = MembershipFactory()

    page = fis.get(reverse("accounts:messages-to", args=[newcomer.pk])).content.decode()

    assert "Nothing goes out to them next." in page
    assert "No message to them has been written yet." in page


@pytest.mark.parametrize("count", [1, 20])
def test_the_messages_to_one_person_take_as_many_queries_for_one_as_for_twenty(
    fis, late, mailoutbox, django_assert_num_queries, count
):
    for _each in range(count - 1):
        ConsultationFactory(late=True, owner=late.owner, organisation=late.organisation)
    owe_and_send()

    with django_assert_num_queries(12):
        fis.get(reverse("accounts:messages-to", args=[late.owner.pk]))


def test_what_only_the_next_working_morning_owes_is_shown_too(fis, late, mailoutbox):
    owe_and_send()
    tomorrow = next_working_day(today() + timedelta(days=1))
    other = ConsultationFactory(title="Day trips", owner=late.owner, organisation=late.organisation, closes_on=today())
    Consultation.objects.filter(pk=other.pk).update(
        answer_owed_from=today() + timedelta(days=1), response_due_on=days(84), first_due_on=days(84)
    )

    page = page_of(fis)
    assert "Day trips" in page
    assert "Answer due in" in page  # what the mail will say on its day, and not that it is open today
    assert "Short breaks" not in page
    assert Notice.objects.count() == Notice.objects.sent().count()

    ledger.owe(tomorrow, timezone.now())
    post.send(tomorrow, timezone.now(), at_once=True)
    assert "Day trips" in mailoutbox[-1].subject


def test_the_page_of_what_closes_today_says_what_comes_next(fis, late):
    closing = ConsultationFactory(
        title="Day trips", owner=late.owner, organisation=late.organisation, closes_on=today()
    )
    Consultation.objects.filter(pk=closing.pk).update(
        answer_owed_from=today() + timedelta(days=1), response_due_on=days(84), first_due_on=days(84)
    )

    page = fis.get(thing(closing)).content.decode()

    assert "Nothing more, as things stand." not in page
    assert "On the day after it closed" in page


def test_a_faults_own_page_of_messages_leads_to_where_it_is_mended(fis, late):
    fault = Fault.objects.create(kind=Fault.Kind.NOBODY, reason="answer-owed", about_id=late.pk)

    page = fis.get(reverse("notices:thing", args=["fault-found", fault.pk])).content.decode()

    assert "Choose an owner" in page
    assert "The page families see" not in page


def test_whoever_had_a_mail_today_gets_the_rest_on_the_next_working_morning(fis, editor, late, mailoutbox):
    with time_machine.travel(a_working_noon(), tick=False):
        fis.force_login(editor)
        owe_and_send()
        other = ConsultationFactory(late=True, title="Day trips", owner=late.owner, organisation=late.organisation)
        ledger.owe(today(), timezone.now())
        page = page_of(fis)
        assert "Day trips" in page
        assert ">Today<" not in re.sub(r"\s+", "", page)

        fis.post(thing(other, "steer"), {"do": "send"})
        assert ">Today<" in re.sub(r"\s+", "", page_of(fis))


def a_working_noon() -> datetime:
    """Noon on a working day."""
    return timezone.make_aware(datetime.combine(next_working_day(today()), time(12)))


def test_what_is_not_true_any_more_does_not_go_next(fis, late):
    owe_and_send(send=False)
    Consultation.objects.update(responded_on=today())

    assert "Nothing goes out next" in page_of(fis)


def test_at_the_weekend_it_goes_on_the_next_working_morning(fis, editor, late):
    with time_machine.travel(a_saturday(), tick=False):
        fis.force_login(editor)
        owe_and_send(send=False)
        page = page_of(fis)

    assert "Monday" in page


def a_saturday() -> datetime:
    """A Saturday noon with an ordinary Monday behind it."""
    day = today()
    while day.weekday() != 5 or next_working_day(day).weekday() != 0:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(12)))


# What went out


def test_what_went_out_is_shown_with_a_copy(fis, late, mailoutbox):
    owe_and_send()
    mail = Mail.objects.get(address="owner@example.org")

    assert reverse("notices:mail", args=[mail.pk]) in page_of(fis, "sent")
    copy = fis.get(reverse("notices:mail", args=[mail.pk])).content.decode()
    assert "Write the answer" in copy
    assert mail.subject in copy
    assert "owner@example.org" not in copy


def test_no_copy_holds_the_secret_of_a_link(fis, late, mailoutbox):
    owe_and_send()
    secrets = {secret for mail in mailoutbox for secret in re.findall(r"/go/([\w-]{40,})/", mail.body)}
    assert secrets

    for mail in Mail.objects.all():
        for name in ("mail", "mail-page"):
            copy = fis.get(reverse(f"notices:{name}", args=[mail.pk])).content.decode()
            assert not [secret for secret in secrets if secret in copy]
            assert "/go/•••/" in copy


def test_the_page_of_a_mail_opens_under_a_policy_of_its_own(fis, late, mailoutbox):
    owe_and_send()
    mail = Mail.objects.get(address="owner@example.org")

    answer = fis.get(reverse("notices:mail-page", args=[mail.pk]))

    policy = answer["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", answer.content.decode(), re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "unsafe" not in policy


def test_a_mail_without_a_page_has_none(fis):
    mail = Mail.objects.create(recipient_hash="0" * 64, day=today())

    assert fis.get(reverse("notices:mail-page", args=[mail.pk])).status_code == 404


# What was not sent


def test_what_was_not_sent_says_why(fis, late, mailoutbox):
    owe_and_send(send=False)
    Consultation.objects.update(responded_on=today())
    owe_and_send()

    assert "Nothing is owed any more." in page_of(fis, "dropped")


def test_a_mail_that_came_back_counts_as_not_sent_and_is_said_to_have_come_back(fis, late, mailoutbox):
    owe_and_send()
    mail = Mail.objects.get(address="owner@example.org")
    record(Bounce(mail=mail.pk, fate=Fate.DEAD, code="5.1.1"), source="a test", now=timezone.now())

    assert "Came back on" in page_of(fis, "sent")
    assert "Came back on" in fis.get(thing(late)).content.decode()
    assert "so it counts as not sent" in fis.get(reverse("notices:mail", args=[mail.pk])).content.decode()
    assert "o•••@example.org" in fis.get("/desk/").content.decode()


def test_a_message_about_something_that_is_gone_is_still_shown(fis):
    Notice.objects.create(
        reason="long-ago", step="x", about_id=999999, about_on=today(), recipient_hash="0" * 64, role="owner",
        owed_on=today(), send_from=timezone.now(), dropped_at=timezone.now(), dropped_why="It is gone.",
    )  # fmt: skip

    page = page_of(fis, "dropped")
    assert "Record 999999, which is no longer here" in page
    assert "address erased" in page
    assert fis.get(reverse("notices:thing", args=["long-ago", 999999])).status_code == 404
    assert fis.get(reverse("notices:thing", args=["answer-owed", 999999])).status_code == 404


def test_every_empty_list_speaks_and_an_unknown_one_shows_what_goes_next(fis):
    for name, words in (
        ("", "Nothing goes out next"),
        ("sent", "Nothing has gone out yet"),
        ("held", "Nothing is held back"),
        ("dropped", "Nothing was struck out"),
        ("everything", "Nothing goes out next"),
    ):
        assert words in page_of(fis, name)


@pytest.mark.parametrize(("name", "queries"), [("", 13), ("sent", 9), ("dropped", 9), ("held", 7)])
@pytest.mark.parametrize("count", [1, 20])
def test_a_list_takes_as_many_queries_for_one_row_as_for_twenty(
    fis, late, mailoutbox, django_assert_num_queries, name, queries, count
):
    for _each in range(count - 1):
        owner = MembershipFactory(organisation=late.organisation)
        ConsultationFactory(late=True, owner=owner, organisation=late.organisation)
    owe_and_send(send=name == "sent")
    if name == "dropped":
        Notice.objects.update(dropped_at=timezone.now(), dropped_why="Why.")
    if name == "held":
        for each in Consultation.objects.all():
            Hold.objects.create(reason="answer-owed", about_id=each.pk, why="Why.", until=today())

    with django_assert_num_queries(queries):
        fis.get(MESSAGES, {"show": name})


def test_long_lists_come_in_pages_of_twenty(fis, late, mailoutbox):
    for number in range(21):
        Mail.objects.create(
            recipient_hash=f"{number}", address="owner@example.org", day=today(), sent_at=timezone.now(), subject="A"
        )

    assert page_of(fis, "sent").count("o•••@example.org") == 20
    assert page_of(fis, "sent", page=2).count("o•••@example.org") == 1


# The story of one thing


def test_the_page_of_a_thing_tells_now_next_and_so_far(fis, late, mailoutbox):
    Consultation.objects.update(response_due_on=today() - timedelta(days=20), first_due_on=days(-20))
    owe_and_send()

    page = fis.get(thing(late)).content.decode()

    assert "15 days after the day the answer is due, then every 14 days" in page
    assert "o•••@example.org" in page
    assert "Sent on" in page
    ahead = next_working_day(today() + timedelta(days=9))
    assert f"{ahead.day} {ahead:%B}" in page
    assert reverse("consultations:owner", args=[late.slug]) in page


def test_what_comes_next_at_a_weekend_comes_on_the_working_morning_after(late):
    closes, due = date(2026, 3, 7), date(2026, 6, 6)
    opens = closes - timedelta(60)
    Consultation.objects.update(
        opens_on=opens, closes_on=closes, answer_owed_from=closes + timedelta(1), response_due_on=due, first_due_on=due
    )

    day, owed = forecast.next_step("answer-owed", late.pk, date(2026, 5, 1))

    assert (day, owed[0].step) == (date(2026, 5, 11), "due_28"), "Saturday 9 May is no working day"


def test_a_thing_that_owes_nothing_says_so(fis, late):
    Consultation.objects.update(responded_on=today())

    page = fis.get(thing(late)).content.decode()
    assert "Nobody: nothing is owed about this now." in page
    assert "Nothing more, as things stand." in page
    assert "No message about this has been written yet." in page


@pytest.mark.parametrize("count", [1, 20])
def test_the_story_takes_as_many_queries_for_one_message_as_for_twenty(
    fis, late, mailoutbox, django_assert_num_queries, count
):
    for _each in range(count - 1):
        MembershipFactory(role=Role.FIS_EDITOR)
    Consultation.objects.update(response_due_on=days(-20), first_due_on=days(-20))
    owe_and_send()

    with django_assert_num_queries(19):
        fis.get(thing(late))


# Sending now, and holding back


def test_sending_now_goes_out_at_the_weekend_in_a_mail_of_its_own(
    fis, editor, late, mailoutbox, django_capture_on_commit_callbacks
):
    with time_machine.travel(a_saturday(), tick=False):
        fis.force_login(editor)
        ledger.owe(today(), timezone.now())
        post.send(today(), timezone.now())
        assert mailoutbox == []

        with django_capture_on_commit_callbacks() as asked:
            fis.post(thing(late, "steer"), {"do": "send"})
        assert len(asked) == 1
        post.send(today(), timezone.now())

    assert sorted(mail.to[0] for mail in mailoutbox) == ["fis@example.org", "owner@example.org"]
    assert not Notice.objects.waiting().exists()
    assert set(Mail.objects.values_list("urgent", flat=True)) == {True}


def test_sending_now_reaches_somebody_who_had_a_mail_today(fis, late, mailoutbox):
    owe_and_send()
    other = ConsultationFactory(late=True, title="Day trips", owner=late.owner, organisation=late.organisation)
    owe_and_send()
    assert "Day trips" not in " ".join(mail.body for mail in mailoutbox)

    fis.post(thing(other, "steer"), {"do": "send"})
    post.send(today(), timezone.now(), at_once=True)

    assert "Day trips" in mailoutbox[-1].body


def test_sending_now_takes_nothing_out_of_a_mail_that_is_on_its_way(fis, late):
    owe_and_send(send=False)
    post._gather(today(), timezone.now(), resting=[], at_once=True)
    Mail.objects.claim(day=today(), now=timezone.now(), limit=10)

    page = fis.post(thing(late, "steer"), {"do": "send"}, follow=True).content.decode()

    assert "Nothing waits to be sent." in page
    assert not Notice.objects.filter(hurried_at__isnull=False).exists()
    assert not Notice.objects.filter(mail__isnull=True).exists()


def test_holding_back_says_why_and_ends_by_itself(fis, late, mailoutbox):
    owe_and_send(send=False)
    post._gather(today(), timezone.now(), resting=[], at_once=True)
    until = today() + timedelta(days=5)
    data = {"why": "On leave.", "until_day": until.day, "until_month": until.month, "until_year": until.year}

    assert fis.post(thing(late, "hold"), data).url == thing(late)
    post.send(today(), timezone.now(), at_once=True)
    post.send(until, timezone.now(), at_once=True)
    assert mailoutbox == []
    assert "On leave." in page_of(fis, "held")
    assert "Held back up to" in fis.get(thing(late)).content.decode()
    assert Notice.objects.oldest_unsent() is None

    after = until + timedelta(days=1)
    ledger.owe(after, timezone.now())
    post.send(after, timezone.now(), at_once=True)
    assert "owner@example.org" in [mail.to[0] for mail in mailoutbox]


def test_what_is_held_back_can_be_let_out_again(fis, late, mailoutbox):
    owe_and_send(send=False)
    Hold.objects.create(reason="answer-owed", about_id=late.pk, why="On leave.", until=days(5))

    fis.post(thing(late, "steer"), {"do": "send"})
    assert not Notice.objects.filter(hurried_at__isnull=False).exists()

    fis.post(thing(late, "steer"), {"do": "lift"})
    post.send(today(), timezone.now(), at_once=True)

    assert len(mailoutbox) == 2
    assert "Nothing is held back" in page_of(fis, "held")


@pytest.mark.parametrize(
    ("why", "until", "words"),
    [
        ("", 5, "Say why the messages are held back"),
        ("  ", 5, "Say why the messages are held back"),
        ("On leave.", None, "Choose a day in the next four weeks"),
        ("On leave.", -1, "Choose a day in the next four weeks"),
        ("On leave.", 29, "Choose a day in the next four weeks"),
    ],
)
def test_nothing_is_held_back_without_a_reason_or_for_long(fis, late, why, until, words):
    day = days(until) if until is not None else None
    data = {"why": why} | (
        {"until_day": day.day, "until_month": day.month, "until_year": day.year} if day else {"until_day": ""}
    )

    refused = fis.post(thing(late, "hold"), data)

    assert refused.status_code == 400
    assert words in refused.content.decode()
    assert not Hold.objects.exists()


def test_holding_one_thing_back_holds_nothing_else(fis, late, mailoutbox):
    ConsultationFactory(late=True, title="Day trips", owner=late.owner, organisation=late.organisation)
    owe_and_send(send=False)
    Hold.objects.create(reason="answer-owed", about_id=late.pk, why="On leave.", until=days(5))
    owe_and_send()

    mail = next(mail for mail in mailoutbox if mail.to == ["owner@example.org"])
    assert "Day trips" in mail.body
    assert "Short breaks" not in mail.body


# To be mended


def test_what_must_be_mended_comes_first_with_the_one_thing_to_do(fis, late):
    Fault.objects.create(kind=Fault.Kind.NOBODY, reason="answer-owed", about_id=late.pk)

    for page in (page_of(fis), fis.get(reverse("desk")).content.decode()):
        assert "Nobody receives this" in page
        assert "Short breaks" in page
        assert reverse("consultations:owner", args=[late.slug]) in page


def test_an_address_that_takes_no_mail_has_a_page_and_can_be_declared_mended(fis, late, mailoutbox):
    owe_and_send()
    refused = (ledger.hash_of("owner@example.org"), "owner@example.org", "SMTPRecipientsRefused 550")
    ledger.declare_unreachable([refused], kind=Fault.Kind.ADDRESS, now=timezone.now())
    address = reverse("notices:fault", args=[Fault.objects.get().pk])

    page = fis.get(address).content.decode()
    assert "o•••@example.org" in page
    assert "owner@example.org" not in page
    assert "the mail server said SMTPRecipientsRefused 550" in page
    assert "Short breaks" in page

    assert fis.post(address).url == MESSAGES
    assert not Fault.objects.open().exists()
    assert "Mended on" in fis.get(address).content.decode()
