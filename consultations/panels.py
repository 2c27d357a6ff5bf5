"""What consultations add to the page of an organisation."""

from collections.abc import Sequence
from datetime import date

from accounts.models import Organisation
from consultations.events.panels import next_of_organisations
from consultations.listing import cards
from consultations.models import Consultation
from core.panels import register

SHOWN = 5


def newest_of_organisations(ids: Sequence[int], today: date) -> dict[int, dict]:
    """The newest consultations of each organisation and of those below it, and the finder's address of all."""
    found = {}
    for organisation in Organisation.objects.filter(pk__in=ids):
        newest = Consultation.objects.published().of(organisation).for_cards().order_by("-published_at", "pk")
        found[organisation.pk] = {
            "cards": cards(newest[:SHOWN], today),
            "all": f"?organisation={organisation.slug}",
        }
    return found


def register_panels() -> None:
    """Called when the app is ready."""
    register("organisation", "events", "events/_of_organisation.html", next_of_organisations)
    register("organisation", "consultations", "consultations/_of_organisation.html", newest_of_organisations)
