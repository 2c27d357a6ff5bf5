"""What the plan adds to the page of a consultation: the plans it belongs to, and what is asked beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Value
from django.urls import reverse

from consultations.models import Consultation
from consultations.plan.models import Umbrella
from core.panels import register
from core.publishing import PUBLISHED


@dataclass
class Beside:
    """The published plans that a consultation belongs to, and the published consultations that belong with it."""

    plans: list[dict] = field(default_factory=list)
    related: list[dict] = field(default_factory=list)


def beside(ids: Sequence[int], day: date) -> dict[int, Beside]:
    """For each of these consultations that belongs with something. One query."""
    of_plan = Umbrella.consultations.through.objects.order_by().filter(
        consultation_id__in=ids, umbrella__in=Umbrella.objects.published()
    )
    of_pair = Consultation.related.through.objects.order_by().filter(
        from_consultation_id__in=ids, to_consultation__in=Consultation.objects.filter(PUBLISHED)
    )
    rows = of_plan.annotate(
        what=Value("plans"), of=F("consultation_id"), title=F("umbrella__title"), slug=F("umbrella__slug")
    ).values_list("what", "of", "title", "slug")
    rows = rows.union(
        of_pair.annotate(
            what=Value("related"),
            of=F("from_consultation_id"),
            title=F("to_consultation__title"),
            slug=F("to_consultation__slug"),
        ).values_list("what", "of", "title", "slug"),
        all=True,
    )
    found: dict[int, Beside] = {}
    pages = {"plans": "plan:umbrella", "related": "consultations:detail"}
    for what, of, title, slug in sorted(rows, key=lambda row: (row[0], row[2])):
        its = found.setdefault(of, Beside())
        getattr(its, what).append({"title": title, "url": reverse(pages[what], args=[slug])})
    return found


def register_panels() -> None:
    """Called when the app is ready."""
    register("consultation", "beside", "plan/_beside.html", beside)
