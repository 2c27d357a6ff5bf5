"""Sending: one mail a person a day, checked at the last moment, at least once and hardly ever twice."""

import re
import smtplib
import socket
import threading
import time
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend as InMemory
from django.db import connection, transaction

from core.models import Topic
from notices import ledger, post, reasons
from notices.letters import Letter
from notices.links import mail_named_in, without_secrets
from notices.models import LEASE, TRIES, Fault, Mail, Notice
from notices.tests.conftest import MONDAY, at, run, topic

pytestmark = pytest.mark.usefixtures("look_again")
TUESDAY, WEDNESDAY, SATURDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 5))
WEEK = timedelta(days=7)


def test_everything_owed_to_a_person_goes_out_in_one_mail(mailoutbox):
    topic("a", "owner@example.org")
    topic("b", "owner@example.org")
    topic("c", "other@example.org")

    run()

    assert sorted((m.to[0], m.body.count("Look by")) for m in mailoutbox) == [
        ("other@example.org", 1),
        ("owner@example.org", 2),
    ]
    assert not Notice.objects.waiting().exists()


def test_the_worst_comes_first(mailoutbox):
    topic("b", "owner@example.org", on=MONDAY - timedelta(days=2))
    topic("a", "owner@example.org", on=MONDAY)
    topic("c", "owner@example.org", on=MONDAY - timedelta(days=4))

    run()

    body = mailoutbox[0].body
    assert body.index("Topic c") < body.index("Topic b") < body.index("Topic a")


def test_a_second_run_sends_nothing(mailoutbox):
    topic("a", "owner@example.org")

    run()
    run()
    run(TUESDAY)

    assert len(mailoutbox) == 1


def test_a_person_who_had_a_mail_today_gets_the_rest_tomorrow(mailoutbox):
    topic("a", "owner@example.org")
    run()
    topic("b", "owner@example.org")

    run(MONDAY, hour=15)

    assert len(mailoutbox) == 1
    assert Notice.objects.oldest_unsent(at(MONDAY, 23)) is None

    run(TUESDAY)

    assert ["Topic b" in m.body for m in mailoutbox] == [False, True]


def test_what_is_no_longer_true_is_not_sent(mailoutbox):
    gone, moved, handed_over = (topic(key, f"{key}@example.org") for key in ("gone", "moved", "over"))
    ledger.owe(MONDAY, at(MONDAY))
    gone.delete()
    Topic.objects.filter(pk=moved.pk).update(retired_on=MONDAY + WEEK)
    Topic.objects.filter(pk=handed_over.pk).update(help="new@example.org")

    tally = post.send(MONDAY, at(MONDAY))

    assert mailoutbox == []
    assert tally.dropped == 3
    assert {n.address: n.dropped_why for n in Notice.objects.all()} == {
        "gone@example.org": "Nothing is owed any more.",
        "moved@example.org": "Nothing is owed any more.",
        "over@example.org": "Somebody else is told now.",
    }


def test_a_later_step_takes_the_place_of_one_that_was_not_sent(mailoutbox):
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))

    run(MONDAY + WEEK)

    assert len(mailoutbox) == 1
    assert Notice.objects.dropped().get().step == "day"
    assert Notice.objects.sent().get().step == "week"


def test_chasing_waits_out_the_weekend(mailoutbox):
    topic("a", "owner@example.org", on=SATURDAY)

    run(SATURDAY)
    run(SATURDAY + timedelta(days=1))
    run(SATURDAY + timedelta(days=2), hour=7)
    assert mailoutbox == []

    run(SATURDAY + timedelta(days=2), hour=8)
    assert len(mailoutbox) == 1


def test_a_mail_left_over_from_friday_waits_out_the_weekend_too(mailoutbox, monkeypatch):
    friday = MONDAY + timedelta(days=4)
    topic("a", "owner@example.org", on=friday)
    with monkeypatch.context() as broken:
        broken.setattr(InMemory, "open", refuse(ConnectionRefusedError()))
        assert run(friday).server_away

    run(SATURDAY)
    assert mailoutbox == []
    run(SATURDAY + timedelta(days=2))
    assert len(mailoutbox) == 1


def test_sending_by_hand_sends_at_once(mailoutbox):
    topic("a", "owner@example.org", on=SATURDAY)
    ledger.owe(SATURDAY, at(SATURDAY))

    post.send(SATURDAY, at(SATURDAY), at_once=True)

    assert len(mailoutbox) == 1


def test_urgent_ones_go_apart(mailoutbox, look_again):
    from notices.models import Step

    topic("a", "owner@example.org")
    topic("b", "owner@example.org", on=MONDAY - WEEK)
    Step.objects.filter(key="week").update(urgent=True)

    run()

    assert sorted("Topic a" in m.body for m in mailoutbox) == [False, True]


def owe_to(count: int) -> None:
    """So many people who owe one thing each."""
    for number in range(count):
        topic(f"t{number}", f"owner{number}@example.org")


# --- When something breaks


def refuse(problem: BaseException):
    """A stand-in for a part of the mail server that fails."""

    def fail(*args, **kwargs):
        raise problem

    return fail


class Killed(BaseException):
    """The sender is gone, between the mail server's yes and our commit."""


def test_a_crash_after_sending_repeats_the_mail_with_the_same_message_id(mailoutbox, monkeypatch):
    topic("a", "owner@example.org")
    with monkeypatch.context() as broken:
        broken.setattr(post.Run, "_mark_sent", refuse(Killed()))
        with pytest.raises(Killed):
            run()
    topic("b", "owner@example.org")

    run()  # the lease still holds
    assert len(mailoutbox) == 1
    post.send(MONDAY, at(MONDAY) + LEASE)
    post.send(MONDAY, at(MONDAY) + 2 * LEASE)

    first, second = mailoutbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert "Topic b" not in second.body, "what a reader may have already must not grow"
    assert Notice.objects.sent().count() == 1


def test_a_mail_server_that_is_away_costs_nothing_but_time(mailoutbox, monkeypatch):
    topic("a", "owner@example.org")
    with monkeypatch.context() as broken:
        broken.setattr(InMemory, "open", refuse(ConnectionRefusedError()))
        for _each in range(TRIES + 5):
            assert run().server_away

    run(TUESDAY)

    assert len(mailoutbox) == 1
    assert Mail.objects.get().day == TUESDAY


def test_an_address_that_keeps_being_refused_is_given_up_loudly(mailoutbox, monkeypatch, caplog):
    topic("a", "gone@example.org")
    topic("b", "owner@example.org")
    refused = smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"no such user gone@example.org")})
    deliver = InMemory.send_messages

    def all_but_one(self, messages):
        if messages[0].to == ["gone@example.org"]:
            raise refused
        return deliver(self, messages)

    monkeypatch.setattr(InMemory, "send_messages", all_but_one)
    ledger.owe(MONDAY, at(MONDAY))
    now = at(MONDAY)
    for _each in range(post.TRIES_REFUSED_FOR_GOOD):
        post.send(MONDAY, now, at_once=True)
        now += timedelta(hours=1)

    assert [m.to for m in mailoutbox] == [["owner@example.org"]]
    given_up = Notice.objects.dropped().get()
    assert (given_up.address, given_up.dropped_why) == ("gone@example.org", "The address does not take our mail.")
    fault = Fault.objects.open().get()
    assert (fault.kind, fault.address, fault.detail) == (
        Fault.Kind.ADDRESS,
        "gone@example.org",
        "SMTPRecipientsRefused 550",
    )
    assert "mails_given_up" in caplog.text
    assert "gone@" not in caplog.text
    assert Mail.objects.get(given_up_at__isnull=False).refusal == "SMTPRecipientsRefused 550"


def test_a_refused_mail_is_tried_again_later_and_later(monkeypatch):
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    monkeypatch.setattr(InMemory, "send_messages", refuse(smtplib.SMTPDataError(451, b"later")))

    post.send(MONDAY, at(MONDAY))
    assert Mail.objects.get().try_after == at(MONDAY) + timedelta(minutes=5)
    assert post.send(MONDAY, at(MONDAY) + timedelta(minutes=4)).refused == 0
    post.send(MONDAY, at(MONDAY) + timedelta(minutes=5))
    assert Mail.objects.get().try_after == at(MONDAY) + timedelta(minutes=20)


def test_when_the_line_breaks_the_same_message_is_sent_again_after_the_lease(mailoutbox, monkeypatch):
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    with monkeypatch.context() as broken:
        broken.setattr(InMemory, "send_messages", refuse(smtplib.SMTPServerDisconnected("gone")))
        post.send(MONDAY, at(MONDAY))

    post.send(MONDAY, at(MONDAY))
    assert mailoutbox == []
    post.send(MONDAY, at(MONDAY) + LEASE)
    assert len(mailoutbox) == 1


def test_a_slow_sender_gives_back_what_it_has_no_time_for(mailoutbox, monkeypatch):
    for number in range(3):
        topic(f"t{number}", f"owner{number}@example.org")
    deliver = InMemory.send_messages

    def take_all_the_time(self, messages):
        monkeypatch.setattr(post, "WORKING_TIME", -1)
        return deliver(self, messages)

    monkeypatch.setattr(InMemory, "send_messages", take_all_the_time)
    run()

    assert len(mailoutbox) == 1
    assert set(Mail.objects.waiting().values_list("attempts", "claimed_until")) == {(0, None)}


def test_senders_that_are_killed_before_they_come_to_a_mail_cost_it_no_try(mailoutbox):
    owe_to(3)
    ledger.owe(MONDAY, at(MONDAY))
    post._gather(MONDAY, at(MONDAY), resting=[], at_once=True)
    for number in range(TRIES):
        with transaction.atomic():
            assert len(Mail.objects.claim(day=MONDAY, now=at(MONDAY) + number * LEASE, limit=10)) == 3

    post.send(MONDAY, at(MONDAY) + TRIES * LEASE)

    assert len(mailoutbox) == 3
    assert set(Mail.objects.values_list("attempts", flat=True)) == {1}


def test_a_mail_that_kills_its_senders_is_stuck_and_keeps_no_other_back(mailoutbox, monkeypatch):
    owe_to(5)
    deliver = InMemory.send_messages

    def one_is_deadly(self, messages):
        if messages[0].to == ["owner3@example.org"]:
            raise Killed
        return deliver(self, messages)

    monkeypatch.setattr(InMemory, "send_messages", one_is_deadly)
    ledger.owe(MONDAY, at(MONDAY))
    for number in range(TRIES):
        with pytest.raises(Killed):
            post.send(MONDAY, at(MONDAY) + number * LEASE)
    post.send(MONDAY, at(MONDAY) + TRIES * LEASE)

    assert sorted(m.to[0] for m in mailoutbox) == [f"owner{n}@example.org" for n in (0, 1, 2, 4)]
    assert Fault.objects.open().get().address == "owner3@example.org"


# --- Two at once


def test_a_sender_that_was_overtaken_leaves_its_mails_to_the_other_one(mailoutbox, monkeypatch):
    owe_to(4)
    deliver = InMemory.send_messages

    def the_clock_is_put_forward(self, messages):
        monkeypatch.setattr(InMemory, "send_messages", deliver)
        post.send(MONDAY, at(MONDAY) + LEASE)
        return deliver(self, messages)

    monkeypatch.setattr(InMemory, "send_messages", the_clock_is_put_forward)
    run()

    ids = [m.extra_headers["Message-ID"] for m in mailoutbox]
    assert len(ids) == 5, "only the one that was under way is sent twice"
    assert len(set(ids)) == 4
    assert ids[-1] in ids[:-1]


def test_a_sender_that_was_overtaken_gives_back_nothing_that_is_not_its_own(monkeypatch):
    owe_to(3)
    claimed = []

    def the_other_one_claims(self, messages):
        with transaction.atomic():
            claimed.extend(Mail.objects.claim(day=MONDAY, now=at(MONDAY) + LEASE, limit=10))
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(InMemory, "send_messages", the_other_one_claims)
    run()

    assert len(claimed) == 3
    assert set(Mail.objects.values_list("claimed_until", flat=True)) == {at(MONDAY) + 2 * LEASE}


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_mail_once(mailoutbox):
    for number in range(120):
        topic(f"t{number}", f"owner{number % 60}@example.org")
    ready = threading.Barrier(4)
    problems = []

    def work(owes: bool):
        try:
            ready.wait()
            if owes:
                ledger.owe(MONDAY, at(MONDAY))
            post.send(MONDAY, at(MONDAY))
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(True,)) for _each in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    post.send(MONDAY, at(MONDAY))

    assert problems == []
    assert len(mailoutbox) == 60
    assert sum(m.body.count("Look by") for m in mailoutbox) == 120
    assert Notice.objects.sent().count() == 120


# --- What a mail is


def test_a_mail_names_no_reader_and_says_what_sort_of_mail_it_is(mailoutbox, settings, caplog):
    settings.HUB_BASE_URL = "https://hub.example.org"
    topic("a", "owner@example.org")

    run()

    message = mailoutbox[0].message()
    assert message["Subject"] == "Look by 2026-03-02: Topic a"
    assert message["Message-ID"] == f"<{Mail.objects.get().pk}@hub.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"].endswith("<owed.hub.example.org>")
    html = mailoutbox[0].alternatives[0].content
    for text in (mailoutbox[0].body, html):
        (link,) = re.findall(r"https://hub.example.org/go/[\w-]+/desk/topics/a/", text)
        assert mail_named_in(link.split("/")[4], "/desk/topics/a/") == Mail.objects.get().pk
        assert "You get this because you are named as its owner." in text
        assert "owner@example.org" not in text
    assert "<img" not in html
    assert "owner@" not in caplog.text


def test_a_title_of_several_lines_stays_in_the_subject_line(mailoutbox):
    one = topic("a", "owner@example.org")
    Topic.objects.filter(pk=one.pk).update(label="Topic\r\nBcc: everybody@example.org")

    run()

    assert mailoutbox[0].message()["Subject"] == "Look by 2026-03-02: Topic Bcc: everybody@example.org"


def test_several_things_are_counted_in_the_subject(mailoutbox):
    topic("a", "owner@example.org")
    topic("b", "owner@example.org", on=MONDAY - timedelta(days=1))

    run()

    assert mailoutbox[0].subject == "2 things are owed to families, 1 is late"


def test_a_copy_is_kept_with_the_mail_without_what_is_secret_in_its_links(mailoutbox):
    topic("a", "owner@example.org")

    run()

    kept = Mail.objects.get()
    sent = [mailoutbox[0].body, mailoutbox[0].alternatives[0].content]
    assert kept.subject == mailoutbox[0].subject
    assert [kept.text, kept.html] == [without_secrets(text) for text in sent]
    for text, copy in zip(sent, [kept.text, kept.html], strict=True):
        tokens = re.findall(r"/go/([\w-]+)/", text)
        assert len(tokens) == 2
        assert not any(token in copy for token in tokens)
        assert "/go/•••/desk/topics/a/" in copy


@pytest.mark.parametrize("count", [1, 20])
def test_sending_asks_the_same_questions_for_one_thing_and_for_twenty(django_assert_num_queries, mailoutbox, count):
    for number in range(count):
        topic(f"t{number}", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))

    with django_assert_num_queries(26):
        post.send(MONDAY, at(MONDAY))
    assert mailoutbox[0].body.count("Look by") == count


def test_each_mail_more_costs_only_the_marking_of_what_was_sent(django_assert_num_queries, mailoutbox):
    for number in range(20):
        topic(f"t{number}", f"owner{number}@example.org")
    ledger.owe(MONDAY, at(MONDAY))

    with django_assert_num_queries(26 + 19):
        post.send(MONDAY, at(MONDAY))


class Kept:
    """A mail server's other end. It takes what comes, unless `says` has another answer for an address."""

    def __init__(self, says=None, hangs_up_after: int = 0):
        self.taken = []
        self.says = says or {}
        self.hangs_up_after = hangs_up_after
        self.lines = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        """A new line."""
        self.lines += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Know the address, or not."""
        if address in self.says:
            return self.says[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Take it, and perhaps hang up."""
        self.taken.append(envelope)
        if self.hangs_up_after and len(self.taken) % self.hangs_up_after == 0:
            server._loop.call_later(0.01, server.transport.close)
        return "250 OK"


@pytest.fixture
def mail_server(settings):
    """Start a real mail server, and let the hub send through it."""
    servers = []

    def start(kept: Kept) -> Kept:
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            port = plug.getsockname()[1]
        servers.append(Controller(kept, hostname="127.0.0.1", port=port))
        servers[-1].start()
        settings.EMAIL_BACKEND = "notices.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        return kept

    yield start
    for each in servers:
        each.stop()


def test_a_real_mail_server_takes_them_through_one_connection(mail_server):
    owe_to(3)

    kept = mail_server(Kept())
    run()

    assert sorted(envelope.rcpt_tos for envelope in kept.taken) == [[f"owner{n}@example.org"] for n in range(3)]
    assert all(b"text/html" in envelope.content for envelope in kept.taken)
    assert kept.lines == 1
    assert Notice.objects.sent().count() == 3
    assert django_mail.outbox == []


def test_a_mail_server_that_hangs_up_between_two_mails_costs_no_try(mail_server, monkeypatch):
    owe_to(4)
    mark = post.Run._mark_sent

    def slowly(self, *letters):
        time.sleep(0.05)
        mark(self, *letters)

    monkeypatch.setattr(post.Run, "_mark_sent", slowly)
    kept = mail_server(Kept(hangs_up_after=1))
    tally = run()

    assert (tally.sent, tally.refused, tally.server_away) == (4, 0, False)
    assert len(kept.taken) == kept.lines == 4
    assert set(Mail.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        ("550 5.1.1 no such user", Fault.Kind.ADDRESS, post.TRIES_REFUSED_FOR_GOOD),
        ("451 4.7.1 come back later", Fault.Kind.STUCK, TRIES),
    ],
)
def test_an_address_that_is_refused_is_tried_again_and_others_are_not_kept_waiting(mail_server, answer, kind, tries):
    owe_to(3)
    kept = mail_server(Kept(says={"owner1@example.org": answer}))

    run()
    assert len(kept.taken) == 2
    now = at(MONDAY)
    for _each in range(tries - 1):
        assert not Fault.objects.exists()
        now += timedelta(days=1)
        post.send(MONDAY, now, at_once=True)

    fault = Fault.objects.open().get()
    assert (fault.kind, fault.address) == (kind, "owner1@example.org")
    # Who takes no mail is not written to again; what is only stuck is owed anew.
    owed = ledger.due(reasons.registered()["look-again"], MONDAY)
    assert ("owner1@example.org" in [each.address for each in owed]) is (kind == Fault.Kind.STUCK)


def test_what_was_stuck_goes_out_once_the_mail_server_takes_it(mail_server):
    topic("a", "owner0@example.org")
    kept = mail_server(Kept(says={"owner0@example.org": "451 later"}))
    now = at(MONDAY)
    for _each in range(TRIES):
        ledger.owe(MONDAY, now)
        post.send(MONDAY, now, at_once=True)
        now += timedelta(days=1)
    assert Fault.objects.open().get().kind == Fault.Kind.STUCK

    kept.says = {}
    ledger.owe(MONDAY, now)
    post.send(MONDAY + timedelta(days=1), now, at_once=True)

    assert len(kept.taken) == 1
    assert not Fault.objects.open().exists()
    assert Notice.objects.get().sent_at == now


def test_a_mail_server_that_closes_for_now_is_away_and_costs_no_try(mail_server):
    owe_to(3)
    mail_server(Kept(says={f"owner{number}@example.org": "421 closing" for number in range(3)}))

    assert run().server_away
    assert set(Mail.objects.values_list("attempts", "claimed_until")) == {(0, None)}


def test_lines_that_keep_breaking_are_the_mail_servers_fault(monkeypatch):
    owe_to(5)
    monkeypatch.setattr(InMemory, "send_messages", refuse(smtplib.SMTPServerDisconnected("gone")))

    tally = run()

    assert tally.server_away
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 1, 1, 1]


def test_a_letter_that_cannot_be_written_does_not_keep_the_others_back(mailoutbox, monkeypatch):
    owe_to(3)
    subject = Letter.subject

    def no_subject_for_one(letter):
        if letter.mail.address == "owner1@example.org":
            raise KeyError("subject")
        return subject.fget(letter)

    monkeypatch.setattr(Letter, "subject", property(no_subject_for_one))
    run()

    assert sorted(m.to[0] for m in mailoutbox) == ["owner0@example.org", "owner2@example.org"]
    assert Mail.objects.waiting().get().refusal == "KeyError"


def test_what_was_checked_a_while_ago_is_checked_again_before_it_goes(mailoutbox, monkeypatch):
    owe_to(3)
    monkeypatch.setattr(post, "FRESH", -1)
    deliver = InMemory.send_messages

    def somebody_looks(self, messages):
        Topic.objects.exclude(help=messages[0].to[0]).delete()
        return deliver(self, messages)

    monkeypatch.setattr(InMemory, "send_messages", somebody_looks)
    run()

    assert len(mailoutbox) == 1
    assert Notice.objects.dropped().count() == 2
