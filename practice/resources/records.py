"""Toolkits and links as a kind of record: watched, with notes, and said from time to time to be still right."""

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.permissions import Permission
from core.records import Kind, register
from practice.resources.links import editable
from practice.resources.models import Resource


def register_records() -> None:
    """Called when the app is ready."""
    register(
        Kind(
            name="resource",
            label=_("Toolkit or link"),
            model=Resource,
            edit=Permission.EDIT_RESOURCE,
            visible_to=Resource.objects.visible_to,
            editable_by=editable,
            page=lambda row: reverse("resources:desk-resource", args=[row.slug]),
            change=lambda row: reverse("resources:edit", args=[row.slug]),
            past=lambda row: reverse("resources:history", args=[row.slug]),
            history=apps.get_model("practice", "ResourceHistory"),
            is_checked=True,
        )
    )
