"""The list of toolkits and links: what somebody asked for in the address, in words, as counts and pages."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db.models import Count, Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.finder import vocabularies
from core.finding import LAST_PAGE, PER_PAGE, Asked, Choice, Facet, Page, Term
from core.searching import clean_words, understand
from core.versions import cached
from core.vocabulary import second_guess
from practice.resources.models import HelpsWith, Reader, Resource, ResourceKind

TITLES = {
    "audience": gettext_lazy("Who it is for"),
    "helps": gettext_lazy("What it helps with"),
    "kind": gettext_lazy("Kind"),
    "topic": gettext_lazy("About"),
}
OPEN_AT_FIRST = ("audience", "helps")
MOST = PER_PAGE * LAST_PAGE


@dataclass(frozen=True)
class Counts:
    """How many match, in all and by every value of every facet."""

    total: int
    by: dict[str, dict[Any, int]]


class ResourceFinder(Asked):
    """What somebody asked the list of toolkits and links for."""

    titles = TITLES

    def __init__(self, asked, today):
        super().__init__(asked, today)
        self.words = clean_words(asked.get("q", ""))
        self.guessed = ""

    def term(self, name: str, value: str) -> Term | None:
        """The value as it is called here."""
        return self.vocabularies[name].get(value)

    @cached_property
    def vocabularies(self) -> dict[str, dict[str, Term]]:
        """Every value of every facet."""
        helps = cached("resources.helps", (), lambda: [*HelpsWith.objects.all()])
        return {
            "audience": {each.value: Term(each.value, str(each.label)) for each in Reader},
            "helps": {each.key: Term(each.key, each.label, each.short_label, (each.pk,)) for each in helps},
            "kind": {each.value: Term(each.value, str(each.label)) for each in ResourceKind},
            "topic": vocabularies()["topic"],
        }

    # What matches

    def _condition(self, name: str) -> Q:
        terms = self.chosen[name]
        if not terms:
            return Q()
        values, ids = [term.value for term in terms], [pk for term in terms for pk in term.ids]
        if name == "audience":
            return Q(audiences__overlap=values)
        if name == "kind":
            return Q(kind__in=values)
        if name == "helps":
            return Q(Exists(Resource.helps_with.through.objects.filter(resource=OuterRef("pk"), helpswith__in=ids)))
        return Q(Exists(Resource.topics.through.objects.filter(resource=OuterRef("pk"), topic__in=ids)))

    def _matching(self, *, but: str = ""):
        found = Resource.objects.published().working()
        if self.words:
            found = found.filter(search=understand(self.guessed or self.words).query)
        for name in TITLES:
            if name != but:
                found = found.filter(self._condition(name))
        return found

    @property
    def matching(self):
        """Those that match everything that was asked: what fits the words best first, else by title."""
        self.counts  # noqa: B018 - a mistyped search is guessed there
        found = self._matching()
        if self.words:
            query = understand(self.guessed or self.words).query
            return found.order_by(SearchRank(F("search"), query).desc(), "title", "pk")
        return found.order_by("title", "pk")

    # Counts

    @cached_property
    def counts(self) -> Counts:
        """How many match; each facet ignores its own filter, so that ticking another box is foretold."""
        counts = self._cached_counts()
        if counts.total == 0 and self.words and not self.chosen_count:
            self.guessed = cached("resources.guess", (self.words,), lambda: second_guess(self.words))
            if self.guessed:
                counts = self._cached_counts()
                if counts.total == 0:
                    self.guessed = ""
        return counts

    def _cached_counts(self) -> Counts:
        return cached("resources.counts", (self.guessed or self.words, self.chosen_terms), self._count)

    def _count(self) -> Counts:
        keys = {
            "audience": Func(F("audiences"), function="unnest"),
            "helps": F("helps_with"),
            "kind": F("kind"),
            "topic": F("topics"),
        }
        by = {}
        for name, key in keys.items():
            rows = self._matching(but=name).order_by().annotate(value=key).values_list("value")
            by[name] = dict(rows.annotate(count=Count("pk")))
        return Counts(self._matching().order_by().count(), by)

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets worth showing: one that has nothing to choose between is hidden."""
        facets = [self._facet(name) for name in TITLES]
        return [facet for facet in facets if facet.means_something(self.counts.total)]

    def _facet(self, name: str) -> Facet:
        counts, chosen = self.counts.by[name], {term.value for term in self.chosen[name]}
        choices = []
        for term in self.vocabularies[name].values():
            number = sum(counts.get(key, 0) for key in term.ids or (term.value,))
            if number or term.value in chosen:
                choices.append(Choice(term.value, term.text, term.short or term.text, number, term.value in chosen))
        return Facet(name, str(TITLES[name]), choices, name in OPEN_AT_FIRST)

    # Pages and words

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one when there are not so many."""
        page = self.page_of(self.counts.total)
        if page.total:
            page.rows = list(self.matching.for_cards()[page.start : page.start + PER_PAGE])
        return page

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What was understood, as parameters of the address."""
        return ([("q", self.words)] if self.words else []) + super().parameters

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.words) or any(self.chosen.values())

    @property
    def sentence(self) -> str:
        """What the list shows, in words."""
        count = self.counts.total
        if count > MOST:
            return _("More than %(most)s toolkits and links.") % {"most": f"{MOST:,}"}
        if self.words:
            words = ngettext(
                "%(count)s toolkit or link for “%(words)s”.", "%(count)s toolkits and links for “%(words)s”.", count
            )
        else:
            words = ngettext("%(count)s toolkit or link.", "%(count)s toolkits and links, by title.", count)
        return words % {"count": f"{count:,}", "words": self.guessed or self.words}

    @property
    def removes(self) -> list[dict]:
        """Each chosen filter, and the words, with the address of the list without it."""
        words = [{"text": f"“{self.words}”", "url": self.address(without=("q", None))}] if self.words else []
        return words + super().removes

    @property
    def clear_url(self) -> str:
        """The list with its words and without filters; empty when none is chosen."""
        if not self.chosen_count:
            return ""
        return self.address(**dict.fromkeys(TITLES, ""))
