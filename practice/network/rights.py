"""What the network holds about one e-mail address: what somebody said of themselves."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from core.rights import Held, register
from practice.network.actions import forget_people
from practice.network.models import NetworkPerson


class TheirPlace:
    """A place in the network."""

    def held(self, address: str) -> Iterator[Held]:
        """Each entry under the address."""
        for person in NetworkPerson.objects.filter(email__iexact=address).for_list():
            facts = {
                _("name"): person.name,
                _("what they are"): str(person.get_role_display()),
                _("what they can help with"): person.helps_with,
                _("phone"): person.phone,
                _("where"): ", ".join(area.label for area in person.areas.all()),
                _("state"): str(person.stage.label),
            }
            yield Held(
                _("Is in the network of good practice"),
                person.asked_at,
                {part: words for part, words in facts.items() if words},
            )

    def why_not(self, address: str) -> str:
        """Nothing stands in the way."""
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """They are gone from the network at once."""
        rows = NetworkPerson.objects.filter(email__iexact=address)
        return forget_people(rows, by=by, did="erased somebody from the network because they asked")


register("network", TheirPlace())
