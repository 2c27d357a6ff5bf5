"""Which asks fall on the same families in the same weeks: found by one SQL over ranges, worst first.

Two asks clash when they share an audience, and an area or a topic, and a day
from today on. What one owner decided about a pair counts for both (DESIGN
rule 16). The publishing check of a consultation calls `open_clashes`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.finder import vocabularies
from consultations.models import Consultation
from consultations.plan.models import Choice, ClashDecision, Intention, Window
from core.finding import Term

# So many of an ask's clashes are named, the worst ones.
NAMED = 25
# A decision that holds however many days two asks come to share.
FOR_GOOD = 2**31 - 1

# What an ask falls together with. The day is where today begins: what is over clashes with nothing.
_PAIRS = """
    SELECT {columns}, upper(theirs.weeks * {weeks}) - lower(theirs.weeks * {weeks}) AS days
    FROM {source}
    WHERE theirs.weeks && {weeks}
        AND theirs.audiences && {audiences}
        AND (theirs.areas && {areas} OR theirs.topics && {topics})
"""
_OF_ONE = _PAIRS.format(
    columns="theirs.*",
    source="consultations_window theirs",
    weeks="%(weeks)s::daterange",
    audiences="%(audiences)s::bigint[]",
    areas="%(areas)s::bigint[]",
    topics="%(topics)s::bigint[]",
)
# Those that nobody decided about come first, so that none is lost behind many that are settled. A decision holds for
# so many days in common, by the consultation or the intention it is about.
_RANKED = f"""
    SELECT
        found.id,
        found.days,
        EXISTS (
            SELECT FROM unnest(%(consultations)s::bigint[], %(intentions)s::bigint[], %(settled)s::int[])
                AS made(consultation_id, intention_id, days)
            WHERE (made.consultation_id = found.consultation_id OR made.intention_id = found.intention_id)
                AND found.days <= made.days
        ) AS settled,
        count(*) OVER () AS of
    FROM ({_OF_ONE} AND theirs.id IS DISTINCT FROM %(own)s) found
    ORDER BY
        settled,
        days * (
            (SELECT count(*) FROM unnest(found.audiences) term WHERE term = ANY(%(audiences)s::bigint[]))
            + (SELECT count(*) FROM unnest(found.areas) term WHERE term = ANY(%(areas)s::bigint[]))
            + (SELECT count(*) FROM unnest(found.topics) term WHERE term = ANY(%(topics)s::bigint[]))
        ) DESC,
        days DESC,
        id
    LIMIT %(most)s
"""


@dataclass(frozen=True)
class Clash:
    """Another ask that falls on the same families in the same weeks."""

    window: Window
    days: int
    audiences: list[int]
    areas: list[int]
    topics: list[int]
    names: "Names"
    is_settled: bool  # somebody decided about it, and the overlap has not grown since
    decision: ClashDecision | None = None

    @property
    def ask(self) -> Consultation | Intention:
        """What it clashes with."""
        return self.window.ask

    @property
    def kind(self) -> str:
        """Whether that is a consultation or an intention."""
        return kind_of(self.ask)

    @property
    def weight(self) -> int:
        """How much they overlap: days by how many groups, areas and topics they share."""
        return self.days * (len(self.audiences) + len(self.areas) + len(self.topics))

    @property
    def words(self) -> str:
        """ "14 days, the same families (Dads), the same area (Melbridge)"."""
        days = ngettext("%(count)d day", "%(count)d days", self.days) % {"count": self.days}
        said = [_("%(days)s in common") % {"days": days}]
        for title, name, ids in (
            (_("for"), "audience", self.audiences),
            (_("in"), "area", self.areas),
            (_("about"), "topic", self.topics),
        ):
            if ids:
                said.append(f"{title} {', '.join(self.names.of(name, ids))}")
        return "; ".join(said)


@dataclass(frozen=True)
class Clashes:
    """What one ask clashes with: those that are open first, the worst before the others, and how many in all."""

    named: list[Clash]
    total: int

    @property
    def open(self) -> list[Clash]:
        """Those that nobody has decided about."""
        return [each for each in self.named if not each.is_settled]

    @property
    def settled(self) -> list[Clash]:
        """Those that somebody has decided about."""
        return [each for each in self.named if each.is_settled]


def kind_of(ask) -> str:
    """ "consultation" or "intention": the name of a column, and of an address."""
    return "consultation" if isinstance(ask, Consultation) else "intention"


class Names:
    """The terms of the lists in words, read once for a page even while nothing can be kept."""

    @cached_property
    def _lists(self) -> dict[str, dict[str, Term]]:
        return vocabularies()

    def terms(self, facet: str) -> dict[str, Term]:
        """The terms of a list ("audience", "area", "topic") by their keys, in the order staff gave them."""
        return self._lists[facet]

    def of(self, facet: str, ids: Iterable[int]) -> list[str]:
        """Some of its terms in words."""
        wanted = set(ids)
        return [term.short or term.text for term in self.terms(facet).values() if wanted.intersection(term.ids)]


def window_of(ask) -> Window | None:
    """The weeks in which a saved ask reaches families; None when it has none, or was stopped or removed."""
    return Window.objects.filter(**{kind_of(ask): ask.pk}).first() if ask.pk else None


def clashes_of(ask, day: date, *, most: int = NAMED) -> Clashes:
    """What a saved consultation or intention clashes with on or after a day. Four queries at most."""
    window = window_of(ask)
    if window is None:
        return Clashes([], 0)
    return clashes_between(
        (window.starts_on, window.ends_on),
        day,
        audiences=window.audiences,
        areas=window.areas,
        topics=window.topics,
        ask=ask,
        own=window.pk,
        most=most,
    )


def clashes_between(
    weeks: tuple[date, date],
    day: date,
    *,
    audiences: Sequence[int],
    areas: Sequence[int],
    topics: Sequence[int],
    ask=None,
    own: int | None = None,
    most: int = NAMED,
) -> Clashes:
    """What would clash with an ask in these weeks, first and last day, from a day on: also while it is being typed.

    `own` is its window, which does not clash with itself; `ask` the ask, whose decisions count.
    """
    first, last = max(weeks[0], day), weeks[1]
    if first > last:
        return Clashes([], 0)
    decided = _newest_decisions(ask) if ask is not None else {}
    settled = [row for row in decided.items() if row[1].choice != Choice.MOVE]  # moved away, and here it is again
    asked = {
        "weeks": DateRange(first, last + timedelta(days=1)),
        "audiences": list(audiences),
        "areas": list(areas),
        "topics": list(topics),
        "own": own,
        "most": most,
        "consultations": [pk if kind == "consultation" else None for (kind, pk), _made in settled],
        "intentions": [pk if kind == "intention" else None for (kind, pk), _made in settled],
        "settled": [FOR_GOOD if made.choice == Choice.JOIN else made.days for _other, made in settled],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RANKED, asked)
        rows = cursor.fetchall()
    windows = Window.objects.for_plan().in_bulk([row[0] for row in rows]) if rows else {}
    named, names = [], Names()
    for pk, days, is_settled, _of in rows:
        if window := windows.get(pk):
            decision = decided.get((kind_of(window.ask), window.ask.pk))
            if decision is not None:
                _name_both(decision, ask, window.ask)
            shared = (
                [each for each in theirs if each in ours]
                for theirs, ours in ((window.audiences, audiences), (window.areas, areas), (window.topics, topics))
            )
            named.append(Clash(window, days, *shared, names=names, is_settled=is_settled, decision=decision))
    return Clashes(named, rows[0][-1] if rows else 0)


def open_clashes(consultation: Consultation, day: date) -> list[Clash]:
    """The clashes of a consultation that nobody has decided about: it should not be published while there are any."""
    return clashes_of(consultation, day).open


def _newest_decisions(ask) -> dict[tuple[str, int], ClashDecision]:
    """The newest decision about each pair that this ask is part of, by the other of the two. One query."""
    kind = kind_of(ask)
    found: dict[tuple[str, int], ClashDecision] = {}
    for row in ClashDecision.objects.filter(Q(**{kind: ask.pk}) | Q(**{f"other_{kind}": ask.pk})).order_by("pk"):
        side = "other_" if getattr(row, f"{kind}_id") == ask.pk else ""
        consultation = getattr(row, f"{side}consultation_id")
        other = ("consultation", consultation) if consultation else ("intention", getattr(row, f"{side}intention_id"))
        found[other] = row
    return found


def _name_both(decision: ClashDecision, ask, other) -> None:
    """Put the two asks, which are read already, into a decision about them."""
    ours = getattr(decision, f"{kind_of(ask)}_id") == ask.pk
    setattr(decision, f"{'' if ours else 'other_'}{kind_of(ask)}", ask)
    setattr(decision, f"{'other_' if ours else ''}{kind_of(other)}", other)


# Of many asks at once, only how many clashes are open: the same pairs, and the same rule of what is settled.
_OF_MANY = _PAIRS.format(
    columns="ours.id AS ours, theirs.id",
    source="consultations_window ours JOIN consultations_window theirs ON theirs.id <> ours.id",
    weeks="(ours.weeks * daterange(%(day)s, NULL))",
    audiences="ours.audiences",
    areas="ours.areas",
    topics="ours.topics",
)


def _about(one: str, other: str) -> str:
    """That a decision is about these two windows, made for the one of them."""
    return f"""(
            ({one}.consultation_id = made.consultation_id OR {one}.intention_id = made.intention_id)
            AND ({other}.consultation_id = made.other_consultation_id OR {other}.intention_id = made.other_intention_id)
        )"""


_COUNTED = f"""
    SELECT found.ours, count(*)
    FROM ({_OF_MANY} AND ours.id = ANY(%(ids)s)) found
    JOIN consultations_window ours ON ours.id = found.ours
    JOIN consultations_window theirs ON theirs.id = found.id
    LEFT JOIN LATERAL (
        SELECT choice, made.days FROM consultations_clashdecision made
        WHERE {_about("ours", "theirs")} OR {_about("theirs", "ours")}
        ORDER BY made.id DESC
        LIMIT 1
    ) decided ON TRUE
    WHERE decided.choice IS NULL OR decided.choice = 'move'
        OR (decided.choice = 'go_ahead' AND found.days > decided.days)
    GROUP BY found.ours
"""


def count_open(windows: Sequence[int], day: date) -> dict[int, int]:
    """How many open clashes each of these windows has; those without any are left out. One query."""
    if not windows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"ids": list(windows), "day": day})
        return dict(cursor.fetchall())
