"""What is said of pledges: that the yearly check is due, or that the pledge is about to lapse."""

from collections.abc import Sequence
from datetime import date
from importlib import import_module

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, has_left, run_by_volunteers
from core.dates import day_words
from notices.reasons import Line, register
from standards.models import Adoption

# The plan has a folder of its own.
import_module("standards.plan.notices")


@register
class CheckDue(Chased):
    """The check of an organisation that adopted the standard is due, the first one or the yearly one.

    It stops when a check is published, and when the pledge ends.
    """

    name = "standard-check-due"
    label = gettext_lazy("A check against the standard is due")
    heading = gettext_lazy("Check yourselves against the standard")
    ends = gettext_lazy("This reminder stops by itself when you publish the check.")
    anchors = {
        "renew_by": gettext_lazy("the day by which the check is due"),
        "lapses_on": gettext_lazy("the day on which the pledge lapses"),
    }

    def things(self, day: date) -> QuerySet:
        """The pledges that stand."""
        return Adoption.objects.standing().annotate(
            to_owner=Coalesce(F("owner__user__email"), Value("")),
            owner_left=has_left("owner"),
            to_deputy=Value(""),
            to_team=Coalesce(F("organisation__mailbox"), Value("")),
            volunteers=run_by_volunteers("organisation"),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which organisation it is, and by when it checks itself."""
        found = {}
        for adoption in Adoption.objects.filter(pk__in=ids).select_related("organisation"):
            page = reverse("standards:desk-adoption", args=[adoption.pk])
            found[adoption.pk] = Line(
                title=_("The standard: %(name)s") % {"name": adoption.organisation.name},
                url=adoption.get_absolute_url(),
                what=_("The check is due by %(day)s") % {"day": day_words(adoption.renew_by, day)},
                families="",
                button=_("Go to the check"),
                button_url=page,
                due_on=adoption.renew_by,
                service=adoption.organisation.name,
            )
        return found
