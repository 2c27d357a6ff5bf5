"""What waits for the Family Information Service: listings to check, and imported rows that nobody has dealt with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, DateTimeField, Min, Q, QuerySet, Value
from django.db.models.functions import Cast
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


@dataclass(frozen=True)
class Waiting:
    """How many listings wait to be checked, how many of them too long, and since when; and how many imported rows."""

    checks: int
    over: int
    since: date | None
    rows: int


def waiting(user, today: date, *, everyone: bool) -> Waiting:
    """What waits, in one query a page: everybody's for who sees them all, else of the bodies the person writes for."""
    if getattr(user, "_waiting", (None,))[0] != (today, everyone):
        user._waiting = (today, everyone), _waiting(user, today, everyone=everyone)
    return user._waiting[1]


def _waiting(user, today: date, *, everyone: bool) -> Waiting:
    whose = Q() if everyone and user.has_perm(Permission.SEE_ALL_DESKS) else reach(user)
    too_long = Q(submitted_at__date__lt=working_days_before(today, CHECK_WITHIN))
    no_moment = Cast(Value(None), DateTimeField())

    def counted(rows: QuerySet) -> QuerySet:
        sent = rows.waiting_for_check().filter(whose).order_by().values(what=Value("check"))
        figures = sent.annotate(all=Count("pk"), over=Count("pk", filter=too_long), since=Min("submitted_at"))
        return figures.values_list("what", "all", "over", "since")

    held = ImportedRow.objects.held().order_by().values(what=Value("row"))
    held = held.annotate(all=Count("pk"), over=Value(0), since=no_moment).values_list("what", "all", "over", "since")
    found = list(counted(Consultation.objects.all()).union(counted(Event.objects.all()), held, all=True))
    checks = [(count, over, since) for what, count, over, since in found if what == "check"]
    return Waiting(
        checks=sum(count for count, _over, _since in checks),
        over=sum(over for _count, over, _since in checks),
        since=min((timezone.localdate(since) for _count, _over, since in checks if since), default=None),
        rows=sum(count for what, count, _over, _since in found if what == "row"),
    )


def listings_waiting(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """What waits for whoever looks after the hub: listings to check, and imported rows, one row each.

    Checks are due when the oldest has waited its working days; imported rows have no day.
    """
    if not (everyone and user.has_perm(Permission.CHECK_IMPORTS)):
        return
    found, url = waiting(user, today, everyone=everyone), checks_url()
    if url and found.since:
        yield _chore(
            kind="checks",
            title=_("Listings to check"),
            url=url,
            about=_("Services have sent these in. Families see them once you approve."),
            due_on=working_days_after(found.since, CHECK_WITHIN),
            words=ngettext("%(count)d waits", "%(count)d wait", found.checks) % {"count": found.checks},
            button=_("Check them"),
        )
    if found.rows:
        yield _chore(
            kind="rows",
            title=_("Imported rows"),
            url=reverse("consultations:held-rows"),
            about=_("An import could not be sure about these. Families do not see them."),
            due_on=None,
            words=ngettext("%(count)s waits", "%(count)s wait", found.rows) % {"count": f"{found.rows:,}"},
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
    register("listings", listings_waiting)
