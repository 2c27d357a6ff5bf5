"""Lists that people narrow by their address: what was asked, in words, and page by page.

The finder of consultations and the log are made from these. Whatever an
address asks that a list cannot use is left out and said, never an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.versions import cached

PER_PAGE = 20
LAST_PAGE = 50


@dataclass(frozen=True)
class Term:
    """One value a facet can take."""

    value: str
    text: str
    short: str = ""  # where there is little room
    ids: tuple[int, ...] = ()  # rows it stands for; an organisation stands for all below it too


@dataclass(frozen=True)
class Choice:
    """One tick box of a facet. The count is what ticking it alone in its facet would show.

    None when it may not be true; `unknown` then stands in its place.
    """

    value: str
    text: str
    short: str
    count: int | None
    chosen: bool
    unknown: str = ""


@dataclass(frozen=True)
class Facet:
    """A group of tick boxes."""

    name: str
    title: str
    choices: list[Choice]
    open: bool

    @property
    def chosen_count(self) -> int:
        """How many are ticked."""
        return sum(choice.chosen for choice in self.choices)

    def means_something(self, total: int) -> bool:
        """Whether ticking a box here would change the list: something is ticked, or splits it."""
        return bool(self.chosen_count) or any((choice.count or 0) < total for choice in self.choices)


@dataclass
class Page:
    """One page of a list. Numbered pages end at LAST_PAGE; then a search must be narrowed."""

    number: int
    rows: list
    total: int

    @property
    def start(self) -> int:
        """How many rows stand before this page."""
        return (self.number - 1) * PER_PAGE

    @property
    def num_pages(self) -> int:
        """How many pages there are to turn to."""
        return max(1, min(LAST_PAGE, -(-self.total // PER_PAGE)))

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.number < self.num_pages

    @property
    def previous_page_number(self) -> int:
        """The page before this one."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The page after this one."""
        return self.number + 1

    @property
    def is_cut(self) -> bool:
        """Whether more match than numbered pages can show."""
        return self.total > LAST_PAGE * PER_PAGE


class Asked:
    """What somebody asked a list for: `asked` is the address's parameters, `titles` the facets by name.

    `chosen` holds the known values of each facet, `notes` a sentence for each
    thing that was left out.
    """

    titles: Mapping[str, str] = {}

    def __init__(self, asked, today: date):
        self.asked = asked
        self.today = today
        self.notes: list[str] = []
        self.chosen: dict[str, list[Term]] = {}
        for name, title in self.titles.items():
            self.chosen[name] = []
            for value in dict.fromkeys(asked.getlist(name)):
                term = self.term(name, value)
                if term:
                    self.chosen[name].append(term)
                elif value:
                    self.leave_out(str(title), value)
        self.page_number = self._read_page()

    def term(self, name: str, value: str) -> Term | None:
        """The value of a facet as a term; None when the list does not know it."""
        raise NotImplementedError

    def leave_out(self, name: str, value: str) -> None:
        """Say that something was asked which the list cannot use."""
        self.notes.append(
            _("We do not know “%(value)s” for “%(name)s”, so we left it out.")
            % {"value": value[:60].replace("\x00", ""), "name": name}
        )

    def _read_page(self) -> int:
        asked = self.asked.get("page") or "1"
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
        if number < 1:
            self.leave_out(_("Page"), asked)
            return 1
        return number

    def page_of(self, total: int) -> Page:
        """The page asked for, still empty; the last one, and a note, when there are not so many."""
        page = Page(self.page_number, [], total)
        if page.number > page.num_pages:
            self.notes.append(
                _("There are %(count)s pages, so this is the last one.") % {"count": page.num_pages}
                if page.num_pages > 1
                else _("There is only one page.")
            )
            page.number = page.num_pages
        return page

    # Addresses

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What was understood, as parameters of the address; feed and table take the same."""
        return [(name, term.value) for name, terms in self.chosen.items() for term in terms]

    def address(self, without: tuple[str, str | None] = ("", None), **changes: str) -> str:
        """The query string without one filter, or with some parameters changed; always the first page."""
        name, value = without
        kept = [
            (key, each)
            for key, each in self.parameters
            if key not in changes and not (key == name and value in (None, each))
        ]
        kept += [(key, each) for key, each in changes.items() if each]
        return f"?{urlencode(kept)}"

    @property
    def query(self) -> str:
        """The query string of this very list, for another address; empty when nothing was asked."""
        address = self.address()
        return "" if address == "?" else address

    @property
    def chosen_terms(self) -> tuple:
        """What is chosen, as a key for a cache."""
        return tuple((name, tuple(sorted(term.value for term in terms))) for name, terms in self.chosen.items())

    @property
    def chosen_count(self) -> int:
        """How many boxes are ticked."""
        return sum(len(terms) for terms in self.chosen.values())

    @property
    def removes(self) -> list[dict]:
        """Each chosen filter in words, with the address of the list without it."""
        return [
            {"text": term.text, "url": self.address(without=(name, term.value))}
            for name, terms in self.chosen.items()
            for term in terms
        ]


@dataclass(frozen=True)
class Counts:
    """How many rows match, in all and by every value of every facet."""

    total: int
    by: dict[str, dict]


class Counted(Asked):
    """A list whose rows are counted one facet at a time: right for some thousands of rows."""

    name = ""  # of the list, for what is kept of it
    open_at_first: tuple[str, ...] = ()

    # What the list says

    def everything(self) -> QuerySet:
        """Every row that families may read and that fits the words, whatever is ticked."""
        raise NotImplementedError

    def condition(self, name: str) -> Q:
        """True of the rows that have any of the chosen values of a facet, of which there is one at least."""
        raise NotImplementedError

    def key(self, name: str) -> Any:
        """The column, list or expression that holds the value of a facet."""
        raise NotImplementedError

    def terms(self, name: str) -> list[Term]:
        """The values that a facet can have, in the order of the page."""
        raise NotImplementedError

    def shown(self, rows: QuerySet) -> QuerySet:
        """The rows with what a page of the list shows of each."""
        return rows

    def order(self) -> tuple:
        """What comes first."""
        return ("-published_at", "pk")

    # What matches

    def _matching(self, *, but: str = "") -> QuerySet:
        found = self.everything()
        for name in self.titles:
            if name != but and self.chosen[name]:
                found = found.filter(self.condition(name))
        return found

    @property
    def matching(self) -> QuerySet:
        """The rows that match everything that was asked."""
        return self._matching().order_by(*self.order())

    @property
    def asked_key(self) -> tuple:
        """What the counts depend on, as a key for what is kept."""
        return self.chosen_terms

    @cached_property
    def counts(self) -> Counts:
        """How many match; each facet ignores its own filter, so that ticking another box is foretold."""
        return cached(f"{self.name}.counts", self.asked_key, self._count)

    def _count(self) -> Counts:
        by = {}
        for name in self.titles:
            rows = self._matching(but=name).order_by().annotate(found_value=self.key(name)).values_list("found_value")
            by[name] = dict(rows.annotate(count=Count("pk")))
        return Counts(self._matching().order_by().count(), by)

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets worth showing: one that has nothing to choose between is hidden."""
        facets = [self._facet(name) for name in self.titles]
        return [facet for facet in facets if facet.means_something(self.counts.total)]

    def _facet(self, name: str) -> Facet:
        counts = self.counts.by[name]
        chosen = {term.value for term in self.chosen[name]}
        choices = []
        for term in self.terms(name):
            count = sum(counts.get(key, 0) for key in term.ids or (term.value,))
            if count or term.value in chosen:
                choices.append(Choice(term.value, term.text, term.short or term.text, count, term.value in chosen))
        return Facet(name, str(self.titles[name]), choices, name in self.open_at_first)

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one when there are not so many."""
        page = self.page_of(self.counts.total)
        if page.total:
            page.rows = list(self.shown(self.matching)[page.start : page.start + PER_PAGE])
        return page

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.chosen.values())

    @property
    def clear_url(self) -> str:
        """The list without any box ticked; empty when none is."""
        return "?" if self.chosen_count else ""


def year_of(value: str) -> Term | None:
    """A year as a value of a facet; None when it is none."""
    is_year = len(value) == 4 and value.isascii() and value.isdigit() and value >= "1900"
    return Term(value, value, "", (int(value),)) if is_year else None


def years_in(counts: Mapping[Any, int], chosen: list[Term]) -> list[Term]:
    """The years that were counted or chosen, the latest first."""
    years = {int(year) for year in counts if year} | {term.ids[0] for term in chosen}
    return [Term(str(year), str(year), "", (year,)) for year in sorted(years, reverse=True)]
