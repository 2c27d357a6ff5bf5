"""What somebody who told us something can follow: what becomes of it. Only they know that it is there."""

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import day_words
from feedback.comments.actions import FOLLOWED
from feedback.comments.models import Comment, Outcome
from notices.followables import Asked, Followable, Key, Words, register


@register
class WhatYouToldUs(Followable):
    """One comment, followed by the address that was typed with it. No address of a page names it."""

    name = of = FOLLOWED
    tells = (gettext_lazy("when we have read it"), gettext_lazy("when it is answered"))

    def read(self, asked: Asked) -> Key | None:
        """Nobody follows what somebody else told us."""
        return None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """By the day it came. What was referred is nobody's to follow."""
        rows = Comment.objects.filter(pk__in=[key.about_id for key in keys]).exclude(outcome=Outcome.REFERRED)
        return {
            Key(self.name, row.pk): Words(
                _("What you told us on %(day)s") % {"day": day_words(row.heard_on)}, reverse("tell-us"), is_one=True
            )
            for row in rows.only("heard_on")
        }

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Itself."""
        return f"SELECT thing, '', thing FROM ({things}) AS itself (thing)", []
