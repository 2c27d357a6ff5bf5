"""What parent checks put on the desk: words to read, promises a forum chose, and promises that parents deny."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.rules import is_fis, roles_of
from core import checking
from core.queues import Owed, register
from feedback.models import FeedbackEntry
from feedback.parents.models import ParentCheck
from feedback.queues import owned, theirs


def words_waiting():
    """The checks whose words wait to be read, with their promise and its service."""
    rows = ParentCheck.objects.words_to_read().select_related("entry__organisation", "forum", "chosen_by__user")
    return rows.defer("entry__search")


def chosen(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """What a forum means to look at, for its own reviewers. One query, and none for others."""
    forums = [each.organisation_id for each in roles_of(user) if each.role == Role.PARENT_REVIEWER]
    if not forums:
        return
    rows = (
        ParentCheck.objects.chosen().filter(forum__in=forums).select_related("entry__organisation", "chosen_by__user")
    )
    for check in rows.defer("entry__search"):
        yield Owed(
            kind="parent-check",
            title=check.title,
            url=check.entry.get_absolute_url(),
            organisation=check.entry.organisation.name,
            due_on=check.look_by,
            families="",
            button=_("Say what parents say"),
            button_url=reverse("feedback:parent-check", args=[check.entry_id]),
            owner=str(check.chosen_by.user) if check.chosen_by else "",
            words=_("Your forum means to look at it"),
            is_chore=True,
        )


def denied(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """What parents say did not happen, for the service that calls it done, until it says more. One query.

    Whoever looks after the hub has the list of all of them on the page of parent checks.
    """
    if everyone and is_fis(user):
        return
    ours = FeedbackEntry.objects.filter(theirs(user) | owned(user)).values("pk")
    rows = ParentCheck.objects.disputed().filter(entry__in=ours)
    rows = rows.select_related("entry__organisation", "entry__owner__user")
    for check in rows.defer("entry__search").order_by("entry_id", "-told_on").distinct("entry_id"):
        yield Owed(
            kind="parents-say-no",
            title=check.title,
            url=check.entry.get_absolute_url(),
            organisation=check.entry.organisation.name,
            due_on=None,
            families="",
            button=_("Say more about it"),
            button_url=reverse("feedback:promise", args=[check.entry_id]),
            owner=str(check.entry.owner.user) if check.entry.owner else "",
            words=_("Parents say that it did not happen"),
        )


def register_queues() -> None:
    """Called when the app is ready."""
    register("parent-checks", chosen)
    register("parents-say-no", denied)
    checking.register(
        checking.Kind(
            name="parents",
            waiting=words_waiting,
            what=lambda check: _("What parents say of a promise"),
            page=lambda check: reverse("feedback:parent-words", args=[check.pk]),
            record=lambda check: check,
        )
    )
