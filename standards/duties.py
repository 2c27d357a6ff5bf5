"""Pledges that somebody is reminded of: when they leave, somebody else sees to the yearly check."""

from collections.abc import Iterator
from datetime import date

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from core import history
from core.duties import Duty, register
from standards.models import Adoption, PlannedAction


class PledgeDuties:
    """Pledges to work towards the standard."""

    def _theirs(self, membership_id: int):
        return Adoption.objects.standing().filter(owner=membership_id)

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each of them."""
        for adoption in self._theirs(membership_id).select_related("organisation"):
            yield Duty(
                title=adoption.organisation.name,
                url=adoption.get_absolute_url(),
                what=_("Reminded of the check against the standard"),
                owner_url=reverse("standards:change-pledge", args=[adoption.pk]),
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """To somebody else."""
        with history.label(by=by, did="handed over"):
            return self._theirs(membership_id).update(owner=to_id, version=F("version") + 1)


class PlanDuties:
    """What somebody does by a day for the plan of an organisation."""

    def _theirs(self, membership_id: int):
        return PlannedAction.objects.open().filter(owner=membership_id)

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each of them."""
        for planned in self._theirs(membership_id).select_related("adoption"):
            page = reverse("standards:planned", args=[planned.pk])
            yield Duty(title=planned.gap, url=page, what=_("Does something in a plan"), owner_url=page)

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """To somebody else."""
        with history.label(by=by, did="handed over"):
            return self._theirs(membership_id).update(owner=to_id, version=F("version") + 1)


def register_duties() -> None:
    """Called when the app is ready."""
    register("standards", PledgeDuties())
    register("standards-plan", PlanDuties())
