"""Events of other pages, brought in with the rule that their words say; what they do not say is held or left open."""

import re
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Organisation, OrganisationKind
from consultations.events.models import Attendance, Booking, Event, EventKind, Repeats
from consultations.events.printed import Printed, read_rule
from consultations.imports import Organisations, RowForm, Slugs, for_many_rows, name_key, web_address
from core.dates import day_words
from core.imports import (
    READ_ON,
    Cells,
    Change,
    Facts,
    FileRefused,
    Held,
    Importer,
    Rejected,
    by_what_changed,
    one_line,
    register,
    shown,
)
from core.models import HeldFor
from core.publishing import publish_now

_POSTCODE = re.compile(r"[\s,]+([A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2})$")
# What a title says of the kind of event; the first that fits. Pages rarely print it, so it is our classification.
_KINDS = (
    ("drop-in", EventKind.DROP_IN), ("coffee", EventKind.COFFEE_MORNING), ("cafe", EventKind.COFFEE_MORNING),
    ("workshop", EventKind.WORKSHOP), ("training", EventKind.TRAINING), ("forum", EventKind.FORUM),
    ("panel", EventKind.PANEL), ("support group", EventKind.SUPPORT_GROUP), ("social group", EventKind.SUPPORT_GROUP),
    ("information", EventKind.INFORMATION), ("roadshow", EventKind.INFORMATION),
)  # fmt: skip


class Moment(NamedTuple):
    """A day as printed, with the time where one is printed."""

    day: date
    at: time | None


class PrintedMoment(forms.CharField):
    """A day, or a day and a time, as the file writes it: 2019-02-26 or 2019-02-26T18:00, by the UK clock."""

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def to_python(self, value):
        """The moment; anything else is refused with what was found."""
        printed = super().to_python(value)
        if not printed:
            return None
        try:
            if len(printed) == 10:
                found = Moment(date.fromisoformat(printed), None)
            else:
                read = datetime.strptime(printed, "%Y-%m-%dT%H:%M")  # noqa: DTZ007, the time is the UK clock's
                found = Moment(read.date(), read.time())
        except ValueError:
            words = _("%(found)s is not a day like 2019-02-26 or a time like 2019-02-26T18:00")
            raise forms.ValidationError(words % {"found": shown(printed)}) from None
        if not 1900 <= found.day.year <= 2100:
            raise forms.ValidationError(_("%(found)s is not in this or the last century") % {"found": shown(printed)})
        return found


@for_many_rows
class EventForm(RowForm):
    """A row of events, checked like a listing that somebody types in."""

    title = forms.CharField(max_length=250)
    organiser = forms.CharField(max_length=200)
    place = forms.CharField(max_length=200, required=False)
    starts = PrintedMoment()
    ends = PrintedMoment()
    recurrence_text = forms.CharField(max_length=200, required=False)
    online = forms.ChoiceField(choices=[(each, each) for each in ("yes", "no", "unknown")])
    url = web_address(required=False)
    source_url = web_address()
    notes = forms.CharField(required=False)
    read_on = forms.DateField(input_formats=["%Y-%m-%d"], required=False)

    def clean(self):
        """Rules between columns."""
        said = self.cleaned_data
        starts, ends = said.get("starts"), said.get("ends")
        if ends and not starts:
            self.add_error("ends", _("it ends, but the row does not say when it starts"))
        elif starts and ends and (ends.day < starts.day or (ends.day == starts.day and _not_after(starts, ends))):
            self.add_error("ends", _("it ends before it starts"))
        return said


def _not_after(starts: Moment, ends: Moment) -> bool:
    return starts.at is not None and ends.at is not None and ends.at <= starts.at


def kind_of_body(name: str) -> OrganisationKind:
    """What kind of body a name is of, for one that the hub does not know yet."""
    words = name.casefold()
    if "council" in words or "borough" in words:
        return OrganisationKind.PARTNERSHIP if " and " in words else OrganisationKind.COUNCIL
    if "school" in words or "college" in words:
        return OrganisationKind.SCHOOL
    if "children's centre" in words.replace("’", "'"):
        return OrganisationKind.EARLY_YEARS
    if "forum" in words:
        return OrganisationKind.PARENT_FORUM
    return OrganisationKind.CHARITY


def kind_of_event(title: str) -> EventKind:
    """What kind of event a title is of; a meeting where it does not say."""
    words = title.casefold().replace("é", "e")
    return next((kind for word, kind in _KINDS if word in words), EventKind.MEETING)


@register
class EventImporter(Importer):
    """Rows of events. They have no reference of their own: organiser, title and day tell one from another."""

    kind = "events"
    columns = (
        "title", "organiser", "place", "starts", "ends", "recurrence_text", "online", "url", "source_url", "notes",
    )  # fmt: skip

    COLUMNS = {
        "organisation": "organiser",
        "kind": "title",
        "first_day": "starts",
        "starts_at": "starts",
        "until": "starts",
        "ends_at": "ends",
        "repeats": "recurrence_text",
        "week_of_month": "recurrence_text",
        "term_time_only": "recurrence_text",
        "source_repeats": "recurrence_text",
        "attendance": "online",
        "venue": "place",
        "address": "place",
        "postcode": "place",
        "source_page_url": "url",
        "source_notes": "notes",
    }
    PLAIN = (
        "title", "kind", "first_day", "starts_at", "ends_at", "repeats", "week_of_month", "until", "term_time_only",
        "attendance", "venue", "address", "postcode", "source_repeats", "source_url", "source_page_url", "source_notes",
    )  # fmt: skip

    def __init__(self, *, by, today: date, read_on: date):
        super().__init__(by=by, today=today, read_on=read_on)
        if read_on > today:
            words = _("The day the pages were read, %(day)s, has not come yet.")
            raise FileRefused(words % {"day": day_words(read_on, today)})
        self.organisations = Organisations(by, kind_of_body)
        self.here: dict[str, Event] = {}

    # Judging

    def reference(self, cells: Cells) -> str:
        """Organiser, title and the day it starts, where one is printed."""
        if not one_line(cells["title"]):
            raise Rejected("title", _("the row has no title"))
        words = f"{cells['organiser']} {cells['title']}"
        return "-".join(part for part in (slugify(words)[:180].strip("-"), cells["starts"].strip()[:10]) if part)

    def look_up(self, rows: dict[str, Cells]) -> None:
        """The events with these references."""
        found = Event.objects.filter(reference__in=list(rows)).select_related("organisation")
        self.here = {each.reference: each for each in found}

    def facts(self, cells: Cells) -> Facts:
        """What the row says, checked. A rule without a first date begins when the page was read, or just after."""
        form = EventForm(cells)
        if not form.is_valid():
            raise form.problem()
        said = form.cleaned_data
        read_on = said["read_on"] or self.read_on
        if read_on > self.today:
            raise Rejected(READ_ON, _("the day the page was read has not come yet"))
        starts, ends, words = said["starts"], said["ends"], one_line(said["recurrence_text"])
        printed = read_rule(words) if words else None
        first_day = starts.day if starts else None
        if first_day is None and printed and not printed.needs_first_date:
            first_day = printed.first_on_or_after(read_on)
        starts_at = (starts.at if starts else None) or (printed.starts_at if printed else None)
        ends_at = (ends.at if ends else None) or (printed.ends_at if printed and not (starts and starts.at) else None)
        return {
            "title": one_line(said["title"]),
            "kind": str(kind_of_event(said["title"])),
            "organisation": name_key(said["organiser"]),
            "first_day": first_day,
            "starts_at": starts_at,
            "ends_at": ends_at if starts_at else None,
            "repeats": str(printed.repeats if printed else Repeats.ONCE),
            "week_of_month": int(printed.week_of_month) if printed and printed.week_of_month else None,
            "until": None if printed else first_day,
            "term_time_only": bool(printed and printed.term_time_only),
            "attendance": str(_ATTENDANCE[said["online"]]),
            **_place(one_line(said["place"])),
            "source_repeats": words,
            "source_url": said["source_url"],
            "source_page_url": said["url"],
            "source_notes": said["notes"],
        }

    def why_held(self, cells: Cells, facts: Facts) -> Held | None:
        """No date to begin with, a rule that words do not say, or one that its first date does not fit."""
        words = facts["source_repeats"]
        printed: Printed | None = read_rule(words) if words else None
        if facts["first_day"] is None:
            if printed:
                note = _("%(words)s needs a first date") % {"words": shown(words)}
            elif words:
                note = _("no date is printed, only %(words)s") % {"words": shown(words)}
            else:
                note = _("no date is printed")
            return Held(HeldFor.NEEDS_DATES, "starts", note)
        if words and printed is None:
            note = _("%(words)s does not say on which days") % {"words": shown(words)}
            return Held(HeldFor.NEEDS_RULE, "recurrence_text", note)
        if printed and not printed.fits(facts["first_day"]):
            note = _("%(day)s, the first date, is not one of %(words)s")
            words = {"day": day_words(facts["first_day"], self.today), "words": shown(words)}
            return Held(HeldFor.NEEDS_RULE, "starts", note % words)
        if cells["ends"] and cells["ends"][:10] != cells["starts"][:10]:
            return Held(HeldFor.NEEDS_DATES, "ends", _("it lasts for more than one day: list each day by itself"))
        return None

    def held_facts(self, reference: str) -> Facts | None:
        """What the hub says of the event now."""
        here = self.here.get(reference)
        if here is None:
            return None
        plain = {name: getattr(here, name) for name in self.PLAIN}
        return plain | {"organisation": name_key(here.organisation.name)}

    def out_of_reach(self, reference: str) -> str:
        """One that was thrown away belongs to the people here."""
        return _("it was thrown away here") if self.here[reference].deleted_at else ""

    def carried_over(self, facts: Facts, before: Facts) -> Facts:
        """A rule without a first date began when it was first read, not each time it is read again."""
        began = before.get("first_day")
        same_rule = all(facts[name] == before.get(name) for name in ("source_repeats", "repeats"))
        if began and facts["repeats"] != Repeats.ONCE and same_rule and facts["first_day"] > began:
            return facts | {"first_day": began}
        return facts

    def column_of(self, fact: str) -> str:
        """The column that a fact comes from."""
        return self.COLUMNS.get(fact, fact)

    # Writing

    def prepare(self, changes: list[Change]) -> None:
        """Add the organisations that the hub does not have yet."""
        for change in changes:
            self.organisations.id_of(change.row.cells["organiser"])

    def create(self, changes: list[Change]) -> None:
        """Publish new events; each page says that it was found elsewhere."""
        slugs = Slugs([change.reference for change in changes], Event)
        made = []
        for change in changes:
            event = Event(
                reference=change.reference,
                slug=slugs.free_for(change.reference),
                booking=Booking.UNKNOWN,
                cost_is_known=False,
            )
            self._set(event, change, change.facts)
            publish_now(event)
            made.append(event)
        Event.objects.bulk_create(made)

    def update(self, changes: list[Change]) -> None:
        """Write the facts that changed, and no others."""
        for changed, group in by_what_changed(changes):
            events = [self.here[change.reference] for change in group]
            for event, change in zip(events, group, strict=True):
                self._set(event, change, changed)
                event.version += 1
                event.calendar_sequence += 1
                event.changed_at = timezone.now()
            Event.objects.bulk_update(
                events, [*changed, "source_read_on", "version", "calendar_sequence", "changed_at"]
            )

    def _set(self, event: Event, change: Change, names) -> None:
        for name in names:
            if name == "organisation":
                event.organisation_id = self.organisations.id_of(change.row.cells["organiser"])
            else:
                setattr(event, name, change.facts[name])
        read_on = change.row.cells.get(READ_ON)
        event.source_read_on = date.fromisoformat(read_on) if read_on else self.read_on


def first_values(cells: Cells, *, by, today: date) -> dict[str, Any]:
    """What a held row says, as first values of the form of an event. What it does not say stays empty."""
    importer = EventImporter(by=by, today=today, read_on=today)
    try:
        facts = importer.facts(cells)
    except Rejected:
        return {"title": one_line(cells.get("title", ""))}
    names = ("title", "kind", "first_day", "starts_at", "ends_at", "week_of_month", "term_time_only", *_PLACE)
    values = {name: facts[name] for name in names if facts[name]}
    if facts["attendance"] != Attendance.UNKNOWN:
        values["attendance"] = facts["attendance"]
    # Words that nobody understood are no "once".
    is_clear = not facts["source_repeats"] or facts["repeats"] != Repeats.ONCE
    values["repeats"] = facts["repeats"] if is_clear else ""
    body = Organisation.objects.filter(name__iexact=one_line(cells["organiser"]), closed_on__isnull=True).first()
    return values | ({"organisation": body.pk} if body else {})


_PLACE = ("venue", "address", "postcode")
_ATTENDANCE = {"yes": Attendance.ONLINE, "no": Attendance.IN_PERSON, "unknown": Attendance.UNKNOWN}


def _place(printed: str) -> dict[str, str]:
    """A place as printed, taken apart: what stands before the first comma, the rest, and a postcode at the end."""
    found = _POSTCODE.search(printed)
    rest = printed[: found.start()] if found else printed
    venue, _comma, address = rest.partition(",")
    return {"venue": venue.strip(), "address": address.strip(), "postcode": found[1] if found else ""}
