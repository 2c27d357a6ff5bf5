"""What has been typed into an answer: at first from the listing, later from what was saved or published.

`typed` is plain JSON: `kind`, `correcting`, `facts` (one text for each field
of the answer), `themes` and `ways` (a list of such for the rows). A date is
its three boxes, so that half a date can be kept too.
"""

from datetime import date

from django.utils.translation import gettext as _

from consultations.stages import REPORT_WITHIN
from core.dates import day_range_words, last_working_day
from feedback.checks import WE_ASKED_WORDS
from feedback.counts import Count
from feedback.models import AnswerState, FeedbackEntry, Kind, Origin, Response, StandingReport

TEXTS = (
    "in_short", "we_asked", "who", "missing", "decided_by", "record_url", "link_to_views", "what_next",
    "contact_name", "contact_phone", "contact_email", "formats",
)  # fmt: skip
# Formats that every answer has anyway.
PLAIN_FORMATS = ("web", "summary", "full_document")
THEME_TEXTS = ("theme", "you_said", "how_many", "quote", "we_did", "owner_role", "what_changed", "body", "body_contact")
THEME_DAYS = ("due_on", "next_update_on", "done_on", "passed_on")


def prefill(consultation, today: date) -> dict:
    """A fresh draft: what we asked, who decides, dates, contact and formats come from the listing."""
    formats = sorted(
        {each.format.label for each in consultation.documents.all() if each.format.key not in PLAIN_FORMATS}
    )
    took_part = Count(consultation.took_part, consultation.took_part_is_few)
    decided = consultation.decision_on if consultation.decision_on and consultation.decision_on <= today else None
    facts = dict.fromkeys(TEXTS, "") | {
        "we_asked": _we_asked(consultation, today),
        "total": str(took_part),
        "decided_by": consultation.decided_by,
        "decided_on": boxes(decided),
        "contact_name": consultation.contact_name,
        "contact_phone": consultation.contact_phone,
        "contact_email": consultation.contact_email,
        "formats": _("Ask us for this answer as: %(formats)s.") % {"formats": ", ".join(formats)}
        if formats
        else _("Ask us if you need this answer in another way, such as on paper or in large print."),
        "was_stopped": False,
    }
    methods = dict.fromkeys(way.method.label for way in consultation.ways.all())
    return {
        "kind": Kind.FULL,
        "correcting": False,
        "facts": facts,
        "themes": [{}],
        "ways": [{"method": method, "count": ""} for method in methods],
    }


def of_published(response: Response, entries: list[FeedbackEntry]) -> dict:
    """A draft of an answer that is out already, so that it can be put right."""
    facts = {field: getattr(response, field) for field in TEXTS} | {
        "total": str(Count(response.total, response.total_is_few)),
        "decided_on": boxes(response.decided_on),
        "was_stopped": response.was_stopped,
    }
    themes = [
        {field: getattr(entry, field) for field in THEME_TEXTS}
        | {field: boxes(getattr(entry, field)) for field in THEME_DAYS}
        | {"id": str(entry.pk), "answer": "" if entry.answer == AnswerState.NONE else entry.answer}
        for entry in entries
    ]
    ways = [{"method": row["method"], "count": str(count_of(row))} for row in response.by_method]
    kind = Kind.FULL if response.kind == Kind.ELSEWHERE else response.kind
    return {"kind": kind, "correcting": True, "facts": facts, "themes": themes or [{}], "ways": ways}


def count_of(row: dict) -> Count:
    """The count of one stored row of `Response.by_method`."""
    return Count(row.get("count"), bool(row.get("few")))


def boxes(day: date | None) -> list[str]:
    """A date as its three boxes."""
    return [str(day.day), str(day.month), str(day.year)] if day else ["", "", ""]


def _we_asked(consultation, today):
    """What the proposal was, what could change and what not, and the dates: as much as fits."""
    parts = [
        consultation.summary,
        _("It was open %(dates)s.") % {"dates": day_range_words(consultation.opens_on, consultation.closes_on, today)}
        if consultation.closes_on
        else "",
        _("What could change: %(text)s") % {"text": consultation.can_change} if consultation.can_change else "",
        _("What could not: %(text)s") % {"text": consultation.cannot_change} if consultation.cannot_change else "",
    ]
    fitting: list[str] = []
    for part in parts:
        if part and len(" ".join([*fitting, part]).split()) <= WE_ASKED_WORDS:
            fitting.append(part)
    return "\n\n".join(fitting)


# Reports of standing opportunities


def prefill_report(consultation, newest: StandingReport | None, today: date) -> dict:
    """A fresh report: what was taken back, else what the log says since the newest one; and the day of the next."""
    latest = today + REPORT_WITHIN
    next_on = last_working_day(latest)
    taken_back = StandingReport.objects.taken_back().filter(consultation=consultation).first()
    if taken_back:
        if taken_back.next_on and today < taken_back.next_on <= latest:
            next_on = taken_back.next_on
        return of_report(taken_back) | {"next_on": boxes(next_on), "newest": str(newest.pk if newest else 0)}
    entries = FeedbackEntry.objects.published().filter(consultation=consultation, origin=Origin.HUB)
    if newest:
        entries = entries.filter(published_at__date__gt=newest.reported_on)
    pairs = entries.order_by("published_at", "pk").values_list("you_said", "we_did", "what_changed")
    return {
        "you_said": "\n\n".join(said for said, _did, _changed in pairs),
        "what_changed": "\n\n".join(did or changed for _said, did, changed in pairs),
        "took_part": "",
        "next_on": boxes(next_on),
        "newest": str(newest.pk if newest else 0),
    }


def of_report(report: StandingReport) -> dict:
    """What a report says, to be put right or published again."""
    return {
        "you_said": report.you_said,
        "what_changed": report.what_changed,
        "took_part": str(Count(report.took_part, report.took_part_is_few)),
        "version": str(report.version),
    }
