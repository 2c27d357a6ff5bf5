"""The ledger forgets to whom it wrote, then that it did. What still waits is never forgotten."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core import retention, rights
from notices import ledger
from notices.models import Fault, Mail, Notice, Recipient, SignUp, Subscription

pytestmark = pytest.mark.django_db
ADDRESS = "parent@example.org"


def message(days_ago: int, *, waits: bool = False, about: int = 1) -> Notice:
    """A notice of so many days ago in a mail of its own, sent unless it waits."""
    then = timezone.now() - timedelta(days=days_ago)
    known = ledger.hash_of(ADDRESS)
    mail = Mail.objects.create(
        recipient_hash=known,
        address=ADDRESS,
        day=timezone.localdate(then),
        made_at=then,
        sent_at=None if waits else then,
        subject="Your answer is due",
        text="Dear owner",
        html="<p>Dear owner</p>",
    )
    return Notice.objects.create(
        reason="answer-owed",
        step="due",
        about_id=about,
        about_on=date(2020, 1, 1),
        recipient_hash=known,
        address=ADDRESS,
        role=Recipient.OWNER,
        owed_on=date(2020, 1, 1),
        laid_down_at=then,
        send_from=then,
        mail=mail,
        sent_at=None if waits else then,
    )


def test_a_year_later_nobody_can_tell_what_was_written_to_whom_but_that_it_was():
    old, new = message(366), message(300, about=2)

    retention.let_go(timezone.now(), only=["mails", "ledger"])

    old.refresh_from_db()
    assert (old.address, old.recipient_hash) == ("", ledger.hash_of(ADDRESS))
    assert old.sent_at
    assert Mail.objects.filter(pk=old.mail_id, address="", subject="", text="", html="").exists()
    assert Notice.objects.get(pk=new.pk).address == ADDRESS
    assert Mail.objects.get(pk=new.mail_id).text


def test_what_still_waits_is_kept_however_old():
    waits = message(3_000, waits=True)

    retention.let_go(timezone.now(), only=["mails", "ledger"])

    assert Notice.objects.get(pk=waits.pk).address == ADDRESS
    assert Mail.objects.get(pk=waits.mail_id).address == ADDRESS


def test_after_six_years_the_ledger_forgets_that_it_wrote():
    message(6 * 365 + 1)
    Fault.objects.create(
        kind="address", recipient_hash="known", found_at=timezone.now() - timedelta(days=2_300),
        mended_at=timezone.now() - timedelta(days=2_200),
    )  # fmt: skip
    Subscription.objects.create(
        follows="consultation", about_id=1, recipient_hash="known", made_at=timezone.now() - timedelta(days=3_000),
        left_at=timezone.now() - timedelta(days=2_200),
    )  # fmt: skip

    went = retention.let_go(timezone.now(), only=["ledger"])

    assert went == {"ledger": 4}
    assert not any(table.objects.exists() for table in (Notice, Mail, Fault, Subscription))


def test_a_copy_names_what_is_followed_and_what_was_sent():
    message(3)
    Subscription.objects.create(
        follows="gone", address=ADDRESS, recipient_hash=ledger.hash_of(ADDRESS), made_at=timezone.now(),
        confirmed_at=timezone.now(),
    )  # fmt: skip
    SignUp.objects.create(
        follows="gone", address=ADDRESS, recipient_hash=ledger.hash_of(ADDRESS), asked_at=timezone.now(),
        asked_on=timezone.localdate(),
    )  # fmt: skip

    held = rights.held_about(" Parent@Example.org ")

    assert [each.what for each in held] == ["E-mail alerts", "Asked for e-mail alerts", "E-mail from the hub"]
    assert held[0].facts["follows"] == "something that is gone"
    assert held[2].facts["subject"] == "Your answer is due"


def test_erasing_leaves_that_something_was_owed_and_no_trace_of_the_address():
    owed = message(3)
    waits = message(0, waits=True, about=2)

    rights.erase(ADDRESS, by=None, now=timezone.now())

    assert rights.held_about(ADDRESS) == []
    for row in (owed, waits):
        row.refresh_from_db()
        assert row.address == ""
    assert owed.sent_at
    assert waits.dropped_at, "nobody is left to send it to"
    assert not Mail.objects.exclude(address="", text="", html="", subject="").exists()
