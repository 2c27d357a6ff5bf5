"""What is done with events: each action is one transaction, labelled in the history.

Every action that changes a date, a time or a place raises `calendar_sequence`,
by which calendars know that an entry they hold is out of date. What families
could see before is kept as an EventChange.
"""

from datetime import date, time, timedelta
from itertools import chain, count

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from consultations.events.models import (
    DateChangeKind,
    Event,
    EventChange,
    EventDate,
    EventSupport,
    OccurrenceNote,
    Repeats,
)
from consultations.events.recurrence import Occurrence, Terms, day_in_month, occurrences
from consultations.help.actions import move_requests
from core import history
from core.freshness import looked_at
from core.models import SchoolTerm
from core.pasts import put_back_words
from core.publishing import Conflict, publish_now
from core.values import put_list_back

# What decides when and where families turn up.
WHEN = ("first_day", "starts_at", "ends_at", "repeats", "week_of_month", "until", "term_time_only")
WHERE = ("attendance", "venue", "address", "postcode")
LISTS = ("topics", "audiences", "areas", "consultations")
# Words of addresses that are no event's own.
RESERVED = {"calendar", "new"}
# How far a date may be moved, in days: further is another date.
FURTHEST_MOVE = 366


@transaction.atomic
def save_event(
    event: Event,
    *,
    by,
    on: date,
    lists: dict | None = None,
    supports: list | None = None,
    version: int | None = None,
    did: str = "",
) -> Event:
    """Write an event down, new or changed, with what stands around it. `on` is the day it is done.

    `lists` are the rows of its lists by name (topics, areas, ...), `supports`
    new EventSupport rows; what is None stays as it is. `version` is the one that
    the person had before them, `did` what the history calls it. Raises Conflict when it was changed since, and
    ValidationError naming every field that does not fit. A published event keeps what families
    saw of its dates and places as an EventChange.
    """
    before = Event.objects.select_for_update().get(pk=event.pk) if event.pk else None
    if before and version is not None and version != before.version:
        raise Conflict
    event.slug = event.slug or _free_address(event.title)
    check_whole(event)
    event.version = before.version + 1 if before else 1
    if event.is_published and event.is_ours:
        # Whoever changes a listing has looked at it.
        looked_at(event, "event", on=on)
    with history.label(by=by, did=did or ("changed the event" if before else "wrote the event")):
        if before and any(getattr(before, name) != getattr(event, name) for name in (*WHEN, *WHERE)):
            event.calendar_sequence = before.calendar_sequence + 1
            if event.is_published:
                _note_series_change(before, event, on)
        event.save()
        for name, rows in (lists or {}).items():
            getattr(event, name).set(rows)
        if supports is not None:
            event.supports.all().delete()
            for support in supports:
                support.event = event
            EventSupport.objects.bulk_create(supports)
    return event


def check_whole(event: Event) -> None:
    """Whether the fields of an event fit together. Raises ValidationError by field; what follows from others is set."""
    _set_last_day(event)
    _check(event)


@transaction.atomic
def publish_event(event: Event, *, by, on: date) -> None:
    """Show an event to families.

    Raises ValidationError naming everything that is missing.
    """
    if lacking := missing(event):
        raise ValidationError(lacking)
    publish_now(event)
    if event.is_ours:
        looked_at(event, "event", on=on)
    with history.label(by=by, did="published the event"):
        event.save()


def missing(event: Event) -> list[str]:
    """What an event lacks before families can see it. Leaves its editorial dates as they are."""
    found = []
    if event.is_ours and not (event.pk and event.areas.exists()):
        found.append(_("Choose at least one area"))
    if event.is_ours and not (event.pk and event.audiences.exists()):
        found.append(_("Choose at least one group that it is for"))
    was = {name: getattr(event, name) for name in ("published_at", "approved_at", "archived_at")}
    publish_now(event)
    try:
        check_whole(event)
    except ValidationError as refused:
        found += refused.messages
    for name, before in was.items():
        setattr(event, name, before)
    return found


@transaction.atomic
def change_event(event: Event, *, by, on: date, **facts) -> None:
    """Change some fields of an event. Raises ValidationError when they do not fit together."""
    for name, value in facts.items():
        setattr(event, name, value)
    save_event(event, by=by, on=on)


# What may be put back to how it stood: when it was published or cancelled is not here, since others depend on it.
PUT_BACK = (
    *("title", "kind", "summary", "language", *WHEN, *WHERE, "directions", "link_after_booking", "booking"),
    *("booking_url", "booking_words", "places", "cost", "staff_there", "contact_name", "owner", "deputy"),
    *("source_url", "source_page_url", "source_repeats", "source_notes", "review_by"),
    *Event.tracked_lists,
)


@transaction.atomic
def put_event_back(event: Event, *, by, on: date, facts: dict, version: int) -> None:
    """Put some fields and lists back to how they stood; `version` is the one looked at.

    `facts` are their values, by column or by list.

    Raises Conflict when it was changed since, and ValidationError, in plain
    words, when they do not fit what is there now. Families who could see
    another date or place are told, as after any change.
    """
    event = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if event.deleted_at:
        raise ValidationError(_("It was thrown away. Take it out of the bin first."))
    first = facts.get("first_day")
    if event.is_published and first and first < on <= event.first_day:
        raise ValidationError(_("That first date has gone by. Families could not come any more."))
    lists = {name: facts[name] for name in Event.tracked_lists if name in facts}
    for column, value in facts.items():
        if column not in lists:
            setattr(event, column, value)
    names = [name for name in PUT_BACK if name in facts or f"{name}_id" in facts]
    for name in ("owner", "deputy"):
        membership = getattr(event, name) if f"{name}_id" in facts else None
        if membership is not None and membership.has_left:
            raise ValidationError({name: [_("They have left. Choose somebody who is here.")]})
    with history.label(by=by, did=put_back_words(Event, names)):
        save_event(event, by=by, on=on, version=version, did=put_back_words(Event, names))
        for name, items in lists.items():
            put_list_back(event, name, items)
    if lists and event.is_published and (lacking := missing(event)):
        raise ValidationError(lacking)


@transaction.atomic
def cancel_event(event: Event, *, by, reason: str, on: date) -> None:
    """Cancel a series: every date from `on` on is off. Families see the reason; dates that were held stay as they are.

    Raises ValidationError without a reason, or when it is cancelled already.
    """
    event = _again(event)
    if event.cancelled_on:
        raise ValidationError(_("It is cancelled already."))
    if not reason.strip():
        raise ValidationError({"reason": [_("Enter the reason. Families will see it.")]})
    event.cancelled_on, event.cancelled_reason = on, reason.strip()
    event.calendar_sequence += 1
    with history.label(by=by, did="cancelled the event"):
        event.full_clean(exclude=["consultations"])
        event.save()
        _keep(event, on, what=EventChange.What.SERIES_CANCELLED, reason=event.cancelled_reason)


@transaction.atomic
def take_up_again(event: Event, *, by, on: date) -> None:
    """A cancelled series is on again, with all its dates to come. Undoes `cancel_event`."""
    event = _again(event)
    if not event.cancelled_on:
        raise ValidationError(_("It is not cancelled."))
    event.cancelled_on, event.cancelled_reason = None, ""
    event.calendar_sequence += 1
    with history.label(by=by, did="took the event up again"):
        event.save()
        _keep(event, on, what=EventChange.What.SERIES_CHANGED, reason="")


@transaction.atomic
def cancel_date(event: Event, *, by, day: date, reason: str, on: date) -> None:
    """Cancel one date. It stays in every list, marked as cancelled, with the reason.

    `day` is the date by the rule. Raises ValidationError when the series has no
    such date, when it is over, or without a reason.
    """
    event = _again(event)
    occurrence = _date_to_come(event, day, on)
    _wants_a_reason(reason)
    _depart(event, day, by=by, did="cancelled a date", change=DateChangeKind.CANCELLED, reason=reason.strip(), on=on)
    _keep(
        event, on, what=EventChange.What.CANCELLED, day=day, reason=reason.strip(), **_was(occurrence)
    )  # what it was says which date families had


@transaction.atomic
def move_date(
    event: Event,
    *,
    by,
    day: date,
    reason: str,
    on: date,
    new_day: date | None = None,
    new_starts_at: time | None = None,
    new_ends_at: time | None = None,
    new_venue: str = "",
    new_address: str = "",
    new_postcode: str = "",
) -> None:
    """Move one date to another day, time or place. Families see the old and the new one, and the reason.

    `day` is the date by the rule, also when it was moved before. What is left
    out stays as the series has it. Raises ValidationError when the series has
    no such date, when it is over, when nothing moves, or without a reason.
    """
    event = _again(event)
    occurrence = _date_to_come(event, day, on)
    _wants_a_reason(reason)
    if new_day == day:
        new_day = None
    if new_day and new_day < on:
        raise ValidationError({"new_day": [_("The new date cannot be in the past.")]})
    if new_day and abs((new_day - day).days) > FURTHEST_MOVE:
        raise ValidationError({"new_day": [_("The new date is more than a year away. Cancel this one instead.")]})
    if new_day and any(each.day != day for each in _dates_between(event, new_day, new_day)):
        raise ValidationError({"new_day": [_("There is a date on that day already. Cancel this one instead.")]})
    _depart(
        event,
        day,
        by=by,
        did="moved a date",
        change=DateChangeKind.MOVED,
        reason=reason.strip(),
        on=on,
        new_day=new_day,
        new_starts_at=new_starts_at,
        new_ends_at=new_ends_at,
        new_venue=new_venue.strip(),
        new_address=new_address.strip() if new_venue.strip() else "",
        new_postcode=new_postcode.strip() if new_venue.strip() else "",
    )
    move_requests(event, by=by, day=day, to=new_day or day)
    now = next(each for each in _dates_between(event, new_day or day, new_day or day) if each.day == day)
    _keep(
        event,
        on,
        what=EventChange.What.MOVED,
        day=day,
        reason=reason.strip(),
        **_was(occurrence),
        now_day=now.on,
        now_starts_at=now.starts_at,
        now_place=place_of(now),
    )


@transaction.atomic
def skip_date(event: Event, *, by, day: date, on: date, reason: str = "") -> None:
    """Leave one date of a regular event out, such as one on a bank holiday. It is in no list.

    For what families already count on, cancel it instead: then they are told why.
    """
    event = _again(event)
    occurrence = _date_to_come(event, day, on)
    _depart(event, day, by=by, did="left a date out", change=DateChangeKind.SKIPPED, reason=reason.strip(), on=on)
    _keep(event, on, what=EventChange.What.CANCELLED, day=day, reason=reason.strip(), **_was(occurrence))


@transaction.atomic
def add_date(
    event: Event, *, by, day: date, on: date, starts_at: time | None = None, ends_at: time | None = None
) -> None:
    """Add a date that the rule does not name; other times than the series' can be given."""
    event = _again(event)
    if event.cancelled_on:
        raise ValidationError(_("It is cancelled."))
    if event.dates.filter(day=day).exists() or _dates_between(event, day, day):
        raise ValidationError({"day": [_("There is a date on that day already.")]})
    with history.label(by=by, did="added a date"):
        added = EventDate(
            event=event, day=day, is_extra=True, new_starts_at=starts_at, new_ends_at=ends_at, changed_on=on
        )
        added.full_clean()
        added.save()
        _raise_sequence(event)
    _keep(
        event,
        on,
        what=EventChange.What.ADDED,
        day=day,
        now_day=day,
        now_starts_at=starts_at or event.starts_at,
        now_place=place_of(event),
    )


@transaction.atomic
def restore_date(event: Event, *, by, day: date, on: date) -> None:
    """One date is on again as the rule has it: undoes moving, cancelling or leaving it out.

    Raises ValidationError when it is as planned already, or over.
    """
    event = _again(event)
    departure = event.dates.filter(day=day).exclude(change=DateChangeKind.AS_PLANNED).first()
    if departure is None:
        raise ValidationError(_("This date is as planned."))
    if day < on:
        raise ValidationError(_("This date is over."))
    with history.label(by=by, did="put a date back"):
        if departure.is_extra:
            departure.change, departure.reason, departure.changed_on = DateChangeKind.AS_PLANNED, "", on
            departure.new_day, departure.new_venue = None, ""
            departure.new_address = departure.new_postcode = ""
            departure.save()
        else:
            departure.delete()
        _raise_sequence(event)
    move_requests(event, by=by, day=day, to=day)
    _keep(
        event,
        on,
        what=EventChange.What.RESTORED,
        day=day,
        now_day=day,
        now_starts_at=event.starts_at,
        now_place=place_of(event),
    )


@transaction.atomic
def record_what_happened(
    event: Event, *, by, day: date, text: str, on: date, came: int | None = None, came_is_few: bool = False
) -> OccurrenceNote:
    """Say what happened on a date, or say it better. A count from 1 to 4 is kept as "fewer than 5" only.

    Raises ValidationError before the date, when the series had no such date, or without words.
    """
    event = _again(event)
    held = [each for each in _dates_around(event, day) if each.day == day and not each.is_cancelled]
    if not held:
        raise ValidationError(_("There was no meeting on that date."))
    if held[0].on > on:
        raise ValidationError(_("That date has not come yet."))
    if came is not None and 1 <= came <= 4:
        came, came_is_few = None, True
    note = OccurrenceNote.objects.filter(event=event, day=day).first() or OccurrenceNote(event=event, day=day)
    note.text, note.came, note.came_is_few = text.strip(), came, came_is_few and came is None
    note.written_by = by if getattr(by, "pk", None) else None
    note.written_on = on
    with history.label(by=by, did="said what happened"):
        note.full_clean()
        note.save()
    return note


@transaction.atomic
def archive_event(event: Event, *, by, at) -> None:
    """Take an event off every public page, for good or until it is published again. Nothing of it is lost."""
    event = _again(event)
    event.archived_at = at
    event.calendar_sequence += 1
    with history.label(by=by, did="took the event off the site"):
        event.save(update_fields=["archived_at", "calendar_sequence", "changed_at"])


@transaction.atomic
def save_term(term: SchoolTerm, *, by) -> None:
    """Set a school term. The dates of every term-time group follow it from now on.

    Raises ValidationError when some of its days are in another term.
    """
    with history.label(by=by, did="set a school term"):
        term.full_clean()
        term.save()
        _raise_for_terms()


@transaction.atomic
def remove_term(term: SchoolTerm, *, by) -> None:
    """Take a school term away. Term-time groups have no dates on its days any more."""
    with history.label(by=by, did="took a school term away"):
        term.delete()
        _raise_for_terms()


def _raise_for_terms() -> None:
    """Calendars hold dates that may have come or gone with the terms."""
    Event.objects.filter(term_time_only=True).update(calendar_sequence=F("calendar_sequence") + 1)


# --- What the actions share


def _again(event: Event) -> Event:
    """The caller's own object, read again and locked, so that two people cannot move the same date at once."""
    locked = Event.objects.select_for_update().get(pk=event.pk)
    event.calendar_sequence = locked.calendar_sequence
    event.cancelled_on, event.cancelled_reason = locked.cancelled_on, locked.cancelled_reason
    return event


def _free_address(title: str) -> str:
    """An address made of the title, that no other event has."""
    plain = slugify(title)[:100].strip("-") or "event"
    taken = set(Event.objects.filter(slug__startswith=plain).values_list("slug", flat=True)) | RESERVED
    return next(each for each in chain([plain], (f"{plain}-{number}" for number in count(2))) if each not in taken)


def _set_last_day(event: Event) -> None:
    if event.repeats == Repeats.ONCE:
        event.until = event.first_day
    if event.repeats != Repeats.MONTHLY_WEEKDAY:
        event.week_of_month = None


def _check(event: Event) -> None:
    """The fields and constraints, and what no constraint can hold: that the first date is the last Friday."""
    event.full_clean(exclude=["consultations"])
    if event.repeats == Repeats.MONTHLY_WEEKDAY:
        first = event.first_day
        if day_in_month(first.year, first.month, first.weekday(), event.week_of_month) != first.day:
            words = _("The first date must be on that weekday of the month, such as the second Friday")
            raise ValidationError({"first_day": [words]})


def _wants_a_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": [_("Enter the reason. Families will see it.")]})


def _dates_between(event: Event, first: date, last: date) -> list[Occurrence]:
    return occurrences(event, list(event.dates.all()), Terms(SchoolTerm.objects.all()), first, last)


def _dates_around(event: Event, day: date) -> list[Occurrence]:
    """Where the date with this day may have gone to."""
    far = timedelta(days=FURTHEST_MOVE)
    return _dates_between(event, day - far, day + far)


def _date_to_come(event: Event, day: date, on: date) -> Occurrence:
    if event.cancelled_on:
        raise ValidationError(_("All dates of this event are cancelled."))
    found = next((each for each in _dates_around(event, day) if each.day == day), None)
    if found is None:
        raise ValidationError(_("This event has no date on that day."))
    if found.on < on:
        raise ValidationError(_("This date is over."))
    return found


def _depart(event: Event, day: date, *, by, did: str, on: date, **facts) -> None:
    departure = event.dates.filter(day=day).first() or EventDate(event=event, day=day)
    if not departure.is_extra:
        departure.new_starts_at = departure.new_ends_at = None
    for name in ("new_day", "new_venue", "new_address", "new_postcode"):
        setattr(departure, name, None if name == "new_day" else "")
    kept = {name: value for name, value in facts.items() if value or not name.startswith(("new_starts", "new_ends"))}
    for name, value in kept.items():
        setattr(departure, name, value)
    departure.changed_on = on
    with history.label(by=by, did=did):
        departure.full_clean()
        departure.save()
        _raise_sequence(event)


def _raise_sequence(event: Event) -> None:
    event.calendar_sequence += 1
    event.save(update_fields=["calendar_sequence", "changed_at"])


def _keep(event: Event, on: date, **facts) -> None:
    """Keep a change that families can see; of a draft nobody has seen anything."""
    if event.is_published:
        EventChange.objects.create(event=event, changed_on=on, **facts)


def _was(occurrence: Occurrence) -> dict:
    return {
        "was_day": occurrence.on,
        "was_starts_at": occurrence.starts_at,
        "was_place": place_of(occurrence),
    }


def _note_series_change(before: Event, after: Event, on: date) -> None:
    EventChange.objects.create(
        event=after,
        what=EventChange.What.SERIES_CHANGED,
        was_day=before.first_day,
        was_starts_at=before.starts_at,
        was_place=place_of(before),
        now_day=after.first_day,
        now_starts_at=after.starts_at,
        now_place=place_of(after),
        changed_on=on,
    )


def place_of(where: Occurrence | Event) -> str:
    """The place in one line: venue, address and postcode."""
    return ", ".join(part for part in (where.venue, where.address, where.postcode) if part)
