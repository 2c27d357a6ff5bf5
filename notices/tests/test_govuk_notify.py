"""GOV.UK Notify, as its interface answers: one template, one address at a time, and which mail it is."""

import jwt
import pytest
from anymail.exceptions import AnymailUnsupportedFeature
from django.core.mail import EmailMessage, get_connection

from notices import ledger, post
from notices.links import without_secrets
from notices.models import Mail, Notice
from notices.outcomes import Outcome, outcome_of
from notices.tests.conftest import MONDAY, at, run, topic
from notices.tests.web_service import web_service

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"


def yes(asked) -> tuple[int, dict]:
    """What Notify says when it takes a mail."""
    return 201, {
        "id": "740e5834-3a29-46b4-9a6f-16142fde533a",
        "reference": asked.json.get("reference"),
        "content": {
            "subject": asked.json["personalisation"]["subject"],
            "body": asked.json["personalisation"]["body"],
            "from_email": "the.hub@notifications.service.gov.uk",
        },
        "uri": "https://api.notifications.service.gov.uk/v2/notifications/740e5834-3a29-46b4-9a6f-16142fde533a",
        "template": {"id": TEMPLATE, "version": 1, "uri": f"https://api.notifications.service.gov.uk/{TEMPLATE}"},
    }


def no(status: int, kind: str, message: str) -> tuple[int, dict]:
    """What Notify says when it does not."""
    return status, {"status_code": status, "errors": [{"error": kind, "message": message}]}


@pytest.fixture
def notify(settings):
    """A Notify on this machine that says yes."""
    settings.EMAIL_BACKEND = "notices.govuk_notify.EmailBackend"
    with web_service() as running:
        running.answer = yes
        settings.ANYMAIL = {
            "GOVUK_NOTIFY_API_KEY": f"the-hub-{SERVICE}-{SECRET}",
            "GOVUK_NOTIFY_TEMPLATE_ID": TEMPLATE,
            "GOVUK_NOTIFY_API_URL": running.url,
            "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
        }
        yield running


def a_mail(*to: str) -> EmailMessage:
    """Any mail."""
    return EmailMessage("Your code", "It is 123", "hub@example.org", list(to), connection=get_connection())


def test_a_reminder_is_the_templates_subject_and_body_and_names_its_mail(notify, look_again):
    topic("a", "owner@example.org")

    assert run().sent == 1

    (asked,) = notify.asked
    assert asked.path == "/v2/notifications/email"
    mail = Mail.objects.get()
    body = asked.json["personalisation"]["body"]
    assert without_secrets(body) == mail.text
    assert asked.json == {
        "email_address": "owner@example.org",
        "template_id": TEMPLATE,
        "personalisation": {"subject": "Look by 2026-03-02: Topic a", "body": body},
        "reference": str(mail.pk),
    }
    assert "/desk/topics/a/" in body
    assert Notice.objects.sent().count() == 1


def test_each_request_is_signed_anew_with_the_key(notify):
    a_mail("a@example.org").send()

    token = notify.asked[0].headers["Authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert jwt.decode(token, SECRET, ["HS256"], options={"require": ["iat", "iss"]})["iss"] == SERVICE
    assert SECRET not in str(notify.asked)


def test_a_mail_that_is_not_in_the_ledger_goes_without_a_reference(notify):
    a_mail("a@example.org").send()

    assert notify.asked[0].json["personalisation"] == {"subject": "Your code", "body": "It is 123"}
    assert "reference" not in notify.asked[0].json


def test_replies_go_where_notify_was_told(notify, settings):
    settings.ANYMAIL = settings.ANYMAIL | {"GOVUK_NOTIFY_REPLY_TO_ID": TEMPLATE}

    a_mail("a@example.org").send()

    assert notify.asked[0].json["email_reply_to_id"] == TEMPLATE


def test_one_mail_to_several_people_is_refused_here(notify):
    with pytest.raises(AnymailUnsupportedFeature):
        a_mail("a@example.org", "b@example.org").send()

    assert notify.asked == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (no(400, "ValidationError", "email_address Not a valid email address"), Outcome.REFUSED),
        (no(400, "BadRequestError", "Can't send to this recipient using a team-only API key"), Outcome.REFUSED),
        (no(403, "AuthError", "Invalid token: API key not found"), Outcome.AWAY),
        (no(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds"), Outcome.AWAY),
        (no(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60s"), Outcome.AWAY),
        (no(429, "TooManyRequestsError", "Exceeded send limits (50) for today"), Outcome.AWAY),
        (no(500, "Exception", "Internal server error"), Outcome.UNSURE),
        ((201, b"<html>"), Outcome.UNSURE),
        ((200, ["no", "id"]), Outcome.UNSURE),
        (None, Outcome.UNSURE),
    ],
)
def test_what_notify_says_is_understood_as_any_other_mail_servers_answer(notify, answer, outcome):
    notify.answer = lambda asked: answer

    with pytest.raises(Exception) as said:  # noqa: PT011  which one it is, is what outcome_of decides
        a_mail("a@example.org").send()

    assert outcome_of(said.value) is outcome


def test_a_notify_that_took_its_fill_today_loses_nothing(notify, look_again, caplog):
    topic("a", "owner@example.org")
    ledger.owe(MONDAY, at(MONDAY))
    notify.answer = lambda asked: no(429, "TooManyRequestsError", "Exceeded send limits (50) for today")

    assert post.send(MONDAY, at(MONDAY)).server_away
    assert "AnymailRequestsAPIError 429" in caplog.text

    notify.answer = yes
    assert post.send(MONDAY, at(MONDAY, 10)).sent == 1


def test_the_log_names_nobody_and_no_key(notify, look_again, caplog):
    caplog.set_level("DEBUG")
    topic("a", "owner@example.org")

    run()

    for secret in ("owner@example.org", SECRET, "Topic a"):
        assert secret not in caplog.text
