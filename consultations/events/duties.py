"""Who looks after an event by name: its owner and its deputy."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.events.models import Event, EventDate, OccurrenceNote, Repeats
from consultations.events.notices import ASKED_FOR
from core import history
from core.duties import Duty, register


class EventDuties:
    """Every event that a person looks after and that has dates to come, or still wants a note; drafts included."""

    def under_way(self, on: date) -> QuerySet:
        """What is not over yet on a day: a series whose rule goes on, or with a date of its own still to come.

        What was on so lately that its people are still reminded is not over for
        them either: until there is a note, or a series is taken off the site.
        """
        since = on - timedelta(days=ASKED_FOR)
        kept = Event.objects.kept().filter(archived_at__isnull=True, cancelled_on__isnull=True)
        goes_on = Q(until__isnull=True) | Q(until__gte=on)
        dates = EventDate.objects.filter(Q(day__gte=since) | Q(new_day__gte=since)).values("event")
        to_come = EventDate.objects.filter(Q(day__gte=on) | Q(new_day__gte=on)).values("event")
        was_on = Q(published_at__date__lte=on) & (Q(until__gte=since) | Q(pk__in=dates))
        noted = OccurrenceNote.objects.filter(day__gte=since).values("event")
        return kept.filter(goes_on | Q(pk__in=to_come) | was_on & (~Q(pk__in=noted) | ~Q(repeats=Repeats.ONCE)))

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each event, as owner or as deputy."""
        named = self.under_way(on).filter(Q(owner=membership_id) | Q(deputy=membership_id))
        for each in named.only("title", "slug", "owner", "deputy").order_by("title", "pk"):
            yield Duty(
                title=each.title,
                url=each.get_absolute_url(),
                what=_("Looks after the event") if each.owner_id == membership_id else _("Deputy"),
                owner_url=reverse("events:edit", args=[each.slug]),
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name another owner or deputy. Nobody deputises for themselves."""
        with history.label(by=by, did="handed over"):
            owned = self.under_way(on).filter(owner=membership_id).order_by()
            owned.filter(deputy=to_id).update(deputy=None)
            count = owned.update(owner=to_id)
            deputised = self.under_way(on).filter(deputy=membership_id).order_by()
            count += deputised.filter(owner=to_id).update(deputy=None)
            return count + deputised.update(deputy=to_id)


def register_duties() -> None:
    """Called when the app is ready."""
    register("events", EventDuties())
