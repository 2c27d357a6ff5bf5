"""The link by which one parent says whether a promise was kept."""

from django.core import signing
from django.urls import reverse

from feedback.parents.models import ParentCheck

_SIGNER = signing.Signer(salt="feedback.parents.links")


def link_of(check: ParentCheck) -> str:
    """The address of the page for the parent who was asked."""
    return reverse("feedback:parent-answer", args=[_SIGNER.sign(str(check.pk))])


def number_in(token: str) -> int | None:
    """The check that a link names; None when we did not write that link."""
    try:
        number = _SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return int(number) if number.isdecimal() else None
