"""What comments hold about one e-mail address: what somebody told the hub, in their own words."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from core.rights import Held, register
from feedback.comments.actions import forget_words
from feedback.comments.models import Comment


class WhatTheyTold:
    """What families told the hub."""

    def held(self, address: str) -> Iterator[Held]:
        """Each comment that somebody signed with the address."""
        for each in Comment.objects.filter(email__iexact=address).order_by("received_at", "pk"):
            facts = {
                _("number"): each.reference,
                _("name"): each.name,
                _("in their words"): each.text,
                _("what became of it"): str(
                    each.get_outcome_display() if each.outcome else _("Nobody has read it yet")
                ),
            }
            said = {part: words for part, words in facts.items() if words}
            yield Held(_("Told the hub something"), each.received_at, said)

    def why_not(self, address: str) -> str:
        """Nobody has read it yet: it may be that somebody is not safe."""
        if Comment.objects.waiting().filter(email__iexact=address).exists():
            return _("They told us something that nobody has read yet. Read it first: somebody may not be safe.")
        return ""

    def erase(self, address: str, *, by, now: datetime) -> int:
        """The words, the name and the address go. That something was said, and what became of it, stays counted."""
        theirs = Comment.objects.filter(email__iexact=address)
        return forget_words(theirs, by=by, now=now, did="erased words because somebody asked")


register("comments", WhatTheyTold())
