"""What services are reminded of about events, and what families who follow them are told.

Services: what happened on a date that is over, and a group whose dates end.
Families: an event is new, comes soon, or has changed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, NullIf, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices import Chased, address_of, has_left, run_by_volunteers
from consultations.events.listing import attendance_words, change_line, schedule_words, time_range_words
from consultations.events.models import Event, EventChange, EventDate, OccurrenceNote, Repeats
from consultations.events.recurrence import Occurrence, Terms, by_event, occurrences
from consultations.freshness import events_to_check
from core.dates import day_words
from core.models import SchoolTerm
from notices.reasons import ForFamilies, Line, Reason, register

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
    events = Event.objects.published().ours().meeting_between(*notes_window(day))
    if ids is not None:
        events = events.filter(pk__in=ids)
    return {event.pk: owed for event, owed in owing_notes(list(events), day)}


def notes_window(day: date) -> tuple[date, date]:
    """The days whose dates may want a note on a day, whole months of them, and those around that may have moved."""
    return (day - timedelta(days=ASKED_FOR)).replace(day=1), day + timedelta(days=31)


def owing_notes(events: Sequence[Event], day: date, terms: Terms | None = None) -> list[tuple[Event, Owed]]:
    """Those of the events that want a note on a day, each with its latest date without one. Two or three queries."""
    if not events:
        return []
    since, window = day - timedelta(days=ASKED_FOR), notes_window(day)
    if terms is None:
        # Most nights nothing that was on follows the school terms.
        in_term = any(event.term_time_only for event in events)
        terms = Terms(SchoolTerm.objects.all() if in_term else [])
    departures = by_event(EventDate.objects.departing_between(*window))
    noted: dict[int, set[date]] = {}
    for event, noted_day in OccurrenceNote.objects.filter(day__gte=window[0]).values_list("event_id", "day"):
        noted.setdefault(event, set()).add(noted_day)
    found = []
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
            found.append((event, Owed(over[-1].day, over[-1].on)))
    return found


def ending(day: date) -> QuerySet:
    """The published regular events of ours that end about now and have no later date."""
    about_now = (day - timedelta(days=ENDED_FOR), day + timedelta(days=ENDS_SOON))
    later = EventDate.objects.filter(Q(day__gte=day) | Q(new_day__gte=day), is_extra=True)
    ends = Event.objects.published().ours().exclude(repeats=Repeats.ONCE).exclude(pk__in=later.values("event"))
    return ends.filter(until__range=about_now, cancelled_on__isnull=True)


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
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The published regular events of ours that end about now and have no later date."""
        return self.with_people(ending(day))

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


@register
class EventToCheck(AboutEvent):
    """An event that families can still go to and nobody has looked at for long. A change of it is a look at it."""

    name = "check-event"
    label = gettext_lazy("An event is to be checked")
    heading = gettext_lazy("Is it still right?")
    ends = gettext_lazy("These reminders stop once somebody says that it is still right, or changes it.")
    anchors = {"review_by": gettext_lazy("the day by which it is to be checked")}
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The published ones of ours that may have a date to come."""
        return self.with_people(events_to_check(day))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Each with when it was last checked, and the page with the one button."""
        found = {}
        for each in self.rows(ids):
            url = reverse("accounts:still-right", args=["event", each.pk])
            what = _("Never checked")
            if each.checked_on:
                what = _("Last checked on %(day)s") % {"day": day_words(each.checked_on, day)}
            line = self.line(each, what=what, button=_("Say that it is still right, or change it"), button_url=url)
            # Its own, so that it is not taken for the note that is owed about the same event.
            found[each.pk] = replace(line, url=url, sponsor_button=_("See it on the desk"))
        return found


# --- Families


class OfEvent(ForFamilies):
    """News of an event for those who follow it, whoever runs it, or a filter that shows it."""

    follows = "event"

    @staticmethod
    def line(event: Event, what: str) -> Line:
        """One line, with its page."""
        return Line(
            title=event.title,
            url=event.get_absolute_url(),
            what=what,
            families="",
            button=_("Read more"),
            button_url=event.get_absolute_url(),
            due_on=None,
            service=event.organisation.name,
        )


@register
class NewEvent(OfEvent):
    """An event was published after somebody began to follow, and is still to come. For a month."""

    name = "new-event"
    label = gettext_lazy("News for families: an event is new")
    anchors = {"published_on": gettext_lazy("the day it was published")}
    happened_at = "published_at"
    LASTS = timedelta(days=30)
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """What was published in this month, is not cancelled and has not ended."""
        to_come = Event.objects.published().meeting_between(day, None).filter(cancelled_on__isnull=True)
        new = to_come.annotate(published_on=TruncDate("published_at"))
        return self.without_staff(new.filter(published_on__gt=day - self.LASTS))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """When it takes place."""
        rows = Event.objects.filter(pk__in=ids).select_related("organisation").defer("search")
        return {row.pk: self.line(row, schedule_words(row) or day_words(row.first_day, day)) for row in rows}


def next_dates(day: date, ids: Sequence[int] | None = None) -> dict[int, Occurrence]:
    """The next date within a week of each event that has one, cancelled ones left out. Three queries."""
    window = (day + timedelta(days=1), day + timedelta(days=1) + Reason.FORESEEN)
    events = Event.objects.published().meeting_between(*window).filter(cancelled_on__isnull=True)
    if ids is not None:
        events = events.filter(pk__in=ids)
    rows = list(events.select_related("organisation").defer("search"))
    if not rows:
        return {}
    terms = Terms(SchoolTerm.objects.all())
    departures = by_event(EventDate.objects.departing_between(*window).filter(event__in=[row.pk for row in rows]))
    found = {}
    for row in rows:
        for each in occurrences(row, departures.get(row.pk, []), terms, *window):
            if not each.is_cancelled:
                found[row.pk] = each
                break
    return found


@register
class EventSoon(OfEvent):
    """Its next date is tomorrow. An e-mail once a week says it up to a week sooner."""

    name = "event-soon"
    label = gettext_lazy("News for families: an event is soon")
    anchors = {"next_on": gettext_lazy("the day of the event")}
    foresees = True

    def things(self, day: date) -> QuerySet:
        """The events with a date within a week."""
        soon = next_dates(day)
        # Which date it is cannot be asked of the database, so it is told.
        next_on = RawSQL(
            "(SELECT told.next_on FROM unnest(%s::bigint[], %s::date[]) AS told (id, next_on)"
            " WHERE told.id = consultations_event.id)",
            [list(soon), [each.on for each in soon.values()]],
            output_field=DateField(),
        )
        return self.without_staff(Event.objects.annotate(next_on=next_on).filter(next_on__isnull=False))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """Which date, when and where."""
        found = {}
        for pk, each in next_dates(day, ids).items():
            when = day_words(each.on, day)
            if each.starts_at:
                when = _("%(day)s, %(times)s") % {"day": when, "times": time_range_words(each.starts_at, each.ends_at)}
            place = each.venue or attendance_words(each.event)
            found[pk] = self.line(each.event, _("%(when)s. %(place)s") % {"when": when, "place": place})
        return found


@register
class EventChanged(ForFamilies):
    """A date was moved or cancelled, or the whole event was: at once. Only the newest of each date, for two weeks."""

    name = "event-changed"
    label = gettext_lazy("News for families: an event has changed or is cancelled")
    anchors = {"changed_on": gettext_lazy("the day it was changed")}
    follows = "event"
    followed = "event_id"
    LASTS = timedelta(days=14)
    by_day_alone = True

    def things(self, day: date) -> QuerySet:
        """The newest changes of published events, about dates that are not over."""
        newer = EventChange.objects.filter(
            Q(day=OuterRef("day")) | Q(day__isnull=True), event=OuterRef("event"), pk__gt=OuterRef("pk")
        )
        shown = Event.objects.published().filter(pk=OuterRef("event"))
        recent = EventChange.objects.filter(changed_on__gt=day - self.LASTS, changed_on__lte=day)
        to_come = Q(day__isnull=True) | Q(day__gte=day) | Q(now_day__gte=day)
        return self.without_staff(recent.filter(to_come, ~Exists(newer), Exists(shown)))

    def followed_of(self, ids: Collection[int]) -> set[int]:
        """The events that these are of."""
        return set(EventChange.objects.filter(pk__in=ids).values_list("event", flat=True))

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What changed, and why."""
        rows = EventChange.objects.filter(pk__in=ids).select_related("event__organisation").defer("event__search")
        return {row.pk: OfEvent.line(row.event, change_line(row)) for row in rows}
