"""Links that show a draft without an account: signed, dated, and ended by a row (core.models.PreviewLink)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import get_random_string

from core.models import PreviewLink

LASTS = timedelta(days=14)
# So many links to one draft work at a time: with more, nobody knows any longer who can see it.
MOST = 5
SALT = "core.previews"


class NoPreview(Exception):
    """The link was never one of ours."""


class PreviewOver(Exception):
    """The link was one of ours: it has run out or was ended, or the draft is gone."""


def new_link(record, *, by, now: datetime) -> PreviewLink:
    """A link to a draft. The caller has checked who may have one."""
    return PreviewLink.objects.create(
        kind=record._meta.model_name,
        record=record.pk,
        nonce=get_random_string(32),
        made_at=now,
        made_by=getattr(by, "pk", None),
        runs_out_at=now + LASTS,
    )


def address_of(link: PreviewLink) -> str:
    """The whole address, to be sent to somebody. It is the same each time it is shown."""
    token = _SignerAt(link.made_at).sign(link.nonce)
    return settings.HUB_BASE_URL + reverse("preview", args=[token])


def link_named_in(token: str, now: datetime) -> PreviewLink:
    """The link that this is. Raises NoPreview or PreviewOver."""
    try:
        nonce = signing.TimestampSigner(salt=SALT).unsign(token, max_age=LASTS)
    except signing.SignatureExpired:
        raise PreviewOver from None
    except signing.BadSignature:
        raise NoPreview from None
    link = PreviewLink.objects.working(now).filter(nonce=nonce).first()
    if link is None:
        raise PreviewOver
    return link


class _SignerAt(signing.TimestampSigner):
    """Signs as of the moment that a link was made."""

    def __init__(self, at: datetime):
        super().__init__(salt=SALT)
        self.at = at

    def timestamp(self) -> str:
        return signing.b62_encode(int(self.at.timestamp()))
