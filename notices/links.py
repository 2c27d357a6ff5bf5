"""Links from a mail into the desk: they say which mail they were in, so that signing in needs one press and one code.

A link opens nothing by itself: whoever holds it can ask for a code, which goes
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
_TOKEN = re.compile(rf"(/{PREFIX}/)[\w-]+(?=/)")


def link_from(mail_id: uuid.UUID, target: str) -> str:
    """The address of a staff page ("/desk/...") as a mail writes it. What stands behind its "?" is not signed."""
    mail = base64.urlsafe_b64encode(mail_id.bytes).decode().rstrip("=")
    return f"{settings.HUB_BASE_URL}/{PREFIX}/{mail}{_signature(mail, target.partition('?')[0])}{target}"


def mail_named_in(token: str, path: str) -> uuid.UUID | None:
    """The mail that a link to a page was in; None when we did not write that link."""
    mail, signature = token[:22], token[22:]
    if not constant_time_compare(signature, _signature(mail, path)):
        return None
    return uuid.UUID(bytes=base64.urlsafe_b64decode(f"{mail}=="))


def without_secrets(text: str) -> str:
    """A copy of a mail whose links lead nowhere but to the sign-in page."""
    return _TOKEN.sub(r"\1•••", text)


def _signature(mail: str, path: str) -> str:
    return signing.Signer(salt="notices.links").signature(f"{mail}{path}")
