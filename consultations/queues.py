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
from core.checking import Kind, Sent, tables_waiting
from core.checking import register as register_checks
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
    too_long = Count("pk", filter=Sent.sent_before(too_long_ago(today)))
    figures = [
        table.values(what=Value(f"check {number}")).annotate(all=Count("pk"), over=too_long, since=Min("sent_at"))
        for number, table in enumerate(tables_waiting())
    ]
    others = [
        those.order_by()
        .values(what=Value(what))
        .annotate(all=Count("pk"), over=Value(0), since=Cast(Value(None), DateTimeField()))
        for what, those in (
            ("row", ImportedRow.objects.held()),
            ("changed", Found.objects.changed()),
            ("failing", Source.objects.failing()),
        )
    ]
    first, *parts = (figure.values_list("what", "all", "over", "since") for figure in (*others, *figures))
    found = {row[0]: row[1:] for row in first.union(*parts, all=True)}
    rows, changed, failing = (found.pop(what, (0,))[0] for what in ("row", "changed", "failing"))
    since = min((each[2] for each in found.values() if each[2]), default=None)
    return Waiting(
        checks=sum(each[0] for each in found.values()),
        over=sum(each[1] for each in found.values()),
        since=timezone.localdate(since) if since else None,
        rows=rows,
        changed=changed,
        failing=failing,
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


def _sent():
    rows = Check.objects.sent().select_related("consultation__organisation", "event__organisation", "sent_by")
    return rows.defer("consultation__search", "event__search")


def _what(check: Check):
    if check.is_change:
        return _("Changes to what families see")
    return _("New event") if check.event_id else _("New consultation")


def register_queues() -> None:
    """Called when the app is ready."""
    register("listings", listings_waiting)
    register_checks(
        Kind("listing", _sent, what=_what, page=lambda check: reverse("consultations:check", args=[check.pk]))
    )
