"""Entries of the log as a kind of record that staff watch."""

from django.apps import apps
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach, roles_of
from core.permissions import Permission
from core.publishing import PUBLISHED
from core.records import Kind, address, register
from feedback.models import FeedbackEntry


def visible_to(user) -> QuerySet:
    """The entries that the person may see: the public's, those of the bodies they act for, and their own promises."""
    held = [membership.pk for membership in roles_of(user)]
    return FeedbackEntry.objects.kept().filter(PUBLISHED | reach(user) | Q(owner__in=held))


def register_records() -> None:
    """Called when the app is ready."""
    register(
        Kind(
            name="entry",
            label=_("What families were told"),
            model=FeedbackEntry,
            edit=Permission.WRITE_ENTRY,
            visible_to=visible_to,
            page=lambda row: reverse("feedback:promise", args=[row.pk]),
            past=lambda row: address("feedback:entry-history", row.pk, otherwise=""),
            history=apps.get_model("feedback", "FeedbackEntryHistory"),
        )
    )
