"""What events add to other pages: when one can talk about a consultation, and what an organisation runs."""

from collections.abc import Sequence
from datetime import date

from django.http import QueryDict
from django.utils.http import urlencode

from accounts.models import Organisation
from consultations.events.finder import DateFinder
from consultations.events.listing import attendance_words, card, change_words, time_range_words
from consultations.events.models import Event, EventDate
from consultations.events.recurrence import Occurrence, Terms, by_event, latest_over, upcoming
from consultations.listing import Entry
from core.dates import day_words
from core.models import SchoolTerm

# Of each event a consultation's timeline shows so many dates of the last so many days, and so many to come.
DATES_OVER = 2
DAYS_BACK = 120
DATES_TO_COME = 3
# An organisation's page shows so many of its next dates.
DATES_OF_ORGANISATION = 5


def entries_of(ids: Sequence[int], day: date) -> list[Entry]:
    """The dates of the published events with these ids, as entries of a consultation's timeline.

    Three queries; none where there are no ids.
    """
    if not ids:
        return []
    events = list(Event.objects.published().filter(pk__in=ids))
    departures = by_event(EventDate.objects.filter(event__in=events))
    terms = Terms(SchoolTerm.objects.all())
    found: list[Entry] = []
    for event in events:
        own = departures.get(event.pk, [])
        over = latest_over(event, own, terms, day, DAYS_BACK)[:DATES_OVER]
        found += [_entry(each, day) for each in [*over, *upcoming(event, own, terms, day, DATES_TO_COME)]]
    return found


def _entry(occurrence: Occurrence, day: date) -> Entry:
    event = occurrence.event
    where = attendance_words(event) if not occurrence.is_moved else occurrence.venue
    facts = [time_range_words(occurrence.starts_at, occurrence.ends_at) if occurrence.starts_at else "", where]
    return Entry(
        on=occurrence.on,
        day_words=day_words(occurrence.on, day),
        title=event.title,
        url=event.get_absolute_url(),
        words=", ".join(each for each in facts if each),
        change=change_words(occurrence, day),
        reason=occurrence.reason,
        is_off=occurrence.is_cancelled,
        is_ahead=occurrence.on >= day,
    )


def next_of_organisations(ids: Sequence[int], day: date) -> dict[int, dict]:
    """The next dates of each organisation and of those below it, and the address of all; nothing without any."""
    found = {}
    for organisation in Organisation.objects.filter(pk__in=ids):
        asked = QueryDict(urlencode({"organisation": organisation.slug}))
        finder = DateFinder(asked, day)
        dates = finder.found.occurrences(0, DATES_OF_ORGANISATION)
        if dates:
            cards = [(day_words(each.on, day), card(each, day)) for each in dates]
            found[organisation.pk] = {"cards": cards, "all": finder.query}
    return found
