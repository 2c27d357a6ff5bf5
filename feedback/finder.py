""" "You said, we did": what somebody asked the log for in the address, in words, as conditions, counts and pages."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, ExtractYear, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.finder import vocabularies
from core.finding import LAST_PAGE, PER_PAGE, Asked, Choice, Facet, Page, Term
from core.versions import cached
from feedback.models import AnswerState, FeedbackEntry

TITLES = {
    "topic": gettext_lazy("About"),
    "organisation": gettext_lazy("Who answered"),
    "answer": gettext_lazy("What the answer was"),
    "year": gettext_lazy("Year"),
}
OPEN_AT_FIRST = ("topic", "answer")
# Numbered pages cannot show more than this many, and counting stops just above it.
MOST = PER_PAGE * LAST_PAGE
_YEAR = ExtractYear(Coalesce("heard_on", TruncDate("published_at")))


@dataclass(frozen=True)
class Counts:
    """How many entries match, in all and by every value of every facet."""

    total: int
    by: dict[str, dict]


class Log(Asked):
    """What somebody asked the log for, read from the address."""

    titles = TITLES

    def term(self, name: str, value: str) -> Term | None:
        """The value as staff named it; an answer and a year name themselves."""
        if name == "answer":
            return Term(value, str(AnswerState(value).label), "") if value in AnswerState.values else None
        if name == "year":
            is_year = len(value) == 4 and value.isascii() and value.isdigit() and value >= "1900"
            return Term(value, value, "", (int(value),)) if is_year else None
        return vocabularies()[name].get(value)

    # What matches

    def _condition(self, name: str) -> Q:
        terms = self.chosen[name]
        ids = [pk for term in terms for pk in term.ids]
        if not terms:
            return Q()
        if name == "topic":
            through = FeedbackEntry.topics.through.objects
            return Q(Exists(through.filter(feedbackentry_id=OuterRef("pk"), topic_id__in=ids)))
        if name == "organisation":
            return Q(organisation_id__in=ids)
        if name == "answer":
            return Q(answer__in=[term.value for term in terms])
        years = Q(pk__in=[])
        for year in ids:
            years |= Q(heard_on__year=year) | Q(heard_on__isnull=True, published_at__year=year)
        return years

    def _matching(self, *, but: str = ""):
        found = FeedbackEntry.objects.published()
        for name in TITLES:
            if name != but:
                found = found.filter(self._condition(name))
        return found

    @property
    def matching(self):
        """The published entries that match everything that was asked, newest first."""
        return self._matching().order_by("-published_at", "pk")

    # Counts

    @cached_property
    def counts(self) -> Counts:
        """How many match; each facet ignores its own filter, so that ticking another box is foretold."""
        return cached("feedback.counts", self.chosen_terms, self._count)

    def _count(self) -> Counts:
        keys = {"topic": "topics", "organisation": "organisation_id", "answer": "answer", "year": _YEAR}
        by = {}
        for name, key in keys.items():
            rows = self._matching(but=name).order_by()
            rows = rows.annotate(found_year=key).values_list("found_year") if name == "year" else rows.values_list(key)
            by[name] = dict(rows.annotate(count=Count("pk")))
        return Counts(self._matching().order_by().count(), by)

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets worth showing: one that has nothing to choose between is hidden."""
        facets = [self._facet(name) for name in TITLES]
        return [facet for facet in facets if facet.means_something(self.counts.total)]

    def _facet(self, name: str) -> Facet:
        counts = self.counts.by[name]
        chosen = {term.value for term in self.chosen[name]}
        choices = []
        for term in self._terms(name):
            count = sum(counts.get(key, 0) for key in term.ids or (term.value,))
            if count or term.value in chosen:
                choices.append(Choice(term.value, term.text, term.short or term.text, count, term.value in chosen))
        return Facet(name, str(TITLES[name]), choices, name in OPEN_AT_FIRST)

    def _terms(self, name: str) -> list[Term]:
        if name == "answer":
            return [Term(state.value, str(state.label), "") for state in AnswerState]
        if name == "year":
            years = {int(year) for year in self.counts.by["year"]} | {term.ids[0] for term in self.chosen["year"]}
            return [Term(str(year), str(year), "", (year,)) for year in sorted(years, reverse=True)]
        return list(vocabularies()[name].values())

    # Pages

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one when there are not so many."""
        page = self.page_of(self.counts.total)
        if page.total:
            page.rows = list(self.matching.for_log()[page.start : page.start + PER_PAGE])
        return page

    # Words

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.chosen.values())

    @property
    def sentence(self) -> str:
        """What the list shows, in words."""
        count = self.counts.total
        if count > MOST:
            return _("More than %(most)s things that families said, newest first.") % {"most": f"{MOST:,}"}
        words = ngettext(
            "%(count)s thing that families said.", "%(count)s things that families said, newest first.", count
        )
        return words % {"count": f"{count:,}"}

    @property
    def clear_url(self) -> str:
        """The whole log; empty when nothing is chosen."""
        return "?" if self.chosen_count else ""
