"""How long the hub keeps somebody who has left the network, or whose agreement to be shown has run out."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.retention import Keeping, register
from practice.network.actions import forget_people
from practice.network.models import NetworkPerson


def forget(before: datetime, limit: int) -> int:
    """Erase up to `limit` who had left, or whose agreement had run out, at a moment. How many those were."""
    day = timezone.localdate(before)
    over = NetworkPerson.objects.filter(Q(left_on__lte=day) | Q(left_on=None, agreed_until__lte=day))
    some = list(over.order_by("pk").values_list("pk", flat=True)[:limit])
    rows = NetworkPerson.objects.filter(pk__in=some)
    return forget_people(rows, by=None, did="erased who left the network")


register(
    Keeping(
        "network",
        _("Somebody who was in the network"),
        _("after they left it, or after the last day on which they agreed to be shown"),
        forget,
    )
)
