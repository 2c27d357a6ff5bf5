"""What families follow of consultations: one, those of an organisation, or whatever a filter of the finder shows."""

from collections.abc import Iterable
from importlib import import_module
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.followables import OfOrganisation
from accounts.models import Organisation
from consultations.finder import Finder, vocabularies
from consultations.models import Consultation
from core.dates import today
from notices.followables import Asked, Key, OneThing, WhatFits, Words, register, said_of

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
class OneConsultation(OneThing):
    """One consultation, from now until its promises are kept."""

    name = "consultation"
    of = "consultation"
    tells = _OF_ONE
    model = Consultation
    beside = "organisation"


@register
class OrganisationsConsultations(OfOrganisation):
    """The consultations of an organisation and of everything below it."""

    name = "organisation"
    of = "consultation"
    tells = _OF_MANY
    model = Consultation
    title = gettext_lazy("Consultations from %(what)s")

    def url(self, organisation: Organisation) -> str:
        """Its page."""
        return organisation.get_absolute_url()

    def beyond(self, key: Key) -> Key:
        """Its events."""
        return Key("organisation-events", key.about_id)


@register
class FilterOfConsultations(WhatFits):
    """Whatever a filter of the finder shows, now and later."""

    name = "finder"
    of = "consultation"
    tells = _OF_MANY

    def finders(self, many: Iterable[Asked]) -> Iterable[Finder]:
        """The finder of each."""
        terms = vocabularies()
        return [Finder(asked, today(), terms) for asked in many]

    def fitting(self, finder: Finder) -> QuerySet:
        """What it shows, of every stage."""
        return finder.all_that_fit

    def canonical(self, finder: Finder) -> str:
        """Words and boxes, the boxes in order."""
        chosen = {(name, term.value) for name, terms in finder.chosen.items() if name in _PARTS for term in terms}
        words = [("q", finder.words)] if finder.words else []
        return urlencode(words + sorted(chosen))

    def words_of_one(self, kept: str, finder: Finder) -> Words:
        """Words that somebody typed are only repeated to whoever is known to have typed them."""
        return Words(
            _words(finder),
            f"{reverse('consultations:find')}{'?' if kept else ''}{kept}",
            safe_text=_words(finder, of_strangers=True),
        )


def _words(finder: Finder, *, of_strangers: bool = False) -> str:
    parts = []
    if finder.words:
        parts = [_("that say words you typed") if of_strangers else _("that say “%(words)s”") % {"words": finder.words}]
    parts += said_of(finder.chosen, _PARTS)
    return _("Consultations %(filter)s") % {"filter": ", ".join(parts)} if parts else _("Every consultation")
