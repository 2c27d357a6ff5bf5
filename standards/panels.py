"""What the standard adds to the page of an organisation: that it has adopted it, and how far its check is."""

from collections.abc import Sequence
from datetime import date

from core.panels import register
from standards.models import Adoption
from standards.stages import ADOPTIONS, COLOURS, AdoptionStage


def pledges(ids: Sequence[int], day: date) -> dict[int, dict]:
    """The pledge that stands of each of these organisations, with its state on a day. One query."""
    found = {}
    for adoption in Adoption.objects.standing().filter(organisation__in=ids).select_related("organisation"):
        stage = AdoptionStage(ADOPTIONS.of(adoption, day))
        found[adoption.organisation_id] = {"adoption": adoption, "stage": stage, "colour": COLOURS[stage]}
    return found


def register_panels() -> None:
    """Called when the app is ready."""
    register("organisation", "standard", "standards/_of_organisation.html", pledges)
