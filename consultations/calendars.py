"""Closing dates for people's own calendars: of any list of the finder, or of one consultation."""

from datetime import datetime, time, timedelta

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from consultations.finder import Finder
from consultations.models import Consultation, DateChange
from consultations.stages import TIMELINE, Stage
from core.calendars import Entry, calendar_file, calendar_response
from core.dates import time_words, today

# A calendar shows what comes, and what came lately enough to be looked for.
SINCE = timedelta(days=92)
MOST = 1_000


def with_closing_days(consultations):
    """The consultations with what an entry says, and how often families were told another closing date."""
    moved = Count("date_changes", filter=Q(date_changes__which=DateChange.Which.CLOSES))
    return (
        consultations.filter(closes_on__isnull=False)
        .select_related("organisation")
        .annotate(moved=moved)
        .only(
            "title", "slug", "summary", "opens_on", "closes_on", "closes_at", "response_due_on", "responded_on",
            "withdrawn_on", "answer_owed_from", "changed_at", "organisation__name",
        )
    )  # fmt: skip


def closing_entry(consultation, day) -> Entry:
    """The last day to take part. Stopping calls it off; each new date raises its sequence."""
    stopped = TIMELINE.of(consultation, day) == Stage.WITHDRAWN
    closes = consultation.closes_on
    ends = datetime.combine(closes, consultation.closes_at or time(0))
    starts = ends - timedelta(minutes=30) if consultation.closes_at else closes
    until = time_words(consultation.closes_at) if consultation.closes_at else "11:59pm"
    lines = [
        _("Last day to have your say. It closes at %(time)s.") % {"time": until},
        consultation.summary,
        _("Asked by: %(who)s") % {"who": consultation.organisation.name},
    ]
    if stopped:
        lines.insert(0, _("This was stopped. Its page says why."))
    return Entry(
        uid=f"consultation-{consultation.pk}-closes",
        title=_("Last day: %(title)s") % {"title": consultation.title},
        url=consultation.get_absolute_url(),
        starts=starts,
        ends=ends if consultation.closes_at else None,
        changed_at=consultation.changed_at,
        text="\n\n".join(line for line in lines if line),
        sequence=consultation.moved + stopped,
        cancelled=stopped,
    )


class Closing(View):
    """The closing dates of any list of the finder, soonest first."""

    def get(self, request):
        """The file."""
        day = today()
        finder = Finder(request.GET, day)
        earliest = day - SINCE
        soonest = with_closing_days(finder.matching).filter(closes_on__gte=earliest).order_by("closes_on", "pk")
        chosen = ", ".join(remove["text"] for remove in finder.removes)
        return calendar_response(
            "closing-dates.ics",
            calendar_file(
                _("Closing dates: %(chosen)s") % {"chosen": chosen} if chosen else _("Closing dates"),
                [closing_entry(each, day) for each in soonest[:MOST]],
                about=_("Last days to have your say."),
                url=reverse("consultations:find") + finder.query,
            ),
        )


class ClosingOfOne(View):
    """The closing date of one consultation."""

    def get(self, request, slug):
        """The file. What has no closing date has none."""
        consultation = get_object_or_404(with_closing_days(Consultation.objects.published()), slug=slug)
        return calendar_response(
            f"{slug}.ics",
            calendar_file(
                consultation.title, [closing_entry(consultation, today())], url=consultation.get_absolute_url()
            ),
        )
