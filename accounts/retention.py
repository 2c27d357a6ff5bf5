"""How long accounts of those who left are kept, and sign-ins that ended."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions import erase_account
from accounts.models import Membership, User
from core.retention import Keeping, delete_some, register


def forget_sessions(before: datetime, limit: int) -> int:
    """Delete sign-ins that ended before a moment."""
    return delete_some(Session.objects.filter(expire_date__lt=before), limit)


def forget_leavers(before: datetime, limit: int) -> int:
    """Erase the accounts of people whose last role ended before a day."""
    still_here = Membership.objects.filter(user=OuterRef("pk"), ended_on__isnull=True)
    left = (
        User.objects.filter(is_superuser=False, erased_at__isnull=True, memberships__isnull=False)
        .exclude(Exists(still_here))
        .annotate(left_on=Max("memberships__ended_on"))
        .filter(left_on__lt=timezone.localdate(before))
        .order_by("pk")[:limit]
    )
    leavers = list(left)
    for user in leavers:
        erase_account(user, by=None, now=timezone.now())
    return len(leavers)


register(
    Keeping(
        "sessions",
        _("That somebody of the staff is signed in"),
        _("after they are signed out"),
        forget_sessions,
    ),
    Keeping(
        "accounts",
        _("The name and address of somebody of the staff"),
        _("after their last role ended"),
        forget_leavers,
    ),
)
