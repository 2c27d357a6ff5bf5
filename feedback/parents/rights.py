"""What parent checks hold about one e-mail address: that somebody was asked, and what they said."""

from collections.abc import Iterator
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from core.rights import Held, register
from feedback.parents.actions import forget_parents
from feedback.parents.models import ParentCheck
from notices.ledger import hash_of


class WhatTheyWereAsked:
    """Whether a promise was kept."""

    def _theirs(self, address: str):
        return ParentCheck.objects.filter(recipient_hash=hash_of(address))

    def held(self, address: str) -> Iterator[Held]:
        """Each time that somebody was asked at the address."""
        for check in self._theirs(address).select_related("entry__organisation").defer("entry__search"):
            facts = {
                _("about"): check.title,
                _("they said"): str(check.get_verdict_display()) if check.verdict else "",
                _("in their words"): check.words,
            }
            since = timezone.make_aware(datetime.combine(check.chosen_on, time.min))
            yield Held(
                _("Was asked whether a promise was kept"), since, {part: said for part, said in facts.items() if said}
            )

    def why_not(self, address: str) -> str:
        """Nothing stands in the way."""
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """The address goes, and their words with it. What they said of the promise stays, and is nobody's."""
        return forget_parents(
            self._theirs(address), by=by, now=now, did="erased whom a link went to because somebody asked", words=True
        )


register("parent-checks", WhatTheyWereAsked())
