"""The links to other sites in good practice: the pages on which examples were found."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach
from core.links import Showing, columns, register
from practice.models import PracticeExample


def register_links() -> None:
    """Called when the app is ready."""
    register(
        Showing(
            name="example",
            label=_("Good practice example"),
            addresses=lambda: columns(PracticeExample.objects.published(), "source_url"),
            editable_by=lambda user: PracticeExample.objects.kept().filter(reach(user)),
            title=str,
            form=lambda row: reverse("practice:desk-example", args=[row.slug]),
        )
    )
