"""Who looks after what is planned: the owners of intentions and of umbrella plans."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.plan.models import Intention, Umbrella
from core import history
from core.duties import Duty, register


class PlanDuties:
    """Every intention that is still ahead, and every umbrella plan that is kept, with its owner."""

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each of them."""
        for each in self._intentions(on).filter(owner=membership_id).only("title").order_by("starts_on", "pk"):
            url = reverse("plan:intention", args=[each.pk])
            yield Duty(each.title, url, _("Plans to ask"), url)
        for each in self._umbrellas().filter(owner=membership_id).only("title", "slug").order_by("title", "pk"):
            url = reverse("plan:edit-umbrella", args=[each.slug])
            yield Duty(each.title, url, _("Looks after the plan"), url)

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name another owner."""
        with history.label(by=by, did="handed over"):
            count = self._intentions(on).filter(owner=membership_id).update(owner=to_id)
            return count + self._umbrellas().filter(owner=membership_id).update(owner=to_id)

    def _intentions(self, on: date):
        return Intention.objects.kept().filter(ends_on__gte=on)

    def _umbrellas(self):
        return Umbrella.objects.kept().filter(archived_at__isnull=True)


def register_duties() -> None:
    """Called when the app is ready."""
    register("plan", PlanDuties())
