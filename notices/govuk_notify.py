"""Mail through GOV.UK Notify, by an account of the council's own.

Notify sends nothing but its own templates, so one of them holds nothing but
((subject)) and ((body)); Notify makes the HTML itself. Its official client
is not used: it asks for a package that comes as source only, which no hash
of ours would hold (docs/decisions/0006).
"""

import time
from urllib.parse import urljoin

import jwt
from anymail.backends.base_requests import AnymailRequestsBackend, RequestsPayload
from anymail.exceptions import AnymailRequestsAPIError
from anymail.message import AnymailRecipientStatus
from anymail.utils import get_anymail_setting

from notices.mail_services import NAMED

# A key is a name, the service's number and the secret, with dashes between.
UUID_LENGTH = 36


class EmailBackend(AnymailRequestsBackend):
    """Hands each message to GOV.UK Notify. Says no, as other services do, by exceptions of django-anymail."""

    esp_name = "GOVUK Notify"

    def __init__(self, **kwargs):
        key = get_anymail_setting("api_key", esp_name=self.esp_name, kwargs=kwargs)
        self.service, self.secret = key[-2 * UUID_LENGTH - 1 : -UUID_LENGTH - 1], key[-UUID_LENGTH:]
        self.template = get_anymail_setting("template_id", esp_name=self.esp_name, kwargs=kwargs)
        self.reply_to = get_anymail_setting("reply_to_id", esp_name=self.esp_name, kwargs=kwargs, default=None)
        usual = "https://api.notifications.service.gov.uk"
        api = get_anymail_setting("api_url", esp_name=self.esp_name, kwargs=kwargs, default=usual)
        super().__init__(urljoin(api, "/v2/notifications/email"), **kwargs)

    def build_message_payload(self, message, defaults):
        """What Notify is asked."""
        return Payload(message, defaults, self)

    def parse_recipient_status(self, response, payload, message):
        """Notify's number for the mail; without one it did not say yes."""
        said = self.deserialize_json_response(response, payload, message)
        if not isinstance(said, dict) or "id" not in said:
            raise AnymailRequestsAPIError(
                "No id in the answer", email_message=message, payload=payload, response=response, backend=self
            )
        return {payload.data["email_address"]: AnymailRecipientStatus(message_id=said["id"], status="queued")}


class Payload(RequestsPayload):
    """One message as Notify wants it. Who it is from, and where replies go, is set up at Notify."""

    def init_payload(self) -> None:
        """The template, and this minute's proof that it is us."""
        # Good for 30 seconds.
        token = jwt.encode({"iss": self.backend.service, "iat": int(time.time())}, self.backend.secret, "HS256")
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.data = {"template_id": self.backend.template, "personalisation": {"subject": "", "body": ""}}
        if self.backend.reply_to:
            self.data["email_reply_to_id"] = self.backend.reply_to

    def serialize_data(self) -> str:
        """As JSON."""
        return self.serialize_json(self.data)

    def set_to(self, emails) -> None:
        """Notify writes to one address at a time."""
        if len(emails) != 1:
            self.unsupported_feature("any number of recipients but one")
        self.data["email_address"] = emails[0].addr_spec

    def set_subject(self, subject) -> None:
        """((subject)) of the template."""
        self.data["personalisation"]["subject"] = subject

    def set_text_body(self, body) -> None:
        """((body)) of the template."""
        self.data["personalisation"]["body"] = body

    def set_metadata(self, metadata) -> None:
        """Notify names the mail by this when it tells what became of it."""
        self.data["reference"] = metadata[NAMED]

    # Notify has its own.
    def set_from_email(self, email) -> None:
        """Set up at Notify."""

    def set_reply_to(self, emails) -> None:
        """Set up at Notify."""

    def set_extra_headers(self, headers) -> None:
        """Notify writes every line of the head itself."""

    def set_html_body(self, body) -> None:
        """Notify makes it of the text."""

    # It follows nobody, and cannot be asked to.
    def set_track_opens(self, track_opens) -> None:
        """Never."""

    def set_track_clicks(self, track_clicks) -> None:
        """Never."""
