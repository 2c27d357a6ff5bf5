"""What the answer adds to pages of consultations: itself, the latest holding note, how many points it answers; and
the reports of what stays open."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Count as CountOf
from django.db.models import Max, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.stages import REPORTS, ReportStage
from core.dates import day_words, short_day_words
from core.panels import Panel, gather, register
from feedback.counts import Count, Row, safe_rows
from feedback.drafts import count_of
from feedback.models import AnswerState, FeedbackEntry, HoldingNote, Kind, Origin, Response, StandingReport
from feedback.stages import NOT_ANSWERED, Pair, pair_of, points_words


@dataclass
class Answer:
    """The council's answer as families read it on the page of the consultation, and as its writer previews it."""

    response: Response | None
    entries: list[FeedbackEntry]
    closes_on: date | None
    answered_on: date | None
    today: date
    is_preview: bool = False
    found: list[FeedbackEntry] = field(default_factory=list)
    beside: dict[int, dict[str, Panel]] = field(default_factory=dict)  # what upper floors add to a point, by its id

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is a link to an answer published elsewhere."""
        return self.response.kind == Kind.ELSEWHERE

    @property
    def points_words(self) -> str:
        """ "Answered: 4 of 5 points"; empty for an answer without points."""
        return points_words(self.parts_answered, len(self.entries)) if self.entries else ""

    @property
    def parts_answered(self) -> int:
        """How many points have an answer: not silence, and not "not decided"."""
        return sum(entry.answer not in NOT_ANSWERED for entry in self.entries)

    @property
    def when_words(self) -> str:
        """ "14 October 2026, 41 days after it closed." """
        day = self.answered_on or self.today
        words = day_words(day, self.today)
        if self.closes_on is None or day <= self.closes_on:
            return f"{words}."
        days = (day - self.closes_on).days
        return ngettext("%(day)s, %(days)d day after it closed.", "%(day)s, %(days)d days after it closed.", days) % {
            "day": words,
            "days": days,
        }

    @property
    def took_part(self) -> str:
        """ "318 families took part", "Fewer than 5 took part"; nothing when not known."""
        if self.total.few:
            return _("Fewer than 5 people or families took part.")
        if self.total.number:
            return _("%(count)s people or families took part.") % {"count": self.total}
        return ""

    @property
    def total(self) -> Count:
        """How many took part."""
        return Count(self.response.total, self.response.total_is_few)

    @cached_property
    def ways(self) -> list[Row]:
        """How many for each way of taking part, with nobody to be picked out (DESIGN rule 9)."""
        return safe_rows([(row["method"], count_of(row)) for row in self.response.by_method], self.total)

    @cached_property
    def pairs(self) -> list[Pair]:
        """What families said, and the answer, point by point."""
        return [pair_of(entry, self.today) for entry in self.entries]

    @property
    def points(self) -> list[dict]:
        """The same, each with what upper floors add to it."""
        beside = [self.beside.get(entry.pk, {}) for entry in self.entries]
        return [{"pair": pair, "panels": panels} for pair, panels in zip(self.pairs, beside, strict=True)]

    @cached_property
    def found_pairs(self) -> list[Pair]:
        """What was found on other sites about this consultation, not checked."""
        return [pair_of(entry, self.today) for entry in self.found]

    @property
    def parts(self) -> list[dict]:
        """How many points got which answer, for the strip."""
        found = Counter(entry.answer for entry in self.entries)
        return [
            {"kind": state.value, "text": state.label, "count": found[state]} for state in AnswerState if found[state]
        ]

    @property
    def decided_words(self) -> str:
        """Who decided, and when."""
        if not self.response.decided_on:
            return self.response.decided_by
        return _("%(who)s, on %(day)s") % {
            "who": self.response.decided_by,
            "day": short_day_words(self.response.decided_on, self.today),
        }


def answers(ids: Sequence[int], today: date) -> dict[int, Answer]:
    """The published answer to each of these consultations, with its points, what upper floors add to them, and what was
    found elsewhere. 2 queries, and those of the upper floors."""
    found = {
        response.consultation_id: Answer(
            response, [], response.consultation.closes_on, response.consultation.responded_on, today
        )
        for response in Response.objects.published()
        .filter(consultation_id__in=ids)
        .select_related("consultation")
        .defer("search", "consultation__search")
    }
    entries = FeedbackEntry.objects.published().filter(
        Q(response__consultation_id__in=found) | Q(origin=Origin.FOUND, consultation_id__in=ids)
    )
    for entry in entries.select_related("owner__user").defer("search"):
        answer = found.setdefault(entry.consultation_id, Answer(None, [], None, None, today))
        (answer.found if entry.is_found_elsewhere else answer.entries).append(entry)
    beside = gather("point", [entry.pk for answer in found.values() for entry in answer.entries], today)
    for answer in found.values():
        answer.beside = beside
    return found


def holding_notes(ids: Sequence[int], today: date) -> dict[int, HoldingNote]:
    """The latest holding note of each of these consultations that has no answer yet. One query."""
    notes = HoldingNote.objects.published().filter(consultation_id__in=ids, consultation__responded_on__isnull=True)
    latest = notes.order_by("consultation_id", "-published_at", "-pk").distinct("consultation_id")
    found = {}
    for note in latest.select_related("consultation").defer("consultation__search"):
        # The page says the listing's own contact anyway.
        known = note.consultation.contact_name
        note.is_past_its_date = note.new_date < today
        note.ask = "" if known and known.casefold() in note.contact.casefold() else note.contact
        found[note.consultation_id] = note
    return found


def points(ids: Sequence[int], today: date) -> dict[int, str]:
    """ "Answered: 4 of 5 points" for each of these consultations with an answer in points. One query."""
    counted = (
        FeedbackEntry.objects.published()
        .filter(response__consultation_id__in=ids, response__published_at__isnull=False)
        .order_by()
        .values_list("response__consultation_id")
        .annotate(all=CountOf("pk"), answered=CountOf("pk", filter=~Q(answer__in=NOT_ANSWERED)))
    )
    return {pk: points_words(answered, of) for pk, of, answered in counted}


# So many earlier reports stand, folded, on the page of their consultation. All are on a page of their own.
EARLIER_SHOWN = 3


@dataclass(frozen=True)
class Report:
    """One report as families read it, and as its writer previews it."""

    report: StandingReport
    today: date
    next_on: date | None = None  # when the next one comes; of the newest report only, and only while that is to come

    @property
    def title(self) -> str:
        """ "Report of 3 April"."""
        return report_title(self.report.reported_on, self.today)

    @property
    def took_part(self) -> str:
        """ "23 people or families took part."; never a number from 1 to 4."""
        count = Count(self.report.took_part, self.report.took_part_is_few)
        if count.few:
            return _("Fewer than 5 people or families took part.")
        return (
            _("%(count)s people or families took part.") % {"count": count} if count.number else _("Nobody took part.")
        )


@dataclass(frozen=True)
class Reports:
    """The reports of one standing opportunity on its page: the newest in full, a few earlier ones folded."""

    newest: Report
    earlier: list[Report]
    all_url: str  # the page of all reports; empty when there is only one


def report_title(day: date, today: date) -> str:
    """What a report is called: by its day."""
    return _("Report of %(day)s") % {"day": short_day_words(day, today)}


def reports(ids: Sequence[int], today: date) -> dict[int, Reports]:
    """The newest reports of each of these consultations that has any. One query."""
    place = Window(RowNumber(), partition_by="consultation", order_by=("-reported_on", "-pk"))
    ranked = StandingReport.objects.published().filter(consultation_id__in=ids).annotate(place=place)
    by_consultation: dict[int, list[StandingReport]] = {}
    for report in ranked.filter(place__lte=1 + EARLIER_SHOWN).for_page().order_by("consultation_id", "place"):
        by_consultation.setdefault(report.consultation_id, []).append(report)
    return {pk: _reports_of(rows, today) for pk, rows in by_consultation.items()}


def _reports_of(rows: list[StandingReport], today: date) -> Reports:
    newest, *earlier = rows
    consultation = newest.consultation
    to_come = REPORTS.of(consultation, today) in (ReportStage.AHEAD, ReportStage.DUE)
    return Reports(
        Report(newest, today, consultation.next_report_on if to_come else None),
        [Report(each, today) for each in earlier],
        reverse("feedback:reports", args=[consultation.slug]) if earlier else "",
    )


def newest_reports(ids: Sequence[int], today: date) -> dict[int, str]:
    """ "Report of 3 April" for each of these standing opportunities that has one. One query."""
    newest = StandingReport.objects.published().filter(consultation_id__in=ids).order_by()
    days = newest.values_list("consultation_id").annotate(Max("reported_on"))
    return {pk: report_title(day, today) for pk, day in days}


@dataclass(frozen=True)
class Heard:
    """What families said in an earlier consultation, and what was done: a few points, and how many more there are."""

    in_short: str
    pairs: list[Pair]
    more: int


# So many points of an earlier answer help somebody who drafts the next question.
POINTS_HEARD = 3


def heard(ids: Sequence[int], today: date) -> dict[int, Heard]:
    """What came of each of these earlier consultations that has an answer, for those who draft a new one."""
    found = {}
    for pk, answer in answers(ids, today).items():
        pairs = [*answer.pairs, *answer.found_pairs]
        in_short = answer.response.in_short if answer.response else ""
        found[pk] = Heard(in_short, pairs[:POINTS_HEARD], max(len(pairs) - POINTS_HEARD, 0))
    return found


def register_panels() -> None:
    """Called when the app is ready."""
    register("asked-before", "heard", "feedback/panels/heard.html", heard)
    register("consultation", "answer", "feedback/panels/answer.html", answers)
    register("consultation", "holding", "feedback/panels/holding.html", holding_notes)
    register("consultation", "reports", "feedback/panels/reports.html", reports)
    register("standing-card", "report", "feedback/panels/points.html", newest_reports)
    register("consultation-card", "points", "feedback/panels/points.html", points)
