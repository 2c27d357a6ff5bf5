"""Examples as a kind of record: watched, with notes and labels, and checked from time to time."""

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach
from core.permissions import Permission
from core.records import Kind, address, register
from practice.models import PracticeExample


def register_records() -> None:
    """Called when the app is ready."""
    register(
        Kind(
            name="example",
            label=_("Good practice example"),
            model=PracticeExample,
            edit=Permission.EDIT_EXAMPLE,
            visible_to=PracticeExample.objects.visible_to,
            editable_by=lambda user: PracticeExample.objects.kept().filter(reach(user)),
            page=lambda row: reverse("practice:desk-example", args=[row.slug]),
            change=lambda row: reverse("practice:desk-example", args=[row.slug]),
            past=lambda row: address("practice:history", row.slug, otherwise=""),
            history=apps.get_model("practice", "PracticeExampleHistory"),
            is_checked=True,
        )
    )
