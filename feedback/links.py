"""The links to other sites in answers and in the log."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach, roles_of
from consultations.models import Consultation
from consultations.records import editable
from core.links import Showing, columns, register
from feedback.models import FeedbackEntry, Response


def answers_of(user):
    """The answers that the person may change: those to consultations that are theirs."""
    consultations = editable(Consultation.objects.kept(), user)
    return Response.objects.kept().filter(consultation__in=consultations.values("pk")).select_related("consultation")


def entries_of(user):
    """The entries of the log that the person may change."""
    held = [membership.pk for membership in roles_of(user)]
    return FeedbackEntry.objects.kept().filter(reach(user) | Q(owner__in=held))


def register_links() -> None:
    """Called when the app is ready."""
    register(
        Showing(
            name="answer",
            label=_("Answer"),
            addresses=lambda: columns(Response.objects.published(), "record_url", "elsewhere_url"),
            editable_by=answers_of,
            title=lambda row: row.consultation.title,
            form=lambda row: reverse("feedback:answer", args=[row.consultation.slug]),
        )
    )
    register(
        Showing(
            name="entry",
            label=_("What families were told"),
            addresses=lambda: columns(FeedbackEntry.objects.published(), "source_url"),
            editable_by=entries_of,
            title=str,
            form=lambda row: reverse("feedback:promise", args=[row.pk]),
        )
    )
