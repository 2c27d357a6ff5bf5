"""Consultations and events as kinds of records: watched, with notes and labels, and checked from time to time."""

from django.apps import apps
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach, roles_of
from consultations.events.models import Event
from consultations.models import Consultation
from core.permissions import Permission
from core.records import Kind, address, register


def editable(rows: QuerySet, user) -> QuerySet:
    """Those of the records that the person may change: the same as the rule says of one."""
    held = [membership.pk for membership in roles_of(user)]
    return rows.filter(reach(user) | Q(owner__in=held) | Q(deputy__in=held))


def register_records() -> None:
    """Called when the app is ready."""
    register(
        Kind(
            name="consultation",
            label=_("Consultation"),
            model=Consultation,
            edit=Permission.EDIT_CONSULTATION,
            visible_to=Consultation.objects.visible_to,
            editable_by=lambda user: editable(Consultation.objects.kept(), user),
            page=lambda row: address("consultations:desk-consultation", row.slug, otherwise=row.get_absolute_url()),
            change=lambda row: address("consultations:desk-consultation", row.slug, otherwise=""),
            past=lambda row: address("consultations:history", row.slug, otherwise=""),
            history=apps.get_model("consultations", "ConsultationHistory"),
            is_checked=True,
        )
    )
    register(
        Kind(
            name="event",
            label=_("Event"),
            model=Event,
            edit=Permission.EDIT_EVENT,
            visible_to=Event.objects.visible_to,
            editable_by=lambda user: editable(Event.objects.kept(), user),
            page=lambda row: reverse("events:desk-event", args=[row.slug]),
            change=lambda row: reverse("events:edit", args=[row.slug]),
            past=lambda row: address("events:history", row.slug, otherwise=""),
            history=apps.get_model("consultations", "EventHistory"),
            is_checked=True,
        )
    )
