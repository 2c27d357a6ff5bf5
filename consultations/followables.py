"""What families follow of consultations: one, those of an organisation, or whatever a filter of the finder shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import import_module
from urllib.parse import urlencode

from django.db.models import BigIntegerField, F, Value
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from consultations.finder import Finder, vocabularies
from consultations.models import Consultation
from core.dates import today
from notices.followables import Asked, Followable, Key, Words, parameters, register

# Events are followed in their own way, in their own folder.
import_module("consultations.events.followables")

_OF_ONE = (
    gettext_lazy("when it opens, and 3 days before it closes"),
    gettext_lazy("when a date changes"),
    gettext_lazy("when the answer is out, and what was done after that"),
)
_OF_MANY = (gettext_lazy("when something new opens, and 3 days before it closes"), *_OF_ONE[1:])
# How each part of a filter reads behind "Consultations". The stage is no part of it: what is told changes with it.
_PARTS = {
    "topic": gettext_lazy("about %(what)s"),
    "audience": gettext_lazy("for %(what)s"),
    "area": gettext_lazy("in %(what)s"),
    "organisation": gettext_lazy("from %(what)s"),
    "level": gettext_lazy("where: %(what)s"),
    "quick": gettext_lazy("that take under 10 minutes"),
    "access": gettext_lazy("with help: %(what)s"),
    "format": gettext_lazy("ready as: %(what)s"),
}


@register
class OneConsultation(Followable):
    """One consultation, from now until its promises are kept."""

    name = "consultation"
    of = "consultation"
    tells = _OF_ONE

    def read(self, asked: Asked) -> Key | None:
        """A published consultation, by its slug."""
        pk = Consultation.objects.published().filter(slug=asked.get("about", "")).values_list("pk", flat=True).first()
        return Key(self.name, pk) if pk else None

    def beyond(self, key: Key) -> Key | None:
        """Everything else of whoever asks."""
        body = Consultation.objects.filter(pk=key.about_id).values_list("organisation_id", flat=True).first()
        return Key(OrganisationsConsultations.name, body) if body else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Their titles."""
        rows = Consultation.objects.published().filter(pk__in=[key.about_id for key in keys]).only("title", "slug")
        return {Key(self.name, row.pk): Words(row.title, row.get_absolute_url(), is_one=True) for row in rows}

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Itself."""
        return f"SELECT thing, '', thing FROM ({things}) AS itself (thing)", []


@register
class OrganisationsConsultations(Followable):
    """The consultations of an organisation and of everything below it."""

    name = "organisation"
    of = "consultation"
    tells = _OF_MANY

    def read(self, asked: Asked) -> Key | None:
        """An organisation, by its slug."""
        pk = Organisation.objects.filter(slug=asked.get("about", "")).values_list("pk", flat=True).first()
        return Key(self.name, pk) if pk else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """Their names."""
        rows = Organisation.objects.filter(pk__in=[key.about_id for key in keys]).only("name", "slug")
        return {
            Key(self.name, row.pk): Words(
                _("Consultations from %(what)s") % {"what": row.name}, f"{row.get_absolute_url()}"
            )
            for row in rows
        }

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """Each consultation is held by its organisation and by all above that, whose ids are its path."""
        return (
            "SELECT above::bigint, '', asked.id FROM consultations_consultation AS asked"
            " JOIN accounts_organisation AS body ON body.id = asked.organisation_id"
            " CROSS JOIN LATERAL unnest(string_to_array(trim('.' FROM body.path), '.')) AS above"
            f" WHERE asked.id IN ({things})",
            [],
        )


@register
class FilterOfConsultations(Followable):
    """Whatever a filter of the finder shows, now and later."""

    name = "finder"
    of = "consultation"
    tells = _OF_MANY
    has_filters = True

    def read(self, asked: Asked) -> Key | None:
        """The filter of an address, as the finder understands it."""
        kept = _canonical(Finder(asked, today()))
        return Key(self.name, 0, kept) if len(kept) <= 500 else None

    def words(self, keys: Collection[Key]) -> Mapping[Key, Words]:
        """What each shows, in words. One that names what is no longer listed is left out."""
        return {
            Key(self.name, 0, kept): Words(
                _words(finder),
                f"{reverse('consultations:find')}{'?' if kept else ''}{kept}",
                safe_text=_words(finder, of_strangers=True),
            )
            for kept, finder in _finders(key.filter for key in keys)
        }

    def holds(self, things: str, filters: Sequence[str]) -> tuple[str, list]:
        """What the finder would show for each."""
        parts, params = [], []
        for kept, finder in _finders(filters):
            found = finder.all_that_fit.order_by().filter(pk__in=RawSQL(things, []))
            rows = found.annotate(
                held_about=Value(0, output_field=BigIntegerField()), held_filter=Value(kept), held=F("pk")
            )
            sql, more = rows.values_list("held_about", "held_filter", "held").query.sql_with_params()
            parts.append(sql)
            params += more
        if not parts:
            return "SELECT 0::bigint, '', 0::bigint WHERE false", []
        return " UNION ALL ".join(parts), params


def _finders(filters: Iterable[str]) -> Iterable[tuple[str, Finder]]:
    """The finder of each filter. Without those that name what is no longer listed: the rest of one would show more."""
    terms = vocabularies()
    for kept in filters:
        finder = Finder(parameters(kept), today(), terms)
        if _canonical(finder) == kept:
            yield kept, finder


def _canonical(finder: Finder) -> str:
    """What a filter asks, in one writing for all that ask the same."""
    chosen = {(name, term.value) for name, terms in finder.chosen.items() if name in _PARTS for term in terms}
    words = [("q", finder.words)] if finder.words else []
    return urlencode(words + sorted(chosen))


def _words(finder: Finder, *, of_strangers: bool = False) -> str:
    """What a filter shows. Words that somebody typed are only repeated to whoever is known to have typed them."""
    parts = []
    if finder.words:
        parts = [_("that say words you typed") if of_strangers else _("that say “%(words)s”") % {"words": finder.words}]
    parts += [
        str(words) % {"what": _(" or ").join(term.text for term in finder.chosen[name])}
        for name, words in _PARTS.items()
        if finder.chosen[name]
    ]
    if not parts:
        return _("Every consultation")
    return _("Consultations %(filter)s") % {"filter": ", ".join(parts)}
