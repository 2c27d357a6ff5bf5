"""What waits for the Family Information Service: listings to check, and imported rows that nobody has dealt with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, DateTimeField, Min, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.sources.models import Found, Source
from consultations.writing.models import Check
from core.dates import working_days_after, working_days_before
from core.models import ImportedRow
from core.permissions import Permission
from core.queues import Owed, register

# A listing that was sent to be checked is looked at within so many working days (the target of a team).
CHECK_WITHIN = 2


@dataclass(frozen=True)
class Waiting:
    """How many listings wait to be checked, how many of them too long, and since when; how many imported rows.

    And of sources: how many entries whose dates changed there, and how many sources that cannot be read.
    """

    checks: int
    over: int
    since: date | None
    rows: int
    changed: int
    failing: int


def waiting(user, today: date) -> Waiting:
    """What waits on a day, in one query a page."""
    if getattr(user, "_waiting", (None,))[0] != today:
        user._waiting = today, _waiting(today)
    return user._waiting[1]


def _waiting(today: date) -> Waiting:
    sent = Check.objects.sent().order_by().values(what=Value("check"))
    figures = sent.annotate(
        all=Count("pk"), over=Count("pk", filter=Check.sent_before(too_long_ago(today))), since=Min("sent_at")
    )
    names = ("what", "all", "over", "since")
    counted = [
        those.order_by()
        .values(what=Value(what))
        .annotate(all=Count("pk"), over=Value(0), since=Cast(Value(None), DateTimeField()))
        .values_list(*names)
        for what, those in (
            ("row", ImportedRow.objects.held()),
            ("changed", Found.objects.changed()),
            ("failing", Source.objects.failing()),
        )
    ]
    found = {row[0]: row[1:] for row in figures.values_list(*names).union(*counted, all=True)}
    checks, over, since = found.get("check", (0, 0, None))
    others = {what: found.get(what, (0,))[0] for what in ("row", "changed", "failing")}
    return Waiting(
        checks,
        over,
        timezone.localdate(since) if since else None,
        rows=others["row"],
        changed=others["changed"],
        failing=others["failing"],
    )


def too_long_ago(today: date) -> date:
    """What was sent before this day waits too long by now."""
    return working_days_before(today, CHECK_WITHIN)


def listings_waiting(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """What waits for whoever looks after the hub: listings to check, and imported rows, one row each.

    Checks are due when the oldest has waited its working days; imported rows have no day.
    """
    if not (everyone and user.has_perm(Permission.CHECK_IMPORTS)):
        return
    found, url = waiting(user, today), reverse("consultations:checks")
    if found.since:
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


def owner_words(owner) -> str:
    """Who answers for it, for staff; that nobody does when its owner has left."""
    if owner is None:
        return ""
    if owner.has_left:
        return _("nobody: its owner has left")
    # Some accounts are named after the job.
    return ", ".join(dict.fromkeys(words for words in (str(owner.user), owner.job_title) if words))


def register_queues() -> None:
    """Called when the app is ready."""
    register("listings", listings_waiting)
