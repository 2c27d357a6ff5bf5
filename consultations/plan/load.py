"""How much is asked of the same families, by audience, area and month. Staff see all, families what is public."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.plan.clashes import Names
from core.finding import Term

# From so many things in one month on it is said in a sentence, of the busiest so many.
MANY = 3
SENTENCES = 5
MONTHS_SHOWN = 12

_COUNTED = """
    SELECT term, month.first::date, count(*)
    FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 month') AS month(first)
    JOIN consultations_window asked
        ON asked.weeks && daterange(greatest(month.first::date, %(day)s), (month.first + interval '1 month')::date)
    CROSS JOIN unnest({rows}) AS term
    WHERE asked.weeks && %(all)s::daterange {among}
    GROUP BY term, month.first
"""
_BUSIEST = """
    SELECT audience, area, month.first::date, count(*) AS things
    FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 month') AS month(first)
    JOIN consultations_window asked
        ON asked.weeks && daterange(greatest(month.first::date, %(day)s), (month.first + interval '1 month')::date)
    CROSS JOIN unnest(asked.audiences) AS audience
    CROSS JOIN unnest(asked.areas) AS area
    WHERE asked.weeks && %(all)s::daterange {among}
    GROUP BY audience, area, month.first
    HAVING count(*) >= %(many)s
    ORDER BY things DESC, month.first, audience, area
    LIMIT %(most)s
"""


@dataclass(frozen=True)
class Cell:
    """How many things one group of families is asked in one month, and where they are listed."""

    month: str
    count: int
    url: str
    words: str


@dataclass(frozen=True)
class Row:
    """One audience or area, month by month."""

    name: str
    cells: list[Cell]


class Load:
    """What is asked of families in the coming months.

    `by` is what the rows are, "audience" or "area"; `among` narrows the other
    one to a single term, by its key. With `public`, only what families can read of counts.
    """

    def __init__(self, day: date, *, by: str = "audience", among: str = "", public: bool):
        self.by = "area" if by == "area" else "audience"
        self.other = "audience" if self.by == "area" else "area"
        self.names, self.public = Names(), public
        self.among: Term | None = self.names.terms(self.other).get(among)
        # Of the month that has begun, what is over asks nothing any more.
        self.day, self.months = day, _months(day)

    def _asked(self) -> dict:
        last = self.months[-1]
        return {
            "day": self.day,
            "first": self.months[0],
            "last": last,
            "all": DateRange(self.day, (last + timedelta(days=32)).replace(day=1)),
            "term": list(self.among.ids) if self.among else [],
            "many": MANY,
            "most": SENTENCES,
        }

    def _read(self, sql: str, **names: str) -> list[tuple]:
        among = "AND asked.is_public" if self.public else ""
        if self.among:
            among += f" AND asked.{self.other}s && %(term)s::bigint[]"
        with connection.cursor() as cursor:
            cursor.execute(sql.format(among=among, **names), self._asked())
            return cursor.fetchall()

    @property
    def month_names(self) -> list[str]:
        """The months of the columns."""
        return [date_format(month, "M" if month.year == self.day.year else "M Y") for month in self.months]

    def rows(self) -> list[Row]:
        """Every audience or area that is asked anything, in the order staff gave them. One query."""
        counted = {(term, month): count for term, month, count in self._read(_COUNTED, rows=f"asked.{self.by}s")}
        found = []
        for term in self.names.terms(self.by).values():
            counts = [sum(counted.get((pk, month), 0) for pk in term.ids) for month in self.months]
            if any(counts):
                pairs = zip(self.months, counts, strict=True)
                found.append(Row(term.short or term.text, [self._cell(term, month, count) for month, count in pairs]))
        return found

    def _cell(self, term: Term, month: date, count: int) -> Cell:
        chosen = [(self.by, term.value)] + ([(self.other, self.among.value)] if self.among else [])
        words = ngettext("%(count)d thing, %(name)s, %(month)s", "%(count)d things, %(name)s, %(month)s", count)
        month_words = _month_words(month, self.months[0])
        said = words % {"count": count, "name": term.text, "month": month_words}
        return Cell(month_words, count, self._address(chosen, month), said)

    def busiest(self) -> list[dict]:
        """The families who are asked most, in sentences, with where it is listed. One query."""
        names = {facet: {pk: term for term in self.names.terms(facet).values() for pk in term.ids} for facet in _FACETS}
        found = []
        for audience, area, month, count in self._read(_BUSIEST):
            who, where = names["audience"].get(audience), names["area"].get(area)
            if who and where:
                words = _("%(who)s in %(where)s are asked %(count)d things in %(month)s") % {
                    "who": who.text,
                    "where": where.short or where.text,
                    "count": count,
                    "month": _month_words(month, self.months[0]),
                }
                chosen = [("audience", who.value), ("area", where.value)]
                found.append({"words": words, "url": self._address(chosen, month)})
        return found

    def _address(self, chosen: list[tuple[str, str]], month: date) -> str:
        if self.public:
            still = [("stage", "open"), ("stage", "forthcoming")]
            return f"{reverse('consultations:find')}?{urlencode([*chosen, *still])}"
        when = [("from", f"{month:%Y-%m}"), ("months", "1")]
        return f"{reverse('plan:timeline')}?{urlencode([*chosen, *when])}"


_FACETS = ("audience", "area")


def _months(day: date) -> list[date]:
    numbers = range(day.year * 12 + day.month - 1, day.year * 12 + day.month - 1 + MONTHS_SHOWN)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _month_words(month: date, first: date) -> str:
    return date_format(month, "F" if month.year == first.year else "F Y")
