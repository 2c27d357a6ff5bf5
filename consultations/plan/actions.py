"""What is done with the forward plan: each action is one transaction, labelled in the history."""

from datetime import date, datetime
from itertools import chain, count

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from consultations.models import Consultation
from consultations.plan.clashes import clashes_of, kind_of
from consultations.plan.models import UNDO_WITHIN, Choice, ClashDecision, Intention, Umbrella
from core import history
from core.models import PreElectionPeriod
from core.publishing import Conflict, publish_now

# Words of addresses that are no plan's own.
RESERVED = {"new"}


# --- Intentions


@transaction.atomic
def save_intention(intention: Intention, *, by, lists: dict | None = None, version: int | None = None) -> Intention:
    """Write down what a service means to ask, new or changed. Every agency sees it at once, and no family does.

    `lists` are the rows of its lists by name. Raises Conflict when somebody
    changed it since `version`, and ValidationError naming what does not fit.
    """
    before = Intention.objects.select_for_update().get(pk=intention.pk) if intention.pk else None
    if before and version is not None and version != before.version:
        raise Conflict
    if lists is not None:
        _has_somebody(lists)
    became = intention.consultation
    if became is not None and (became.opens_on is None or became.closes_on is None):
        # Its weeks no longer count, and there would be none in their place.
        raise ValidationError({"consultation": [_("Give the consultation its dates first")]})
    intention.full_clean()
    intention.version = before.version + 1 if before else 1
    with history.label(by=by, did="changed what it means to ask" if before else "planned to ask"):
        intention.save()
        for name, rows in (lists or {}).items():
            getattr(intention, name).set(rows)
    return intention


def _has_somebody(lists: dict) -> None:
    """Without these nobody could be warned."""
    missing = {}
    if "audiences" in lists and not lists["audiences"]:
        missing["audiences"] = [_("Choose at least one group that it is for")]
    if "areas" in lists and not lists["areas"]:
        missing["areas"] = [_("Choose at least one area")]
    if missing:
        raise ValidationError(missing)


@transaction.atomic
def remove_intention(intention: Intention, *, by, at: datetime) -> None:
    """Take an intention off the plan. It can be put back for 30 days."""
    with history.label(by=by, did="removed it from the plan"):
        Intention.objects.filter(pk=intention.pk, removed_at__isnull=True).update(removed_at=at)


@transaction.atomic
def put_back_intention(intention: Intention, *, by, at: datetime) -> None:
    """Put a removed intention back on the plan. Raises ValidationError when it was removed too long ago."""
    there = Intention.objects.select_for_update().get(pk=intention.pk)
    if there.removed_at is None:
        return
    if there.removed_at < at - UNDO_WITHIN:
        raise ValidationError(_("It was removed too long ago. Add it again instead."))
    with history.label(by=by, did="put it back on the plan"):
        Intention.objects.filter(pk=intention.pk).update(removed_at=None)


@transaction.atomic
def link_consultation(intention: Intention, *, by, consultation: Consultation | None) -> None:
    """Say which consultation an intention became. Its dates count from now on. None: there is none after all.

    Raises ValidationError for a consultation without dates, or one that another intention became.
    """
    intention.consultation = consultation
    save_intention(intention, by=by)


# --- Clashes


@transaction.atomic
def decide_clash(
    ask: Consultation | Intention,
    *,
    by,
    other: Consultation | Intention,
    choice: str,
    on: date,
    reason: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> ClashDecision:
    """Choose what to do about a clash, for the owners of both to see.

    Joining makes an intention part of the other's consultation, and shows two
    consultations beside each other. Moving sets the new weeks. Going ahead
    needs a reason. Raises ValidationError when the two do not clash, or the
    choice cannot be carried out.
    """
    clash = next((each for each in clashes_of(ask, on, most=1000).named if each.ask == other), None)
    if clash is None:
        raise ValidationError(_("These two do not fall on the same families any more."))
    made = ClashDecision(
        **{kind_of(ask): ask, f"other_{kind_of(other)}": other},
        choice=choice,
        reason=reason.strip(),
        days=clash.days,
        decided_on=on,
        decided_by=by if getattr(by, "pk", None) else None,
    )
    if choice == Choice.MOVE:
        made.now_starts_on, made.now_ends_on = starts_on, ends_on
        made.was_starts_on, made.was_ends_on = _weeks_of(ask)
    made.full_clean()
    with history.label(by=by, did=_DID[Choice(choice)]):
        if choice == Choice.MOVE:
            _move(ask, made)
            if any(each.ask == other for each in clashes_of(ask, on, most=1000).named):
                raise ValidationError({"ends_on": [_("In these weeks both still ask the same families")]})
        elif choice == Choice.JOIN:
            _join(ask, other)
        made.save()
    return made


_DID = {
    Choice.JOIN: "chose to ask together",
    Choice.MOVE: "moved to other weeks because of a clash",
    Choice.GO_AHEAD: "went ahead with a clash",
}


def _weeks_of(ask) -> tuple[date, date]:
    return (ask.starts_on, ask.ends_on) if isinstance(ask, Intention) else (ask.opens_on, ask.closes_on)


def _move(ask, made: ClashDecision) -> None:
    if isinstance(ask, Intention):
        ask.starts_on, ask.ends_on = made.now_starts_on, made.now_ends_on
        names = {"starts_on": "starts_on", "ends_on": "ends_on"}
    else:
        if ask.published_at:
            raise ValidationError(_("Families have seen its dates. Change them on the page of the consultation."))
        ask.opens_on, ask.closes_on = made.now_starts_on, made.now_ends_on
        names = {"starts_on": "opens_on", "ends_on": "closes_on"}
    ask.version += 1
    ask.full_clean()
    ask.save(update_fields=[*names.values(), "version", "changed_at"])


def _join(ask, other) -> None:
    if isinstance(ask, Intention) and isinstance(other, Consultation):
        ask.joins = other
        ask.version += 1
        ask.save(update_fields=["joins", "version", "changed_at"])
    elif isinstance(ask, Consultation) and isinstance(other, Consultation):
        ask.related.add(other)


@transaction.atomic
def ask_alone_again(intention: Intention, *, by) -> None:
    """The intention does not join another's consultation after all: it has weeks of its own again."""
    intention.joins = None
    with history.label(by=by, did="asks alone again"):
        intention.save(update_fields=["joins", "changed_at"])


# --- Umbrella plans


@transaction.atomic
def save_umbrella(
    umbrella: Umbrella,
    *,
    by,
    consultations: list | None = None,
    intentions: list | None = None,
    related: bool = False,
    version: int | None = None,
) -> Umbrella:
    """Write down a plan that several consultations belong to, new or changed.

    With `related`, its consultations are also shown beside each other. Raises
    Conflict when somebody changed it since `version`.
    """
    before = Umbrella.objects.select_for_update().get(pk=umbrella.pk) if umbrella.pk else None
    if before and version is not None and version != before.version:
        raise Conflict
    umbrella.slug = umbrella.slug or _free_address(umbrella.title)
    umbrella.full_clean(exclude=["consultations"])
    umbrella.version = before.version + 1 if before else 1
    with history.label(by=by, did="changed the plan" if before else "made a plan"):
        umbrella.save()
        if consultations is not None:
            umbrella.consultations.set(consultations)
        if intentions is not None:
            umbrella.intentions.exclude(pk__in=[each.pk for each in intentions]).update(umbrella=None)
            Intention.objects.filter(pk__in=[each.pk for each in intentions]).update(umbrella=umbrella)
        if related:
            relate(list(umbrella.consultations.all()), by=by)
    return umbrella


def relate(consultations: list[Consultation], *, by) -> None:
    """Show consultations beside each other, each on the page of all the others."""
    with history.label(by=by, did="linked what belongs together"):
        for position, one in enumerate(consultations):
            one.related.add(*consultations[position + 1 :])


@transaction.atomic
def set_related(consultation: Consultation, *, by, related: list[Consultation]) -> None:
    """Say which consultations belong with one. Each shows the other."""
    with history.label(by=by, did="linked what belongs together"):
        consultation.related.set(each for each in related if each.pk != consultation.pk)


@transaction.atomic
def publish_umbrella(umbrella: Umbrella, *, by) -> None:
    """Show a plan to families. Raises ValidationError until a published consultation belongs to it."""
    if not umbrella.consultations.filter(pk__in=Consultation.objects.published()).exists():
        raise ValidationError(_("Families see a plan once a published consultation belongs to it."))
    was = (umbrella.published_at, umbrella.approved_at, umbrella.archived_at)
    publish_now(umbrella)
    try:
        umbrella.full_clean(exclude=["consultations"])
    except ValidationError:
        umbrella.published_at, umbrella.approved_at, umbrella.archived_at = was
        raise
    with history.label(by=by, did="published the plan"):
        umbrella.save()


@transaction.atomic
def archive_umbrella(umbrella: Umbrella, *, by, at: datetime) -> None:
    """Take a plan off the site. Its consultations stay, and it can be published again."""
    umbrella.archived_at = at
    with history.label(by=by, did="took the plan off the site"):
        umbrella.save(update_fields=["archived_at", "changed_at"])


def _free_address(title: str) -> str:
    """An address made of the name, that no other plan has."""
    plain = slugify(title)[:100].strip("-") or "plan"
    taken = set(Umbrella.objects.filter(slug__startswith=plain).values_list("slug", flat=True)) | RESERVED
    return next(each for each in chain([plain], (f"{plain}-{number}" for number in count(2))) if each not in taken)


# --- Weeks before elections


@transaction.atomic
def save_pre_election(period: PreElectionPeriod, *, by) -> None:
    """Set the weeks before an election."""
    with history.label(by=by, did="set a pre-election period"):
        period.full_clean()
        period.save()


@transaction.atomic
def remove_pre_election(period: PreElectionPeriod, *, by) -> None:
    """Take the weeks before an election away."""
    with history.label(by=by, did="took a pre-election period away"):
        period.delete()
