"""How long the ledger keeps to whom it wrote and what, and that it did."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.retention import Keeping, blank_some, delete_some, register
from notices import ledger
from notices.models import MAIL_SAYS_SOMETHING, MAIL_WAITING, WAITING, Fault, Mail, Notice, Subscription


def forget_what_was_said(before: datetime, limit: int) -> int:
    """Empty what mails said and to which address, and the addresses of notices and faults. The rows stay.

    Whatever still waits is kept until it is sent or dropped.
    """
    went = blank_some(
        Mail.objects.filter(MAIL_SAYS_SOMETHING, ~MAIL_WAITING, made_at__lt=before),
        limit,
        address="",
        subject="",
        text="",
        html="",
    )
    if went < limit:
        sent = Notice.objects.filter(~Q(address=""), ~WAITING, laid_down_at__lt=before)
        went += blank_some(sent, limit - went, address="")
    if went < limit:
        mended = Fault.objects.filter(~Q(address=""), mended_at__lt=before)
        went += blank_some(mended, limit - went, address="")
    return went


def forget_ledger(before: datetime, limit: int) -> int:
    """Delete notices that are done with, mails that carry none any more, mended faults, and who stopped following."""
    went = delete_some(Notice.objects.filter(~WAITING, laid_down_at__lt=before), limit)
    for rows in (
        Mail.objects.filter(~MAIL_WAITING, ~Exists(Notice.objects.filter(mail=OuterRef("pk"))), made_at__lt=before),
        Fault.objects.filter(mended_at__lt=before),
        Subscription.objects.filter(left_at__lt=before),
    ):
        if went < limit:
            went += delete_some(rows, limit - went)
    return went


register(
    Keeping(
        "sign-ups",
        _("An e-mail address that asked for alerts and was not confirmed"),
        _("after it was typed"),
        ledger.forget_sign_ups,
    ),
    Keeping(
        "mails",
        _("What an e-mail said, and the address that it went to"),
        _("after it was written"),
        forget_what_was_said,
    ),
    Keeping(
        "ledger",
        _("That an e-mail about an answer was owed and sent, without the address"),
        _("after it was owed"),
        forget_ledger,
    ),
)
