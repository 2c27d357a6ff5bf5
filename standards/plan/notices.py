"""What is said of planned actions: that their day comes, and that it is over."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, has_left, run_by_volunteers
from core.dates import day_words
from notices.reasons import Line, register
from standards.models import PlannedAction


@register
class PlannedActionDue(Chased):
    """Something in the plan of an organisation is to be done by a day.

    It stops when somebody says that it is done, or why it was dropped, and when the pledge ends.
    """

    name = "standard-plan-due"
    label = gettext_lazy("Something in a plan for the standard is due")
    heading = gettext_lazy("Do what your plan says")
    ends = gettext_lazy("This reminder stops by itself when you say that it is done, or why it was dropped.")
    anchors = {"due_on": gettext_lazy("the day by which it is to be done")}

    def things(self, day: date) -> QuerySet:
        """What is still to be done, of pledges that stand."""
        rows = PlannedAction.objects.open().filter(adoption__ended_on=None)
        return rows.annotate(
            organisation_id=F("adoption__organisation"),
            to_owner=Coalesce(F("owner__user__email"), Value("")),
            owner_left=has_left("owner"),
            to_deputy=Value(""),
            to_team=Value(""),
            volunteers=run_by_volunteers("adoption__organisation"),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What it is, and by when."""
        found = {}
        for planned in PlannedAction.objects.filter(pk__in=ids).select_related("adoption__organisation"):
            found[planned.pk] = Line(
                title=planned.gap,
                url=reverse("standards:plan", args=[planned.adoption_id]),
                what=_("To be done by %(day)s") % {"day": day_words(planned.due_on, day)},
                families="",
                button=_("Say what came of it"),
                button_url=reverse("standards:planned-end", args=[planned.pk]),
                due_on=planned.due_on,
                service=planned.adoption.organisation.name,
            )
        return found
