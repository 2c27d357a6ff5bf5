"""The finder: what somebody asked for in the address, in words, as conditions, as counts and as pages."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Organisation
from accounts.stages import upkeep
from consultations import search
from consultations.models import Consultation, Document, ParticipationLevel, Support, SupportState
from consultations.stages import FINDER_ORDER, TIMELINE, WAITING, Stage
from core.finding import LAST_PAGE, PER_PAGE, Asked, Choice, Facet, Page, Term
from core.models import AccessSupport, Area, Audience, Format, Topic
from core.searching import Understood, clean_words, names, understand
from core.versions import cached
from core.vocabulary import second_guess

# "Takes under 10 minutes": the parameter's one value, and the minutes.
QUICK = "1"
QUICK_MINUTES = 10
# How many stopped or not yet open ones may stand among the soonest to close.
A_FEW = 5
# Counting stops here, where the numbered pages end; what is beyond is "more than 1,000".
COUNTED = LAST_PAGE * PER_PAGE
# The numbers beside the boxes are of the newest so many matches.
WEIGHED = 5_000


class Sort:
    """The ways to sort, by their name in the address."""

    CLOSING = "closing"
    NEWEST = "newest"
    RELEVANT = "relevant"


SORTS = {
    Sort.CLOSING: gettext_lazy("Closing soonest"),
    Sort.NEWEST: gettext_lazy("Newest"),
    Sort.RELEVANT: gettext_lazy("Best match"),
}


@dataclass(frozen=True)
class Order:
    """What comes first within a stage: by one date, undated ones last, then by title."""

    field: str
    newest_first: bool = False

    @property
    def sql(self) -> tuple:
        """For a queryset."""
        date_first = F(self.field).desc(nulls_last=True) if self.newest_first else F(self.field).asc(nulls_last=True)
        return (date_first, "title", "pk")

    def key(self, row) -> tuple:
        """For rows already read."""
        day = getattr(row, self.field)
        if day is None:
            return (1, 0, row.title, row.pk)
        return (0, -day.toordinal() if self.newest_first else day.toordinal(), row.title, row.pk)


_STAGE_ORDER = {
    Stage.OPEN: Order("closes_on"),
    Stage.FORTHCOMING: Order("opens_on"),
    Stage.LATE: Order("response_due_on"),
    Stage.AWAITING: Order("response_due_on"),
    Stage.RESPONDED: Order("responded_on", newest_first=True),
    Stage.CLOSED: Order("closes_on", newest_first=True),
    Stage.WITHDRAWN: Order("withdrawn_on", newest_first=True),
}


# The dates that stages and the order within them are worked out from.
_ORDERED_BY = tuple({begins.field for begins in TIMELINE.begins} | {order.field for order in _STAGE_ORDER.values()})


def vocabularies() -> dict[str, dict[str, Term]]:
    """Every value of every facet, by facet and value, in the order staff gave them. One query."""
    return cached("consultations.vocabularies", (), _read_vocabularies)


def _read_vocabularies() -> dict[str, dict[str, Term]]:
    terms: dict[str, dict[str, Term]] = {
        "stage": {stage.value: Term(stage.value, str(stage.label), "") for stage in FINDER_ORDER},
        "level": {level.value: Term(level.value, str(level.label), "") for level in ParticipationLevel},
        "quick": {QUICK: Term(QUICK, _("Takes under 10 minutes"), "")},
        "topic": {},
        "audience": {},
        "area": {},
        "organisation": {},
        "access": {},
        "format": {},
    }
    lists = [("topic", Topic), ("audience", Audience), ("area", Area), ("access", AccessSupport), ("format", Format)]
    columns = ("facet", "pk", "key", "label", "short", "place", "path")
    rows = [
        model.objects.order_by()
        .annotate(facet=Value(name), short=F("short_label"), place=F("position"), path=Value(""))
        .values_list(*columns)
        for name, model in lists
    ]
    organisations = (
        Organisation.objects.order_by()
        .annotate(facet=Value("organisation"), place=Value(0), key=F("slug"), label=F("name"), short=Value(""))
        .values_list(*columns)
    )
    everything = sorted(organisations.union(*rows, all=True), key=lambda row: (row[5], row[3].casefold()))
    paths = {row[1]: row[6] for row in everything if row[0] == "organisation"}
    for facet, pk, key, label, short, _place, path in everything:
        ids = (
            tuple(other for other, below in paths.items() if below.startswith(path))
            if facet == "organisation"
            else (pk,)
        )
        terms[facet][key] = Term(key, label, short, ids)
    return terms


@dataclass(frozen=True)
class FacetKind:
    """A facet of the finder: its name in the address, its title, and the SQL that counts it."""

    name: str
    title: str
    key: str  # the column or expression that holds its value among the hits
    join: str = ""

    def condition(self, terms: list[Term], today: date) -> Q:
        """True of consultations that have any of the chosen values."""
        ids = [pk for term in terms for pk in term.ids]
        values = [term.value for term in terms]
        if self.name == "stage":
            return TIMELINE.within_any(values, today)
        if self.name == "quick":
            return Q(minutes_needed__lt=QUICK_MINUTES)
        if self.name == "level":
            return Q(level__in=values)
        if self.name == "organisation":
            return Q(organisation_id__in=ids)
        return Q(Exists(_rows_beside(self.name).filter(ids_of(self.name, ids))))


def _rows_beside(name: str):
    """The rows around a consultation that a facet reads."""
    through = {
        "topic": Consultation.topics.through,
        "audience": Consultation.audiences.through,
        "area": Consultation.areas.through,
    }.get(name)
    if through is not None:
        return through.objects.filter(consultation_id=OuterRef("pk"))
    if name == "access":
        return (
            Support.objects.order_by().filter(consultation_id=OuterRef("pk")).exclude(state=SupportState.NOT_AVAILABLE)
        )
    return Document.objects.order_by().filter(consultation_id=OuterRef("pk"))


def ids_of(name: str, ids) -> Q:
    """Conditions on the rows beside a consultation that have one of these terms."""
    column = {"topic": "topic_id", "audience": "audience_id", "area": "area_id", "access": "kind_id"}
    return Q(**{f"{column.get(name, 'format_id')}__in": ids})


FACETS = (
    FacetKind("stage", gettext_lazy("Where it has got to"), "hits.stage_then"),
    FacetKind(
        "topic",
        gettext_lazy("About"),
        "beside.topic_id",
        "JOIN consultations_consultation_topics beside ON beside.consultation_id = hits.id",
    ),
    FacetKind(
        "audience",
        gettext_lazy("For"),
        "beside.audience_id",
        "JOIN consultations_consultation_audiences beside ON beside.consultation_id = hits.id",
    ),
    FacetKind(
        "area",
        gettext_lazy("Where"),
        "beside.area_id",
        "JOIN consultations_consultation_areas beside ON beside.consultation_id = hits.id",
    ),
    FacetKind("level", gettext_lazy("How much say you have"), "hits.level"),
    FacetKind(
        "quick",
        gettext_lazy("How long it takes"),
        f"CASE WHEN hits.minutes_needed < {QUICK_MINUTES} THEN '{QUICK}' END",
    ),
    FacetKind("organisation", gettext_lazy("Who is asking"), "hits.organisation_id"),
    FacetKind(
        "access",
        gettext_lazy("Help to take part"),
        "beside.kind_id",
        "JOIN consultations_support beside ON beside.consultation_id = hits.id AND beside.state <> 'not_available'",
    ),
    FacetKind(
        "format",
        gettext_lazy("Ready in this format"),
        "beside.format_id",
        "CROSS JOIN LATERAL (SELECT DISTINCT format_id FROM consultations_document papers"
        " WHERE papers.consultation_id = hits.id) beside",
    ),
)
OPEN_AT_FIRST = ("stage", "topic")


@dataclass(frozen=True)
class Counts:
    """How many consultations match, in all and by every value of every facet.

    A stage is counted up to COUNTED and one more, so the total may be too low; then `is_cut`. The
    other facets are counted among the newest WEIGHED matches; where there are more, `is_weighed`.
    """

    total: int
    by: dict[str, dict[str, int]]
    is_cut: bool = False
    is_weighed: bool = False


class Finder(Asked):
    """What somebody asked the finder for, read from the address."""

    titles = {kind.name: kind.title for kind in FACETS}

    def __init__(self, asked, today: date, terms: dict[str, dict[str, Term]] | None = None):
        if terms is not None:
            self.vocabularies = terms
        super().__init__(asked, today)
        self.words = clean_words(asked.get("q", ""))
        self.guessed = ""
        self._read: dict[str, Understood] = {}
        self.sort = self._read_sort()

    def term(self, name: str, value: str) -> Term | None:
        """The value as staff named it."""
        return self.vocabularies[name].get(value)

    @cached_property
    def vocabularies(self) -> dict[str, dict[str, Term]]:
        """Every value of every facet, read once for the page even while nothing can be kept."""
        return vocabularies()

    def _read_sort(self) -> str:
        natural = Sort.RELEVANT if self.words else Sort.CLOSING
        sort = self.asked.get("sort") or natural
        if sort not in SORTS:
            self.leave_out(_("Sort by"), sort)
            return natural
        return natural if sort == Sort.RELEVANT and not self.words else sort

    # What matches

    @property
    def everything(self):
        """Every published consultation that the words match, whatever else was chosen."""
        consultations = Consultation.objects.published()
        return consultations.filter(self._words_match) if self.words else consultations

    @property
    def _words_match(self) -> Q:
        words = self.guessed or self.words
        named = [
            pk for term in self.vocabularies["organisation"].values() if names(words, term.text) for pk in term.ids
        ]
        return search.matching(self._understood.query, named)

    @property
    def _understood(self) -> Understood:
        """The words that the list goes by, as a search; read once for the page even while nothing can be kept."""
        words = self.guessed or self.words
        if words not in self._read:
            self._read[words] = understand(words)
        return self._read[words]

    @property
    def conditions(self) -> dict[str, Q]:
        """The chosen filters, by name."""
        return {
            kind.name: kind.condition(self.chosen[kind.name], self.today) for kind in FACETS if self.chosen[kind.name]
        }

    @property
    def matching(self):
        """The consultations that match everything that was asked, as the counts understood its words."""
        if self.words and not self.counts.total:
            return Consultation.objects.none()
        return self.all_that_fit

    @property
    def all_that_fit(self):
        """The same, asked in one statement: nothing is counted before it, and no word is guessed."""
        return self._fitting()

    # Counts

    @cached_property
    def counts(self) -> Counts:
        """How many match, by every value of every facet; a misspelt search is guessed when it finds nothing."""
        counts = self._cached_counts()
        if counts.total == 0 and self.words and not self.guessed:
            self.guessed = cached("consultations.guess", (self.words,), lambda: second_guess(self.words))
            if self.guessed:
                counts = self._cached_counts()
                if counts.total == 0:
                    self.guessed = ""
        if counts.is_weighed:
            words = _("The numbers beside the boxes are of the newest %(count)s.") % {"count": f"{WEIGHED:,}"}
            self.notes.append(words)
        return counts

    def _cached_counts(self) -> Counts:
        asked = (self.guessed or self.words, self.chosen_terms)
        return cached("consultations.counts", asked, self._count)

    def _count(self) -> Counts:
        """Every stage by itself, up to a limit; the other facets in one pass over the newest matches.

        Each facet ignores its own filter, so that ticking another box is foretold.
        """
        parts, parameters = [], []
        for stage in FINDER_ORDER:
            sql, params = (
                self._of_stage(self._fitting(but="stage"), stage)
                .order_by()
                .values("pk")[: COUNTED + 1]
                .query.sql_with_params()
            )
            parts.append(f"SELECT 'stage', '{stage.value}', count(*) FROM ({sql}) AS of_stage")
            parameters += params
        sets, set_parameters = [], []
        for but in ("", *(name for name, terms in self.chosen.items() if terms and name != "stage")):
            newest = self._fitting(but=but).order_by(F("published_at").desc(), "pk")
            columns = ("id", "level", "organisation_id", "minutes_needed")
            sql, params = newest.values(*columns)[:WEIGHED].query.sql_with_params()
            sets.append(f"hits{_without(but)} AS MATERIALIZED ({sql})")
            set_parameters += params
            parts.append(f"SELECT 'weighed', '{but}', count(*) FROM hits{_without(but)}")
        for kind in FACETS[1:]:
            hits = f"hits{_without(kind.name if self.chosen[kind.name] else '')}"
            parts.append(
                f"SELECT '{kind.name}', ({kind.key})::text, count(*) FROM {hits} AS hits {kind.join} GROUP BY 2"
            )
        by: dict[str, dict[str, int]] = {kind.name: {} for kind in FACETS} | {"weighed": {}}
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {', '.join(sets)} {' UNION ALL '.join(parts)}", [*set_parameters, *parameters])
            for name, key, count in cursor.fetchall():
                if key is not None and (count or name != "stage"):
                    by[name][key] = count
        weighed = max(by.pop("weighed").values())
        stages = [
            count for stage, count in by["stage"].items() if stage in self._stages_asked or not self._stages_asked
        ]
        return Counts(sum(stages), by, is_cut=any(count > COUNTED for count in stages), is_weighed=weighed >= WEIGHED)

    def _fitting(self, but: str = ""):
        """What matches the words and every filter, but for one."""
        found = self.everything
        for name, condition in self.conditions.items():
            if name != but:
                found = found.filter(condition)
        return found

    def _of_stage(self, found, stage: Stage):
        """Those in a stage, said a second way as well, so that an index leads straight to what is not over."""
        found = found.filter(TIMELINE.within(stage, self.today))
        if stage in (Stage.OPEN, Stage.FORTHCOMING):
            return found.filter(Q(closes_on__gte=self.today) | Q(closes_on__isnull=True))
        return found.still_owed(self.today) if stage in WAITING else found

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets worth showing: one that has nothing to choose between is hidden."""
        worth_showing = [facet for facet in map(self._facet, FACETS) if facet.means_something(self.counts.total)]
        return worth_showing if self.knows_who_waits else [self._without_who_waits(facet) for facet in worth_showing]

    def _facet(self, kind: FacetKind) -> Facet:
        counts = self.counts.by[kind.name]
        chosen = {term.value for term in self.chosen[kind.name]}
        choices = []
        for term in self.vocabularies[kind.name].values():
            keys = [str(pk) for pk in term.ids] or [term.value]
            count: int | None = sum(counts.get(key, 0) for key in keys)
            unknown = ""
            if kind.name == "stage" and count > COUNTED:
                count, unknown = None, _("over %(count)s") % {"count": f"{COUNTED:,}"}
            elif not count and self.counts.is_weighed:
                count = None  # there may be older ones
            if count or count is None or term.value in chosen:
                text = (term.text, term.short or term.text)
                choices.append(Choice(term.value, *text, count, term.value in chosen, unknown))
        return Facet(kind.name, str(kind.title), choices, kind.name in OPEN_AT_FIRST)

    # Who still waits: not known while nobody looks after the hub (DESIGN rule 12)

    @cached_property
    def knows_who_waits(self) -> bool:
        """Whether it can be said how many answers are owed; one may have been published without anybody telling us."""
        return not upkeep(self.today).is_unattended

    @property
    def _stages_asked(self) -> set[str]:
        return {term.value for term in self.chosen["stage"]}

    def _without_who_waits(self, facet: Facet) -> Facet:
        """The facet without the numbers of answers that are owed."""
        if facet.name == "stage":
            not_known = {stage.value: _("we do not know") for stage in WAITING}
        elif self._stages_asked.intersection(WAITING):
            not_known = {choice.value: "" for choice in facet.choices}
        else:
            return facet
        return replace(
            facet,
            choices=[
                replace(choice, count=None, unknown=not_known[choice.value]) if choice.value in not_known else choice
                for choice in facet.choices
            ],
        )

    # Pages

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one when there are not so many."""
        page = self.page_of(self.counts.total)
        if page.total:
            page.rows = self._rows(page.start)
        return page

    def _rows(self, start: int) -> list:
        """The cards of a page. Which ones they are is found once for each content version, however many there are."""
        asked = (self.guessed or self.words, self.chosen_terms, self.sort, start)
        ids = cached("consultations.page", asked, lambda: [row.pk for row in self._found(start)])
        cards = Consultation.objects.published().filter(pk__in=ids).for_cards().in_bulk()
        return [cards[pk] for pk in ids if pk in cards]

    def _found(self, start: int) -> list:
        """The consultations of a page, in order, with no more than their order is made of."""
        rows = self.matching.only("title", *_ORDERED_BY)
        if self.sort == Sort.NEWEST:
            return list(rows.order_by(F("published_at").desc(), "pk")[start : start + PER_PAGE])
        if self.sort == Sort.RELEVANT:
            return list(search.best_first(rows, self._understood.query)[start : start + PER_PAGE])
        return self._stage_by_stage(rows, start)

    def _soonest(self, found) -> list:
        """The first page when it is all open ones with a closing day, which is most of what families ask; else nothing.

        They are read from the index from today on and told apart here. Asked for
        one stage, PostgreSQL expects a handful, and reads and sorts every open one.
        """
        if self.counts.by["stage"].get(Stage.OPEN.value, 0) < PER_PAGE:
            return []
        closing = found.filter(closes_on__gte=self.today).order_by(*_STAGE_ORDER[Stage.OPEN].sql)
        rows = [row for row in closing[: PER_PAGE + A_FEW] if TIMELINE.of(row, self.today) == Stage.OPEN]
        return rows[:PER_PAGE]

    def _stage_by_stage(self, found, start: int) -> list:
        """Open ones first, then stage after stage, reading only the stages on this page.

        The counts say where each stage begins, so that no stage before it is
        read, and an index serves the order within it.
        """
        chosen = self._stages_asked
        if start == 0 and (not chosen or Stage.OPEN.value in chosen):
            soonest = self._soonest(found)
            if len(soonest) == PER_PAGE:
                return soonest
        wanted, stages = [], []
        left, skip = PER_PAGE, start
        for stage in FINDER_ORDER:
            count = self.counts.by["stage"].get(stage.value, 0) if not chosen or stage.value in chosen else 0
            if left and count > skip:
                taken = min(left, count - skip)
                wanted.append(self._of_stage(found, stage).order_by(*_STAGE_ORDER[stage].sql)[skip : skip + taken])
                stages.append(stage)
                left -= taken
            skip = max(0, skip - count)
        if len(wanted) < 2:
            return list(wanted[0]) if wanted else []
        rows = wanted[0].union(*wanted[1:], all=True)

        def place(row):
            stage = TIMELINE.of(row, self.today)
            return (stages.index(stage), *_STAGE_ORDER[stage].key(row))

        return sorted(rows, key=place)

    # Words

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.words or any(self.chosen.values()))

    @property
    def sentence(self) -> str:
        """What the list shows, in words."""
        count = self.counts.total
        found = ngettext("%(count)s consultation", "%(count)s consultations", count) % {"count": f"{count:,}"}
        if self.counts.is_cut:
            found = _("More than %(count)s consultations") % {"count": f"{COUNTED:,}"}
        order = {
            Sort.CLOSING: _("open ones first, closing soonest"),
            Sort.NEWEST: _("newest first"),
            Sort.RELEVANT: _("best match first"),
        }[self.sort]
        words = _("%(found)s, %(order)s.") % {"found": found, "order": order} if count > 1 else f"{found}."
        if count and self._stages_asked.intersection(WAITING) and not self.knows_who_waits:
            words = (
                _("We do not know how many answers are still owed. This list shows those that were not published here.")
                if self._stages_asked.issubset(WAITING)
                else _("%(words)s How many of these still wait for an answer, we do not know.") % {"words": words}
            )
        if self.guessed:
            guess = _("Nothing says “%(words)s”. Showing “%(guess)s” instead.")
            return f"{guess % {'words': self.words, 'guess': self.guessed}} {words}"
        return words

    @property
    def also(self) -> str:
        """The words that mean the same and were looked for too, in words; empty when there are none."""
        return ", ".join(self._understood.also) if self.words and self.counts.total else ""

    @property
    def removes(self) -> list[dict]:
        """Each chosen filter in words, with the address of the list without it."""
        words = [{"text": f"“{self.words}”", "url": self.address(without=("q", None))}] if self.words else []
        return words + super().removes

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What was understood, as parameters of the address; feed and CSV take the same."""
        words = [("q", self.words)] if self.words else []
        sort = [("sort", self.asked_sort)] if self.asked_sort else []
        return words + super().parameters + sort

    @property
    def asked_sort(self) -> str:
        """The way to sort, when the visitor chose one."""
        return self.sort if self.asked.get("sort") in SORTS else ""

    @property
    def clear_url(self) -> str:
        """The list with the search words but without any box ticked; empty when none is."""
        if not self.chosen_count:
            return ""
        return f"?{urlencode({'q': self.words})}" if self.words else "?"

    @property
    def quick_url(self) -> str:
        """The list narrowed to what takes under 10 minutes; empty when it is already, or would be of nothing."""
        return "" if self.chosen["quick"] or not self.counts.by["quick"] else self.address(quick=QUICK)

    @property
    def sorts(self) -> list[dict]:
        """The ways to sort that make sense now."""
        return [
            {"text": label, "url": self.address(sort=name), "chosen": name == self.sort}
            for name, label in SORTS.items()
            if name != Sort.RELEVANT or self.words
        ]


def _without(but: str) -> str:
    return f"_but_{but}" if but else ""
