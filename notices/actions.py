"""What is done about messages by somebody, each in one transaction."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import history
from notices.models import Fault


@transaction.atomic
def mend_address(fault: Fault, *, by, now: datetime) -> None:
    """Say that an address takes our mail again. What was not sent, or came back, and is still owed goes there anew.

    Pressed twice it is the same. Raises ValidationError for a fault that is
    not about an address: those end by themselves, once somebody is named.
    """
    if fault.kind != Fault.Kind.ADDRESS:
        raise ValidationError(_("This ends by itself as soon as somebody is named who receives it"))
    with history.label(by=by, did="said that an address works again"):
        Fault.objects.open().filter(pk=fault.pk).update(mended_at=now)
