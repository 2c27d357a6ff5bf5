"""The site search: everything that families may read, found by words, in one list for each kind of document."""

import re
from array import array
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.contrib.postgres.search import SearchQueryField
from django.db import connection
from django.db.models import Case, ExpressionWrapper, F, FloatField, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import searching
from core.finding import LAST_PAGE, PER_PAGE, Asked, Page, Term
from core.searching import Hit, Kind, Understood, clean_words, understand
from core.versions import cached
from core.vocabulary import second_guess

# Of each kind, so many are found, the newest ones; they are what is ranked, and what numbered pages can show.
MOST = PER_PAGE * LAST_PAGE
# So many of each kind stand on the page of all kinds.
OF_EACH = 5
# A text of so many words or fewer is shown whole.
SHORT = 35
# Around the words that are marked. Nobody types them: Unicode gives them no meaning.
_BEGIN, _END = "\ue000", "\ue001"


@dataclass(frozen=True)
class Found:
    """What was found of one kind: ids, best first, and how well the best one matches."""

    ids: array
    best: float

    @property
    def is_cut(self) -> bool:
        """Whether there are more than were looked at."""
        return len(self.ids) > MOST


@dataclass(frozen=True)
class Findings:
    """What some words found, by kind; the words as PostgreSQL read them; and what was looked for besides them."""

    by: dict[str, Found]  # the kind with the best hit first
    asked: str
    also: list[str]

    @property
    def total(self) -> int:
        """How many were found of all kinds, each counted up to its most."""
        return sum(min(len(found.ids), MOST) for found in self.by.values())

    @property
    def is_cut(self) -> bool:
        """Whether there are more than were counted."""
        return any(found.is_cut for found in self.by.values())


@dataclass(frozen=True)
class Part:
    """A piece of a text: one of the words that were looked for, or what stands between them."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Shown:
    """A hit as the page shows it, with its words marked."""

    hit: Hit
    title: list[Part]
    words: list[Part]


@dataclass(frozen=True)
class Group:
    """The hits of one kind that stand on the page."""

    kind: Kind
    count: str
    rows: list[Shown]
    more_url: str  # where all of them are; empty when they are here


class SiteSearch(Asked):
    """What somebody asked the site search for, read from the address."""

    titles = {"kind": gettext_lazy("What to search")}

    def __init__(self, asked, today):
        super().__init__(asked, today)
        self.words = clean_words(asked.get("q", ""))
        self.as_typed = asked.get("as_typed") == "1"
        self.guessed = ""

    def term(self, name: str, value: str) -> Term | None:
        """The kind of document that has this name."""
        kind = searching.kinds().get(value)
        return Term(value, str(kind.title)) if kind else None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What was understood, as parameters of the address."""
        typed = [("as_typed", "1")] if self.as_typed else []
        return ([("q", self.words)] if self.words else []) + [("kind", kind) for kind in self._chosen_kind] + typed

    @property
    def _chosen_kind(self) -> list[str]:
        """One kind at a time: the first that was chosen."""
        return [term.value for term in self.chosen["kind"]][:1]

    # What was found

    @cached_property
    def findings(self) -> Findings:
        """What the words find; when they find nothing, what the words most like them find."""
        if not self.words:
            return Findings({}, "", [])
        findings = _find(self.words)
        if findings.total == 0 and not self.as_typed:
            guess = cached("hub.guess", (self.words,), lambda: second_guess(self.words))
            guessed = _find(guess) if guess else findings
            if guessed.total:
                self.guessed = guess
                return guessed
        return findings

    @property
    def found_nothing(self) -> bool:
        """Whether nothing was found of any kind, and no guess helped: what staff may want to know."""
        return bool(self.words) and not self.as_typed and self.page_number == 1 and self.findings.total == 0

    @cached_property
    def only(self) -> str:
        """The one kind whose hits are all shown, page by page: the chosen one, or the only one with any."""
        if self._chosen_kind:
            return self._chosen_kind[0]
        return next(iter(self.findings.by)) if len(self.findings.by) == 1 else ""

    @cached_property
    def page(self) -> Page:
        """The page of the one kind that is shown; without one, the page of all kinds, which is the only one."""
        found = self.findings.by.get(self.only)
        if found is None and self.page_number > 1 and not self.only:
            return self.page_of(0)
        return self.page_of(len(found.ids) if found else 0)

    @cached_property
    def groups(self) -> list[Group]:
        """The hits on this page: of one kind, or the best few of each kind, the kind with the best hit first."""
        wanted = {}
        for name, found in self.findings.by.items():
            if self.only in ("", name):
                start = self.page.start if self.only else 0
                end = min(start + PER_PAGE, MOST) if self.only else OF_EACH
                wanted[name] = list(found.ids[start:end])
        shown = self._shown(wanted)
        return [self._group(name, rows) for name, rows in shown.items()]

    def _group(self, name: str, rows: list[Shown]) -> Group:
        found = self.findings.by[name]
        more = "" if self.only or len(found.ids) <= OF_EACH else self.address(kind=name)
        return Group(searching.kinds()[name], count_words(found), rows, more)

    def _shown(self, wanted: dict[str, list[int]]) -> dict[str, list[Shown]]:
        """The hits with these ids. One question for each kind, and one for the marks in all of them."""
        kinds = searching.kinds()
        rows = []
        for name, ids in wanted.items():
            # One that was taken off the site since it was found is left out.
            hits = kinds[name].hits(ids, self.today)
            rows += [(name, hits[pk]) for pk in ids if pk in hits]
        shown: dict[str, list[Shown]] = {name: [] for name in wanted}
        marked = _marked([hit for _name, hit in rows], self.findings.asked)
        for (name, hit), (title, words) in zip(rows, marked, strict=True):
            shown[name].append(Shown(hit, title, words))
        return shown

    # Words

    @property
    def kinds(self) -> list[dict]:
        """The kinds to choose between, each with how many there are; none when there is nothing to choose."""
        if not self.findings.by or (len(self.findings.by) == 1 and not self._chosen_kind):
            return []
        everything = {"text": _("Everything"), "count": "", "url": self.address(kind=""), "chosen": not self.only}
        return [everything] + [
            {
                "text": str(searching.kinds()[name].title),
                "count": count_words(found),
                "url": self.address(kind=name),
                "chosen": name == self.only,
            }
            for name, found in self.findings.by.items()
        ]

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        words = self.guessed or self.words
        total = self.findings.total
        if self.findings.is_cut:
            return _("More than %(most)s results for “%(words)s”.") % {"most": f"{MOST:,}", "words": words}
        if not total:
            return _("No results for “%(words)s”.") % {"words": words}
        found = ngettext("%(count)s result for “%(words)s”.", "%(count)s results for “%(words)s”.", total)
        return found % {"count": f"{total:,}", "words": words}

    @property
    def also(self) -> str:
        """What was searched for as well, in words; empty when nothing was."""
        return ", ".join(self.findings.also) if self.findings.total else ""

    @property
    def as_typed_url(self) -> str:
        """The same search without our guess."""
        return f"?{urlencode({'q': self.words, 'as_typed': 1})}"


def count_words(found: Found) -> str:
    """How many, or "more than 1,000"."""
    if found.is_cut:
        return _("more than %(most)s") % {"most": f"{MOST:,}"}
    return f"{len(found.ids):,}"


def _find(words: str) -> Findings:
    return cached("hub.search", (words,), lambda: _read(words))


def _read(words: str) -> Findings:
    """One question for all kinds: of each the newest that match, ranked."""
    parts, parameters = [], []
    understood = understand(words)
    for name, kind in searching.kinds().items():
        sql, values = _newest(kind, words, understood).query.sql_with_params()
        parts.append(
            "SELECT %s AS kind, document, row_number() OVER () AS place, words_asked,"
            f" ts_rank(words_here, words_asked) + lift AS rank FROM ({sql}) AS newest"
        )
        parameters += [name, *values]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, array_agg(document ORDER BY rank DESC, place), max(rank), min(words_asked::text)"
            f" FROM ({' UNION ALL '.join(parts)}) AS found GROUP BY kind",
            parameters,
        )
        rows = {name: rest for name, *rest in cursor.fetchall()}
    by = {name: Found(array("q", ids), best) for name, (ids, best, _asked) in rows.items()}
    by = dict(sorted(by.items(), key=lambda each: (-each[1].best, each[0])))
    return Findings(by, next((asked for _ids, _best, asked in rows.values()), ""), understood.also)


def _newest(kind: Kind, words: str, understood: Understood):
    """The newest documents of a kind that match. Rank reads every row, so the older ones of very many are left out."""
    query = understood.query
    vector = F(kind.vector) if isinstance(kind.vector, str) else kind.vector
    named = list(kind.named(words)) if kind.named else []
    by_name = Case(When(pk__in=named, then=1.0), default=0.0, output_field=FloatField())
    rows = kind.public().annotate(
        document=F("pk"),
        words_here=vector,
        words_asked=ExpressionWrapper(query, SearchQueryField()),
        lift=by_name if named else Value(0.0, FloatField()),
    )
    match = Q(words_here=query) | Q(pk__in=named) if named else Q(words_here=query)
    return rows.filter(match).order_by(*kind.newest).values("document", "words_here", "words_asked", "lift")[: MOST + 1]


def _marked(hits: list[Hit], asked: str) -> list[tuple[list[Part], list[Part]]]:
    """The title of each hit, and a few words of its text around what was looked for, with the words marked."""
    if not hits:
        return []
    marks = f"StartSel={_BEGIN}, StopSel={_END}"
    texts = [_plain(hit.text) for hit in hits]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ts_headline('english', title, %s::tsquery, %s), ts_headline('english', words, %s::tsquery, how)"
            " FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS hit (title, words, how, place)"
            " ORDER BY place",
            [
                asked,
                f"{marks}, HighlightAll=true",
                asked,
                [_plain(hit.title) for hit in hits],
                texts,
                [
                    f"{marks}, HighlightAll=true"
                    if len(text.split()) <= SHORT
                    else f"{marks}, MinWords=15, MaxWords=30"
                    for text in texts
                ],
            ],
        )
        found = cursor.fetchall()
    return [(_parts(title), _parts(_with_dots(words, text))) for text, (title, words) in zip(texts, found, strict=True)]


def _plain(text: str) -> str:
    """A text in one line, without what makes Markdown of it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text.replace(_BEGIN, "").replace(_END, ""))
    return " ".join(re.sub(r"(^|\s)(#+|[*-]|>)\s|\*\*|__", r"\1", text).split())


def _with_dots(words: str, text: str) -> str:
    """The words with dots where the text goes on."""
    bare = words.replace(_BEGIN, "").replace(_END, "")
    before = "" if not bare or text.startswith(bare) else "… "
    after = "" if not bare or text.endswith(bare) else " …"
    return f"{before}{words}{after}"


def _parts(marked: str) -> list[Part]:
    """A text with marks as its pieces: every second one stood between marks."""
    pieces = re.split(f"[{_BEGIN}{_END}]", marked)
    return [Part(text, bool(number % 2)) for number, text in enumerate(pieces) if text]
