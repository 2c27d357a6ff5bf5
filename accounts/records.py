"""Organisations as a kind of record: somebody says from time to time that families still reach them this way."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.permissions import Permission
from core.records import Kind, register


def register_records() -> None:
    """Called when the app is ready."""
    register(
        Kind(
            name="organisation",
            label=_("How families reach it"),
            model=Organisation,
            edit=Permission.EDIT_ORGANISATION,
            visible_to=lambda user: Organisation.objects.all(),
            page=lambda body: body.get_absolute_url(),
            is_checked=True,
            change=lambda body: reverse("accounts:organisation-change", args=[body.slug]),
            past=lambda body: reverse("accounts:organisation-history", args=[body.slug]),
        )
    )
