""" "You said, we did": what somebody asked the log for in the address, in words, as conditions, counts and pages."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, ExtractYear, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.finder import vocabularies
from core.finding import LAST_PAGE, PER_PAGE, Choice, Facet, Page, Term
from core.versions import cached
from feedback.models import AnswerState, FeedbackEntry

NAMES = ("topic", "organisation", "answer", "year")
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


@dataclass
class Log:
    """What somebody asked the log for. Whatever it cannot use is left out and said in `notes`, never an error."""

    asked: object  # a QueryDict
    today: date
    notes: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.chosen: dict[str, list[Term]] = {}
        for name in NAMES:
            self.chosen[name] = []
            for value in dict.fromkeys(self.asked.getlist(name)):
                term = self._term(name, value)
                if term:
                    self.chosen[name].append(term)
                elif value:
                    self._leave_out(str(TITLES[name]), value)
        self.page_number = self._read_page()

    def _term(self, name: str, value: str) -> Term | None:
        if name == "answer":
            return Term(value, str(AnswerState(value).label), "") if value in AnswerState.values else None
        if name == "year":
            is_year = len(value) == 4 and value.isascii() and value.isdigit() and value >= "1900"
            return Term(value, value, "", (int(value),)) if is_year else None
        return vocabularies()[name].get(value)

    def _leave_out(self, name: str, value: str) -> None:
        self.notes.append(
            _("We do not know “%(value)s” for “%(name)s”, so we left it out.")
            % {"value": value[:60].replace("\x00", ""), "name": name}
        )

    def _read_page(self) -> int:
        asked = self.asked.get("page") or "1"
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
        if number < 1:
            self._leave_out(_("Page"), asked)
            return 1
        return number

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
        for name in NAMES:
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
        asked = tuple((name, tuple(sorted(term.value for term in terms))) for name, terms in self.chosen.items())
        return cached("feedback.counts", asked, self._count)

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
        facets = [self._facet(name) for name in NAMES]
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
        page = Page(self.page_number, [], self.counts.total)
        if page.number > page.num_pages:
            self.notes.append(
                _("There are %(count)s pages, so this is the last one.") % {"count": page.num_pages}
                if page.num_pages > 1
                else _("There is only one page.")
            )
            page.number = page.num_pages
        start = (page.number - 1) * PER_PAGE
        if page.total:
            page.rows = list(self.matching.for_log()[start : start + PER_PAGE])
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
    def removes(self) -> list[dict]:
        """Each chosen filter in words, with the address of the list without it."""
        return [
            {"text": term.text, "url": self.address(without=(name, term.value))}
            for name, terms in self.chosen.items()
            for term in terms
        ]

    @property
    def chosen_count(self) -> int:
        """How many boxes are ticked."""
        return sum(len(terms) for terms in self.chosen.values())

    @property
    def clear_url(self) -> str:
        """The whole log; empty when nothing is chosen."""
        return "?" if self.chosen_count else ""

    def address(self, *, without: tuple[str, str] | None = None) -> str:
        """The query string of this list; the feed takes the same. Starts with "?"."""
        parameters = [
            (name, term.value) for name, terms in self.chosen.items() for term in terms if (name, term.value) != without
        ]
        return f"?{urlencode(parameters)}"
