"""What waits for the Family Information Service: listings to check, and imported rows that nobody has dealt with."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Min, Q, QuerySet, Value
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rules import reach
from consultations.events.models import Event
from consultations.models import Consultation
from core.dates import working_days_after, working_days_before
from core.models import ImportedRow
from core.permissions import Permission
from core.queues import Owed, register

# A listing that was sent to be checked is looked at within so many working days (the target of a team).
CHECK_WITHIN = 2


def checks_url() -> str:
    """The page of what waits to be checked; empty in a hub that has none."""
    try:
        return reverse("consultations:checks")
    except NoReverseMatch:
        return ""


def waiting_for_check(user, today: date, *, everyone: bool) -> dict:
    """How many listings wait to be checked (`all`), how many too long (`over`), since when (`since`). One query.

    Everybody's for who sees them all; else those of the bodies that the person writes for.
    """
    whose = Q() if everyone and user.has_perm(Permission.SEE_ALL_DESKS) else reach(user)
    too_long = Q(submitted_at__date__lt=working_days_before(today, CHECK_WITHIN))

    def counted(rows: QuerySet) -> QuerySet:
        waiting = rows.waiting_for_check().filter(whose).order_by().values(one=Value(1))
        figures = waiting.annotate(all=Count("pk"), over=Count("pk", filter=too_long), since=Min("submitted_at"))
        return figures.values("all", "over", "since")

    found = list(counted(Consultation.objects.all()).union(counted(Event.objects.all()), all=True))
    return {
        "all": sum(each["all"] for each in found),
        "over": sum(each["over"] for each in found),
        "since": min((timezone.localdate(each["since"]) for each in found if each["since"]), default=None),
    }


def checks_to_make(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """The listings that wait for whoever checks them, as one row; due when the oldest has waited its working days."""
    url = checks_url()
    if not (url and everyone and user.has_perm(Permission.CHECK_IMPORTS)):
        return
    waiting = waiting_for_check(user, today, everyone=everyone)
    if waiting["all"]:
        count = ngettext("%(count)d waits", "%(count)d wait", waiting["all"]) % {"count": waiting["all"]}
        yield _chore(
            kind="checks",
            title=_("Listings to check"),
            url=url,
            about=_("Services have sent these in. Families see them once you approve."),
            due_on=working_days_after(waiting["since"], CHECK_WITHIN),
            words=count,
            button=_("Check them"),
        )


def rows_to_deal_with(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """The imported rows that an import was not sure about, as one row. They have no day."""
    if not (everyone and user.has_perm(Permission.CHECK_IMPORTS)):
        return
    count = ImportedRow.objects.held().count()
    if count:
        yield _chore(
            kind="rows",
            title=_("Imported rows"),
            url=reverse("consultations:held-rows"),
            about=_("An import could not be sure about these. Families do not see them."),
            due_on=None,
            words=ngettext("%(count)s waits", "%(count)s wait", count) % {"count": f"{count:,}"},
            button=_("Look at them"),
        )


def _chore(*, kind: str, title: str, url: str, about: str, due_on: date | None, words: str, button: str) -> Owed:
    return Owed(
        kind=kind,
        title=title,
        url=url,
        organisation=about,
        due_on=due_on,
        families="",
        button=button,
        button_url=url,
        words=words,
        is_chore=True,
    )


def register_queues() -> None:
    """Called when the app is ready."""
    register("checks", checks_to_make)
    register("rows", rows_to_deal_with)
