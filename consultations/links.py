"""The links to other sites on the pages of consultations and events."""

from collections.abc import Iterator
from itertools import chain

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.events.models import Event
from consultations.models import Consultation, Document, WayToTakePart
from consultations.records import editable
from core.links import Showing, columns, register


def of_consultations() -> Iterator[tuple[int, str]]:
    """The links of published ones: their own pages elsewhere, ways to take part, papers."""
    published = Consultation.objects.published()
    theirs = {"consultation__in": published.order_by().values("pk")}
    return chain(
        columns(published, "equality_check_url", "source_url", "source_page_url"),
        columns(WayToTakePart.objects.filter(**theirs), "url", record="consultation"),
        columns(Document.objects.filter(**theirs), "url", record="consultation"),
    )


def of_events() -> Iterator[tuple[int, str]]:
    """The links of published ones: to join, to book, their own pages elsewhere."""
    return columns(Event.objects.published(), "online_url", "booking_url", "source_url", "source_page_url")


def register_links() -> None:
    """Called when the app is ready."""
    register(
        Showing(
            name="consultation",
            label=_("Consultation"),
            addresses=of_consultations,
            editable_by=lambda user: editable(Consultation.objects.kept(), user),
            title=lambda row: row.title,
            form=lambda row: reverse("consultations:desk-consultation", args=[row.slug]),
        )
    )
    register(
        Showing(
            name="event",
            label=_("Event"),
            addresses=of_events,
            editable_by=lambda user: editable(Event.objects.kept(), user),
            title=lambda row: row.title,
            form=lambda row: reverse("events:edit", args=[row.slug]),
        )
    )
