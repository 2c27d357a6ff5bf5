"""Mail that comes back: written down once, whoever tells, and nobody silences somebody else."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from notices import ledger, post
from notices.actions import mend_address
from notices.bounces import IN_A_ROW, Bounce, Fate, Verdict, code_in, fate_of, mail_in, record
from notices.models import Fault, Mail, Notice
from notices.tests.conftest import MONDAY, at, run, topic

pytestmark = pytest.mark.usefixtures("look_again")
TUESDAY = MONDAY + timedelta(days=1)


def came_back(mail: Mail | UUID, fate=Fate.DEAD, *, code="5.1.1", to=(), now=None) -> Verdict:
    """Tell the ledger that a mail came back."""
    pk = mail if isinstance(mail, UUID) else mail.pk
    return record(Bounce(pk, fate, code, tuple(to)), source="test", now=now or at(MONDAY, 12))


@pytest.fixture
def sent(mailoutbox) -> Mail:
    """A mail that the mail server took."""
    topic("a", "owner@example.org", deputy="deputy@example.org")
    run()
    return Mail.objects.get()


def test_what_came_back_counts_as_not_sent_and_the_address_as_dead(sent):
    assert came_back(sent) == Verdict.RECORDED

    sent.refresh_from_db()
    assert (sent.bounced_at, sent.refusal) == (at(MONDAY, 12), "5.1.1")
    notice = Notice.objects.get()
    assert (notice.sent_at, notice.dropped_at, notice.dropped_why) == (None, at(MONDAY, 12), "The mail came back.")
    fault = Fault.objects.open().get()
    assert (fault.kind, fault.address, fault.detail) == (Fault.Kind.ADDRESS, "owner@example.org", "5.1.1")


def test_whoever_stands_in_is_told_until_the_address_is_mended_and_then_its_owner(sent, mailoutbox):
    came_back(sent)

    run(TUESDAY)
    assert [m.to for m in mailoutbox[1:]] == [["deputy@example.org"]]

    mend_address(Fault.objects.open().get(), by=None, now=at(TUESDAY, 10))
    run(TUESDAY, hour=11)
    run(TUESDAY, hour=12)
    assert [m.to for m in mailoutbox[2:]] == [["owner@example.org"]]
    assert not Fault.objects.open().exists()


def test_told_twice_it_is_written_down_once(sent):
    came_back(sent)
    mend_address(Fault.objects.get(), by=None, now=at(MONDAY, 13))

    assert came_back(sent, now=at(MONDAY, 14)) == Verdict.KNOWN
    assert not Fault.objects.open().exists()


def test_a_mail_that_is_only_delayed_is_still_under_way(sent):
    assert came_back(sent, Fate.DELAYED, code="4.4.1") == Verdict.NOTED

    sent.refresh_from_db()
    assert sent.bounced_at is None
    assert Notice.objects.sent().count() == 1
    assert came_back(sent) == Verdict.RECORDED


def test_a_mail_of_somebody_else_is_unknown(sent):
    assert came_back(uuid4()) == Verdict.UNKNOWN
    assert not Fault.objects.exists()


def test_a_mail_that_never_left_cannot_come_back():
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    waiting = Mail.objects.create(
        recipient_hash=ledger.hash_of("owner@example.org"), address="owner@example.org", day=MONDAY
    )

    assert came_back(waiting) == Verdict.UNKNOWN


def test_news_about_another_address_silences_nobody(sent):
    assert came_back(sent, to=["fis@example.org"]) == Verdict.ANOTHER

    sent.refresh_from_db()
    assert sent.bounced_at is None
    assert not Fault.objects.exists()


def test_an_address_in_capitals_is_the_same_address(sent):
    assert came_back(sent, to=["somebody@example.org", "OWNER@Example.ORG"]) == Verdict.RECORDED


def test_news_about_an_erased_address_is_known_by_its_hash_and_brings_nothing_back(sent):
    ledger.forget("owner@example.org", at(MONDAY, 11))

    assert came_back(sent, to=["owner@example.org"]) == Verdict.RECORDED
    assert not Fault.objects.exists()
    assert not Mail.objects.exclude(address="").exists()


def test_one_mail_lost_on_the_way_is_sent_anew_and_the_address_stays(sent, mailoutbox):
    came_back(sent, Fate.LOST, code="4.2.2")
    assert not Fault.objects.exists()

    run(MONDAY, hour=15)
    assert len(mailoutbox) == 1, "one mail a person a day, also when it came back"
    run(TUESDAY)
    assert [m.to for m in mailoutbox] == [["owner@example.org"]] * 2


def test_an_address_whose_mail_is_lost_again_and_again_is_dead(mailoutbox):
    topic("a", "owner@example.org")

    for number in range(IN_A_ROW):
        assert not Fault.objects.exists()
        day = MONDAY + timedelta(days=number)
        run(day)
        came_back(Mail.objects.get(bounced_at=None), Fate.LOST, code="4.2.2", now=at(day, 12))

    assert len(mailoutbox) == IN_A_ROW
    assert Fault.objects.open().get().detail == "4.2.2"


def test_a_mail_that_arrived_in_between_ends_the_row(mailoutbox):
    topic("a", "owner@example.org")
    for number in range(IN_A_ROW + 1):
        day = MONDAY + timedelta(days=number)
        run(day)
        mail = Mail.objects.order_by("-sent_at").first()
        if number == 1:
            topic("b", "owner@example.org")
        else:
            came_back(mail, Fate.LOST, code="4.2.2", now=at(day, 12))

    assert len(mailoutbox) == IN_A_ROW + 1
    assert not Fault.objects.exists()


def test_an_address_mended_since_is_not_dead_because_of_an_older_mail(mailoutbox):
    topic("a", "owner@example.org")
    run()
    topic("b", "owner@example.org")
    run(TUESDAY)
    first, second = Mail.objects.order_by("sent_at")
    came_back(first, now=at(TUESDAY, 10))
    mend_address(Fault.objects.get(), by=None, now=at(TUESDAY, 11))

    assert came_back(second, now=at(TUESDAY, 12)) == Verdict.RECORDED
    assert not Fault.objects.open().exists()
    assert Notice.objects.dropped().count() == 2, "both are owed anew"


def test_a_mail_whose_sender_never_learned_that_it_was_taken_waits_no_more(mailoutbox, monkeypatch):
    topic("a", "owner@example.org")

    def killed(*args):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(post.Run, "_mark_sent", killed)
        with pytest.raises(SystemExit):
            run()

    assert came_back(Mail.objects.get()) == Verdict.RECORDED

    run(TUESDAY)
    assert len(mailoutbox) == 1
    mail = Mail.objects.get()
    assert (mail.sent_at, mail.claimed_until) == (at(MONDAY, 12), None)


def test_news_that_is_faster_than_the_senders_own_mark_is_not_lost(mailoutbox, monkeypatch):
    topic("a", "owner@example.org")
    mark = post.Run._mark_sent

    def told_first(self, letter, following):
        came_back(letter.mail)
        mark(self, letter, following)

    monkeypatch.setattr(post.Run, "_mark_sent", told_first)
    run()

    assert Notice.objects.get().dropped_why == "The mail came back."
    assert Fault.objects.open().count() == 1, "that the server took it is no news against that"


def test_a_mail_that_was_given_up_may_still_come_back(sent):
    Mail.objects.update(sent_at=None, given_up_at=at(MONDAY))

    assert came_back(sent) == Verdict.RECORDED
    sent.refresh_from_db()
    assert (sent.sent_at, sent.given_up_at) == (None, at(MONDAY))


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_the_same_at_once_write_it_down_once(mailoutbox):
    topic("a", "owner@example.org")
    run()
    mail = Mail.objects.get()
    ready, said = threading.Barrier(4), []

    def tell():
        try:
            ready.wait()
            said.append(came_back(mail))
        finally:
            connection.close()

    tellers = [threading.Thread(target=tell) for _each in range(4)]
    for each in tellers:
        each.start()
    for each in tellers:
        each.join()

    assert sorted(said) == ["known", "known", "known", "recorded"]
    assert Fault.objects.count() == 1


def test_the_log_says_what_came_back_and_not_whose(sent, caplog):
    came_back(sent, to=["owner@example.org"])
    came_back(sent, to=["owner@example.org"])

    assert caplog.text.count("'verdict': 'recorded'") == caplog.text.count("'verdict': 'known'") == 1
    assert str(sent.pk) in caplog.text
    assert "owner" not in caplog.text


# --- Reading what others say


@pytest.mark.parametrize(
    ("action", "code", "fate"),
    [
        ("failed", "5.1.1", Fate.DEAD),
        ("failed", "550", Fate.DEAD),
        ("failed", "4.4.7", Fate.LOST),
        ("failed", "", Fate.LOST),
        ("delayed", "4.4.1", Fate.DELAYED),
        ("delivered", "2.0.0", None),
        ("expanded", "2.0.0", None),
    ],
)
def test_a_report_is_read_in_its_own_words(action, code, fate):
    assert fate_of(action, code) == fate


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("550 5.1.1 <jo@example.org>: user unknown", "5.1.1"),
        ("smtp; 550 No such user jo.550@example.org", "550"),
        ("SMTP error from remote mail server: 452 later", "452"),
        ("connect to 5.6.7.8[5.6.7.8]:25: refused", ""),
        ("250 2.0.0 OK", "2.0.0"),
        ("tel. 01632 5501234", ""),
        ("", ""),
    ],
)
def test_of_what_a_mail_server_said_only_the_code_is_kept(said, code):
    assert code_in(said) == code


def test_our_mails_are_known_by_their_message_id():
    pk = uuid4()

    assert mail_in(f"<{pk}@hub.example.org>") == mail_in(str(pk).upper()) == mail_in(f" {pk} ") == pk
    assert mail_in("<CAF1234@mail.example.org>") is None
    assert mail_in(f"{pk} and more") is None
    assert mail_in("") is None
