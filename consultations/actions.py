"""What is done with consultations: each action is one transaction, labelled in the history."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import actions as accounts_actions
from consultations.models import Consultation, DateChange, ParticipationLevel, RecordKind
from consultations.stages import REPORT_WITHIN, TIMELINE, Stage
from core import history
from core.dates import next_working_day
from core.freshness import looked_at
from core.publishing import publish_now

# The hub's promise, from the government's consultation principles (2018, J). It is not law for councils.
ANSWER_WITHIN = timedelta(days=84)


def answer_due(closes_on: date) -> date:
    """The day an answer is due that is owed since `closes_on`: 84 days on, moved to the next working day."""
    return next_working_day(closes_on + ANSWER_WITHIN)


@transaction.atomic
def publish(consultation: Consultation, *, by, on: date) -> None:
    """Show a consultation to families, and start the clock of its answer.

    Raises ValidationError naming everything that is missing: the full list of
    a live record (DESIGN rule 8), or the four facts of a past one.
    """
    missing = []
    if consultation.record == RecordKind.LIVE:
        missing = _missing_around(consultation)
        set_answer_dates(consultation)
        set_report_date(consultation, on)
    editorial = ("published_at", "approved_at", "archived_at", "checked_on", "review_by")
    was = {name: getattr(consultation, name) for name in editorial}
    if consultation.record == RecordKind.LIVE:
        looked_at(consultation, "consultation", on=on)
    publish_now(consultation)
    try:
        consultation.full_clean()
    except ValidationError as refused:
        missing += refused.messages
    if missing:
        # Whoever shows the draft again must not take it for published.
        for name, before in was.items():
            setattr(consultation, name, before)
        raise ValidationError(missing)
    with history.label(by=by, did="published the consultation"):
        consultation.save()


def _missing_around(consultation: Consultation) -> list[str]:
    """What the rows around a consultation lack, which no constraint on its own row can hold."""
    missing = []
    ways = list(consultation.ways.select_related("method")) if consultation.pk else []
    if len(ways) < 2:
        missing.append(_("Give at least two ways to take part"))
    if not any(way.method.offline for way in ways):
        missing.append(_("Give a way to take part that does not need the internet"))
    if not any(way.method.without_voice for way in ways):
        missing.append(_("Give a way to take part that does not need a voice call"))
    for name, fewest, most, words in (
        ("topics", 1, 3, _("Choose 1 to 3 topics")),
        ("audiences", 1, 5, _("Choose 1 to 5 groups that it is for")),
        ("areas", 1, 1000, _("Choose at least one area")),
    ):
        count = getattr(consultation, name).count() if consultation.pk else 0
        if not fewest <= count <= most:
            missing.append(words)
    return missing


def set_answer_dates(consultation: Consultation) -> None:
    """Work out from when an answer is owed and by when, from the closing day and the promise. The caller saves.

    Only a body that has joined the promise, or one below it, gets a due date;
    the others are shown as "no answer yet" (DESIGN rule 2). A date that
    families have seen is a promise made, whoever leaves the promise later.
    """
    closes = consultation.closes_on
    if closes is None or not consultation.owes_an_answer:
        consultation.answer_owed_from = consultation.response_due_on = consultation.first_due_on = None
        return
    consultation.answer_owed_from = closes + timedelta(days=1)
    # A date that families have not seen yet is no first date; one that they have seen stays the first for good.
    seen = consultation.first_due_on if consultation.published_at else None
    if seen is None and consultation.organisation.promise_holder() is None:
        consultation.response_due_on = consultation.first_due_on = None
        return
    latest = answer_due(closes)
    chosen = consultation.response_due_on
    if consultation.promised_earlier and chosen and consultation.answer_owed_from <= chosen <= latest:
        consultation.response_due_on = chosen
    else:
        consultation.response_due_on, consultation.promised_earlier = latest, False
    consultation.first_due_on = seen or consultation.response_due_on


def promises_reports(consultation: Consultation) -> bool:
    """Whether families are promised reports: it stays open, asks for views, and its body joined the promise."""
    return consultation.owes_reports and consultation.organisation.promise_holder() is not None


def set_report_date(consultation: Consultation, on: date) -> None:
    """Work out by when the next report is owed: six months after opening at the latest. The caller saves.

    An earlier day that was named is kept. What owes no report has no day, but
    one that families have seen stays promised when the body leaves the promise.
    """
    seen = consultation.owes_reports and consultation.published_at and consultation.next_report_on
    if not seen and not promises_reports(consultation):
        consultation.next_report_on = None
        return
    latest = max(consultation.opens_on, on) + REPORT_WITHIN
    consultation.next_report_on = min(consultation.next_report_on or latest, latest)


@transaction.atomic
def join_promise(organisation, *, by, name: str, on: date) -> int:
    """Record that a body promised to answer. What it has open from that day on gets a date to answer or report by.

    Returns how many consultations got one. What closed earlier keeps saying
    "no answer yet": nobody is late against a promise not made (DESIGN rule 2).
    """
    accounts_actions.accept_promise(organisation, by=by, name=name, on=on)
    promised = 0
    asked = Consultation.objects.of(organisation).filter(
        record=RecordKind.LIVE, closes_on__gte=on, response_due_on__isnull=True
    )
    with history.label(by=by, did="joined the promise"):
        for consultation in asked.select_related("organisation").select_for_update(of=("self",)):
            set_answer_dates(consultation)
            if consultation.response_due_on:
                consultation.save(update_fields=["answer_owed_from", "response_due_on", "first_due_on", "changed_at"])
                promised += 1
        standing = (
            Consultation.objects.of(organisation)
            .published()
            .filter(closes_on__isnull=True, withdrawn_on__isnull=True, next_report_on__isnull=True)
        )
        for consultation in standing.select_related("organisation").select_for_update(of=("self",)):
            set_report_date(consultation, on)
            if consultation.next_report_on:
                consultation.save(update_fields=["next_report_on", "changed_at"])
                promised += 1
    return promised


@transaction.atomic
def record_answer(consultation: Consultation, *, by, on: date, exactly: bool = True) -> None:
    """The answer is out: from `on` the consultation is answered, everywhere.

    `exactly` is False when only "by that day" is known; it is then left out of
    time figures.
    """
    with history.label(by=by, did="published the answer"):
        consultation.responded_on = on
        consultation.responded_exactly = exactly
        consultation.save(update_fields=["responded_on", "responded_exactly", "changed_at"])


@transaction.atomic
def take_back_answer(consultation: Consultation, *, by) -> None:
    """The answer is taken back: the clock runs on from where it would have been."""
    with history.label(by=by, did="took the answer back"):
        consultation.responded_on = None
        consultation.responded_exactly = True
        consultation.save(update_fields=["responded_on", "responded_exactly", "changed_at"])


@transaction.atomic
def record_report(consultation: Consultation, *, by, next_on: date | None) -> None:
    """A report is out: the next one is owed by `next_on`. None where no report is owed.

    It says nothing of an answer: no report stops that clock.
    """
    with history.label(by=by, did="published a report"):
        consultation.next_report_on = next_on
        consultation.save(update_fields=["next_report_on", "changed_at"])


@transaction.atomic
def owe_report_again(consultation: Consultation, *, by, due_on: date | None) -> None:
    """A report is taken back: it is owed again by the day that it was due.

    Where none was due, or an answer is owed by now instead, no date comes back.
    """
    with history.label(by=by, did="took a report back"):
        if due_on and consultation.owes_reports:
            consultation.next_report_on = due_on
        consultation.save(update_fields=["next_report_on", "changed_at"])


@transaction.atomic
def move_closing_date(consultation: Consultation, *, by, closes_on: date, reason: str, on: date) -> None:
    """Give families more time; the due date moves with it, and the page shows both dates and the reason.

    Raises ValidationError once it is open and the new date is earlier, when it
    has already closed, or when no reason is given.
    """
    stage = TIMELINE.of(consultation, on)
    if stage not in (Stage.FORTHCOMING, Stage.OPEN):
        raise ValidationError(_("It has closed. Ask families again in a new round instead."))
    if stage == Stage.OPEN and consultation.closes_on and closes_on < consultation.closes_on:
        raise ValidationError(_("Once it is open, the closing date can only move later."))
    if closes_on < on:
        raise ValidationError(_("The closing date cannot be in the past."))
    if not reason.strip():
        raise ValidationError(_("Enter the reason. Families will see it."))
    was, was_due = consultation.closes_on, consultation.response_due_on
    consultation.closes_on = closes_on
    set_answer_dates(consultation)
    set_report_date(consultation, on)
    with history.label(by=by, did="moved the closing date"):
        consultation.full_clean()
        consultation.save()
        for which, before, now in (
            (DateChange.Which.CLOSES, was, closes_on),
            (DateChange.Which.DUE, was_due, consultation.response_due_on),
        ):
            if consultation.is_published and before and now and before != now:
                DateChange.objects.create(
                    consultation=consultation, which=which, was=before, now=now, reason=reason, changed_on=on
                )


@transaction.atomic
def withdraw(consultation: Consultation, *, by, reason: str, views: str, on: date) -> None:
    """Stop a consultation that has not closed, saying why and what happens to the views already given.

    Raises ValidationError after the closing day: then the answer says that it
    was stopped (DESIGN rule 4).
    """
    if TIMELINE.of(consultation, on) not in (Stage.FORTHCOMING, Stage.OPEN):
        raise ValidationError(_("It has closed. Say in the answer that it was stopped."))
    consultation.withdrawn_on = on
    consultation.withdrawn_reason = reason
    consultation.withdrawn_views = views
    with history.label(by=by, did="stopped the consultation"):
        consultation.full_clean()
        consultation.save()


@transaction.atomic
def take_on(consultation: Consultation, *, by, owner, on: date) -> None:
    """A service takes on a past record: from `on` an answer is owed, within 84 days (DESIGN rule 8).

    Once: taking it on again would give more time.
    """
    if consultation.record != RecordKind.PAST or consultation.responded_on or consultation.taken_on_on:
        raise ValidationError(_("Only a past record without an answer can be taken on."))
    consultation.taken_on_on = on
    consultation.owner = owner
    consultation.level = consultation.level or ParticipationLevel.CONSULTATION
    consultation.answer_owed_from = on
    consultation.response_due_on = consultation.first_due_on = answer_due(on)
    with history.label(by=by, did="took the past record on"):
        consultation.full_clean()
        consultation.save()


@transaction.atomic
def name_owner(consultation: Consultation, *, by, owner, deputy=None) -> None:
    """Let somebody else answer for a consultation. From the next reminder on they are told.

    Raises ValidationError when the owner has left, or would deputise for themselves.
    """
    for field, membership in (("owner", owner), ("deputy", deputy)):
        if membership is not None and (membership.ended_on is not None or not membership.user.is_active):
            raise ValidationError({field: [_("They have left. Choose somebody who is here.")]})
    if deputy is not None and deputy.user_id == owner.user_id:
        raise ValidationError({"deputy": [_("Choose somebody else as deputy")]})
    consultation.owner, consultation.deputy = owner, deputy
    with history.label(by=by, did="named another owner"):
        consultation.full_clean()
        consultation.save(update_fields=["owner", "deputy", "changed_at"])


@transaction.atomic
def comment_on_delay(consultation: Consultation, *, by, comment: str, on: date) -> None:
    """Put the service's one comment beside a late answer (DESIGN rule 3). An empty one takes it away."""
    if TIMELINE.of(consultation, on) != Stage.LATE:
        raise ValidationError(_("A comment on the delay is only shown while the answer is late."))
    consultation.late_comment = comment.strip()
    with history.label(by=by, did="commented on the delay"):
        consultation.save(update_fields=["late_comment", "changed_at"])
