"""What waits for the Family Information Service: dates that changed at a source, and sources that cannot be read."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.queues import waiting
from core.permissions import Permission
from core.queues import Owed, register


def sources_to_see_to(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """One row for all changed dates, and one for all sources that failed for nights: no query of its own."""
    if not (everyone and user.has_perm(Permission.EDIT_SOURCES)):
        return
    found = waiting(user, today)
    if count := found.changed:
        yield _chore(
            kind="source-dates",
            title=_("Dates changed at the source"),
            about=_("The council’s own page has other dates than ours."),
            url=reverse("consultations:source-changes"),
            words=ngettext("%(count)s record", "%(count)s records", count) % {"count": f"{count:,}"},
            button=_("Choose the dates"),
        )
    if count := found.failing:
        yield _chore(
            kind="sources",
            title=_("Sources that cannot be read"),
            about=_("We tried on three nights or more."),
            url=reverse("consultations:sources"),
            words=ngettext("%(count)s source", "%(count)s sources", count) % {"count": f"{count:,}"},
            button=_("See why"),
        )


def _chore(*, kind: str, title: str, about: str, url: str, words: str, button: str) -> Owed:
    return Owed(
        kind=kind,
        title=title,
        url=url,
        organisation=about,
        due_on=None,
        families="",
        button=button,
        button_url=url,
        words=words,
        is_chore=True,
    )


def register_queues() -> None:
    """Called when the app is ready."""
    register("sources", sources_to_see_to)
