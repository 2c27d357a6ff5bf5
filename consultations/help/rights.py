"""What requests for help hold about one e-mail address: who asked, and in which words."""

from collections.abc import Iterator
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.help.models import Asker
from core.rights import Held, register


class WhoAsked:
    """People who asked for help to take part."""

    def held(self, address: str) -> Iterator[Held]:
        """Each request of theirs."""
        theirs = Asker.objects.filter(reached_at__iexact=address)
        for each in theirs.select_related("request__consultation", "request__event").order_by("pk"):
            asked_at = timezone.make_aware(datetime.combine(each.request.asked_on, time.min))
            facts = {
                _("for"): each.request.record.title,
                _("name"): each.name,
                _("language"): each.language,
                _("in their words"): each.words,
                _("what the service wrote"): each.note,
            }
            said = {part: words for part, words in facts.items() if words}
            yield Held(_("Asked for help to take part"), asked_at, said)

    def why_not(self, address: str) -> str:
        """Nothing stands in the way: the service has met it, or must ask how else to help."""
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """Who asked goes. That help was asked for stays counted."""
        went, _each = Asker.objects.filter(reached_at__iexact=address).delete()
        return went


register("help", WhoAsked())
