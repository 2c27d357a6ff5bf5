"""The two mails that somebody asks for by typing an address: may we write to you, and the link to what you follow."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notices import followables
from notices.links import CONFIRM, MANAGE
from notices.models import SignUp, Subscription
from notices.reasons import ForFamilies, Line, register


class AskedFor(ForFamilies):
    """A mail to an address that somebody typed into a form of ours, within minutes, and once a day at most."""

    anchors = {"asked_on": gettext_lazy("the day it was asked for")}
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """What was typed within a week and waits for a press in the mailbox."""
        asked = SignUp.objects.filter(confirmed_at__isnull=True, asked_on__gt=day - SignUp.lasts(), asked_on__lte=day)
        return self.without_staff(asked)


@register
class MayWeWrite(AskedFor):
    """The question whether whoever reads at an address wants what was asked for. Until they press, nothing is sent."""

    name = "may-we-write"
    label = gettext_lazy("A family is asked whether it wants e-mails")
    heading = gettext_lazy("One more step")
    why = gettext_lazy("Did you not ask for this? Then do nothing. We forget your address after 7 days.")
    asked_for_page = CONFIRM

    def things(self, day: date) -> QuerySet:
        """What somebody wants to follow."""
        return super().things(day).exclude(follows="")

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What it is that they would follow."""
        rows = list(SignUp.objects.filter(pk__in=ids).exclude(follows=""))
        words = followables.words_of(rows)
        return {
            row.pk: Line(
                title=words[row.key].for_strangers,
                url=f"/alerts/#{row.pk}",
                what=_("Press to get e-mails about this"),
                families="",
                button=_("Yes, send me e-mails"),
                button_url="",
                due_on=None,
            )
            for row in rows
            if row.key in words
        }


@register
class WhatYouFollow(AskedFor):
    """The link to the page on which somebody sees and changes what they follow, when they asked for it."""

    name = "what-you-follow"
    label = gettext_lazy("A family asked what it follows")
    heading = gettext_lazy("What you follow")
    why = gettext_lazy("Did you not ask for this? Then do nothing: nothing changes.")
    asked_for_page = MANAGE

    def things(self, day: date) -> QuerySet:
        """Of addresses that follow something: we write to nobody else."""
        follows = Subscription.objects.active().filter(recipient_hash=OuterRef("recipient_hash"))
        return super().things(day).filter(Exists(follows), follows="")

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """One page."""
        return {
            pk: Line(
                title=_("Your e-mail alerts"),
                url="/alerts/",
                what=_("See and change what you follow"),
                families="",
                button=_("See what I follow"),
                button_url="",
                due_on=None,
            )
            for pk in SignUp.objects.filter(pk__in=ids, follows="").values_list("pk", flat=True)
        }
