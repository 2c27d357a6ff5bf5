"""What the hub itself adds to “What you owe”: links on pages that do not work."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rules import is_fis, roles_of
from core.links import broken_for
from core.queues import Owed, register


def links_to_mend(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """One row with the number of broken links that the person can mend: owners see theirs, the service all."""
    if not roles_of(user) or (everyone and not is_fis(user)):
        return
    count = broken_for(user).count()
    if not count:
        return
    url = reverse("broken-links")
    yield Owed(
        kind="links",
        title=_("Links that do not work"),
        url=url,
        organisation=_("Pages show them to families."),
        due_on=None,
        families="",
        button=_("Mend them"),
        button_url=url,
        words=ngettext("%(count)s link", "%(count)s links", count) % {"count": f"{count:,}"},
        is_chore=True,
    )


def register_queues() -> None:
    """Called when the app is ready."""
    register("links", links_to_mend)
