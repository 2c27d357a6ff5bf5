"""Examples that were sent to be checked, in the queue of those who check."""

from django.urls import reverse
from django.utils.translation import gettext as _

from core.checking import Kind, register
from practice.models import ExampleCheck


def _sent():
    return ExampleCheck.objects.sent().select_related("example__organisation", "sent_by").defer("example__search")


def _what(check: ExampleCheck) -> str:
    return _("Changes to a good practice example") if check.is_change else _("New good practice example")


def register_queues() -> None:
    """Called when the app is ready."""
    register(Kind("example", _sent, what=_what, page=lambda check: reverse("practice:check", args=[check.pk])))
