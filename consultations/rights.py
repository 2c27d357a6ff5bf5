"""Where listings name one e-mail address: as the contact of a service, which its page changes by hand."""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module

from django.db.models import Q
from django.utils.translation import gettext as _

from consultations.events.models import Event
from consultations.models import Consultation
from core.records import kinds
from core.rights import Held, register


class InListings:
    """Contacts of consultations and events."""

    def held(self, address: str) -> Iterator[Held]:
        """Each consultation and event whose contact it is."""
        named = Q(contact_email__iexact=address) | Q(team_mailbox__iexact=address)
        for each in Consultation.objects.filter(named).order_by("pk"):
            yield Held(
                _("Contact of a consultation"), each.changed_at, {_("consultation"): each.title}, url=_page(each)
            )
        named = Q(contact_email__iexact=address) | Q(booking_email__iexact=address)
        for each in Event.objects.filter(named).order_by("pk"):
            yield Held(_("Contact of an event"), each.changed_at, {_("event"): each.title}, url=_page(each))

    def why_not(self, address: str) -> str:
        """A contact does not keep anything else from being erased."""
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """Nothing: families would reach nobody. Somebody puts another contact in its place."""
        return 0


def _page(record) -> str:
    """Its page for staff."""
    return kinds()[record._meta.model_name].page(record)


register("listings", InListings())
# Who asked for help to take part stands in a folder of its own.
import_module("consultations.help.rights")
