"""What families follow of events: one, those that an organisation runs, or whatever a filter of their list shows."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractIsoWeekDay
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.followables import OfOrganisation
from accounts.models import Organisation
from consultations.events.finder import EVENING, FACETS, FREE, DateFinder, When
from consultations.events.models import Attendance, Event, EventSupport, Repeats
from consultations.models import SupportState
from core.dates import today
from notices.followables import Asked, Key, OneThing, WhatFits, Words, register, said_of

_OF_ONE = (
    gettext_lazy("the day before each date, or in the mail of the week"),
    gettext_lazy("at once when a date is moved or cancelled"),
)
_OF_MANY = (gettext_lazy("when an event is new"), *_OF_ONE)
# How each part of a filter reads behind "Events".
_PARTS = {
    "topic": gettext_lazy("about %(what)s"),
    "audience": gettext_lazy("for %(what)s"),
    "area": gettext_lazy("in %(what)s"),
    "organisation": gettext_lazy("run by %(what)s"),
    "kind": gettext_lazy("of this sort: %(what)s"),
    "when": gettext_lazy("when: %(what)s"),
    "join": gettext_lazy("to join: %(what)s"),
    "cost": gettext_lazy("that are free"),
    "access": gettext_lazy("with help: %(what)s"),
}
# These meet on one weekday always; the others on any.
_ONE_WEEKDAY = (Repeats.ONCE, Repeats.WEEKLY, Repeats.FORTNIGHTLY, Repeats.MONTHLY_WEEKDAY)
_SATURDAY = 6


@register
class OneEvent(OneThing):
    """One event: each date, and what becomes of it."""

    name = "event"
    of = "event"
    tells = _OF_ONE
    model = Event
    beside = "organisation-events"


@register
class OrganisationsEvents(OfOrganisation):
    """The events of an organisation and of everything below it."""

    name = "organisation-events"
    of = "event"
    tells = _OF_MANY
    model = Event
    title = gettext_lazy("Events run by %(what)s")

    def url(self, organisation: Organisation) -> str:
        """The list of its events."""
        return f"{reverse('events:find')}?organisation={organisation.slug}"

    def beyond(self, key: Key) -> Key:
        """What it asks families."""
        return Key("organisation", key.about_id)


@register
class FilterOfEvents(WhatFits):
    """Whatever a filter of the list of events shows, now and later. The days asked for are no part of it."""

    name = "event-filter"
    of = "event"
    tells = _OF_MANY

    def finders(self, many: Iterable[Asked]) -> Iterable[DateFinder]:
        """The list of events of each."""
        return [DateFinder(asked, today()) for asked in many]

    def fitting(self, finder: DateFinder) -> QuerySet:
        """Its events, whichever of their dates it would show."""
        return Event.objects.published().filter(_fits(finder))

    def canonical(self, finder: DateFinder) -> str:
        """Its boxes, in order."""
        return urlencode(sorted({(name, term.value) for name in _PARTS for term in finder.chosen[name]}))

    def words_of_one(self, kept: str, finder: DateFinder) -> Words:
        """Its boxes in words."""
        parts = said_of(finder.chosen, _PARTS)
        text = _("Events %(filter)s") % {"filter": ", ".join(parts)} if parts else _("Every event")
        return Words(text, f"{reverse('events:find')}{'?' if kept else ''}{kept}")


def _fits(finder: DateFinder) -> Q:
    """The chosen boxes as conditions on a series: as the list applies them to each date."""
    fits = Q()
    for name in FACETS:
        terms = finder.chosen[name]
        if terms:
            fits &= _CONDITIONS[name]([pk for term in terms for pk in term.ids], [term.value for term in terms])
    return fits


def _beside(field: str, column: str):
    through = getattr(Event, field).through

    def condition(ids: list[int], _values: list[str]) -> Q:
        return Q(Exists(through.objects.order_by().filter(event_id=OuterRef("pk"), **{f"{column}__in": ids})))

    return condition


def _access(ids: list[int], _values: list[str]) -> Q:
    there = EventSupport.objects.order_by().filter(event_id=OuterRef("pk"), kind_id__in=ids)
    return Q(Exists(there.exclude(state=SupportState.NOT_AVAILABLE)))


def _when(_ids: list[int], values: list[str]) -> Q:
    weekend = Q(pk__in=Event.objects.annotate(on=ExtractIsoWeekDay("first_day")).filter(on__gte=_SATURDAY).values("pk"))
    always = Q(repeats__in=_ONE_WEEKDAY)
    evening = Q(starts_at__gte=EVENING)
    conditions = {
        When.WEEKEND: ~always | weekend,
        When.EVENING: evening,
        When.WEEKDAY: (~always | ~weekend) & ~evening,
    }
    fits = Q(pk__in=[])
    for value in values:
        fits |= conditions[value]
    return fits


_CONDITIONS = {
    "topic": _beside("topics", "topic_id"),
    "audience": _beside("audiences", "audience_id"),
    "area": _beside("areas", "area_id"),
    "access": _access,
    "when": _when,
    "organisation": lambda ids, _values: Q(organisation_id__in=ids),
    "kind": lambda _ids, values: Q(kind__in=values),
    "join": lambda _ids, values: Q(attendance__in=[*values, Attendance.BOTH]),
    "cost": lambda _ids, values: Q(cost="", cost_is_known=True) if FREE in values else Q(),
}
