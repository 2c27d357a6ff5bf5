"""Who answers for a consultation by name: its owner and its deputy."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.models import Consultation
from consultations.stages import Stage
from core import history
from core.duties import Duty, register

# An answered, finished or stopped one keeps the names of its time.
OVER = (Stage.RESPONDED, Stage.CLOSED, Stage.WITHDRAWN)


class ConsultationDuties:
    """Everything that a person answers for until families have their answer, drafts included."""

    def under_way(self, on: date) -> QuerySet:
        """What is not over yet on a day."""
        return Consultation.objects.kept().filter(archived_at__isnull=True).in_stage(
            *(stage for stage in Stage if stage not in OVER), on=on
        )  # fmt: skip

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each consultation, as owner or as deputy."""
        named = self.under_way(on).filter(Q(owner=membership_id) | Q(deputy=membership_id))
        for each in named.only("title", "slug", "owner", "deputy").order_by("title", "pk"):
            yield Duty(
                title=each.title,
                url=each.get_absolute_url(),
                what=_("Owner of the answer") if each.owner_id == membership_id else _("Deputy"),
                owner_url=reverse("consultations:owner", args=[each.slug]),
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name another owner or deputy. Nobody deputises for themselves."""
        with history.label(by=by, did="handed over"):
            owned = self.under_way(on).filter(owner=membership_id).order_by()
            owned.filter(deputy=to_id).update(deputy=None)
            count = owned.update(owner=to_id)
            deputised = self.under_way(on).filter(deputy=membership_id).order_by()
            count += deputised.filter(owner=to_id).update(deputy=None)
            return count + deputised.update(deputy=to_id)


def register_duties() -> None:
    """Called when the app is ready."""
    register("consultations", ConsultationDuties())
