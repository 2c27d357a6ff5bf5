"""Who keeps a promise by name: its owner."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from core import history
from core.duties import Duty, register
from feedback.stages import owned_points


class PromiseDuties:
    """Every promise to families that is not kept yet, and every answer owed to what they told us."""

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each promise that names the membership."""
        owned = owned_points(on).filter(owner=membership_id)
        for each in owned.only("theme", "you_said", "answer", "owed_from").order_by("due_on", "pk"):
            yield Duty(
                title=str(each),
                url=each.get_absolute_url(),
                what=_("Owner of the promise") if each.is_promise else _("Owner of the answer"),
                owner_url=reverse("feedback:entry-owner", args=[each.pk]),
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name another owner."""
        with history.label(by=by, did="handed over"):
            return owned_points(on).filter(owner=membership_id).order_by().update(owner=to_id)


def register_duties() -> None:
    """Called when the app is ready."""
    register("feedback", PromiseDuties())
