"""The library of good practice: what somebody asked for in the address, in words, as conditions and counts."""

from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import OrganisationKind
from consultations.finder import vocabularies as lists_of_staff
from consultations.models import ParticipationLevel
from core.finding import LAST_PAGE, PER_PAGE, Counted, Term, year_of, years_in
from core.models import Method
from core.searching import Understood, clean_words, names, understand
from core.versions import cached
from core.vocabulary import second_guess
from practice.models import PracticeExample

TITLES = {
    "topic": gettext_lazy("About"),
    "level": gettext_lazy("How much say families had"),
    "method": gettext_lazy("How they listened"),
    "audience": gettext_lazy("For"),
    "area": gettext_lazy("Where"),
    "sector": gettext_lazy("What sort of service"),
    "year": gettext_lazy("Year"),
    "from": gettext_lazy("Where it comes from"),
}
HERE, ELSEWHERE = "here", "elsewhere"
ORIGINS = {HERE: gettext_lazy("Written and checked here"), ELSEWHERE: gettext_lazy("Found elsewhere, not checked")}
# Numbered pages cannot show more than this many.
MOST = PER_PAGE * LAST_PAGE
# The facets whose values are rows of lists, with the list beside an example and the column that links it.
_LISTS = {
    "topic": ("topics", "topic_id"),
    "method": ("methods", "method_id"),
    "audience": ("audiences", "audience_id"),
    "area": ("areas", "area_id"),
}


def vocabularies() -> dict[str, dict[str, Term]]:
    """Every value of every facet but the years, by facet and value. Two queries, once for each content version."""
    return cached("practice.vocabularies", (), _read_vocabularies)


def _read_vocabularies() -> dict[str, dict[str, Term]]:
    kept = lists_of_staff()
    methods = Method.objects.values_list("pk", "key", "label", "short_label")
    return {
        **{name: kept[name] for name in ("topic", "audience", "area", "organisation")},
        "level": {level.value: Term(level.value, str(level.label)) for level in ParticipationLevel},
        "method": {key: Term(key, label, short, (pk,)) for pk, key, label, short in methods},
        "sector": {kind.value: Term(kind.value, str(kind.label)) for kind in OrganisationKind},
        "from": {name: Term(name, str(words)) for name, words in ORIGINS.items()},
    }


class Library(Counted):
    """What somebody asked the library for, read from the address."""

    name = "practice"
    titles = TITLES
    open_at_first = ("topic", "level")

    def __init__(self, asked, today: date):
        super().__init__(asked, today)
        self.words = clean_words(asked.get("q", ""))
        self.guessed = ""
        self._read: dict[str, Understood] = {}

    def term(self, name: str, value: str) -> Term | None:
        """The value as staff named it; a year names itself."""
        return year_of(value) if name == "year" else self.vocabularies[name].get(value)

    def terms(self, name: str) -> list[Term]:
        """Years as they come, all else in the order of its list."""
        if name == "year":
            return years_in(self.counts.by["year"], self.chosen["year"])
        return list(self.vocabularies[name].values())

    @cached_property
    def vocabularies(self) -> dict[str, dict[str, Term]]:
        """Every value of every facet but the years, read once for the page even while nothing can be kept."""
        return vocabularies()

    # What matches

    def everything(self):
        """The published examples that the words match."""
        examples = PracticeExample.objects.published()
        words = self.guessed or self.words
        if not words:
            return examples
        named = [pk for term in lists_of_staff()["organisation"].values() if names(words, term.text) for pk in term.ids]
        return examples.filter(Q(search=self._understood.query) | Q(organisation_id__in=named))

    @property
    def _understood(self) -> Understood:
        """The words that the list goes by, as a search; read once for the page even while nothing can be kept."""
        words = self.guessed or self.words
        if words not in self._read:
            self._read[words] = understand(words)
        return self._read[words]

    def condition(self, name: str) -> Q:
        """The chosen values of a facet as conditions."""
        terms = self.chosen[name]
        values, ids = [term.value for term in terms], [pk for term in terms for pk in term.ids]
        if name in _LISTS:
            beside, column = _LISTS[name]
            through = getattr(PracticeExample, beside).through.objects
            return Q(Exists(through.filter(practiceexample_id=OuterRef("pk"), **{f"{column}__in": ids})))
        if name == "from":
            return Q(source_url="") if set(values) == {HERE} else ~Q(source_url="") if len(values) == 1 else Q()
        if name == "year":
            return Q(year__in=ids)
        return Q(**{f"{'organisation__kind' if name == 'sector' else name}__in": values})

    def key(self, name: str):
        """What holds the value of a facet."""
        if name in _LISTS:
            return F(_LISTS[name][0])
        if name == "from":
            return Case(When(source_url="", then=Value(HERE)), default=Value(ELSEWHERE))
        return F({"sector": "organisation__kind"}.get(name, name))

    def order(self) -> tuple:
        """Those that a service here wrote come first, then the newest."""
        return (Case(When(source_url="", then=Value(0)), default=Value(1)), "-published_at", "title", "pk")

    def shown(self, rows):
        """With what a card shows."""
        return rows.for_cards()

    @property
    def asked_key(self) -> tuple:
        """Its words count too."""
        return (self.guessed or self.words, self.chosen_terms)

    @cached_property
    def counts(self):
        """How many match; a misspelt search is guessed when it finds nothing."""
        found = cached("practice.counts", self.asked_key, self._count)
        if found.total or not self.words:
            return found
        self.guessed = cached("practice.guess", (self.words,), lambda: second_guess(self.words))
        if self.guessed:
            found = cached("practice.counts", self.asked_key, self._count)
            if not found.total:
                self.guessed = ""
        return found

    # Words and addresses

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What was understood, as parameters of the address; feed and table take the same."""
        return ([("q", self.words)] if self.words else []) + super().parameters

    @property
    def removes(self) -> list[dict]:
        """Each chosen filter in words, and the words that were typed, with the address of the list without it."""
        typed = [{"text": f"“{self.words}”", "url": self.address(without=("q", None))}] if self.words else []
        return typed + super().removes

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for, in words or by a box."""
        return bool(self.words) or super().is_narrowed

    @property
    def sentence(self) -> str:
        """What the list shows, in words."""
        count = self.counts.total
        if count > MOST:
            return _("More than %(most)s examples.") % {"most": f"{MOST:,}"}
        words = ngettext("%(count)s example.", "%(count)s examples.", count) % {"count": f"{count:,}"}
        if self.guessed:
            guess = _("Nothing says “%(words)s”. Showing “%(guess)s” instead.")
            return f"{guess % {'words': self.words, 'guess': self.guessed}} {words}"
        return words

    @property
    def also(self) -> str:
        """The words that mean the same and were looked for too, in words; empty when there are none."""
        return ", ".join(self._understood.also) if self.words and self.counts.total else ""

    @property
    def clear_url(self) -> str:
        """The list with the search words but without any box ticked; empty when none is."""
        if not self.chosen_count:
            return ""
        return f"?{urlencode({'q': self.words})}" if self.words else "?"
