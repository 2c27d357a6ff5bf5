"""Families like mine: what somebody told about their family in the address, and how well a consultation fits it.

The hub keeps none of it: it stands in the address, which is never logged, or
in a store of the family's own device. It puts nothing out of a list. It only
says what comes first.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _

from consultations.events.finder import DateFinder, Row
from consultations.events.listing import Card as DateCard
from consultations.events.listing import card as date_card
from consultations.finder import vocabularies
from consultations.languages import languages
from consultations.listing import Card, cards
from consultations.models import Consultation, Document, Support, SupportState
from consultations.stages import Stage
from core.finding import Term

# The audiences that say how old a child is, youngest first. The others that say something of a family are needs.
AGES = ("expectant", "under_5", "primary", "secondary", "post_16")
NOT_A_NEED = (*AGES, "everyone", "all_parents_carers", "practitioners", "children_young_people", "english_additional")
# What a family may look for help or a say in. Where a list has others, staff chose them for councils, not for families.
NEED_TOPICS = ("send", "short_breaks", "school_travel", "mental_health", "health", "childcare", "family_help")
SHOWN = 30
# So many dates of the next weeks are shown, from so many days.
DATES_SHOWN = 6
DATES_AHEAD = 28
# Help that a family needs which reads another language.
INTERPRETER = "spoken_interpreter"


@dataclass(frozen=True)
class Question:
    """One thing a family may say about itself: a group of tick boxes, or one choice."""

    name: str  # the parameter
    title: str
    choices: list[tuple[Term, bool]]  # and whether it is chosen


class Family:
    """What a family said about itself, read from an address. What is not known is left out."""

    def __init__(self, asked):
        known = self._known
        self.chosen = {
            name: [terms[value] for value in dict.fromkeys(asked.getlist(name)) if value in terms]
            for name, terms in known.items()
        }

    @cached_property
    def _known(self) -> dict[str, dict[str, Term]]:
        lists = vocabularies()
        audiences, topics = lists["audience"], lists["topic"]
        needs = {key: term for key, term in audiences.items() if key not in NOT_A_NEED}
        needs |= {f"about-{key}": topics[key] for key in NEED_TOPICS if key in topics}
        return {
            "age": {key: audiences[key] for key in AGES if key in audiences},
            "need": needs,
            "area": lists["area"],
            "language": {code: Term(code, each.name) for code, each in languages().items()},
        }

    @property
    def questions(self) -> list[Question]:
        """Everything a family may say, with what it has said."""
        titles = {
            "age": _("How old are your children?"),
            "need": _("What matters to your family?"),
            "area": _("Where do you live?"),
            "language": _("Which language do you like to read?"),
        }
        return [
            Question(
                name, titles[name], [(_named(key, term), term in self.chosen[name]) for key, term in terms.items()]
            )
            for name, terms in self._known.items()
            if terms
        ]

    @property
    def says_something(self) -> bool:
        """Whether anything is chosen."""
        return any(self.chosen.values())

    @property
    def query(self) -> str:
        """What was understood, as the query string of an address; empty when there is nothing."""
        known = self._known
        kept = [
            (name, key) for name, terms in known.items() for key, term in terms.items() if term in self.chosen[name]
        ]
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def words(self) -> str:
        """What was chosen, in words."""
        return ", ".join(term.short or term.text for terms in self.chosen.values() for term in terms)

    def fit(self) -> Case:
        """How many of the four things a consultation fits, as SQL: 0 to 4."""
        tests = [self._rows(name) for name, terms in self.chosen.items() if terms]
        total = Value(0, output_field=IntegerField())
        for test in tests:
            total = total + Case(When(test, then=1), default=0, output_field=IntegerField())
        return total

    def _rows(self, name: str) -> Q:
        terms = self.chosen[name]
        ids = [pk for term in terms for pk in term.ids]
        if name == "age":
            return _beside(Consultation.audiences.through, audience_id__in=ids)
        if name == "area":
            return _beside(Consultation.areas.through, area_id__in=ids)
        if name == "need":
            return _beside(Consultation.audiences.through, audience__key__in=self._need_keys) | _beside(
                Consultation.topics.through, topic__key__in=self._need_topics
            )
        named = [languages()[term.value].english_name for term in terms]
        spoken = Support.objects.order_by().filter(consultation_id=OuterRef("pk"), kind__key=INTERPRETER)
        written = Document.objects.order_by().filter(consultation_id=OuterRef("pk"), language__in=named)
        return Q(Exists(spoken.exclude(state=SupportState.NOT_AVAILABLE))) | Q(Exists(written))

    @property
    def _need_keys(self) -> list[str]:
        return [key for key, term in self._known["need"].items() if term in self.chosen["need"]]

    @property
    def _need_topics(self) -> list[str]:
        return [key.removeprefix("about-") for key in self._need_keys if key.startswith("about-")]

    def fits_row(self, row: Row) -> int:
        """How many of the four things a series of events fits: as `fit`, for a row that a list has read."""
        known, has = vocabularies(), row.values
        needs = {pk for term in self.chosen["need"] for pk in term.ids}
        topics = {pk for key in self._need_topics for pk in known["topic"][key].ids}
        interpreter = known["access"].get(INTERPRETER)
        wanted = {
            "age": {pk for term in self.chosen["age"] for pk in term.ids} & has["audience"],
            "need": ((needs - topics) & has["audience"]) | (topics & has["topic"]),
            "area": {pk for term in self.chosen["area"] for pk in term.ids} & has["area"],
            "language": set(interpreter.ids) & has["access"] if self.chosen["language"] and interpreter else set(),
        }
        return sum(bool(found) for found in wanted.values())


def _named(key: str, term: Term) -> Term:
    """The term as its box shows it: a topic and an audience may have the same key, so the box has its own value."""
    return Term(key, term.text, term.short, term.ids)


def _beside(through, **conditions) -> Q:
    return Q(Exists(through.objects.order_by().filter(consultation_id=OuterRef("pk"), **conditions)))


def for_family(family: Family, day: date) -> list[tuple[Card, bool]]:
    """What is open and what comes next, the best fit first; and whether each fits at all. Three queries."""
    listed = Consultation.objects.published().in_stage(Stage.OPEN, Stage.FORTHCOMING, on=day).for_cards()
    ranked = listed.annotate(fit=family.fit()).order_by("-fit", "closes_on", "title", "pk")[:SHOWN]
    rows = list(ranked)
    return [(card, row.fit > 0) for card, row in zip(cards(rows, day), rows, strict=True)]


def dates_for_family(family: Family, day: date) -> list[DateCard]:
    """The next dates of events that fit a family, the best fit first, then the soonest."""
    asked = QueryDict(f"until={day + timedelta(days=DATES_AHEAD)}")
    finder = DateFinder(asked, day)
    fits = {row.pk: family.fits_row(row) for row in finder.found.series}
    to_come = [each for each in finder.found.occurrences(0, finder.total) if not each.is_cancelled]
    # The soonest date of each series: what is to come is in the order of its dates.
    once = {each.event.pk: each for each in reversed(to_come) if fits[each.event.pk]}
    best = sorted(once.values(), key=lambda each: (-fits[each.event.pk], each.sorts))
    return [date_card(each, day) for each in best[:DATES_SHOWN]]
