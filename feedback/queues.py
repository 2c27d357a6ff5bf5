"""What services owe families, for the desk's front page: answers, promises made in an answer, and reports."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.rules import WRITING_ROLES, acts_for, is_fis, paths_of
from consultations.models import Consultation
from consultations.queues import owner_words
from consultations.stages import ReportStage, days_report_late
from core.permissions import Permission
from core.queues import Owed, register
from feedback.models import AnswerState, Draft
from feedback.stages import owned_points


def owned(user, role: str = "owner") -> Q:
    """True of the records that the person owns, or deputises for, by a membership that has not ended."""
    return Q(**{f"{role}__user": user, f"{role}__ended_on__isnull": True})


def theirs(user) -> Q:
    """True of the records of the bodies that the person writes for, the Family Information Service's own included."""
    found = Q(pk__in=[])
    for path in paths_of(user):
        found |= Q(organisation__path__startswith=path)
    return found


def answers_owing(user, today: date, *, everyone: bool = False):
    """The consultations whose answer is owed: by this person, or by everyone for those who may see that."""
    owing = Consultation.objects.owing(on=today)
    if everyone and user.has_perm(Permission.SEE_ALL_DESKS):
        return owing
    return owing.filter(theirs(user) | owned(user) | owned(user, "deputy"))


def promises_owing(user, today: date, *, everyone: bool = False):
    """Promises that are not kept yet, news promised where nothing was decided, and what waits for its answer."""
    promised = owned_points(today)
    if everyone and user.has_perm(Permission.SEE_ALL_DESKS):
        return promised
    return promised.filter(theirs(user) | owned(user))


def reports_owing(user, today: date, *, everyone: bool = False):
    """The standing opportunities whose report is due soon or late."""
    owing = Consultation.objects.owing_reports(ReportStage.DUE, ReportStage.LATE, on=today)
    if everyone and user.has_perm(Permission.SEE_ALL_DESKS):
        return owing
    return owing.filter(theirs(user) | owned(user) | owned(user, "deputy"))


def answers_owed(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Each answer that is owed, with the button that opens its form."""
    rows = (
        answers_owing(user, today, everyone=everyone)
        .annotate(begun=Exists(Draft.objects.filter(consultation=OuterRef("pk"))))
        .select_related("organisation", "owner__user", "deputy")
        .defer("search")
    )
    for row in rows:
        button = ""
        if may_write(user, row.organisation, row.owner, row.deputy):
            button = _("Carry on") if row.begun else _("Write the answer")
        yield Owed(
            kind="answer",
            title=row.title,
            url=row.get_absolute_url(),
            organisation=row.organisation.name,
            due_on=row.response_due_on,
            families=f"{row.took_part:,}" if row.took_part else "",
            button=button,
            button_url=reverse("feedback:answer", args=[row.slug]) if button else "",
            owner=owner_words(row.owner),
        )


def promises_owed(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Each promise that is not kept yet, and each point that waits for its answer, with the button of its form."""
    rows = (
        promises_owing(user, today, everyone=everyone)
        .annotate(took_part=F("consultation__took_part"))
        .select_related("organisation", "owner__user")
        .defer("search")
    )
    for row in rows:
        writes = may_write(user, row.organisation, row.owner)
        waits = row.answer == AnswerState.NONE
        yield Owed(
            kind="point" if waits else "promise",
            title=row.theme or row.you_said[:80],
            url=row.get_absolute_url(),
            organisation=row.organisation.name,
            due_on=row.answer_due_on if waits else row.due_on if row.is_promise else row.next_update_on,
            families=f"{row.took_part:,}" if row.took_part else "",
            button=(_("Answer it") if waits else _("Update it")) if writes else "",
            button_url=reverse("feedback:promise", args=[row.pk]) if writes else "",
            owner=owner_words(row.owner) or row.owner_role,
        )


def reports_owed(user, today: date, *, everyone: bool = False) -> Iterator[Owed]:
    """Each report that is due soon or late, with the button that opens its form. Families wait once it is late."""
    rows = (
        reports_owing(user, today, everyone=everyone)
        .select_related("organisation", "owner__user", "deputy")
        .defer("search")
    )
    for row in rows:
        writes = may_write(user, row.organisation, row.owner, row.deputy)
        yield Owed(
            kind="report",
            title=row.title,
            url=row.get_absolute_url(),
            organisation=row.organisation.name,
            due_on=row.next_report_on,
            families=f"{row.took_part:,}" if row.took_part and days_report_late(row, today) else "",
            button=_("Write the report") if writes else "",
            button_url=reverse("feedback:report", args=[row.slug]) if writes else "",
            owner=owner_words(row.owner),
        )


def may_write(user, organisation, *owners) -> bool:
    """The same as the rules say, for rows that are already read: no query for each."""
    owns = any(owner is not None and owner.ended_on is None and owner.user_id == user.pk for owner in owners)
    return owns or is_fis(user) or acts_for(user, organisation, roles=WRITING_ROLES)


def register_queues() -> None:
    """Called when the app is ready."""
    register("answers", answers_owed)
    register("promises", promises_owed)
    register("reports", reports_owed)
