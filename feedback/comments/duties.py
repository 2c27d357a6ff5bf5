"""Who has promised to read what families tell us."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import FIS_ROLES, Membership
from core import history
from core.duties import Duty, register
from feedback.comments.models import Checker


class ReadingDuties:
    """Reading what families tell us."""

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """That the membership reads."""
        if Checker.objects.filter(membership=membership_id).exists():
            yield Duty(
                title=_("What families tell us"),
                url=reverse("tell-us"),
                what=_("Reads it"),
                owner_url=reverse("feedback:checkers"),
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name somebody else who reads, if they work for the Family Information Service; else the others go on."""
        mine = Checker.objects.filter(membership=membership_id)
        with history.label(by=by, did="handed over"):
            takes_over = Membership.objects.active().filter(pk=to_id, role__in=FIS_ROLES).exists()
            if takes_over and not Checker.objects.filter(membership=to_id).exists():
                return mine.update(membership=to_id, since=on)
            gone, _each = mine.delete()
            return gone


def register_duties() -> None:
    """Called when the app is ready."""
    register("comments", ReadingDuties())
