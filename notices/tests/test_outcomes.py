"""What it means that a mail did not go, by SMTP and by a web service."""

import smtplib
import socket
from itertools import pairwise

import pytest
from anymail.exceptions import AnymailAPIError
from django.core.mail import EmailMessage, get_connection

from notices import ledger, post
from notices.models import LEASE, TRIES, Mail, Notice
from notices.outbox import OutboxNotWritable
from notices.outcomes import Outcome, outcome_of
from notices.tests.conftest import MONDAY, at, topic
from notices.tests.web_service import web_service


@pytest.fixture
def service(settings):
    """A mail service on this machine."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    with web_service() as running:
        settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "POSTMARK_API_URL": running.url, "REQUESTS_TIMEOUT": 1}
        yield running


def what_happens(to: str = "a@example.org") -> Outcome | None:
    """The outcome of sending one mail; None when it went."""
    try:
        EmailMessage("Hello", "Text", "hub@example.org", [to], connection=get_connection()).send()
    except Exception as problem:
        return outcome_of(problem)
    return None


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        (smtplib.SMTPSenderRefused(550, b"no", "hub@example.org"), Outcome.AWAY),
        (OutboxNotWritable(28, "disk full"), Outcome.AWAY),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no such user")}), Outcome.NO_SUCH_ADDRESS),
        (smtplib.SMTPDataError(451, b"later"), Outcome.REFUSED),
        (ValueError("a template that fails"), Outcome.REFUSED),
        (smtplib.SMTPServerDisconnected("gone"), Outcome.UNSURE),
        (TimeoutError(), Outcome.UNSURE),
        (ConnectionResetError(), Outcome.UNSURE),
    ],
)
def test_what_a_mail_server_does(problem, outcome):
    assert outcome_of(problem) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.REFUSED),
        (401, Outcome.AWAY),
        (403, Outcome.AWAY),
        (404, Outcome.AWAY),
        (408, Outcome.UNSURE),
        (413, Outcome.REFUSED),
        (422, Outcome.REFUSED),
        (429, Outcome.AWAY),
        (500, Outcome.UNSURE),
        (502, Outcome.UNSURE),
        (503, Outcome.AWAY),
        (504, Outcome.UNSURE),
    ],
)
def test_what_a_web_service_answers(service, status, outcome):
    service.answers(status, {"ErrorCode": 10, "Message": "a@example.org"})

    assert what_happens() is outcome


def test_an_address_that_a_web_service_refuses(service):
    service.answers(
        422,
        {
            "ErrorCode": 406,
            "Message": "You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses: "
            "a@example.org.\nInactive recipients are ones that have generated a hard bounce or a spam complaint.",
        },
    )

    assert what_happens() is Outcome.REFUSED


def test_an_address_that_is_none_is_never_asked_about(service):
    assert what_happens("jo@\u2488.example.org") is Outcome.REFUSED
    assert service.asked == []


def test_a_web_service_that_hangs_up_without_an_answer_may_have_taken_it(service):
    service.answer = lambda asked: None

    assert what_happens() is Outcome.UNSURE
    assert len(service.asked) == 1


def test_a_web_service_that_takes_too_long_may_have_taken_it(service):
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "django.conf.settings.ANYMAIL",
            {
                "POSTMARK_SERVER_TOKEN": "x",
                "POSTMARK_API_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "REQUESTS_TIMEOUT": 0.2,
            },
        )
        assert what_happens() is Outcome.UNSURE


def test_what_is_no_answer_of_the_service_proves_nothing(service):
    service.answers(200, b"<html>Please sign in to the council's network</html>")

    assert what_happens() is Outcome.UNSURE


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "https://127.0.0.1:{service}", "http://mail.invalid"])
def test_a_web_service_that_cannot_be_reached_took_nothing(service, settings, address):
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]
    where = address.format(port=port, service=service.server_port)
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "POSTMARK_API_URL": where}

    assert what_happens() is Outcome.AWAY


class AmazonSays(Exception):
    """What Amazon's library raises, which the hub does not bring: the answer is kept as it came."""

    def __init__(self, status: int):
        super().__init__("no")
        self.response = {"Error": {"Code": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}


class EndpointConnectionError(Exception):
    """What Amazon's library raises when nobody is there."""


class ReadTimeoutError(Exception):
    """What Amazon's library raises when no answer comes."""


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (AmazonSays(400), Outcome.REFUSED),
        (AmazonSays(403), Outcome.AWAY),
        (AmazonSays(429), Outcome.AWAY),
        (AmazonSays(500), Outcome.UNSURE),
        (EndpointConnectionError("https://email.eu-west-2.amazonaws.com"), Outcome.AWAY),
        (ReadTimeoutError(), Outcome.UNSURE),
    ],
    ids=repr,
)
def test_amazons_own_library_says_it_in_its_own_way(cause, outcome):
    problem = AnymailAPIError("no")
    problem.__cause__ = cause

    assert outcome_of(problem) is outcome


# --- What the sender makes of it


def test_a_web_service_that_takes_nothing_now_costs_no_try(service, look_again):
    for number in range(3):
        topic(f"t{number}", f"owner{number}@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    service.answers(429, {"ErrorCode": 1, "Message": "too often"})

    for _each in range(TRIES + 2):
        assert post.send(MONDAY, at(MONDAY)).server_away

    assert len(service.asked) == TRIES + 2, "the first no is enough for a run"
    assert set(Mail.objects.values_list("attempts", "claimed_until")) == {(0, None)}


def test_a_mail_that_may_have_been_taken_is_repeated_ever_more_seldom(service, look_again):
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    service.answers(500)

    now, tried = at(MONDAY), []
    while Mail.objects.waiting().exists() or not tried:
        post.send(MONDAY, now, at_once=True)
        if len(service.asked) > len(tried):
            tried.append(now)
        now += LEASE

    waits = [(later - sooner) // LEASE for sooner, later in pairwise(tried)]
    assert waits == [1, 1, 3, 9, 27, 81, 96, 96, 96]
    assert len(tried) == TRIES
    assert Notice.objects.get().dropped_why == "A message cannot be sent."


def test_the_kind_of_fault_that_is_kept_has_the_number_and_not_the_words(service, look_again, caplog):
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    service.answers(422, {"ErrorCode": 1, "Message": "owner@example.org is not right"})

    post.send(MONDAY, at(MONDAY))

    assert Mail.objects.get().refusal == "AnymailRequestsAPIError 422"
    assert "owner@" not in caplog.text
