"""The desk's front page: what the person who signed in owes families, worst first."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from accounts.rules import roles_of, writes_somewhere
from consultations.models import Consultation
from consultations.stages import REPORTS, ReportStage
from core.dates import short_day_words, today
from core.permissions import Permission
from core.queues import Owed, owed_by
from feedback.queues import answers_owing, owned, reports_owing, theirs
from notices.faults import open_faults

PER_PAGE = 20
FAULTS_SHOWN = 5
SOON = timedelta(days=28)


@dataclass(frozen=True)
class Row:
    """One thing owed, as the page shows it."""

    owed: Owed
    colour: str
    words: str

    @classmethod
    def of(cls, owed: Owed, day: date) -> "Row":
        """In the words of the desk: "34 days late", "9 days past 13 November", "due in 12 days"."""
        late = owed.days_late(day)
        if owed.due_on is None:
            return cls(owed, "awaiting", _("no date promised"))
        if late and owed.kind == "promise":
            words = ngettext("%(days)d day past %(day)s", "%(days)d days past %(day)s", late)
            return cls(owed, "late", words % {"days": late, "day": short_day_words(owed.due_on, day)})
        if late:
            return cls(owed, "late", ngettext("%(days)d day late", "%(days)d days late", late) % {"days": late})
        left = (owed.due_on - day).days
        if left == 0:
            return cls(owed, "closing", _("due today"))
        words = ngettext("due in %(days)d day", "due in %(days)d days", left) % {"days": left}
        return cls(owed, "closing" if left <= SOON.days else "awaiting", words)


class WhatYouOwe(TemplateView):
    """Answers and reports late or due, and promises: the person's own, or everybody's for who looks after the hub."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/owe.html"

    def get_context_data(self, **kwargs):
        """The tiles, and a page of what is owed with one button each."""
        user, day = self.request.user, today()
        may_see_all = user.has_perm(Permission.SEE_ALL_DESKS)
        everyone = may_see_all and self.request.GET.get("show") != "mine"
        owed = owed_by(user, day, everyone=everyone)
        page = Paginator(owed, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            everyone=everyone,
            may_see_all=may_see_all,
            roles=[
                f"{role.organisation.name} · {role.job_title or role.get_role_display()}" for role in roles_of(user)
            ],
            tiles=tiles(owed, user, day, everyone=everyone),
            page=page,
            rows=[Row.of(each, day) for each in page],
            keeps_hub=user.has_perm(Permission.SEE_MESSAGES),
            **self._faults(user, day),
            may_add=writes_somewhere(user),
            sees_keepers=user.has_perm(Permission.SEE_KEEPERS),
            **kwargs,
        )

    def _faults(self, user, day: date) -> dict:
        """What keeps messages from people, on the first page, for those who can mend it."""
        if not user.has_perm(Permission.SEE_FAULTS) or self.request.GET.get("page", "1") != "1":
            return {}
        broken, more = open_faults(day, FAULTS_SHOWN)
        return {"faults": broken, "more_faults": more}


def tiles(owed: list[Owed], user, day: date, *, everyone: bool) -> list[dict]:
    """The big numbers: late, due soon, on time this year, reports late, promises past their date, families waiting."""
    late = sum(each.kind == "answer" and bool(each.days_late(day)) for each in owed)
    reports = sum(each.kind == "report" and bool(each.days_late(day)) for each in owed)
    soon = sum(each.kind != "promise" and each.due_on is not None and day <= each.due_on <= day + SOON for each in owed)
    past = sum(each.kind == "promise" and bool(each.days_late(day)) for each in owed)
    waiting = families_who_wait(user, day, everyone=everyone)
    shown = [
        {"number": late, "text": ngettext("answer late", "answers late", late), "stage": "stage-late" if late else ""},
        {"number": soon, "text": _("due in 28 days"), "stage": "stage-closing" if soon else ""},
        {
            "number": past,
            "text": ngettext("promise past its date", "promises past their date", past),
            "stage": "stage-late" if past else "",
        },
        {"number": f"{waiting:,}", "text": _("families waiting")},
    ]
    if reports:
        shown.insert(
            2, {"number": reports, "text": ngettext("report late", "reports late", reports), "stage": "stage-late"}
        )
    on_time = on_time_words(user, day, everyone=everyone)
    if on_time:
        shown.insert(2, {"number": on_time, "text": _("on time this year")})
    return shown


def families_who_wait(user, day: date, *, everyone: bool) -> int:
    """How many families wait for an answer that is owed, or for a report that is late."""
    answers = answers_owing(user, day, everyone=everyone)
    reports = reports_owing(user, day, everyone=everyone).filter(REPORTS.within(ReportStage.LATE, day))
    return sum(each.aggregate(families=Sum("took_part"))["families"] or 0 for each in (answers, reports))


def on_time_words(user, day: date, *, everyone: bool) -> str:
    """ "5 of 6": of the answers that were due this year, how many were out by the first date that was published.

    One that is still owed counts as soon as its date has gone by. Empty when none was due yet.
    """
    due = (
        Consultation.objects.published()
        .filter(first_due_on__year=day.year, responded_exactly=True)
        .filter(Q(responded_on__isnull=False) | Q(first_due_on__lt=day, withdrawn_on__isnull=True))
    )
    if not everyone:
        due = due.filter(theirs(user) | owned(user) | owned(user, "deputy"))
    found = due.aggregate(all=Count("pk"), on_time=Count("pk", filter=Q(responded_on__lte=F("first_due_on"))))
    if not found["all"]:
        return ""
    return _("%(on_time)d of %(all)d") % found
