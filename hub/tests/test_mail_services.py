"""Mail services in EMAIL_URL: what each wants is said in words, and what leaves by it follows nobody."""

import json
from urllib.parse import parse_qs, quote

import pytest
from django.urls import reverse

from accounts.tests.factories import MembershipFactory
from hub.environment import Environment
from hub.mail_services import SERVICES
from notices.models import Mail, Notice
from notices.tests.conftest import look_again, run, topic  # noqa: F401
from notices.tests.web_service import web_service


def read(url: str) -> tuple[dict, str]:
    """The settings that an EMAIL_URL becomes, and what is wrong with it."""
    environment = Environment({"EMAIL_URL": url})
    settings = environment.email("outbox")
    return settings, "\n".join(environment.problems)


# --- What is said


def test_a_service_is_named_with_its_key():
    read_settings, problems = read("postmark://?key=abc-DEF&stream=outbound")

    assert problems == ""
    assert read_settings["EMAIL_BACKEND"] == "anymail.backends.postmark.EmailBackend"
    assert read_settings["MAIL_SERVICE"] == "postmark"
    assert read_settings["ANYMAIL"]["POSTMARK_SERVER_TOKEN"] == "abc-DEF"
    assert read_settings["ANYMAIL"]["POSTMARK_MESSAGE_STREAM"] == "outbound"


def test_a_key_with_odd_characters_stays_as_it_is():
    read_settings, _problems = read(f"sendgrid://?key={quote('a+b/c=&#%')}")
    as_copied, _problems = read("sendgrid://?key=a+b/c==")

    assert read_settings["ANYMAIL"]["SENDGRID_API_KEY"] == "a+b/c=&#%"
    assert as_copied["ANYMAIL"]["SENDGRID_API_KEY"] == "a+b/c=="


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mailgun://?key=s3cret", "EMAIL_URL lacks domain. For Mailgun it looks like mailgun://?key=KEY&domain=DOMAIN"),
        ("mailjet://", "EMAIL_URL lacks key and secret."),
        ("postmark://?key=", "EMAIL_URL lacks key."),
        ("postmark://s3cret@host", "For Postmark it looks like postmark://?key=KEY"),
        ("postmark://s3cret", "EMAIL_URL cannot be read."),
        ("sparkpost://?key=s3cret#x", "%23 for #"),
        ("sparkpost://?key=s3cret&regoin=eu", 'a part "regoin" that SparkPost does not know. It knows api, key.'),
        ("sparkpost://?s3cret", "a part without a name that SparkPost does not know."),
        ("sendgrid://?key=s3cret%20x", "a key with a space or an odd character"),
        ("sendgrid://?key=s3cret%0d%0aX: y", "a key with a space or an odd character"),
        ("sendgrid://?key=s3cret&api=http://sendgrid.example.org", "does not begin with https://"),
        ("sendmail://?key=s3cret", "For a mail service it begins with one of mailgun, postmark, sendgrid, brevo"),
    ],
)
def test_a_wrong_or_missing_part_is_said_with_how_to_mend_it_and_without_the_key(url, said):
    _settings, problems = read(url)

    assert said in problems
    assert "s3cret" not in problems


@pytest.mark.parametrize("scheme", [name for name, each in SERVICES.items() if not each.per_mail and not each.wants])
def test_where_only_the_account_can_turn_tracking_off_somebody_has_to_say_that_it_is_off(scheme):
    _settings, problems = read(f"{scheme}://?key=s3cret")
    assert f"Turn both off there, then add tracking=off to EMAIL_URL: {scheme}://?key=KEY&tracking=off" in problems
    _settings, problems = read(f"{scheme}://?key=s3cret&tracking=on")
    assert "Turn both off there" in problems

    assert read(f"{scheme}://?key=s3cret&tracking=off")[1] == ""


def test_a_service_that_needs_another_package_says_which(monkeypatch):
    url = "ses://?region=eu-west-2&key=AKIA&secret=s3cret&tracking=off"
    monkeypatch.setattr("hub.mail_services.find_spec", lambda name: None)
    assert "Add it with: .venv/bin/python -m pip install boto3" in read(url)[1]

    monkeypatch.setattr("hub.mail_services.find_spec", lambda name: name)
    read_settings, problems = read(url)
    assert problems == ""
    assert read_settings["ANYMAIL"]["AMAZON_SES_CLIENT_PARAMS"] == {
        "region_name": "eu-west-2",
        "aws_access_key_id": "AKIA",
        "aws_secret_access_key": "s3cret",
    }


# --- What leaves

YES = {
    "mailgun": {"id": "<1@example.org>", "message": "Queued. Thank you."},
    "postmark": {
        "ErrorCode": 0,
        "Message": "OK",
        "MessageID": "1",
        "SubmittedAt": "2026-03-02T09:00:00Z",
        "To": "owner@example.org",
    },
    "sendgrid": {},
    "brevo": {"messageId": "<1@example.org>"},
    "mailjet": {
        "Messages": [{"Status": "success", "To": [{"Email": "owner@example.org", "MessageID": 1, "MessageUUID": "1"}]}]
    },
    "sparkpost": {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "1"}},
    "resend": {"id": "1"},
}
# What each calls "do not follow the reader". The two that have no word for it are asked about in EMAIL_URL.
NOT_FOLLOWED = {
    "mailgun": ['"o:tracking-opens": ["no"]', '"o:tracking-clicks": ["no"]'],
    "postmark": ['"TrackOpens": false', '"TrackLinks": "None"'],
    "sendgrid": ['"open_tracking": {"enable": false}', '"click_tracking": {"enable": false}'],
    "brevo": [],
    "mailjet": ['"TrackOpens": "disabled"', '"TrackClicks": "disabled"'],
    "sparkpost": ['"open_tracking": false', '"click_tracking": false'],
    "resend": [],
}


def url_of(scheme: str, api: str) -> str:
    """An EMAIL_URL with everything that the service needs."""
    service = SERVICES[scheme]
    parts = [f"{part}=x" for part in service.needs] + [f"api={quote(api)}"]
    return f"{scheme}://?{'&'.join(parts if service.per_mail else [*parts, 'tracking=off'])}"


@pytest.fixture
def sent_by(settings):
    """Sends one reminder by a service that says yes, and gives what it was asked."""

    def _sent_by(scheme: str) -> str:
        with web_service() as service:
            service.answers(200, YES[scheme])
            for name, value in read(url_of(scheme, service.url))[0].items():
                setattr(settings, name, value)
            topic("a", "owner@example.org")
            assert run().sent == 1
        (asked,) = service.asked
        text = asked.body.decode()
        return text if text.startswith("{") else json.dumps(parse_qs(text))

    return _sent_by


def test_every_service_is_tried_here():
    assert set(YES) == set(NOT_FOLLOWED) == {name for name, each in SERVICES.items() if not each.wants} - {"notify"}


# That anymail's authors can no longer try it on SendGrid themselves is said in docs/decisions/0006.
@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
@pytest.mark.usefixtures("look_again")
@pytest.mark.parametrize("scheme", YES)
def test_a_reminder_leaves_by_each_service_names_its_mail_and_follows_nobody(sent_by, settings, scheme):
    settings.HUB_NAME = "Plant Môn: dweud eich dweud"  # not every service can encode that in a header line

    asked = sent_by(scheme)

    assert "owner@example.org" in asked
    assert "Topic a" in asked
    mail = Mail.objects.get()
    assert str(mail.pk) in asked
    assert "hub_mail" in asked
    for words in NOT_FOLLOWED[scheme]:
        assert words in asked, asked
    assert Notice.objects.sent().count() == 1


# --- GOV.UK Notify

UUIDS = "26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("notify://", "EMAIL_URL lacks key and template. For GOV.UK Notify it looks like notify://?key=KEY&template="),
        (f"notify://?key={UUIDS[:36]}&template={UUIDS[:36]}", "a key that is none of GOV.UK Notify's"),
        (f"notify://?key=hub-{UUIDS}&template=reminder", "a template that is none of GOV.UK Notify's"),
    ],
)
def test_notify_wants_a_whole_key_and_the_number_of_its_template(url, said):
    assert said in read(url)[1]


@pytest.mark.django_db
@pytest.mark.parametrize("url", [f"notify://?key=hub-{UUIDS}&template={UUIDS[:36]}", "postmark://?key=x"])
def test_a_code_to_sign_in_with_leaves_the_same_way(client, settings, url):
    person = MembershipFactory().user
    with web_service() as service:
        service.answers(200, YES["postmark"] | {"id": "1"})
        for name, value in read(f"{url}&api={quote(service.url)}")[0].items():
            setattr(settings, name, value)
        client.post(reverse("account_request_login_code"), {"email": person.email})

    (asked,) = service.asked
    assert person.email in asked.body.decode()
    assert "code" in asked.body.decode()
