"""What is done with sources: each action is one transaction, labelled in the history."""

from datetime import date, datetime, time

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from consultations import actions as consultation_actions
from consultations.events import actions as event_actions
from consultations.events.models import Attendance, Event, EventKind, Repeats
from consultations.models import Consultation
from consultations.sources.models import Found, Source, SourceKind
from consultations.sources.reading import Entry, Unreadable, read
from consultations.writing import actions as writing
from core import history
from core.fetching import NoAnswer, fetch

log = structlog.get_logger(__name__)


@transaction.atomic
def save_source(source: Source, *, by) -> Source:
    """Write a source down, new or changed. It is read anew as a whole. Raises ValidationError."""
    source.etag = source.modified = ""
    source.problem, source.bad_nights, source.last_bad_on = "", 0, None
    source.full_clean()
    with history.label(by=by, did="changed a source" if source.pk else "added a source"):
        source.save()
    return source


def read_source(source: Source, *, on: date, now: datetime) -> int:
    """Read a source: new entries become drafts, changed dates are kept beside. Says how many drafts there are more."""
    try:
        answer = fetch(source.url, etag=source.etag, modified=source.modified)
        if answer.is_unchanged:
            _note(source, on=on, now=now)
            return 0
        if answer.code != 200:
            raise Unreadable(_("The site answered with the number %(code)s") % {"code": answer.code})
        entries = read(source.kind, answer.body)
    except NoAnswer as refused:
        _note(source, on=on, now=now, problem=str(refused.why.label))
        return 0
    except Unreadable as refused:
        _note(source, on=on, now=now, problem=str(refused))
        return 0
    # Taken back below: what breaks us off, whatever it is, counts as a night on which it was not read.
    _note(source, on=on, now=now, problem=_("Reading it broke off. Tell whoever keeps the hub running"))
    made = sum(_take(source, entry, on=on, now=now) for entry in entries)
    _note(
        source,
        on=on,
        now=now,
        etag=answer.headers.get("etag", "")[:500],
        modified=answer.headers.get("last-modified", "")[:100],
    )
    log.info("source_read", source=source.pk, entries=len(entries), drafts=made)
    return made


@transaction.atomic
def _note(source: Source, *, on: date, now: datetime, problem: str = "", **said: str) -> None:
    """Note how reading went: failing twice in one night counts once."""
    there = Source.objects.select_for_update().get(pk=source.pk)
    there.read_at, there.problem = now, problem[:200]
    for name, value in said.items():
        setattr(there, name, value)
    if not problem:
        there.bad_nights, there.last_bad_on = 0, None
    elif there.last_bad_on != on:
        there.bad_nights, there.last_bad_on = min(there.bad_nights + 1, 1000), on
    there.save()


@transaction.atomic
def _take(source: Source, entry: Entry, *, on: date, now: datetime) -> bool:
    """Make a draft of an entry that was never seen; note the dates of one that was. Whether a draft was made."""
    Source.objects.select_for_update().get(pk=source.pk)  # two readings at once make one draft
    says = dates_of(source, entry)
    found = Found.objects.filter(source=source, external_id=entry.external_id).first()
    if found is not None:
        if found.says != says:
            found.says, found.changed_on = says, on
            found.save()
        return False
    if entry.ends_on and entry.ends_on < on and not entry.repeats:
        return False  # it was over before anybody here knew of it
    found = Found(source=source, external_id=entry.external_id, title=entry.title, found_at=now)
    found.says = found.settled = says
    try:
        if source.kind == SourceKind.CALENDAR:
            found.event = _draft_event(source, entry, on=on)
        else:
            found.consultation = _draft_consultation(source, entry)
    except ValidationError as refused:
        log.warning("entry_left_out", source=source.pk, fields=sorted(getattr(refused, "error_dict", {})))
        return False
    found.save()
    return True


def dates_of(source: Source, entry: Entry) -> dict[str, str | None]:
    """The dates of an entry, as a draft has them."""
    if source.kind == SourceKind.CALENDAR:
        return {
            "first_day": _text(entry.starts_on),
            "starts_at": _text(entry.starts_at),
            "ends_at": _text(entry.ends_at),
        }
    return {"opens_on": _text(entry.starts_on), "closes_on": _text(entry.ends_on)}


def _text(value: date | time | None) -> str | None:
    return value.isoformat() if value else None


def _draft_consultation(source: Source, entry: Entry) -> Consultation:
    opens, closes = entry.starts_on, entry.ends_on
    return writing.start(
        by=None,
        values={
            "title": entry.title,
            "organisation": source.organisation_id,
            "summary": entry.text,
            "opens_on": _text(opens),
            "closes_on": None if opens and closes and closes < opens else _text(closes),
            "source_page_url": entry.url,
        },
    )


def _draft_event(source: Source, entry: Entry, *, on: date) -> Event:
    return event_actions.save_event(
        Event(
            title=entry.title,
            organisation=source.organisation,
            kind=EventKind.MEETING,
            summary=entry.text,
            first_day=entry.starts_on,
            starts_at=entry.starts_at,
            ends_at=entry.ends_at,
            repeats=Repeats.ONCE,
            source_repeats=entry.repeats,
            attendance=Attendance.IN_PERSON if entry.place else Attendance.UNKNOWN,
            venue=entry.place,
            source_page_url=entry.url,
        ),
        by=None,
        on=on,
        did="was found in a calendar",
    )


@transaction.atomic
def take_dates(found: Found, *, by, on: date) -> None:
    """Give the record the dates that its source says now. Raises ValidationError where families must be told more."""
    found = _locked(found)
    record = found.record
    if isinstance(record, Consultation):
        _take_days(record, found.says, by=by, on=on)
    elif isinstance(record, Event):
        _take_times(record, found.says, by=by, on=on)
    _settle(found)


def _take_days(consultation: Consultation, says: dict, *, by, on: date) -> None:
    if not consultation.is_published:
        writing.save_values(consultation, by=by, on=on, values=says)
        return
    if says["opens_on"] != _text(consultation.opens_on):
        raise ValidationError(_("Families have seen when it opens, so the opening day cannot change."))
    if not says["closes_on"]:
        raise ValidationError(_("The source gives no closing date any more."))
    consultation_actions.move_closing_date(
        consultation,
        by=by,
        closes_on=date.fromisoformat(says["closes_on"]),
        reason=_("The council’s own page has another closing date now."),
        on=on,
    )


def _take_times(event: Event, says: dict, *, by, on: date) -> None:
    if event.repeats != Repeats.ONCE:
        raise ValidationError(_("Here it meets more than once. Change its dates on its own page."))
    event_actions.change_event(
        event,
        by=by,
        on=on,
        first_day=date.fromisoformat(says["first_day"]),
        until=None,
        **{name: time.fromisoformat(says[name]) if says[name] else None for name in ("starts_at", "ends_at")},
    )


@transaction.atomic
def keep_dates(found: Found, *, by) -> None:
    """Leave the record as it is. It is asked about again only when the source changes once more."""
    with history.label(by=by, did="kept its own dates"):
        _settle(_locked(found))


def _locked(found: Found) -> Found:
    return Found.objects.select_for_update(of=("self",)).select_related("consultation", "event").get(pk=found.pk)


def _settle(found: Found) -> None:
    found.settled, found.changed_on = found.says, None
    found.save()
