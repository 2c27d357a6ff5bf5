"""Help to take part that somebody waits for, on “What you owe”."""

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.rules import is_fis
from consultations.help.models import HelpRequest
from consultations.queues import owner_words
from core.queues import Owed, register

KIND = "help"


def seen_by(requests: QuerySet, user, *, everyone: bool) -> QuerySet:
    """The requests that are this person's to see; for who looks after the hub everybody's, unless they ask for theirs.

    Boards read how many there were, and never who asked for what.
    """
    if is_fis(user):
        return requests if everyone else requests.filter(requests.owned(user))
    return requests.within_reach(user)


def help_waiting(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Every request that nobody has settled, in one query."""
    for request in seen_by(HelpRequest.objects.waiting(today), user, everyone=everyone).with_record():
        yield Owed(
            kind=KIND,
            title=_("%(kind)s for “%(title)s”") % {"kind": request.get_kind_display(), "title": request.record.title},
            url=request.record.get_absolute_url(),
            organisation=request.organisation.name,
            due_on=request.due_on,
            families="",
            button=_("See what is needed"),
            button_url=request.get_absolute_url(),
            owner=owner_words(request.record.owner),
        )


def register_queues() -> None:
    """Called when the app is ready."""
    register(KIND, help_waiting)
