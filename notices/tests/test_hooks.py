"""What others call when a mail came back: signed, small, seldom, and closed until it is set up."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notices import hooks
from notices.models import Fault, Mail, Notice
from notices.tests.conftest import run, topic

pytestmark = pytest.mark.usefixtures("look_again")
SECRET = "a long secret that both sides know"


@pytest.fixture(autouse=True)
def closed(settings):
    """Nothing is set up, and nobody has called yet."""
    cache.clear()
    settings.BOUNCE_WEBHOOK_SECRET = settings.NOTIFY_CALLBACK_TOKEN = ""
    settings.ANYMAIL = {}


@pytest.fixture
def sent(mailoutbox) -> Mail:
    """A mail that the mail server took."""
    topic("a", "owner@example.org")
    run()
    return Mail.objects.get()


@pytest.fixture
def caller() -> Client:
    """Another program, which is held to every check that a browser is."""
    return Client(enforce_csrf_checks=True)


# --- Our own


@pytest.fixture
def tell(settings, caller):
    """Call our own address as somebody who knows the secret."""
    settings.BOUNCE_WEBHOOK_SECRET = SECRET

    def _tell(news, *, secret=SECRET, at=None, off=0, signed=None, **headers):
        body = news if isinstance(news, bytes) else json.dumps(news).encode()
        moment = str(int((at or time.time()) + off))
        signature = hmac.new(secret.encode(), moment.encode() + b"." + (signed or body), hashlib.sha256).hexdigest()
        headers = {"X-Hub-Timestamp": moment, "X-Hub-Signature": signature} | headers
        return caller.post(reverse("notices:bounces-hook"), body, content_type="application/json", headers=headers)

    return _tell


def news_of(mail: Mail, **other) -> dict:
    """That a mail did not arrive, as one says it."""
    told = {
        "message_id": f"<{mail.pk}@hub.example.org>",
        "recipient": mail.address,
        "action": "failed",
        "status": "5.1.1",
    }
    return told | other


def test_a_signed_call_writes_it_down(tell, sent):
    response = tell(news_of(sent, recipient="OWNER@example.org"))

    assert (response.status_code, response.json()) == (200, {"verdict": "recorded"})
    assert Fault.objects.open().get().detail == "5.1.1"
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_a_call_that_is_repeated_changes_nothing(tell, sent):
    now = time.time()

    assert tell(news_of(sent), at=now).json() == {"verdict": "recorded"}
    Fault.objects.update(mended_at=timezone.now())

    assert tell(news_of(sent), at=now).json() == {"verdict": "known"}
    assert not Fault.objects.open().exists()


def test_news_of_a_mail_that_is_not_ours_is_no_mistake_of_the_callers(tell, sent):
    stranger = news_of(Mail())

    assert tell(stranger | {"recipient": "x@example.org"}).json() == {"verdict": "unknown"}
    assert tell(news_of(sent, recipient="fis@example.org")).json() == {"verdict": "another"}
    assert tell(news_of(sent, action="delayed", status="4.4.1")).json() == {"verdict": "noted"}
    assert not Fault.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "another secret that is just as long"},
        {"off": -hooks.PATIENCE - 30},
        {"off": hooks.PATIENCE + 30},
        {"signed": b'{"something": "else"}'},
        {"X-Hub-Signature": ""},
        {"X-Hub-Signature": "sígned"},
        {"X-Hub-Timestamp": ""},
        {"X-Hub-Timestamp": "now"},
        {"X-Hub-Timestamp": "1" * 400},
        {"X-Hub-Timestamp": "²"},
    ],
    ids=str,
)
def test_a_call_that_is_not_signed_just_now_with_the_secret_is_refused(tell, sent, forged, caplog):
    response = tell(news_of(sent), **forged)

    assert response.status_code == 403
    assert not Fault.objects.exists()
    assert "hook_refused" in caplog.text
    assert "owner@" not in caplog.text


@pytest.mark.parametrize(
    ("news", "says"),
    [
        (b"<html>502 Bad Gateway</html>", "The body must be JSON"),
        (b"", "The body must be JSON"),
        (b"\xff\xfe", "The body must be JSON"),
        (b"[" * 50_000, "The body must be JSON"),
        (["a list"], "one object"),
        ({"message_id": 1}, "must be text"),
        ({}, '"message_id" must be'),
        ({"message_id": "<1@example.org>"}, '"message_id" must be'),
        ({"message_id": "00000000-0000-4000-8000-000000000000", "action": "delivered"}, '"action" must be'),
        ({"message_id": "00000000-0000-4000-8000-000000000000", "action": "failed"}, '"recipient" must be'),
    ],
)
def test_a_signed_call_that_makes_no_sense_is_told_what_is_wrong(tell, news, says):
    response = tell(news)

    assert response.status_code == 400
    assert says in response.json()["says"]


def test_a_huge_body_is_refused_before_it_is_read(tell, monkeypatch):
    monkeypatch.setattr(hooks, "_is_signed", lambda request: pytest.fail("it was read"))

    assert tell(b" " * (hooks.LARGEST_NEWS + 1)).status_code == 413


def test_whoever_calls_without_end_is_told_to_wait(tell, monkeypatch, settings):
    monkeypatch.setattr(hooks, "A_MINUTE", 3)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def call(machine):
        return tell({}, secret="x" * 30, **{"X-Forwarded-For": machine}).status_code

    assert [call("192.0.2.1") for _each in range(5)] == [403, 403, 403, 429, 429]
    assert call("192.0.2.2") == 403, "others are not kept waiting"


def test_only_a_post_is_a_call(settings, caller):
    settings.BOUNCE_WEBHOOK_SECRET = SECRET

    response = caller.get(reverse("notices:bounces-hook"))

    assert response.status_code == 405
    assert not response.cookies


@pytest.mark.parametrize(
    "address", ["/hooks/bounces/", "/hooks/notify/", "/hooks/anymail/postmark/tracking/", "/hooks/anymail/x/tracking/"]
)
def test_what_is_not_set_up_is_not_there(caller, address):
    assert caller.post(address, b"{}", content_type="application/json").status_code == 404


# --- GOV.UK Notify

TOKEN = "a token that was typed in at Notify"


@pytest.fixture
def notify(settings, caller):
    """Call as Notify does."""
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN

    def _notify(news, token=TOKEN):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return caller.post(reverse("notices:notify-hook"), news, content_type="application/json", headers=headers)

    return _notify


def receipt_of(mail: Mail, status: str, **other) -> dict:
    """What Notify tells of a mail, as its documentation has it."""
    return {
        "id": "740e5834-3a29-46b4-9a6f-16142fde533a",
        "reference": str(mail.pk),
        "to": mail.address,
        "status": status,
        "created_at": "2026-03-02T09:00:00.000000Z",
        "completed_at": "2026-03-02T09:00:05.000000Z",
        "sent_at": "2026-03-02T09:00:01.000000Z",
        "notification_type": "email",
        "template_id": "9d751e0e-f929-4891-82a1-a3e1c3c18ee3",
        "template_version": 1,
    } | other


@pytest.mark.parametrize(
    ("status", "came_back", "dead"),
    [
        ("delivered", False, False),
        ("permanent-failure", True, True),
        ("temporary-failure", True, False),
        ("technical-failure", True, False),
        ("something new", False, False),
    ],
)
def test_what_notify_tells(notify, sent, status, came_back, dead):
    assert notify(receipt_of(sent, status)).status_code == 204

    sent.refresh_from_db()
    assert bool(sent.bounced_at) is came_back
    assert Notice.objects.dropped().exists() is came_back
    assert Fault.objects.open().exists() is dead
    if dead:
        assert Fault.objects.get().detail == status


def test_notify_without_its_token_is_refused(notify, sent):
    for token in ("", "another", TOKEN.upper(), f"{TOKEN} "):
        assert notify(receipt_of(sent, "permanent-failure"), token).status_code == 403
    assert not Fault.objects.exists()


def test_what_notify_tells_of_other_mails_changes_nothing(notify, sent):
    for other in ({"reference": None}, {"reference": "x"}, {"to": "fis@example.org"}, {"to": None, "reference": ""}):
        assert notify(receipt_of(sent, "permanent-failure", **other)).status_code == 204
    assert not Fault.objects.exists()


def test_what_is_no_receipt_is_not_understood(notify):
    assert notify([]).status_code == notify(b"<html>").status_code == 400


# --- Services of django-anymail

PASSWORD = "hub:a password for the service"


@pytest.fixture
def service(settings, caller):
    """Call as a mail service does, with the name and password from the address that was typed in there."""

    def _service(name, body, *, password=PASSWORD, leaves_by=None, **more):
        settings.EMAIL_BACKEND = f"anymail.backends.{leaves_by or name}.EmailBackend"
        settings.ANYMAIL = {"WEBHOOK_SECRET": PASSWORD} | more
        proof = base64.b64encode(password.encode()).decode()
        return caller.post(
            reverse("notices:anymail-hook", args=[name]),
            body if isinstance(body, bytes) else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Basic {proof}"},
        )

    return _service


def postmark_says(mail: Mail, kind="HardBounce", **other) -> dict:
    """What Postmark tells of a mail that came back."""
    return {
        "RecordType": "Bounce",
        "Type": kind,
        "TypeCode": 1,
        "ID": 692560173,
        "MessageID": "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316",
        "Metadata": {"hub_mail": str(mail.pk)},
        "Description": "The server was unable to deliver your message.",
        "Details": f"smtp;550 5.1.1 The email account that you tried to reach does not exist. {mail.address}",
        "Email": mail.address,
        "BouncedAt": "2026-03-02T09:15:01Z",
    } | other


def mailgun_says(mail: Mail, severity="permanent") -> dict:
    """What Mailgun tells, with its signature."""
    moment, token = "1772442000", "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"
    return {
        "signature": {
            "timestamp": moment,
            "token": token,
            "signature": hmac.new(b"key-of-mailgun", f"{moment}{token}".encode(), hashlib.sha256).hexdigest(),
        },
        "event-data": {
            "event": "failed",
            "severity": severity,
            "reason": "bounce",
            "timestamp": 1772442001.5,
            "recipient": mail.address,
            "delivery-status": {"code": 550, "message": "5.1.1 No such user", "description": ""},
            "message": {"headers": {"message-id": f"{mail.pk}@hub.example.org", "to": mail.address}},
            "user-variables": {"hub_mail": str(mail.pk)},
        },
    }


def sendgrid_says(mail: Mail, event="bounce") -> list:
    """What SendGrid tells, in a batch with other news."""
    return [
        {"email": "x@example.org", "timestamp": 1772442000, "event": "delivered", "sg_event_id": "1"},
        {
            "email": mail.address,
            "timestamp": 1772442001,
            "event": event,
            "hub_mail": str(mail.pk),
            "reason": "550 5.1.1 unknown",
            "status": "5.1.1",
            "sg_event_id": "2",
        },
    ]


def sparkpost_says(mail: Mail) -> list:
    """What SparkPost tells."""
    event = {
        "type": "bounce",
        "bounce_class": "10",
        "raw_reason": "550 5.1.1 no such user",
        "rcpt_to": mail.address,
        "raw_rcpt_to": mail.address,
        "rcpt_meta": {"hub_mail": str(mail.pk)},
        "timestamp": "1772442001",
        "transmission_id": "7",
        "event_id": "8",
    }
    return [{"msys": {"message_event": event}}]


def brevo_says(mail: Mail) -> dict:
    """What Brevo tells."""
    return {
        "event": "hard_bounce",
        "email": mail.address,
        "reason": "550 5.1.1 no such user",
        "ts_epoch": 1772442001000,
        "message-id": "<1@smtp-relay.mailin.fr>",
        "X-Mailin-custom": json.dumps({"hub_mail": str(mail.pk)}),
    }


def mailjet_says(mail: Mail) -> dict:
    """What Mailjet tells."""
    return {
        "event": "bounce",
        "email": mail.address,
        "time": 1772442001,
        "MessageID": 1,
        "hard_bounce": True,
        "error": "user unknown",
        "smtp_reply": "550 5.1.1 no such user",
        "Payload": json.dumps({"hub_mail": str(mail.pk)}),
    }


def resend_says(mail: Mail) -> dict:
    """What Resend tells: no code."""
    return {
        "type": "email.bounced",
        "created_at": "2026-03-02T09:15:01.000Z",
        "data": {
            "email_id": "1",
            "to": [mail.address],
            "bounce": {"message": "The recipient's email provider sent a bounce message because the inbox was full."},
            "headers": [{"name": "X-Metadata", "value": json.dumps({"hub_mail": str(mail.pk)})}],
        },
    }


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
@pytest.mark.parametrize(
    ("name", "says", "detail"),
    [
        ("postmark", postmark_says, "5.1.1"),
        ("mailgun", mailgun_says, "5.1.1"),
        ("sendgrid", sendgrid_says, "5.1.1"),
        ("sparkpost", sparkpost_says, "5.1.1"),
        ("brevo", brevo_says, "5.1.1"),
        ("mailjet", mailjet_says, "5.1.1"),
        ("resend", resend_says, None),
    ],
)
def test_each_service_tells_that_a_mail_came_back(service, sent, name, says, detail, caplog):
    response = service(name, says(sent), MAILGUN_WEBHOOK_SIGNING_KEY="key-of-mailgun")

    assert response.status_code == 200, response.content
    assert not response.cookies
    sent.refresh_from_db()
    assert sent.bounced_at
    assert Notice.objects.get().dropped_why == "The mail came back."
    assert list(Fault.objects.values_list("detail", flat=True)) == ([detail] if detail else [])
    assert "owner@" not in caplog.text


def test_a_service_without_the_password_is_refused(service, sent):
    assert service("postmark", postmark_says(sent), password="hub:guess").status_code == 403
    assert not Fault.objects.exists()


def test_mailgun_also_signs(service, sent):
    assert service("mailgun", mailgun_says(sent), MAILGUN_WEBHOOK_SIGNING_KEY="another").status_code == 403
    assert not Fault.objects.exists()


def test_only_the_service_that_mail_leaves_by_may_call(service, sent):
    assert service("postmark", postmark_says(sent), leaves_by="brevo").status_code == 404
    assert not Fault.objects.exists()


@pytest.mark.parametrize(
    "body", [b"<html>Sign in</html>", b"null", b"{}", b"[]", b"[" * 50_000, b'{"RecordType": "Inbound"}']
)
def test_what_a_service_never_says_falls_over_nothing(service, body):
    assert service("postmark", body).status_code in (200, 400)


@pytest.mark.parametrize(
    ("kind", "came_back", "dead"),
    [
        ("HardBounce", True, True),
        ("SoftBounce", True, True),  # its code begins with 5
        ("Transient", False, False),
        ("AutoResponder", False, False),
        ("BadEmailAddress", True, True),
        ("DMARCPolicy", True, False),  # our own doing, not the address's
        ("SpamNotification", False, False),
        ("ManuallyDeactivated", True, False),
    ],
)
def test_not_all_that_a_service_tells_is_the_end_of_an_address(service, sent, kind, came_back, dead):
    assert service("postmark", postmark_says(sent, kind)).status_code == 200

    sent.refresh_from_db()
    assert (bool(sent.bounced_at), Fault.objects.exists()) == (came_back, dead)


def test_a_service_that_names_somebody_else_silences_nobody(service, sent):
    assert service("postmark", postmark_says(sent, Email="fis@example.org")).status_code == 200
    assert service("postmark", postmark_says(sent, Metadata={})).status_code == 200
    assert not Fault.objects.exists()


def test_a_batch_is_as_large_as_services_send_them_and_no_larger(service):
    assert service("postmark", b" " * (hooks.LARGEST_BATCH + 1)).status_code == 413


def test_the_clock_of_the_caller_may_be_a_little_off(tell, sent):
    for off in (60 - hooks.PATIENCE, hooks.PATIENCE - 60):
        assert tell(news_of(sent, action="delayed", status="4.4.1"), off=off).status_code == 200
