"""What waits for somebody about events: what happened on a date, a group whose dates end, school terms that run out."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.rules import reach, roles_of
from consultations.events.listing import TERMS_AHEAD
from consultations.events.models import Event
from consultations.events.notices import ending, notes_window, owing_notes
from consultations.events.recurrence import Terms
from core.dates import day_words, short_day_words
from core.models import SchoolTerm
from core.permissions import Permission
from core.queues import Owed, register

# A note is asked for a last time so many days after the date.
NOTE_WITHIN = timedelta(days=14)


def looked_after_by(events: QuerySet, user, *, everyone: bool) -> QuerySet:
    """The events that are this person's to see to; for who looks after the hub everybody's, unless they ask for theirs.

    Boards see what families are owed, and have nothing to do about events.
    """
    if everyone and user.has_perm(Permission.EDIT_TERMS):
        return events
    held = [membership.pk for membership in roles_of(user)]
    theirs = Q(owner__in=held) | Q(deputy__in=held)
    return events.filter(theirs if user.has_perm(Permission.EDIT_TERMS) else theirs | reach(user))


def events_waiting(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Everything that waits about events: notes, groups whose dates end, school terms. Four queries, however many."""
    ours = Event.objects.published().ours().select_related("organisation").defer("search")
    ends = Exists(ending(today).filter(pk=OuterRef("pk")))
    shown = looked_after_by(ours, user, everyone=everyone).annotate(ends=ends)
    events = list(shown.meeting_between(*notes_window(today)))
    if not events:
        return
    terms = list(SchoolTerm.objects.all())
    yield from _notes_to_write(events, Terms(terms), today)
    yield from _groups_without_dates(events, today)
    if everyone and user.has_perm(Permission.EDIT_TERMS):
        yield from _terms_to_set(events, terms, today)


def _notes_to_write(events: list[Event], terms: Terms, today: date) -> Iterator[Owed]:
    """Each event whose latest date has no note, with the form of it."""
    for event, owed in owing_notes(events, today, terms):
        if owed.on + NOTE_WITHIN < today:
            continue  # later than that nobody remembers, and nobody is reminded
        yield _about(
            event,
            due_on=owed.on + NOTE_WITHIN,
            words=_("was on %(day)s") % {"day": short_day_words(owed.on, today)},
            button=_("Say what happened"),
            button_url=reverse("events:what-happened", args=[event.slug, owed.day]),
        )


def _groups_without_dates(events: list[Event], today: date) -> Iterator[Owed]:
    """Each regular event whose last date comes or has gone by, with the page on which it gets more."""
    for event in events:
        if event.ends:
            yield _about(
                event,
                due_on=event.until,
                words=_("last date: %(day)s") % {"day": short_day_words(event.until, today)},
                button=_("Change its dates"),
                button_url=reverse("events:desk-event", args=[event.slug]),
            )


def _terms_to_set(events: list[Event], terms: list[SchoolTerm], today: date) -> Iterator[Owed]:
    """The school terms, once the last one that is set ends before families could plan; if any group waits for them."""
    last = max((term.ends_on for term in terms), default=None)
    in_term = [event for event in events if event.term_time_only and event.cancelled_on is None]
    goes_on = any(event.until is None or event.until > (last or today) for event in in_term)
    if not goes_on or (last and last > today + timedelta(days=TERMS_AHEAD)):
        return
    said = _("set until %(day)s") % {"day": day_words(last, today)} if last else _("none is set")
    yield Owed(
        kind="terms",
        title=_("School terms"),
        url=reverse("events:terms"),
        organisation=_("Groups that meet in term time have no dates after that."),
        due_on=last or today,
        families="",
        button=_("Add a term"),
        button_url=reverse("events:add-term"),
        words=said,
        is_chore=True,
    )


def _about(event: Event, *, due_on: date, words: str, button: str, button_url: str) -> Owed:
    return Owed(
        kind="event",
        title=event.title,
        url=event.get_absolute_url(),
        organisation=event.organisation.name,
        due_on=due_on,
        families="",
        button=button,
        button_url=button_url,
        words=words,
        is_chore=True,
    )


def register_queues() -> None:
    """Called when the app is ready."""
    register("events", events_waiting)
