"""What staff do with messages and timings, and families with what they follow: each action is one transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core import history
from notices.followables import Key
from notices.ledger import brought_by, forget_who_left, hash_of, look_again, one_at_a_time
from notices.models import Cadence, Fault, Hold, Mail, Notice, SignUp, Step, Subscription
from notices.notices import MayWeWrite
from notices.reasons import registered
from notices.tasks import send_what_is_owed

log = structlog.get_logger(__name__)

ONE_DAY = timedelta(days=1)
# Nobody holds a reminder back for longer than this without saying so again.
LONGEST_HOLD = timedelta(days=28)


# Messages about one thing


@transaction.atomic
def hold(*, by, on: date, now: datetime, reason: str, about_id: int, why: str, until: date) -> Hold:
    """Hold messages about one thing back up to a day, with the reason.

    What was put into a mail that nobody has tried to send is taken out of it.
    Raises ValidationError when no reason is given, or the day is not within
    the next four weeks: chasing waits, and never stops.
    """
    lacks: dict[str, list[str]] = {}
    if not why.strip():
        lacks["why"] = [_("Say why the messages are held back")]
    if until is None or not on <= until <= on + LONGEST_HOLD:
        lacks["until"] = [_("Choose a day in the next four weeks. You can hold them back again after that.")]
    if lacks:
        raise ValidationError(lacks)
    with history.label(by=by, did="held messages back"):
        Hold.objects.filter(reason=reason, about_id=about_id, lifted_at__isnull=True).update(lifted_at=now)
        held = Hold(reason=reason, about_id=about_id, why=why.strip(), until=until, made_at=now)
        held.full_clean()
        held.save()
    _taken_out_of_their_mails(reason, about_id)
    return held


@transaction.atomic
def lift_hold(*, by, now: datetime, reason: str, about_id: int) -> None:
    """Let messages about one thing go out again: the latest of them, at the next run."""
    with history.label(by=by, did="let messages go out again"):
        Hold.objects.filter(reason=reason, about_id=about_id, lifted_at__isnull=True).update(lifted_at=now)


@transaction.atomic
def send_now(*, by, on: date, now: datetime, reason: str, about_id: int) -> int:
    """Send what waits about one thing at once: after hours, and to people who had a mail today.

    It goes in a mail of its own. Returns how many messages were hurried; none
    when they are held back. The sending itself is the scheduler's: it is asked
    to begin now and would begin within minutes anyway.
    """
    free = _taken_out_of_their_mails(reason, about_id)
    hurried = Notice.objects.not_held(on).filter(pk__in=free)
    count = hurried.update(urgent=True, send_from=now, hurried_at=now)
    log.info("notices_hurried", reason=reason, notices=count)
    if count:
        transaction.on_commit(_begin_sending)
    return count


@transaction.atomic
def mend_address(fault: Fault, *, by, now: datetime) -> None:
    """Say that an address takes mail again. What is still owed there goes out at the next run.

    Raises ValidationError for a fault that is not an address's: it ends when the duty has somebody.
    """
    if fault.kind not in Fault.OF_AN_ADDRESS:
        raise ValidationError(_("Choose somebody who answers for it. Then this ends by itself."))
    with history.label(by=by, did="said that an address works again"):
        Fault.objects.open().filter(pk=fault.pk).update(mended_at=now)
    log.info("address_mended", fault=fault.pk)


@transaction.atomic
def mend_duties(*, by, on: date, now: datetime) -> None:
    """Let the ledger look again at what nobody answered for: somebody has just been named.

    It would do so within the hour by itself. So whoever named them sees at
    once that it is mended, and nobody is told of it any more.
    """
    with history.label(by=by, did="named somebody who answers for it"):
        look_again(on, now)


def _taken_out_of_their_mails(reason: str, about_id: int) -> list[int]:
    """What waits about a thing and no sender has claimed, by id, taken out of the mails it was in.

    The mails are locked first: one that is being claimed at this moment keeps
    what it has, or that would go out twice.
    """
    waiting = Notice.objects.waiting().filter(reason=reason, about_id=about_id)
    with one_at_a_time():
        growing = Mail.objects.growing().filter(pk__in=waiting.values("mail")).order_by("pk")
        mails = [mail.pk for mail in growing.select_for_update()]
        free = [notice.pk for notice in waiting.filter(Q(mail__isnull=True) | Q(mail__in=mails))]
        Notice.objects.filter(pk__in=free).update(mail=None)
    return free


def _begin_sending() -> None:
    try:
        send_what_is_owed.delay()
    except Exception as problem:
        # The queue is away. The timetable sends it within minutes of its return.
        log.warning("sending_not_hurried", fault=type(problem).__name__)


# What families follow


@transaction.atomic
def ask_to_follow(*, address: str, keys: Sequence[Key], cadence: str, on: date, now: datetime) -> None:
    """Somebody typed an address to follow something. A mail asks whoever reads there whether they want it.

    It is the same whoever follows what already, so nobody learns that from us.
    Asked again, it is one mail a day for each thing.
    """
    known = hash_of(address)
    for key in keys:
        same = SignUp.objects.filter(recipient_hash=known, **key._asdict())
        same.filter(confirmed_at__isnull=False).delete()
    SignUp.objects.bulk_create(
        [
            SignUp(
                address=address.lower(),
                recipient_hash=known,
                cadence=cadence,
                asked_at=now,
                asked_on=on,
                **key._asdict(),
            )
            for key in keys
        ],
        update_conflicts=True,
        unique_fields=["recipient_hash", "follows", "about_id", "filter"],
        update_fields=["cadence", "asked_at", "asked_on"],
    )


def ask_for_link(*, address: str, on: date, now: datetime) -> None:
    """Somebody wants to see what an address follows. Whoever reads there gets the link, if it follows anything."""
    ask_to_follow(address=address, keys=[Key("")], cadence=Cadence.WEEK, on=on, now=now)


def asked_in(mail: Mail) -> QuerySet[SignUp]:
    """What a mail asks its reader whether they want it, as long as that is not too old."""
    asked = mail.notices.filter(reason=MayWeWrite.name).values("about_id")
    return SignUp.objects.filter(pk__in=asked, recipient_hash=mail.recipient_hash).order_by("pk")


@transaction.atomic
def confirm_following(mail: Mail, *, now: datetime) -> list[SignUp]:
    """The reader of a mail wants what it asks about: from now on they are told. Pressed twice it is the same.

    Returns what was asked; nothing once it is too old.
    """
    asked = asked_in(mail)
    found = list(asked.select_for_update())
    for each in found:
        if each.confirmed_at is None:
            Subscription.objects.update_or_create(
                recipient_hash=each.recipient_hash,
                follows=each.follows,
                about_id=each.about_id,
                filter=each.filter,
                left_at=None,
                defaults={"cadence": each.cadence},
                create_defaults={
                    "cadence": each.cadence, "address": each.address, "made_at": each.asked_at, "confirmed_at": now
                },
            )  # fmt: skip
    asked.filter(confirmed_at__isnull=True).update(confirmed_at=now)
    log.info("followers_confirmed", things=len(found))
    return found


@transaction.atomic
def stop_news(mail: Mail, *, now: datetime) -> int:
    """The family that got a mail follows no more what brought it. Returns how many things they followed."""
    return stop_following(mail.recipient_hash, ids=brought_by(mail), now=now)


@transaction.atomic
def stop_following(recipient_hash: str, *, ids: Sequence[int], now: datetime) -> int:
    """Somebody follows these no more. Once they follow nothing, their address goes everywhere. Returns how many."""
    mine = Subscription.objects.active().filter(recipient_hash=recipient_hash, pk__in=ids)
    left = mine.update(left_at=now, address="")
    forget_who_left([recipient_hash], now)
    log.info("followers_left", things=left)
    return left


@transaction.atomic
def forget_followers(keys: Sequence[Key], *, now: datetime) -> None:
    """Nobody follows these any more, nor is asked whether they want to: what it was about must not be told."""
    those: set[str] = set()
    for key in keys:
        asked, following = SignUp.objects.filter(**key._asdict()), Subscription.objects.active().filter(**key._asdict())
        those |= {*asked.values_list("recipient_hash", flat=True), *following.values_list("recipient_hash", flat=True)}
        asked.delete()
        following.update(left_at=now, address="")
    forget_who_left(sorted(those), now)


@transaction.atomic
def follow_again(recipient_hash: str, *, ids: Sequence[int], address: str, since: datetime) -> int:
    """Take back that somebody stopped following these just now, at a moment after `since`. Returns how many."""
    again = 0
    for each in Subscription.objects.filter(recipient_hash=recipient_hash, pk__in=ids, left_at__gte=since):
        others = Subscription.objects.active().filter(recipient_hash=recipient_hash)
        if not others.filter(follows=each.follows, about_id=each.about_id, filter=each.filter).exists():
            each.left_at, each.address = None, address.lower()
            each.save(update_fields=["left_at", "address"])
            again += 1
    return again


@transaction.atomic
def change_cadence(recipient_hash: str, *, cadence: str) -> None:
    """Somebody wants what can wait in another rhythm, for all that they follow."""
    Subscription.objects.active().filter(recipient_hash=recipient_hash).update(cadence=cadence)


# When reminders go out


@transaction.atomic
def change_timing(step: Step, *, by, on: date, valid_from: date, **timing) -> Step:
    """Let a step count otherwise from a day on; until then it counts as it does.

    `timing` are fields of the step: anchor, offset_days, repeat_every_days,
    recipients, chain, text, urgent. The step keeps its key, so nothing that was
    sent is owed again. A change that has not begun yet is replaced; one that
    was stopped begins again. Raises ValidationError when the day is not still
    to come: what was said today has been said; or when it is what watches
    those who look after the hub.
    """
    _refuse_of_the_watch(step)
    if valid_from <= on:
        raise ValidationError({"valid_from": [_("Choose a day still to come. Today's reminders have gone out.")]})
    same = Step.objects.select_for_update().filter(reason=step.reason, key=step.key)
    with history.label(by=by, did="changed when a reminder goes out"):
        for each in same:
            if each.is_to_come(on):
                each.delete()
            elif each.is_in_force(on):
                each.retired_on = valid_from
                each.save(update_fields=["retired_on"])
        changed = Step(reason=step.reason, key=step.key, valid_from=valid_from, **timing)
        changed.full_clean()
        changed.save()
    return changed


def _refuse_of_the_watch(step: Step) -> None:
    """What tells the council that nobody looks after the hub is not for those it watches to change (DESIGN rule 12)."""
    reason = registered().get(step.reason)
    if reason is not None and reason.watches_keepers:
        raise ValidationError(_("Nobody changes this here: it tells the council when nobody looks after the hub."))


@transaction.atomic
def add_step(*, by, on: date, reason: str, key: str, valid_from: date, **timing) -> Step:
    """Add a reminder that a reason did not have. It says nothing of days before it counts."""
    if Step.objects.filter(reason=reason, key=key).exists():
        raise ValidationError(_("There is a reminder like this. Change that one."))
    with history.label(by=by, did="added a reminder"):
        return change_timing(Step(reason=reason, key=key), by=by, on=on, valid_from=valid_from, **timing)


@transaction.atomic
def stop_step(step: Step, *, by, on: date) -> None:
    """Let a step count today, and no more. A change of it that has not begun yet is taken back.

    Raises ValidationError for the last one after the day something was due:
    chasing never stops; and for what watches those who look after the hub.
    """
    _refuse_of_the_watch(step)
    others = Step.objects.select_for_update().filter(reason=step.reason, retired_on__isnull=True)
    late = others.exclude(key=step.key).filter(offset_days__gt=0)
    reason = registered().get(step.reason)
    if reason is not None and reason.owes and step.offset_days > 0 and not late.exists():
        raise ValidationError(_("This is the last reminder of its kind. Chasing never stops: add another one first."))
    with history.label(by=by, did="stopped a reminder"):
        for each in Step.objects.filter(reason=step.reason, key=step.key):
            if each.is_to_come(on):
                each.delete()
            elif each.is_in_force(on):
                each.retired_on = on + ONE_DAY
                each.save(update_fields=["retired_on"])
