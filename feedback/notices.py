"""What services are reminded of: answers that are owed, and promises whose date comes or has gone by."""

from collections.abc import Sequence
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Length, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import FIS_ROLES, VOLUNTEER_KINDS, Membership, Organisation, Role
from consultations.listing import families_waiting
from consultations.models import Consultation
from consultations.stages import TIMELINE, Stage, stage_words
from core.dates import day_words
from feedback.models import AnswerState, FeedbackEntry
from notices.models import Recipient
from notices.reasons import Line, Reason, register


def address_of(membership: str) -> Case:
    """The address of the person in a membership that has not ended; empty when there is none."""
    active = {f"{membership}__ended_on__isnull": True, f"{membership}__user__is_active": True}
    return Case(When(**active, then=F(f"{membership}__user__email")), default=Value(""), output_field=CharField())


def run_by_volunteers() -> ExpressionWrapper:
    """Whether the organisation is invited to answer and never escalated (DESIGN rule 2)."""
    return ExpressionWrapper(Q(organisation__kind__in=VOLUNTEER_KINDS), output_field=BooleanField())


class Owed(Reason):
    """What a service owes families: chased up its own chain, then by those who look after the hub."""

    def roster(self, day: date) -> QuerySet:
        """The leads for each organisation, those who look after the hub, and the leads of the council that keeps it.

        The leads for an organisation are its own or, where it has none, those of
        the nearest body above it: what `leads_of` answers for one, here for all.
        """
        active = Membership.objects.active()
        leads = active.filter(role=Role.LEAD)
        above = leads.alias(below=ExpressionWrapper(OuterRef("path"), output_field=CharField()))
        nearest = above.filter(below__startswith=F("organisation__path")).order_by(Length("organisation__path").desc())
        of_nearest = leads.filter(organisation_id=OuterRef("lead_body")).values("user__email")
        everywhere = Cast(Value(None), IntegerField())
        leads_for_each = (
            Organisation.objects.annotate(lead_body=Subquery(nearest.values("organisation_id")[:1]))
            .annotate(
                role=Value(Recipient.LEAD.value),
                to=Func(ArraySubquery(of_nearest), function="unnest", output_field=CharField()),
            )
            .values_list("role", "pk", "to")
        )
        fis = active.filter(role__in=FIS_ROLES)
        sponsors = leads.filter(organisation__is_keeper=True)
        return leads_for_each.order_by().union(
            *(
                who.order_by().values_list(Value(role.value), everywhere, "user__email")
                for role, who in ((Recipient.FIS, fis), (Recipient.SPONSOR, sponsors))
            ),
            all=True,
        )


@register
class AnswerOwed(Owed):
    """An answer to a consultation: from the day after closing until it is published.

    Without a promise it has no due date, so its service is told once and not
    chased. Publishing, stopping, a moved date or taking a past record on
    changes what `owing` holds or the dates, and the reminders with it.
    """

    name = "answer-owed"
    label = gettext_lazy("An answer is owed")
    model = "consultations.consultation"
    anchors = ("answer_owed_from", "response_due_on")

    def things(self, day: date) -> QuerySet:
        """The published consultations that wait for their answer on the day."""
        return Consultation.objects.owing(on=day).annotate(
            to_owner=address_of("owner"),
            to_deputy=address_of("deputy"),
            to_team=Coalesce(NullIf("team_mailbox", Value("")), "organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How late each is, how many families wait, and the form of the answer."""
        rows = Consultation.objects.filter(pk__in=ids).defer("search")
        return {
            each.pk: Line(
                title=each.title,
                url=each.get_absolute_url(),
                what=_answer_words(each, day),
                families=families_waiting(each.took_part),
                button=_("Write the answer"),
                button_url=reverse("feedback:answer", args=[each.slug]),
                due_on=each.response_due_on,
            )
            for each in rows
        }


@register
class PromiseOwed(Owed):
    """A promise in the log, or news promised where nothing was decided: before its date, and until it is kept.

    An entry found elsewhere promises nothing here and is never chased.
    """

    name = "promise-owed"
    label = gettext_lazy("A promise to families")
    model = "feedback.feedbackentry"
    anchors = ("promised_on",)

    def things(self, day: date) -> QuerySet:
        """The published promises that are not kept yet."""
        return FeedbackEntry.objects.open_promises().annotate(
            promised_on=Case(
                When(answer=AnswerState.DECIDING, then=F("next_update_on")),
                default=F("due_on"),
                output_field=DateField(),
            ),
            to_owner=address_of("owner"),
            to_deputy=Value(""),
            to_team=F("organisation__mailbox"),
            volunteers=run_by_volunteers(),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """How far past its date each is, how many families wait, and the form that updates it."""
        rows = FeedbackEntry.objects.filter(pk__in=ids).annotate(waiting=F("consultation__took_part")).defer("search")
        found = {}
        for each in rows:
            by = each.next_update_on if each.answer == AnswerState.DECIDING else each.due_on
            found[each.pk] = Line(
                title=each.theme or each.you_said[:80],
                url=each.get_absolute_url(),
                what=_promise_words(by, day) if by else str(each.get_answer_display()),
                families=families_waiting(each.waiting),
                button=_("Update it"),
                button_url=reverse("feedback:promise", args=[each.pk]),
                due_on=by,
            )
        return found


def _answer_words(consultation, day: date) -> str:
    due = consultation.response_due_on
    if due is None or TIMELINE.of(consultation, day) != Stage.AWAITING:
        return stage_words(consultation, day)
    days = (due - day).days
    if days == 0:
        return _("Answer due today")
    return ngettext("Answer due tomorrow, %(day)s", "Answer due in %(days)d days, on %(day)s", days) % {
        "days": days,
        "day": day_words(due, day),
    }


def _promise_words(by: date, day: date) -> str:
    days = (by - day).days
    words = {"days": abs(days), "day": day_words(by, day)}
    if days == 0:
        return _("Promised for today")
    if days > 0:
        return ngettext("Promised for tomorrow, %(day)s", "Promised in %(days)d days, by %(day)s", days) % words
    return (
        ngettext(
            "Promise is %(days)d day past its date (%(day)s)", "Promise is %(days)d days past its date (%(day)s)", -days
        )
        % words
    )
