"""The links of toolkits and links, which are tried each night like all others."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_fis, reach
from core.links import Showing, columns, register
from practice.resources.models import Resource


def editable(user) -> QuerySet:
    """Those that the person may change: the same as the rule says of one."""
    rows = Resource.objects.kept()
    return rows if is_fis(user) else rows.filter(reach(user), published_at__isnull=True)


def register_links() -> None:
    """Called when the app is ready."""
    register(
        Showing(
            name="resource",
            label=_("Toolkit or link"),
            # One that is broken stays among them: it shows again by itself once its page opens.
            addresses=lambda: columns(Resource.objects.published(), "url", "source_url"),
            editable_by=editable,
            title=lambda row: row.title,
            form=lambda row: reverse("resources:edit", args=[row.slug]),
        )
    )
