"""Records of an organisation that can show a statement, offered so that nobody types what the hub knows already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import F, Model, QuerySet
from django.db.models.functions import TruncDate

from accounts.models import Organisation
from consultations.events.models import Event
from consultations.models import Consultation, RecordKind
from feedback.models import FeedbackEntry, IssuedReport, ReportKind, Response
from practice.models import PracticeExample
from practice.resources.models import Resource
from practice.stories.models import ParentStory
from standards.levels import EVIDENCE_COUNTS_FOR
from standards.models import Adoption, EvidenceKind, SelfCheck

# So many of a kind are offered on the page of a statement, the newest first.
OFFERED = 6


@dataclass(frozen=True)
class Offer:
    """A record that can show a statement."""

    kind: EvidenceKind
    record_id: int
    title: str
    happened_on: date
    url: str

    @property
    def mark(self) -> str:
        """How a form names it."""
        return f"{self.kind.value}:{self.record_id}"


def _consultations(body: Organisation) -> QuerySet:
    rows = Consultation.objects.published().filter(record=RecordKind.LIVE, opens_on__isnull=False)
    return rows.filter(organisation=body).annotate(day=F("opens_on")).defer("search")


def _responses(body: Organisation) -> QuerySet:
    rows = Response.objects.published().filter(
        consultation__organisation=body, consultation__responded_on__isnull=False
    )
    return (
        rows.annotate(day=F("consultation__responded_on")).select_related("consultation").defer("consultation__search")
    )


def _entries(body: Organisation) -> QuerySet:
    rows = FeedbackEntry.objects.published().filter(organisation=body)
    return rows.annotate(day=TruncDate("published_at")).defer("search")


def _events(body: Organisation) -> QuerySet:
    return Event.objects.published().ours().filter(organisation=body).annotate(day=F("first_day")).defer("search")


def _examples(body: Organisation) -> QuerySet:
    rows = PracticeExample.objects.published().ours().filter(organisation=body)
    return rows.annotate(day=TruncDate("published_at")).defer("search")


def _stories(body: Organisation) -> QuerySet:
    rows = ParentStory.objects.published().filter(organisation=body)
    return rows.annotate(day=TruncDate("published_at")).defer("search")


def _resources(body: Organisation) -> QuerySet:
    rows = Resource.objects.published().filter(organisation=body)
    return rows.annotate(day=TruncDate("published_at")).defer("search")


def _bodies(body: Organisation) -> QuerySet:
    return Organisation.objects.filter(pk=body.pk, checked_on__isnull=False).annotate(day=F("checked_on"))


def _adoptions(body: Organisation) -> QuerySet:
    rows = Adoption.objects.standing().filter(organisation__parent=body)
    return rows.annotate(day=F("adopted_on")).select_related("organisation")


def _checks(body: Organisation) -> QuerySet:
    rows = SelfCheck.objects.published().filter(adoption__organisation__parent=body)
    return rows.annotate(day=F("published_on")).select_related("adoption__organisation")


def _reports(_body: Organisation) -> QuerySet:
    return IssuedReport.objects.filter(kind=ReportKind.BOARD).annotate(day=TruncDate("issued_at"))


SOURCES: dict[EvidenceKind, Callable[[Organisation], QuerySet]] = {
    EvidenceKind.ORGANISATION: _bodies,
    EvidenceKind.ADOPTION: _adoptions,
    EvidenceKind.SELF_CHECK: _checks,
    EvidenceKind.CONSULTATION: _consultations,
    EvidenceKind.CHECKLIST: _consultations,
    EvidenceKind.RESPONSE: _responses,
    EvidenceKind.ENTRY: _entries,
    EvidenceKind.EVENT: _events,
    EvidenceKind.EXAMPLE: _examples,
    EvidenceKind.STORY: _stories,
    EvidenceKind.CONSENT: _stories,
    EvidenceKind.RESOURCE: _resources,
    EvidenceKind.REPORT: _reports,
}


def _offer(kind: EvidenceKind, row: Model) -> Offer:
    about = row.consultation if kind == EvidenceKind.RESPONSE else row
    url = (
        ""
        if kind == EvidenceKind.REPORT
        else (row.adoption if kind == EvidenceKind.SELF_CHECK else about).get_absolute_url()
    )
    title = row.content.get("title", "") if kind == EvidenceKind.REPORT else str(about)
    return Offer(kind, row.pk, title[:300], row.day, url)


def offers(body: Organisation, kinds: Sequence[str], day: date) -> list[Offer]:
    """The newest records of an organisation, of these kinds, that still count on a day. One query a kind."""
    since = day - EVIDENCE_COUNTS_FOR
    found = []
    for kind in map(EvidenceKind, kinds):
        rows = SOURCES[kind](body).filter(day__range=(since, day + relativedelta(months=12))).order_by("-day", "-pk")
        found += [_offer(kind, row) for row in rows[:OFFERED]]
    return found


def still_there(body: Organisation, named: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these records families can still read: what was taken off the site shows nothing any more."""
    by_kind: dict[str, list[int]] = {}
    for kind, pk in named:
        by_kind.setdefault(kind, []).append(pk)
    return {
        (kind, pk)
        for kind, ids in by_kind.items()
        for pk in SOURCES[EvidenceKind(kind)](body).filter(pk__in=ids).values_list("pk", flat=True)
    }
