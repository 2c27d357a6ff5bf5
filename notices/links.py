"""Links in mails: they say which mail they were in, so that its reader needs one press and one code, or only one press.

A link into the desk opens nothing by itself: whoever holds it can ask for a code, which goes
to the reader of that mail. In the copies that the desk shows it is masked all
the same.
"""

import base64
import re
import uuid

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

PREFIX = "go"
LEAVE = "/alerts/leave/"
CONFIRM = "/alerts/confirm/"
MANAGE = "/alerts/manage/"
_TOKEN = re.compile(rf"(/{PREFIX}/|{LEAVE}|{CONFIRM}|{MANAGE})[\w-]+(?=/)")


def link_from(mail_id: uuid.UUID, target: str) -> str:
    """The address of a staff page ("/desk/...") as a mail writes it. What stands behind its "?" is not signed."""
    return f"{settings.HUB_BASE_URL}/{PREFIX}/{_token(mail_id, target.partition('?')[0])}{target}"


def link_to(page: str, mail_id: uuid.UUID) -> str:
    """The address of a page for the reader of a mail: LEAVE, CONFIRM or MANAGE."""
    return settings.HUB_BASE_URL + path_to(page, mail_id)


def path_to(page: str, mail_id: uuid.UUID) -> str:
    """The same without the host."""
    return f"{page}{_token(mail_id, page)}/"


def mail_named_in(token: str, path: str) -> uuid.UUID | None:
    """The mail that a link to a page was in; None when we did not write that link."""
    mail, signature = token[:22], token[22:]
    if not constant_time_compare(signature, _signature(mail, path)):
        return None
    return uuid.UUID(bytes=base64.urlsafe_b64decode(f"{mail}=="))


def without_secrets(text: str) -> str:
    """A copy of a mail whose links lead nowhere but to the sign-in page."""
    return _TOKEN.sub(r"\1•••", text)


def _token(mail_id: uuid.UUID, path: str) -> str:
    mail = base64.urlsafe_b64encode(mail_id.bytes).decode().rstrip("=")
    return f"{mail}{_signature(mail, path)}"


def _signature(mail: str, path: str) -> str:
    return signing.Signer(salt="notices.links").signature(f"{mail}{path}")
