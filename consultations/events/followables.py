"""What families follow of events: one, those that an organisation runs, or whatever a filter of their list shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import ExtractIsoWeekDay
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from consultations.events.finder import EVENING, FACETS, FREE, DateFinder, When
from consultations.events.models import Attendance, Event, EventSupport, Repeats
from consultations.models import SupportState
from core.dates import today
from notices.followables import Asked, Followable, Key, Words, parameters, register

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
class OneEvent(Followable):
    """One event: each date, and what becomes of it."""

    name = "event"
    of = "event"
    tells = _OF_ONE

    def read(self, asked: Asked) -> Key | None:
        """A published event, by its slug."""
        pk = Event.objects.published().filter(slug=asked.get("about", "")).values_list("pk", flat=True).first()
        return Key(self.name, pk) if pk else None

    def beyond(self, key: Key) -> Key | None:
        """Everything else that whoever runs it runs."""
        body = Event.objects.filter(pk=key.about_id).values_list("organisation_id", flat=True).first()
        return Key(OrganisationsEvents.name, body) if body else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Their titles."""
        rows = Event.objects.published().filter(pk__in=[key.about_id for key in keys]).only("title", "slug")
        return {Key(self.name, row.pk): Words(row.title, row.get_absolute_url(), is_one=True) for row in rows}

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Itself."""
        return f"SELECT thing, '', thing FROM ({things}) AS itself (thing)", []


@register
class OrganisationsEvents(Followable):
    """The events of an organisation and of everything below it."""

    name = "organisation-events"
    of = "event"
    tells = _OF_MANY

    def read(self, asked: Asked) -> Key | None:
        """An organisation, by its slug."""
        pk = Organisation.objects.filter(slug=asked.get("about", "")).values_list("pk", flat=True).first()
        return Key(self.name, pk) if pk else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Their names."""
        rows = Organisation.objects.filter(pk__in=[key.about_id for key in keys]).only("name", "slug")
        address = reverse("events:find")
        return {
            Key(self.name, row.pk): Words(
                _("Events run by %(what)s") % {"what": row.name}, f"{address}?organisation={row.slug}"
            )
            for row in rows
        }

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Each event is held by its organisation and by all above that, whose ids are its path."""
        return (
            "SELECT above::bigint, '', held.id FROM consultations_event AS held"
            " JOIN accounts_organisation AS body ON body.id = held.organisation_id"
            " CROSS JOIN LATERAL unnest(string_to_array(trim('.' FROM body.path), '.')) AS above"
            f" WHERE held.id IN ({things})",
            [],
        )


@register
class FilterOfEvents(Followable):
    """Whatever a filter of the list of events shows, now and later. The days asked for are no part of it."""

    name = "event-filter"
    of = "event"
    tells = _OF_MANY
    has_filters = True

    def read(self, asked: Asked) -> Key | None:
        """The filter of an address, as the list understands it."""
        kept = _canonical(DateFinder(asked, today()))
        return Key(self.name, 0, kept) if len(kept) <= 500 else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """What each shows, in words. One that names what is no longer listed is left out."""
        address = reverse("events:find")
        return {
            Key(self.name, 0, kept): Words(_words(finder), f"{address}{'?' if kept else ''}{kept}")
            for kept, finder in _finders(key.filter for key in keys)
        }

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """The events that each shows, whichever of their dates it would be."""
        parts, params = [], []
        for kept, finder in _finders(filters):
            found = Event.objects.published().filter(_fits(finder), pk__in=RawSQL(things, [])).order_by()
            rows = found.annotate(
                held_about=Value(0, output_field=BigIntegerField()), held_filter=Value(kept), held=F("pk")
            )
            sql, more = rows.values_list("held_about", "held_filter", "held").query.sql_with_params()
            parts.append(sql)
            params += more
        if not parts:
            return "SELECT 0::bigint, '', 0::bigint WHERE false", []
        return " UNION ALL ".join(parts), params


def _finders(filters: Iterable[str]) -> Iterable[tuple[str, DateFinder]]:
    """The list of each filter. Without those that name what is no longer listed: the rest of one would show more."""
    for kept in filters:
        finder = DateFinder(parameters(kept), today())
        if _canonical(finder) == kept:
            yield kept, finder


def _canonical(finder: DateFinder) -> str:
    """What a filter asks, in one writing for all that ask the same."""
    return urlencode(sorted({(name, term.value) for name in _PARTS for term in finder.chosen[name]}))


def _words(finder: DateFinder) -> str:
    parts = [
        str(words) % {"what": _(" or ").join(term.text for term in finder.chosen[name])}
        for name, words in _PARTS.items()
        if finder.chosen[name]
    ]
    return _("Events %(filter)s") % {"filter": ", ".join(parts)} if parts else _("Every event")


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
