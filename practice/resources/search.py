"""Toolkits and links in the site search."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext_lazy

from core import searching
from core.searching import Hit
from practice.resources.listing import ResourceListing
from practice.resources.models import Resource


def hits(ids: Sequence[int], day: date) -> dict[int, Hit]:
    """These as the site search shows them."""
    return {row.pk: _hit(row, day) for row in public().filter(pk__in=ids).for_cards()}


def _hit(resource: Resource, day: date) -> Hit:
    return Hit(
        title=resource.title,
        url=resource.get_absolute_url(),
        text=resource.summary,
        facts=ResourceListing(resource, day).facts,
        tag="stage-closed",
        tag_text=resource.get_kind_display(),
    )


def public():
    """What families find: no page whose link does not work."""
    return Resource.objects.published().working()


def register_search() -> None:
    """Called when the app is ready."""
    searching.register(
        searching.Kind(
            name="resource",
            title=gettext_lazy("Toolkits and links"),
            public=public,
            hits=hits,
            newest=(F("published_at").desc(), "pk"),
        )
    )
