"""What people do with the standard: adopt it, check themselves against it, publish what they found."""

from collections.abc import Iterable
from datetime import date

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import history
from core.publishing import Conflict
from standards.evidence import Offer, offers
from standards.figures import Figure
from standards.levels import IN_PLACE
from standards.models import (
    CHECK_LASTS,
    FIRST_CHECK_WITHIN,
    LAPSES_AFTER,
    Adoption,
    Evidence,
    EvidenceKind,
    Indicator,
    Judgement,
    Level,
    Rating,
    SelfCheck,
    Standard,
)

# What a service can say of itself. What parents say is asked of them, never chosen for them.
OWN_RATINGS = (Rating.NOT_YET, Rating.STARTED, Rating.IN_PLACE, Rating.NOT_APPLICABLE)
# A first check may be put off, but not for ever.
FIRST_CHECK_AT_MOST = relativedelta(months=12)


@transaction.atomic
def adopt(*, by, facts: dict) -> Adoption:
    """An organisation pledges in public to work towards the standard; `facts` are the columns of its pledge.

    Raises ValidationError when it has adopted the standard already, or puts its first check off for over a year.
    """
    adoption = Adoption(**facts)
    adoption.renew_by = facts.get("renew_by") or adoption.adopted_on + FIRST_CHECK_WITHIN
    if adoption.renew_by > adoption.adopted_on + FIRST_CHECK_AT_MOST:
        raise ValidationError({"renew_by": [_("The first check is due within a year of adopting")]})
    adoption.lapses_on = adoption.renew_by + LAPSES_AFTER
    adoption.full_clean()
    with history.label(by=by, did="adopted the standard"):
        adoption.save()
    return adoption


@transaction.atomic
def change_pledge(adoption: Adoption, *, by, facts: dict, version: int) -> None:
    """Put the words of a pledge right. Raises Conflict when somebody else changed it meanwhile."""
    adoption = _locked(adoption)
    if adoption.version != version:
        raise Conflict
    for name, value in facts.items():
        setattr(adoption, name, value)
    adoption.version += 1
    adoption.full_clean()
    with history.label(by=by, did="changed the pledge"):
        adoption.save()


@transaction.atomic
def end_adoption(adoption: Adoption, *, by, on: date, reason: str) -> None:
    """End a pledge, for a reason that the register shows. Its checks stay to be read."""
    adoption = _locked(adoption)
    if adoption.ended_on:
        raise ValidationError(_("It has ended already."))
    adoption.ended_on, adoption.ended_reason = on, reason.strip()
    adoption.full_clean()
    with history.label(by=by, did="ended the pledge"):
        adoption.save()


@transaction.atomic
def begin_check(adoption: Adoption, *, on: date, first_steps_only: bool) -> SelfCheck:
    """Begin a check on the version of the standard that counts now, or go on with the one that was begun."""
    adoption = _locked(adoption)
    if adoption.ended_on:
        raise ValidationError(_("The pledge has ended. Adopt the standard again first."))
    going_on = adoption.checks.going_on().first()
    if going_on is not None:
        return going_on
    standard = Standard.objects.newest()
    if standard is None:
        raise ValidationError(_("This hub has no standard yet."))
    return SelfCheck.objects.create(
        adoption=adoption, standard=standard, begun_on=on, first_steps_only=first_steps_only
    )


@transaction.atomic
def go_on_to_all(check: SelfCheck) -> None:
    """Take all statements into a check that was begun with those of the first level only."""
    check = _open(check)
    check.first_steps_only = False
    check.save(update_fields=["first_steps_only"])


@transaction.atomic
def judge(
    check: SelfCheck,
    indicator: Indicator,
    *,
    by,
    on: date,
    rating: str,
    words: str = "",
    differs: str = "",
    figure: Figure | None = None,
    marks: Iterable[str] = (),
    note: str = "",
    note_on: date | None = None,
    version: int = 0,
) -> Judgement:
    """Say of one statement how far the service is, with what shows it: records by their marks, or a note.

    `version` is the judgement that the person had before them, 0 for none.
    Raises Conflict when a colleague said something else meanwhile, and
    ValidationError in plain words: "We do this" needs something that shows it,
    and a reason where the hub's own records say something else.
    """
    check = _open(check)
    if rating not in OWN_RATINGS:
        raise ValidationError({"rating": [_("Choose how far you are")]})
    judgement = Judgement.objects.select_for_update().filter(check_of=check, indicator=indicator).first()
    if (judgement.version if judgement else 0) != version:
        raise Conflict
    shown = _chosen(check, indicator, set(marks), on)
    if note.strip() and note_on is None:
        raise ValidationError({"note_on": [_("Say since when, or when it happened")]})
    if note_on and note_on > on:
        raise ValidationError({"note_on": [_("That day is still to come")]})
    if rating in IN_PLACE and not shown and not note.strip():
        raise ValidationError(
            {"marks": [_("“We do this” needs something that shows it. Choose a record, or write a note")]}
        )
    if rating in IN_PLACE and figure and figure.has_records and not figure.is_met and not differs.strip():
        raise ValidationError({"differs": [_("The hub’s records say something else. Say why")]})
    judgement = judgement or Judgement(check_of=check, indicator=indicator, version=0)
    judgement.rating, judgement.words, judgement.differs = rating, words.strip(), differs.strip()
    judgement.record = {"words": figure.words, "is_met": figure.is_met} if figure else {}
    judgement.by = by
    judgement.version += 1
    judgement.full_clean()
    judgement.save()
    judgement.evidence.all().delete()
    rows = [
        Evidence(kind=each.kind, record_id=each.record_id, title=each.title, happened_on=each.happened_on)
        for each in shown
    ]
    if note.strip():
        rows.append(Evidence(kind=EvidenceKind.NOTE, title=note.strip(), happened_on=note_on))
    for row in rows:
        row.judgement = judgement
    Evidence.objects.bulk_create(rows)
    return judgement


@transaction.atomic
def judge_several(check: SelfCheck, said: dict[Indicator, dict], *, by, on: date) -> int:
    """Say something of several statements at once, all of it or nothing; each as `judge` takes it. How many there were.

    Raises ValidationError with every field that does not fit, named with its statement ("note_values-emerging-1").
    """
    wrong: dict[str, list[str]] = {}
    for indicator, facts in said.items():
        try:
            judge(check, indicator, by=by, on=on, **facts)
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                raise
            for name, messages in error.message_dict.items():
                field = {"note_on": "note"}.get(name, name)
                if field == "marks" and "marks" not in facts:
                    field = "note"
                wrong[f"{field}_{indicator.key}"] = messages
    if wrong:
        raise ValidationError(wrong)
    if not said:
        raise ValidationError(_("Choose how far you are with one statement at least."))
    return len(said)


def _chosen(check: SelfCheck, indicator: Indicator, marks: set[str], day: date) -> list[Offer]:
    """The records that were chosen, of those that the hub offers."""
    if not marks:
        return []
    offered = offers(check.adoption.organisation, indicator.evidence_kinds, day)
    return [offer for offer in offered if offer.mark in marks]


def asked_in(check: SelfCheck) -> list[Indicator]:
    """The statements of a check, in their order: all of them, or those of the first level."""
    rows = Indicator.objects.filter(strand__standard=check.standard_id)
    if check.first_steps_only:
        rows = rows.filter(level=Level.EMERGING)
    return list(rows.select_related("strand").order_by("strand__position", "position"))


@transaction.atomic
def publish_check(check: SelfCheck, *, by, on: date, is_private: bool = False) -> None:
    """Finish a check and show it in the register; for a year the pledge is kept.

    Only the first check may stay private: then nothing changes in the register.
    Raises ValidationError when a statement has no rating yet.
    """
    check = _open(check)
    said = set(check.judgements.values_list("indicator", flat=True))
    left = [each for each in asked_in(check) if each.pk not in said]
    if left:
        raise ValidationError(_("%(count)d statements have no rating yet") % {"count": len(left)})
    adoption = _locked(check.adoption)
    if is_private and adoption.checked_on:
        raise ValidationError({"is_private": [_("Only a first check can stay private")]})
    check.published_on, check.is_private = on, is_private
    check.full_clean()
    with history.label(by=by, did="kept a check for themselves" if is_private else "published a check"):
        check.save()
        if not is_private:
            adoption.checked_on, adoption.renew_by = on, on + CHECK_LASTS
            adoption.lapses_on = adoption.renew_by + LAPSES_AFTER
            adoption.version += 1
            adoption.full_clean()
            adoption.save()


def _locked(adoption: Adoption) -> Adoption:
    return Adoption.objects.select_for_update().get(pk=adoption.pk)


def _open(check: SelfCheck) -> SelfCheck:
    """The check, locked, as long as it is not finished."""
    check = SelfCheck.objects.select_for_update(of=("self",)).select_related("adoption__organisation").get(pk=check.pk)
    if check.published_on:
        raise ValidationError(_("This check is finished. Begin another one."))
    return check
