"""What the hub's own records say of each statement, for many organisations at once, in one query.

A figure comes with what it is out of ("4 of 6"). Where there is nothing to
count it says "no records yet", never "0 of 0". Each counts what an
organisation itself wrote; which figure goes with which statement is in
content/standard.yaml (`signal`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from consultations.events.models import Event, Repeats
from consultations.models import Consultation, Document, RecordKind, SupportState, WayToTakePart
from consultations.plan.models import ClashDecision
from consultations.writing.models import ReadyAnswer
from consultations.writing.ready import checklist
from core.publishing import PUBLISHED
from feedback.models import AnswerState, FeedbackEntry, Response
from feedback.parents.models import ParentCheck
from practice.models import PracticeExample
from practice.network.models import NetworkPerson, NetworkRole
from practice.stories.models import ParentStory, standing_consents
from standards.models import Adoption
from standards.stages import ADOPTIONS, AdoptionStage

YEAR, TWO_YEARS = relativedelta(months=12), relativedelta(months=24)
# An answer is owed so many days after closing (DESIGN rule 2).
ANSWER_WITHIN = relativedelta(days=84)
COSTS = ("childcare_costs", "travel_costs")

# Rows of statement, organisation, part and whole; 0 where there is nothing to be a part of. Rows of the same statement
# and organisation add up.
Counts = list[QuerySet]


@dataclass(frozen=True)
class Figure:
    """What the records say of one statement about one organisation."""

    words: str
    is_met: bool
    has_records: bool


@dataclass(frozen=True)
class Asked:
    """Which statement is asked about, of which organisations, on which day."""

    key: str
    ids: Sequence[int]
    day: date

    def _rows(self, rows: QuerySet, of: str) -> QuerySet:
        rows = rows.filter(**{f"{of}__in": self.ids}).order_by()
        return rows.annotate(statement=Value(self.key, CharField())).values_list("statement", of)

    def share(self, rows: QuerySet, part: Q, *, of: str = "organisation") -> Counts:
        """How many rows of each organisation there are, and how many of those are so."""
        counted = self._rows(rows, of)
        return [counted.annotate(part=Count("pk", filter=part, distinct=True), whole=Count("pk", distinct=True))]

    def number(self, rows: QuerySet, *, of: str = "organisation") -> Counts:
        """How many rows of each organisation there are."""
        return [self._rows(rows, of).annotate(part=Count("pk", distinct=True), whole=Value(0))]


@dataclass(frozen=True)
class Reading:
    """How one statement is read from the records."""

    count: Callable[["Asked"], Counts]
    label: str | Promise  # what is counted: "answers on time"
    in_all: bool = True  # met when all of them are; otherwise one is enough
    is_share: bool = True  # "4 of 6"; otherwise only how many there are

    def figure(self, part: int, whole: int) -> Figure:
        """The figure in words."""
        if self.is_share and whole == 0:
            return Figure(_("%(label)s: no records yet") % {"label": self.label}, False, False)
        if not self.is_share:
            return Figure(f"{self.label}: {part or _('none')}", part > 0, part > 0)
        words = _("%(label)s: %(part)d of %(whole)d") % {"label": self.label, "part": part, "whole": whole}
        return Figure(words, part == whole if self.in_all else part > 0, True)


def figures(ids: Sequence[int], day: date, *, only: Iterable[str] = ()) -> dict[int, dict[str, Figure]]:
    """What the records say of these organisations on a day, by organisation and statement. One query.

    Of `only` some statements, by their keys, or of all that the records can say something of.
    """
    keys = [key for key in READINGS if key in set(only) or not only]
    first, *others = [rows for key in keys for rows in READINGS[key].count(Asked(key, ids, day))]
    parts: Counter = Counter()
    wholes: Counter = Counter()
    for key, pk, part, whole in first.union(*others, all=True) if others else first:
        parts[pk, key] += part
        wholes[pk, key] += whole
    return {pk: {key: READINGS[key].figure(parts[pk, key], wholes[pk, key]) for key in keys} for pk in ids}


# --- Counting


def _asked() -> QuerySet:
    return Consultation.objects.published().filter(record=RecordKind.LIVE)


def _met() -> QuerySet:
    return Event.objects.published().ours().filter(cancelled_on=None)


def _promise(asked: Asked) -> Counts:
    promised = Q(promise_accepted_on__isnull=False, promise_left_on=None)
    fresh = Q(promise_accepted_on__gte=asked.day - TWO_YEARS) | Q(checked_on__gte=asked.day - TWO_YEARS)
    return asked.number(Organisation.objects.filter(promised & fresh), of="pk")


def _partners(asked: Asked) -> Counts:
    holds = ADOPTIONS.within_any((AdoptionStage.ADOPTED, AdoptionStage.CURRENT, AdoptionStage.DUE), asked.day)
    standing = Adoption.objects.filter(holds, organisation=OuterRef("pk"))
    rows = Organisation.objects.filter(closed_on=None).annotate(has_adopted=Exists(standing))
    return asked.share(rows, Q(has_adopted=True), of="parent")


def _planned(asked: Asked) -> Counts:
    ahead = (asked.day, asked.day + YEAR)
    met = _met().filter(Q(first_day__range=ahead) | _goes_on(asked.day))
    return asked.number(_asked().filter(opens_on__range=ahead)) + asked.number(met)


def _goes_on(day: date) -> Q:
    """Series that still have a date to come."""
    return ~Q(repeats=Repeats.ONCE) & (Q(until=None) | Q(until__gte=day))


def _who_took_part(asked: Asked) -> Counts:
    rows = Response.objects.published().filter(consultation__responded_on__gte=asked.day - YEAR)
    said = ~Q(who="") & ~Q(missing="")
    return asked.share(rows, said, of="consultation__organisation")


def _regular(asked: Asked) -> Counts:
    return asked.number(_met().filter(_goes_on(asked.day)))


def _decides(asked: Asked) -> Counts:
    rows = _asked().filter(opens_on__range=(asked.day - YEAR, asked.day))
    named = ~Q(decided_by="") & (Q(decision_on__isnull=False) | ~Q(decision_when=""))
    return asked.share(rows, named)


def _clashes(asked: Asked) -> Counts:
    rows = ClashDecision.objects.filter(decided_on__gte=asked.day - YEAR, consultation__isnull=False)
    return asked.number(rows, of="consultation__organisation")


def _answered(asked: Asked) -> Counts:
    rows = _asked().filter(
        answer_owed_from__isnull=False, closes_on__range=(asked.day - YEAR, asked.day - ANSWER_WITHIN)
    )
    return asked.share(rows, Q(responded_on__isnull=False))


def _stories(asked: Asked) -> Counts:
    # Families read none without a permission; here those count that would be read with one.
    rows = ParentStory.objects.filter(PUBLISHED).annotate(is_allowed=Exists(standing_consents(asked.day)))
    return asked.share(rows, Q(is_allowed=True))


def _on_time(asked: Asked) -> Counts:
    rows = _asked().filter(first_due_on__range=(asked.day - YEAR, asked.day))
    return asked.share(rows, Q(responded_on__lte=F("first_due_on")))


def _easy(asked: Asked) -> Counts:
    ways = WayToTakePart.objects.filter(consultation=OuterRef("pk"))
    second = ways.order_by("pk").values("pk")[1:2]
    easy_read = Document.objects.filter(consultation=OuterRef("pk"), format__key="easy_read")
    rows = _asked().filter(opens_on__range=(asked.day - YEAR, asked.day))
    rows = rows.annotate(has_ways=Exists(ways.filter(pk__in=second)), has_easy_read=Exists(easy_read))
    return asked.share(rows, Q(has_ways=True, has_easy_read=True))


def _confirmed(asked: Asked) -> Counts:
    told = ParentCheck.objects.told().filter(entry=OuterRef("pk"))
    rows = FeedbackEntry.objects.published().filter(answer=AnswerState.DONE, done_on__gte=asked.day - TWO_YEARS)
    return asked.share(rows.annotate(is_told=Exists(told)), Q(is_told=True))


def _lead(asked: Asked) -> Counts:
    rows = NetworkPerson.objects.shown().filter(role=NetworkRole.LEAD, agreed_on__gte=asked.day - YEAR)
    return asked.number(rows)


def _checklists(asked: Asked) -> Counts:
    # What the hub checks by itself needs no answer; each other question has one, and a "no" has its reason.
    by_hand = [
        question["key"]
        for group in checklist()["groups"]
        for question in group["questions"]
        if not question.get("automatic") and not question.get("optional")
    ]
    answers = ReadyAnswer.objects.filter(consultation=OuterRef("pk"), key__in=by_hand).order_by()
    whole = answers.values("consultation").annotate(number=Count("pk")).filter(number=len(by_hand))
    rows = _asked().filter(opens_on__range=(asked.day - YEAR, asked.day)).annotate(is_settled=Exists(whole))
    return asked.share(rows, Q(is_settled=True))


def _costs(asked: Asked) -> Counts:
    rows = _met().filter(Q(first_day__gte=asked.day - YEAR) | _goes_on(asked.day))
    given = Q(supports__kind__key__in=COSTS) & ~Q(supports__state=SupportState.NOT_AVAILABLE)
    return asked.share(rows, given)


def _lessons(asked: Asked) -> Counts:
    rows = PracticeExample.objects.published().ours().filter(published_at__date__gte=asked.day - TWO_YEARS)
    return asked.share(rows, ~Q(hard=""))


def _champion(asked: Asked) -> Counts:
    return asked.number(Organisation.objects.filter(promise_left_on=None).exclude(promise_accepted_by=""), of="pk")


def _leaders_there(asked: Asked) -> Counts:
    rows = _met().filter(
        Q(first_day__range=(asked.day - YEAR, asked.day)) | _goes_on(asked.day) & Q(first_day__lte=asked.day)
    )
    return asked.share(rows, ~Q(staff_there=""))


def _decided(asked: Asked) -> Counts:
    rows = FeedbackEntry.objects.published().filter(answer=AnswerState.DONE, done_on__gte=asked.day - TWO_YEARS)
    return asked.share(rows, Q(response__isnull=False) & ~Q(response__record_url=""))


READINGS: dict[str, Reading] = {
    "values-emerging-1": Reading(
        _promise, gettext_lazy("A promise on its page, not older than two years"), is_share=False
    ),
    "values-advanced-1": Reading(
        _partners, gettext_lazy("Bodies below it that have adopted the standard"), in_all=False
    ),
    "strategy-emerging-1": Reading(
        _planned, gettext_lazy("Consultations and events in the next 12 months"), is_share=False
    ),
    "strategy-established-1": Reading(_who_took_part, gettext_lazy("Answers that say who took part and who did not")),
    "structures-emerging-1": Reading(_regular, gettext_lazy("Regular events with dates to come"), is_share=False),
    "structures-established-1": Reading(
        _decides, gettext_lazy("Consultations of the last 12 months that say who decides and when")
    ),
    "structures-established-2": Reading(
        _clashes, gettext_lazy("Clashes with others that it decided about, in the last 12 months"), is_share=False
    ),
    "systems-emerging-1": Reading(
        _answered, gettext_lazy("Answered, of those that closed more than 12 weeks ago in the last 12 months")
    ),
    "systems-emerging-2": Reading(_stories, gettext_lazy("Published stories with a permission in date")),
    "systems-established-1": Reading(_on_time, gettext_lazy("Answers on time in the last 12 months")),
    "systems-established-2": Reading(
        _easy, gettext_lazy("Consultations with two ways to take part and easy read, in the last 12 months")
    ),
    "systems-advanced-1": Reading(
        _confirmed, gettext_lazy("Promises called done that parents have looked at"), in_all=False
    ),
    "people-emerging-1": Reading(_lead, gettext_lazy("People in the network who lead on this"), is_share=False),
    "skills-emerging-1": Reading(
        _checklists, gettext_lazy("Consultations of the last 12 months with every question of the checklist answered")
    ),
    "skills-established-1": Reading(
        _costs, gettext_lazy("Events that help with childcare or travel costs"), in_all=False
    ),
    "skills-advanced-1": Reading(_lessons, gettext_lazy("Good practice examples that say what was hard"), in_all=False),
    "leadership-emerging-1": Reading(
        _champion, gettext_lazy("A senior person who stands for the promise"), is_share=False
    ),
    "leadership-established-1": Reading(
        _leaders_there, gettext_lazy("Events that say who from the service is there"), in_all=False
    ),
    "leadership-advanced-1": Reading(
        _decided, gettext_lazy("Promises called done with a link to the decision"), in_all=False
    ),
}
