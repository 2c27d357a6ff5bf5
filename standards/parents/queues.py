"""The words of parents about claims, in the queue of those who check."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core import checking
from standards.models import ClaimAnswer


def words_waiting() -> QuerySet:
    """The answers whose words wait to be read, with the claim and whose it is."""
    rows = ClaimAnswer.objects.words_to_read().select_related("forum", "told_by__user", "judgement__indicator")
    return rows.select_related("judgement__check_of__adoption__organisation")


def register_queues() -> None:
    """Called when the app is ready."""
    checking.register(
        checking.Kind(
            name="claims",
            waiting=words_waiting,
            what=lambda answer: _("What parents say of a claim"),
            page=lambda answer: reverse("standards:claim-words", args=[answer.pk]),
            record=lambda answer: answer,
        )
    )
