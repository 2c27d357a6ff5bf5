"""The mailbox that undelivered mail comes back to, on a real IMAP server."""

import socket
from io import StringIO
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from notices import mailbox, tasks
from notices.actions import mend_address
from notices.mailbox import MailboxAway
from notices.models import Fault, Mail
from notices.tests.conftest import MONDAY, at, run, topic
from notices.tests.imap_server import PASSWORD, USER, ImapServer, TlsFront
from notices.tests.letters import letter

pytestmark = pytest.mark.usefixtures("look_again")
NOON = at(MONDAY, 12)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for these tests."""
    running = ImapServer(tmp_path_factory.mktemp("imap"))
    yield running
    running.stop()


@pytest.fixture
def inbox(server, settings, monkeypatch):
    """Its mailbox, empty and set up to be read."""
    cache.delete_many([mailbox.LAST, mailbox.FAILING, mailbox.LEFT])
    server.empty()
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    settings.BOUNCE_IMAP = {
        "host": "127.0.0.1",
        "port": server.port,
        "user": USER,
        "password": PASSWORD,
        "folder": "INBOX",
        "starttls": True,
    }
    return server


@pytest.fixture
def sent(mailoutbox) -> Mail:
    """A mail that the mail server took."""
    topic("a", "owner@example.org", deputy="deputy@example.org")
    run()
    return Mail.objects.get()


@pytest.mark.parametrize("name", ["postfix", "exim", "exchange", "gmail"])
def test_a_report_makes_its_address_a_fault_and_is_read(inbox, sent, name, caplog):
    inbox.put(letter(name, sent.pk, "Owner@Example.org"))

    reading = mailbox.read(NOON)

    assert (reading.letters, dict(reading.verdicts), reading.left) == (1, {"recorded": 1}, 0)
    assert Fault.objects.open().get().detail.startswith("5.1.1")
    assert (inbox.letters(), inbox.unread()) == (1, 0)
    assert "owner" not in caplog.text.lower()


def test_from_the_mail_that_came_back_to_whoever_stands_in_and_back_again(inbox, sent, mailoutbox):
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))
    mailbox.read(NOON)

    run(MONDAY, hour=15)
    mend_address(Fault.objects.get(), by=None, now=at(MONDAY, 16))
    run(MONDAY.replace(day=3))

    assert [m.to for m in mailoutbox] == [["owner@example.org"], ["deputy@example.org"], ["owner@example.org"]]


def test_a_second_reading_finds_nothing_new(inbox, sent):
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))

    mailbox.read(NOON)

    assert mailbox.read(NOON).letters == 0
    assert Fault.objects.count() == 1


def test_a_letter_is_read_again_when_the_reader_died_before_it_was_marked(inbox, sent, monkeypatch):
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))
    with monkeypatch.context() as broken:
        broken.setattr("imap_tools.MailBoxStartTls.flag", lambda *args: (_ for _ in ()).throw(SystemExit()))
        with pytest.raises(SystemExit):
            mailbox.read(NOON)
    assert inbox.unread() == 1
    assert Fault.objects.count() == 1

    assert dict(mailbox.read(NOON).verdicts) == {"known": 1}
    assert inbox.unread() == 0


def test_a_letter_is_not_marked_before_it_is_written_down(inbox, sent, monkeypatch):
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))
    with monkeypatch.context() as broken:
        broken.setattr(mailbox, "record", lambda *args, **kwargs: (_ for _ in ()).throw(RuntimeError("no database")))
        with pytest.raises(RuntimeError):
            mailbox.read(NOON)
    assert inbox.unread() == 1

    mailbox.read(NOON)
    assert Fault.objects.count() == 1


def test_what_is_not_understood_stays_unread_is_counted_and_is_not_fetched_again(inbox, sent, monkeypatch):
    for name in ("away", "reply"):
        inbox.put(letter(name, sent.pk, "owner@example.org"))
    inbox.put(letter("postfix", uuid4(), "owner@example.org"))
    inbox.put(letter("postfix", sent.pk, "fis@example.org"))

    reading = mailbox.read(NOON)

    assert (reading.letters, dict(reading.verdicts), reading.left) == (0, {"unknown": 1, "another": 1}, 4)
    assert inbox.unread() == 4
    assert not Fault.objects.exists()

    monkeypatch.setattr(mailbox, "_take", lambda *args: pytest.fail("it was fetched again"))
    assert mailbox.read(NOON).left == 4
    inbox.read_by_a_person()
    assert mailbox.read(NOON).left == 0


def test_a_letter_of_the_past_is_found_behind_any_number_that_wait(inbox, sent, monkeypatch):
    monkeypatch.setattr(mailbox, "A_READING", 2)
    for _each in range(5):
        inbox.put(letter("away", sent.pk, "owner@example.org"))
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))

    letters = [mailbox.read(NOON).letters for _each in range(3)]

    assert letters == [0, 0, 1]


def test_one_letter_that_makes_the_reader_stumble_stops_no_other(inbox, sent, monkeypatch, caplog):
    inbox.put(b"Subject: strange\r\n\r\nowner@example.org")
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))
    read = mailbox.bounces_in

    def stumble(one):
        if one["Subject"] == "strange":
            raise ValueError("owner@example.org")
        return read(one)

    monkeypatch.setattr(mailbox, "bounces_in", stumble)

    assert mailbox.read(NOON).letters == 1
    assert "bounce_letter_unreadable" in caplog.text
    assert "owner@" not in caplog.text


def test_a_huge_letter_is_left_where_it_is(inbox, sent, monkeypatch):
    monkeypatch.setattr(mailbox, "LARGEST", 1000)
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))

    assert (mailbox.read(NOON).left, inbox.unread()) == (1, 1)


# --- When it cannot be read


def test_tls_from_the_first_byte_on_works_too(inbox, sent, settings):
    front = TlsFront(inbox)
    settings.BOUNCE_IMAP = settings.BOUNCE_IMAP | {"port": front.port, "starttls": False}
    inbox.put(letter("postfix", sent.pk, "owner@example.org"))
    try:
        assert mailbox.read(NOON).letters == 1
    finally:
        front.stop()


@pytest.mark.parametrize("starttls", [True, False])
def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password(inbox, settings, monkeypatch, starttls):
    monkeypatch.delenv("SSL_CERT_FILE")
    front = TlsFront(inbox)
    port = inbox.port if starttls else front.port
    settings.BOUNCE_IMAP = settings.BOUNCE_IMAP | {"port": port, "starttls": starttls}
    try:
        with pytest.raises(MailboxAway, match="SSLCertVerificationError"):
            mailbox.read(NOON)
    finally:
        front.stop()


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"folder": "Nowhere"}, {"port": 0}])
def test_a_mailbox_that_cannot_be_read_is_said_so_without_its_password(inbox, settings, caplog, change):
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        closed = {"port": plug.getsockname()[1]}
    settings.BOUNCE_IMAP = settings.BOUNCE_IMAP | (closed if "port" in change else change)

    tasks.read_bounces()

    assert "bounce_mailbox_away" in caplog.text
    assert PASSWORD not in caplog.text
    assert USER not in caplog.text
    assert mailbox.state().failing_since


def test_how_reading_goes_is_known(inbox, sent, settings):
    works = settings.BOUNCE_IMAP
    settings.BOUNCE_IMAP = works | {"password": "wrong"}
    for hour in (10, 11):
        with pytest.raises(MailboxAway):
            mailbox.read(at(MONDAY, hour))
    assert mailbox.state() == mailbox.State(None, 0, at(MONDAY, 10))

    settings.BOUNCE_IMAP = works
    inbox.put(letter("away", sent.pk, "owner@example.org"))
    mailbox.read(NOON)
    assert mailbox.state() == mailbox.State(NOON, 1, None)


# --- By hand, and by the clock


def test_by_hand_it_says_what_came_back(inbox, sent):
    inbox.put(letter("exim", sent.pk, "owner@example.org"))
    inbox.put(letter("away", sent.pk, "owner@example.org"))
    said = StringIO()

    call_command("notices", "bounces", stdout=said)

    assert said.getvalue() == (
        "Letters dealt with: 1. What they said: 1 recorded. Unread letters that wait for a person: 1.\n"
    )


def test_by_hand_it_says_what_is_wrong(inbox, settings):
    settings.BOUNCE_IMAP = settings.BOUNCE_IMAP | {"password": "wrong"}
    with pytest.raises(CommandError, match="cannot be read now"):
        call_command("notices", "bounces")

    settings.BOUNCE_IMAP = {}
    with pytest.raises(CommandError, match="Set BOUNCE_IMAP_URL"):
        call_command("notices", "bounces")


def test_by_the_clock_nothing_happens_where_there_is_no_mailbox(settings):
    settings.BOUNCE_IMAP = {}

    tasks.read_bounces()

    assert tasks.read_bounces.name == "notices.tasks.read_bounces"
