"""What waits for somebody about events: what happened on a date, a group whose dates end, school terms that run out."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.rules import reach, roles_of
from consultations.events.listing import TERMS_AHEAD
from consultations.events.models import Event
from consultations.events.notices import ending, events_owing_notes
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


def notes_to_write(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Each event whose latest date has no note, with the form of it."""
    ours = Event.objects.published().ours().select_related("organisation").defer("search")
    for event, owed in events_owing_notes(looked_after_by(ours, user, everyone=everyone), today):
        yield _about(
            event,
            due_on=owed.on + NOTE_WITHIN,
            words=_("was on %(day)s") % {"day": short_day_words(owed.on, today)},
            button=_("Say what happened"),
            button_url=reverse("events:what-happened", args=[event.slug, owed.day]),
        )


def groups_without_dates(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Each regular event whose last date comes or has gone by, with the page on which it gets more."""
    ends = ending(today).select_related("organisation").defer("search")
    for event in looked_after_by(ends, user, everyone=everyone):
        yield _about(
            event,
            due_on=event.until,
            words=_("last date: %(day)s") % {"day": short_day_words(event.until, today)},
            button=_("Change its dates"),
            button_url=reverse("events:desk-event", args=[event.slug]),
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


def terms_to_set(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """The school terms, once the last one that is set ends before families could plan; if any group waits for them."""
    if not (everyone and user.has_perm(Permission.EDIT_TERMS)):
        return
    last = SchoolTerm.objects.aggregate(ends_on=Max("ends_on"))["ends_on"]
    if last and last > today + timedelta(days=TERMS_AHEAD):
        return
    in_term = Event.objects.published().filter(term_time_only=True, cancelled_on__isnull=True)
    if not in_term.meeting_between(today, None).exists():
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


def register_queues() -> None:
    """Called when the app is ready."""
    register("event-notes", notes_to_write)
    register("event-ends", groups_without_dates)
    register("terms", terms_to_set)
