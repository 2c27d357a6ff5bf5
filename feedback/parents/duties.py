"""Promises that a parent reviewer has chosen to look at: when they leave, somebody else of the forum does."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, Role
from core import history
from core.duties import Duty, register
from feedback.parents.models import ParentCheck


class CheckingDuties:
    """What somebody chose to look at and has not told of yet."""

    def _theirs(self, membership_id: int):
        return ParentCheck.objects.chosen().filter(chosen_by=membership_id)

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each of them."""
        for check in self._theirs(membership_id).select_related("entry").defer("entry__search"):
            yield Duty(
                title=check.title,
                url=check.entry.get_absolute_url(),
                what=_("Means to ask parents whether it happened"),
                owner_url=reverse("feedback:parent-checks"),
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """To another reviewer of the same forum; with anybody else it is chosen no more."""
        mine = self._theirs(membership_id)
        forums = Membership.objects.filter(pk=membership_id).values("organisation")
        takes_over = Membership.objects.active().filter(pk=to_id, role=Role.PARENT_REVIEWER, organisation__in=forums)
        with history.label(by=by, did="handed over"):
            if takes_over.exists():
                return mine.update(chosen_by=to_id)
            gone, _each = mine.delete()
            return gone


def register_duties() -> None:
    """Called when the app is ready."""
    register("parent-checks", CheckingDuties())
