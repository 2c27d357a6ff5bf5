"""Toolkits and links in the queue of those who check; what families suggest and what is old, in what they owe."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Count, F, Min, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import checking, standing
from core.dates import today as day_today
from core.dates import working_days_after
from core.freshness import TIMELINE, Freshness
from core.permissions import Permission
from core.publishing import PUBLISHED
from core.queues import Owed, register
from practice.resources.models import Resource, Suggestion

# What families suggest is looked at within so many working days.
LOOK_WITHIN = 5


def resources_waiting(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """One row each for what families suggested, and for what nobody has looked at for long."""
    if not (everyone and user.has_perm(Permission.CHECK_SUGGESTIONS)):
        return
    # Read with all else that pages ask of the hub itself, so that the desk pays no query for them.
    found = next(iter(standing.standing("resources-waiting")), {"stale": 0})
    suggested = next(iter(standing.standing("suggestions-waiting")), {"count": 0})
    desk = reverse("resources:desk-resources")
    if suggested["count"]:
        yield _chore(
            title=_("Toolkits and links that people suggest"),
            about=_("Nobody sees them before you have looked."),
            due_on=working_days_after(_day(suggested["since"]), LOOK_WITHIN),
            words=ngettext("%(count)d waits", "%(count)d wait", suggested["count"]) % {"count": suggested["count"]},
            button=_("Look at them"),
            url=reverse("resources:suggestions"),
        )
    if found["stale"]:
        yield _chore(
            title=_("Toolkits and links not looked at for a year"),
            about=_("Families read that nobody has checked them lately."),
            due_on=date.fromisoformat(found["stale_since"]),
            words=ngettext("%(count)d to look at", "%(count)d to look at", found["stale"]) % {"count": found["stale"]},
            button=_("Look at them"),
            url=f"{desk}?show=old",
        )


def _resources() -> QuerySet:
    """How many nobody has looked at by their day, and since when."""
    stale = PUBLISHED & TIMELINE.within(Freshness.STALE, day_today())
    return (
        Resource.objects.order_by()
        .values(one=Value(1))
        .annotate(
            stale=Count("pk", filter=stale),
            stale_since=Min("review_by", filter=stale),
        )
        .values("stale", "stale_since")
    )


def _sent() -> QuerySet:
    """What was sent to be checked: a toolkit or link waits as itself."""
    sent = Resource.objects.waiting_for_check().annotate(sent_at=F("submitted_at"))
    return sent.select_related("organisation", "sent_by").defer("search")


def _suggestions() -> QuerySet:
    """How many suggestions wait, and since when."""
    waiting = Suggestion.objects.waiting().order_by().values(one=Value(1))
    return waiting.annotate(count=Count("pk"), since=Min("made_at")).values("count", "since")


def _day(moment: str) -> date:
    """The UK day of a moment as the database tells it in JSON."""
    return timezone.localdate(datetime.fromisoformat(moment))


def _chore(*, title: str, about: str, due_on: date, words: str, button: str, url: str) -> Owed:
    return Owed(
        kind="resources",
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
    standing.register("resources-waiting", _resources)
    standing.register("suggestions-waiting", _suggestions)
    register("resources", resources_waiting)
    checking.register(
        checking.Kind(
            "resource",
            _sent,
            what=lambda resource: _("New toolkit or link"),
            page=lambda resource: reverse("resources:desk-resource", args=[resource.slug]),
            record=lambda resource: resource,
        )
    )
