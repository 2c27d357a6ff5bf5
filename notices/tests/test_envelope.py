"""Mail that says on its envelope where it comes back to."""

import socket
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import send_mail

from notices.tests.conftest import run, topic


class Kept:
    """A mail server's other end."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        """Take it."""
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def mail_server(settings):
    """A mail server that keeps what it is given."""
    kept = Kept()
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "notices.envelope.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.BOUNCE_ADDRESS = "bounces@hub.example.org"
    settings.DEFAULT_FROM_EMAIL = "Family Information Service <hub@hub.example.org>"
    yield kept
    server.stop()


def test_a_reminder_comes_back_to_its_own_address_and_is_from_the_hub(mail_server, look_again):
    topic("a", "owner@example.org")

    assert run().sent == 1

    (envelope,) = mail_server.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounces@hub.example.org", ["owner@example.org"])
    head = message_from_bytes(envelope.content)
    assert head["From"] == "Family Information Service <hub@hub.example.org>"
    assert head.get_all("From") == [head["From"]]
    assert "bounces@" not in envelope.content.decode()


def test_so_does_any_other_mail(mail_server):
    send_mail("Your code", "It is 123", None, ["a@example.org"])

    (envelope,) = mail_server.taken
    assert envelope.mail_from == "bounces@hub.example.org"
    assert message_from_bytes(envelope.content)["From"] == "Family Information Service <hub@hub.example.org>"
