"""Mail services that EMAIL_URL may name beside a mail server of one's own, and what each has to be told.

All but GOV.UK Notify are django-anymail's. Another one is another row of
SERVICES: its parts are what anymail's documentation asks for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import SplitResult, parse_qsl, urlsplit

TRACKING = "tracking"


class WrongService(ValueError):
    """What is wrong with EMAIL_URL, and how to mend it. It never repeats a key."""


@dataclass(frozen=True)
class Service:
    """One mail service, and the settings of django-anymail that the parts of its EMAIL_URL become."""

    name: str
    backend: str
    needs: Mapping[str, str]
    may: Mapping[str, str] = field(default_factory=dict)
    # Whether each mail can say that it is not to be followed. Where only the account can, its owner must say so.
    per_mail: bool = True
    wants: str = ""  # a Python package that the hub does not bring
    shapes: Mapping[str, str] = field(default_factory=dict)  # how a part must look, where that is known

    def looks_like(self, scheme: str) -> str:
        """The shape of its EMAIL_URL."""
        parts = [f"{part}={part.upper()}" for part in self.needs]
        return f"{scheme}://?" + "&".join([*parts, f"{TRACKING}=off"] if not self.per_mail else parts)


_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _anymail(name: str) -> str:
    return f"anymail.backends.{name}.EmailBackend"


# `api` is where the service's interface is, when it is not the usual place: most have another one in Europe.
SERVICES = {
    "mailgun": Service(
        "Mailgun",
        _anymail("mailgun"),
        {"key": "MAILGUN_API_KEY", "domain": "MAILGUN_SENDER_DOMAIN"},
        {"api": "MAILGUN_API_URL", "signing_key": "MAILGUN_WEBHOOK_SIGNING_KEY"},
    ),
    "postmark": Service(
        "Postmark",
        _anymail("postmark"),
        {"key": "POSTMARK_SERVER_TOKEN"},
        {"api": "POSTMARK_API_URL", "stream": "POSTMARK_MESSAGE_STREAM"},
    ),
    "sendgrid": Service("SendGrid", _anymail("sendgrid"), {"key": "SENDGRID_API_KEY"}, {"api": "SENDGRID_API_URL"}),
    "brevo": Service("Brevo", _anymail("brevo"), {"key": "BREVO_API_KEY"}, {"api": "BREVO_API_URL"}, per_mail=False),
    "mailjet": Service(
        "Mailjet",
        _anymail("mailjet"),
        {"key": "MAILJET_API_KEY", "secret": "MAILJET_SECRET_KEY"},
        {"api": "MAILJET_API_URL"},
    ),
    "sparkpost": Service(
        "SparkPost", _anymail("sparkpost"), {"key": "SPARKPOST_API_KEY"}, {"api": "SPARKPOST_API_URL"}
    ),
    "resend": Service(
        "Resend", _anymail("resend"), {"key": "RESEND_API_KEY"}, {"api": "RESEND_API_URL"}, per_mail=False
    ),
    "ses": Service(
        "Amazon SES",
        _anymail("amazon_ses"),
        {"region": "region_name", "key": "aws_access_key_id", "secret": "aws_secret_access_key"},
        per_mail=False,
        wants="boto3",
    ),
    "notify": Service(
        "GOV.UK Notify",
        "notices.govuk_notify.EmailBackend",
        {"key": "GOVUK_NOTIFY_API_KEY", "template": "GOVUK_NOTIFY_TEMPLATE_ID"},
        {"api": "GOVUK_NOTIFY_API_URL", "reply_to": "GOVUK_NOTIFY_REPLY_TO_ID"},
        shapes={"key": f"\\S+-{_UUID}-{_UUID}", "template": _UUID, "reply_to": _UUID},
    ),
}


def settings_of(url: str) -> dict:
    """EMAIL_URL of a mail service, as Django's and django-anymail's settings. Raises WrongService."""
    parts = urlsplit(url)
    scheme = parts.scheme
    service = SERVICES[scheme]
    given = _given(parts, service)
    if service.wants and find_spec(service.wants) is None:
        raise WrongService(
            f"EMAIL_URL names {service.name}, which needs a Python package that the hub does not bring. Add it with: "
            f".venv/bin/python -m pip install {service.wants}"
        )
    options: dict = {"SEND_DEFAULTS": {}}
    if service.per_mail:
        # No picture that tells when a mail was read, no link that tells who followed it.
        options["SEND_DEFAULTS"] = {"track_opens": False, "track_clicks": False}
    elif given.pop(TRACKING, "") != "off":
        raise WrongService(
            f"{service.name} decides for a whole account whether opened mails and followed links are tracked, and the "
            f"hub tracks nobody. Turn both off there, then add {TRACKING}=off to EMAIL_URL: "
            f"{service.looks_like(scheme)}"
        )
    named = {**service.needs, **service.may}
    told: dict = {named[part]: value for part, value in given.items()}
    if scheme == "ses":
        told = {"AMAZON_SES_CLIENT_PARAMS": told}
    return {"EMAIL_BACKEND": service.backend, "MAIL_SERVICE": scheme, "ANYMAIL": options | told}


def _given(parts: SplitResult, service: Service) -> dict[str, str]:
    """The parts that were given, each known and none missing."""
    shape = service.looks_like(parts.scheme)
    if parts.netloc or parts.path.strip("/") or parts.fragment:
        raise WrongService(
            f"EMAIL_URL cannot be read. For {service.name} it looks like {shape}, with %26 for each & in a key, "
            "%23 for # and %25 for %."
        )
    # A + in a key is a plus: nobody writes a space there.
    given = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
    known = {*service.needs, *service.may, *([] if service.per_mail else [TRACKING])}
    for part in given.keys() - known:
        named = f'"{part}"' if re.fullmatch("[a-z_]{1,12}", part) else "without a name"  # it may be a key
        raise WrongService(
            f"EMAIL_URL has a part {named} that {service.name} does not know. It knows {', '.join(sorted(known))}."
        )
    missing = [part for part in service.needs if not given.get(part)]
    if missing:
        raise WrongService(f"EMAIL_URL lacks {' and '.join(missing)}. For {service.name} it looks like {shape}")
    for part, value in given.items():
        if not value.isascii() or not value.isprintable() or " " in value:
            raise WrongService(f"EMAIL_URL has a {part} with a space or an odd character in it. Copy it again.")
    for part, shape in service.shapes.items():
        if part in given and not re.fullmatch(shape, given[part]):
            raise WrongService(f"EMAIL_URL has a {part} that is none of {service.name}'s. Copy the whole of it again.")
    api = given.get("api", "https://")
    if not api.startswith("https://") and not api.startswith("http://127.0.0.1:"):
        raise WrongService("EMAIL_URL has an api that does not begin with https://. Keys never travel in the clear.")
    return given
