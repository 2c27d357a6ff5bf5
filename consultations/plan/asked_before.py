"""Asked before: earlier consultations about the same topic in the same area, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from consultations.listing import Card, cards
from consultations.models import Consultation
from consultations.stages import Stage
from core.panels import Panel, gather

OVER = (Stage.AWAITING, Stage.LATE, Stage.RESPONDED, Stage.CLOSED)
SHOWN = 5


@dataclass(frozen=True)
class Before:
    """One earlier consultation, and what upper floors know of it: what families said, and what was done."""

    card: Card
    panels: dict[str, Panel]


def asked_before(consultation_id: int, day: date, *, most: int = SHOWN) -> list[Before]:
    """What families were asked before about a topic of this consultation, in one of its areas: the likest first.

    Give it to the template plan/_asked_before.html as `asked_before`.
    """
    through = Consultation.topics.through, Consultation.areas.through
    topics, areas = (
        list(rows.objects.filter(consultation_id=consultation_id).values_list(column, flat=True))
        for rows, column in zip(through, ("topic_id", "area_id"), strict=True)
    )
    return earlier(topics, areas, day, but=consultation_id, most=most)


def earlier(
    topics: Sequence[int], areas: Sequence[int], day: date, *, but: int | None = None, most: int = SHOWN
) -> list[Before]:
    """The same for a topic and an area that are only being thought of."""
    if not topics or not areas:
        return []
    found = (
        Consultation.objects.published()
        .in_stage(*OVER, on=day)
        .exclude(pk=but)
        .alias(
            same_topics=_shared(Consultation.topics.through, topic_id__in=topics),
            same_areas=_shared(Consultation.areas.through, area_id__in=areas),
        )
        .filter(same_topics__gt=0, same_areas__gt=0)
        .for_cards()
        .order_by("-same_topics", "-same_areas", "-closes_on", "-pk")[:most]
    )
    listed = cards(found, day)
    said = gather("asked-before", [card.consultation.pk for card in listed], day)
    return [Before(card, said.get(card.consultation.pk, {})) for card in listed]


def _shared(rows, **terms) -> Coalesce:
    """How many of these terms a consultation has."""
    own = rows.objects.filter(consultation_id=OuterRef("pk"), **terms).order_by().values("consultation_id")
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)
