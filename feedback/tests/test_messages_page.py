"""The desk's page of messages, with real reminders in it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, UserFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.dates import today
from notices import ledger, post
from notices.defaults import load_steps
from notices.models import Fault, Mail, Notice

pytestmark = pytest.mark.django_db
MESSAGES = reverse("notices:messages")


@pytest.fixture
def fis(client):
    """Somebody of the Family Information Service, signed in."""
    membership = MembershipFactory(role=Role.FIS_EDITOR, user=UserFactory(email="fis@example.org"))
    client.force_login(membership.user)
    return client


@pytest.fixture
def late(db):
    """A late consultation, with the timings that ship."""
    load_steps()
    owner = MembershipFactory(user=UserFactory(email="owner@example.org"))
    return ConsultationFactory(late=True, title="Short breaks", owner=owner, organisation__promising=True)


def owe_and_send(send: bool = True) -> None:
    """What the scheduler does."""
    ledger.owe(today(), timezone.now())
    if send:
        post.send(today(), timezone.now(), at_once=True)


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

    assert client.get(MESSAGES).status_code == answer
    assert client.get(reverse("notices:mail", args=[Mail.objects.first().pk])).status_code == answer


def test_what_waits_is_shown_with_role_and_masked_address(fis, late):
    owe_and_send(send=False)

    page = fis.get(MESSAGES).content.decode()

    assert "Short breaks" in page
    assert "An answer is owed" in page
    assert "o•••@example.org" in page
    assert "owner@example.org" not in page
    assert "Waits to go out from" in page


def test_what_went_out_is_shown_with_a_copy(fis, late, mailoutbox):
    owe_and_send()
    mail = Mail.objects.get(address="owner@example.org")

    assert reverse("notices:mail", args=[mail.pk]) in fis.get(MESSAGES, {"show": "sent"}).content.decode()
    copy = fis.get(reverse("notices:mail", args=[mail.pk])).content.decode()
    assert "Write the answer" in copy
    assert mail.subject in copy
    assert "owner@example.org" not in copy


def test_what_was_not_sent_says_why(fis, late, mailoutbox):
    owe_and_send(send=False)
    Consultation.objects.update(responded_on=today())
    owe_and_send()

    page = fis.get(MESSAGES, {"show": "dropped"}).content.decode()
    assert "Nothing is owed any more." in page


def test_the_list_is_narrowed_and_an_unknown_value_shows_all(fis, late, mailoutbox):
    owe_and_send()

    assert "No messages here" in fis.get(MESSAGES, {"show": "waiting"}).content.decode()
    assert "Short breaks" in fis.get(MESSAGES, {"show": "everything"}).content.decode()


def test_an_empty_ledger_speaks(fis):
    assert "No messages here" in fis.get(MESSAGES).content.decode()


def test_what_must_be_mended_comes_first(fis, late):
    Fault.objects.create(kind=Fault.Kind.NOBODY, reason="answer-owed", about_id=late.pk)

    page = fis.get(MESSAGES).content.decode()

    assert "To be mended" in page
    assert "Nobody receives this" in page


def test_a_message_about_something_that_is_gone_is_still_shown(fis):
    Notice.objects.create(
        reason="long-ago",
        step="x",
        about_id=999999,
        about_on=today(),
        recipient_hash="0" * 64,
        role="owner",
        owed_on=today(),
        send_from=timezone.now(),
    )

    page = fis.get(MESSAGES).content.decode()
    assert "Record 999999, which is no longer here" in page
    assert "address erased" in page


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_as_many_queries_for_one_row_as_for_twenty(
    fis, late, mailoutbox, django_assert_num_queries, count
):
    for _each in range(count - 1):
        ConsultationFactory(late=True, owner=late.owner, organisation=late.organisation)
    owe_and_send()

    with django_assert_num_queries(7):
        fis.get(MESSAGES)


def test_long_lists_come_in_pages_of_twenty(fis, late):
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(
            reason="answer-owed",
            step="late_15",
            repeat=number,
            about_id=late.pk,
            about_on=today(),
            recipient_hash="0" * 64,
            address="owner@example.org",
            role="owner",
            owed_on=today() + timedelta(days=number),
            send_from=now,
        )
        for number in range(21)
    )

    assert fis.get(MESSAGES).content.decode().count("o•••@example.org") == 20
    assert fis.get(MESSAGES, {"page": 2}).content.decode().count("o•••@example.org") == 1
