"""What services are reminded of about events: what happened on a date that is over, and a group whose dates end."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import DateField, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, address_of, has_left, run_by_volunteers
from consultations.events.models import Event, EventDate, OccurrenceNote, Repeats
from consultations.events.recurrence import Terms, by_event, occurrences
from core.dates import day_words
from core.models import SchoolTerm
from notices.reasons import Line, register

# For so many days after a date its note is asked for; later than that, nobody remembers.
ASKED_FOR = 60
# From so many days before its last date on, a group is asked whether it goes on, and for so many days after it.
ENDS_SOON = 14
ENDED_FOR = 60
# These meet more often than once a month: one note a month is enough, about the last date of the month.
OFTEN = (Repeats.WEEKLY, Repeats.FORTNIGHTLY)


class Owed(NamedTuple):
    """A date that is over and has no note: the day by the rule, and the day it took place."""

    day: date
    on: date


def notes_owed(day: date, ids: Sequence[int] | None = None) -> dict[int, Owed]:
    """The latest date of each event that wants a note on a day, by event. Four queries, however many events there are.

    Only events that are listed here, and dates since they were published. A
    group that meets more often than once a month owes one note a month.
    """
    since = day - timedelta(days=ASKED_FOR)
    window = (since.replace(day=1), day + timedelta(days=31))
    events = Event.objects.published().ours().meeting_between(*window)
    if ids is not None:
        events = events.filter(pk__in=ids)
    if not events:
        return {}
    terms = Terms(SchoolTerm.objects.all())
    departures = by_event(EventDate.objects.departing_between(*window))
    noted: dict[int, set[date]] = {}
    for event, noted_day in OccurrenceNote.objects.filter(day__gte=window[0]).values_list("event_id", "day"):
        noted.setdefault(event, set()).add(noted_day)
    found = {}
    for event in events:
        held = [
            each for each in occurrences(event, departures.get(event.pk, []), terms, *window) if not each.is_cancelled
        ]
        there = noted.get(event.pk, set())
        if event.repeats in OFTEN:
            months = {(each.on.year, each.on.month): each for each in held}  # the last one of each month stays
            with_note = {(each.on.year, each.on.month) for each in held if each.day in there}
            held = [each for month, each in months.items() if month not in with_note]
        listed = timezone.localdate(event.published_at) if event.published_at else day
        over = [each for each in held if max(since, listed) <= each.on < day and each.day not in there]
        if over:
            found[event.pk] = Owed(over[-1].day, over[-1].on)
    return found


class AboutEvent(Chased):
    """Something asked of those who look after an event."""

    ends = gettext_lazy("Reminders stop by themselves when it is done.")

    @staticmethod
    def with_people(events: QuerySet) -> QuerySet:
        """The events with whom to tell about each."""
        return events.annotate(
            to_owner=address_of("owner"),
            owner_left=has_left("owner"),
            to_deputy=address_of("deputy"),
            to_team=Coalesce(NullIf("contact_email", Value("")), "organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    @staticmethod
    def rows(ids: Sequence[int]) -> QuerySet:
        """The events, with the names that a message says."""
        return Event.objects.filter(pk__in=ids).annotate(service=F("organisation__name"))

    @staticmethod
    def line(event: Event, *, what: str, button: str, button_url: str) -> Line:
        """What is said of one."""
        return Line(
            title=event.title,
            url=event.get_absolute_url(),
            what=what,
            families="",
            button=button,
            button_url=button_url,
            due_on=None,
            service=event.service,  # type: ignore[attr-defined]
            owner_url=reverse("events:edit", args=[event.slug]),
        )


@register
class EventNoteOwed(AboutEvent):
    """What happened on a date that is over, for those who could not come: asked for twice, and only for the latest.

    A note ends it. So does the next date, which is then the one that is asked about.
    """

    name = "event-note-owed"
    label = gettext_lazy("What happened at an event")
    anchors = {"over_on": gettext_lazy("the day of the event")}

    def things(self, day: date) -> QuerySet:
        """The published events of ours whose latest date has no note."""
        owed = notes_owed(day)
        # Which date it is cannot be asked of the database, so it is told.
        over_on = RawSQL(
            "(SELECT told.over_on FROM unnest(%s::bigint[], %s::date[]) AS told (id, over_on)"
            " WHERE told.id = consultations_event.id)",
            [list(owed), [each.on for each in owed.values()]],
            output_field=DateField(),
        )
        return self.with_people(Event.objects.annotate(over_on=over_on).filter(over_on__isnull=False))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which date it was, and the form of its note."""
        owed = notes_owed(day, ids)
        return {
            each.pk: self.line(
                each,
                what=_("What happened on %(day)s?") % {"day": day_words(owed[each.pk].on, day)}
                if each.pk in owed
                else _("A note on what happened"),
                button=_("Say what happened"),
                button_url=reverse("events:what-happened", args=[each.slug, owed[each.pk].day])
                if each.pk in owed
                else reverse("events:desk-event", args=[each.slug]),
            )
            for each in self.rows(ids)
        }


@register
class EventEnds(AboutEvent):
    """A regular event whose last date comes or has gone by: does it go on, or is it to be taken off the site?

    Another last date, a date that was added, cancelling it or taking it off ends this.
    """

    name = "event-ends"
    label = gettext_lazy("A regular event has no more dates")
    anchors = {"until": gettext_lazy("its last date")}

    def things(self, day: date) -> QuerySet:
        """The published regular events of ours that end about now and have no later date."""
        ending = (day - timedelta(days=ENDED_FOR), day + timedelta(days=ENDS_SOON))
        later = EventDate.objects.filter(Q(day__gte=day) | Q(new_day__gte=day), is_extra=True)
        ends = Event.objects.published().ours().exclude(repeats=Repeats.ONCE).exclude(pk__in=later.values("event"))
        return self.with_people(ends.filter(until__range=ending, cancelled_on__isnull=True))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Its last date, and its page on the desk."""
        return {
            each.pk: self.line(
                each,
                what=_("Its last date is %(day)s") % {"day": day_words(each.until, day)}
                if each.until
                else _("It goes on"),
                button=_("Change its dates"),
                button_url=reverse("events:desk-event", args=[each.slug]),
            )
            for each in self.rows(ids)
        }
