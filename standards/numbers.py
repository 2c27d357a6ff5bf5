"""The number of the one-minute screen that is made of pledges: how many stand, and which of those are due or lapsed."""

from datetime import date

from django.db.models import Count, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rules import reach
from core import standing
from core.dates import today
from core.numbers import Asking, Number, Urgency, register
from standards.models import Adoption
from standards.stages import ADOPTIONS, AdoptionStage

NOBODY = {"all": 0, "due": 0, "lapsed": 0}


def adopted(asking: Asking) -> Number | None:
    """How many have adopted the standard, of the bodies that this person writes for; nothing while none has."""
    if asking.everyone:
        found = next(iter(standing.standing("pledges")), NOBODY)
    else:
        found = next(iter(_counted(Adoption.objects.standing().filter(reach(asking.user)), asking.day)), NOBODY)
    if not found["all"]:
        return None
    late = found["due"] + found["lapsed"]
    return Number(
        figure=str(found["all"]),
        text=ngettext("has adopted the standard", "have adopted the standard", found["all"]),
        url=reverse("standards:desk-adoptions"),
        urgency=Urgency.SOON if late else Urgency.CALM,
        worst=_("%(due)d due, %(lapsed)d lapsed") % {"due": found["due"], "lapsed": found["lapsed"]} if late else "",
    )


def _counted(rows: QuerySet, day: date) -> QuerySet:
    """How many of the pledges stand, are due and have lapsed: one row at most."""
    return (
        rows.order_by()
        .values(one=Value(1))
        .annotate(
            all=Count("pk"),
            due=Count("pk", filter=ADOPTIONS.within(AdoptionStage.DUE, day)),
            lapsed=Count("pk", filter=ADOPTIONS.within(AdoptionStage.LAPSED, day)),
        )
        .values("all", "due", "lapsed")
    )


def register_numbers() -> None:
    """Called when the app is ready."""
    standing.register("pledges", lambda: _counted(Adoption.objects.standing(), today()))
    register("standard", 7, adopted)
