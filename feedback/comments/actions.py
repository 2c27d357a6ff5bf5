"""What is done with what families tell us: each action is one transaction, labelled without a word of it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import structlog
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import FIS_ROLES, Membership
from core import history
from core.publishing import Conflict
from feedback import actions
from feedback.comments.models import Checker, Comment, HelpRoute, Outcome, Reading
from feedback.models import FeedbackEntry, LeftOut
from notices import actions as notices
from notices.followables import Key
from notices.ledger import forget_who_left, hash_of

log = structlog.get_logger(__name__)

FOLLOWED = "comment"
# Steps, so that the next family who says the same cannot be counted by subtraction (DESIGN rule 9).
STEPS_OF_MANY = (5, 10, 25, 50, 100, 250, 500, 1000)


class AlreadyDecided(Conflict):
    """Somebody else decided about it after this person opened it."""


# --- What comes in


@transaction.atomic
def tell(*, on: date, now: datetime, suspicion: str = "", **facts) -> Comment:
    """Keep what somebody told us, for a person to read. It is not public, and nobody is told its words."""
    comment = Comment(received_at=now, heard_on=on, suspicion=suspicion, **facts)
    comment.recipient_hash = hash_of(comment.email) if comment.email else ""
    comment.full_clean(exclude=["reference"])
    _save_new(comment)
    return comment


@transaction.atomic
def enter_heard(*, by, now: datetime, **facts) -> Comment:
    """Keep what staff heard families say, at an event or in a complaint, for a person to check."""
    comment = Comment(received_at=now, entered_by=by, **facts)
    comment.full_clean(exclude=["reference"])
    with history.label(by=by, did="entered what families said"):
        _save_new(comment)
    return comment


def _save_new(comment: Comment) -> None:
    """Save it under a reference that nobody has: chance may repeat itself."""
    field = Comment._meta.get_field("reference")
    for _try in range(5):
        try:
            with transaction.atomic():
                comment.save(force_insert=True)
            return
        except IntegrityError:
            if not Comment.objects.filter(reference=comment.reference).exists():
                raise
            comment.reference = field.get_default()
    raise IntegrityError


@transaction.atomic
def note_reading(*, by, on: date) -> None:
    """Write down that somebody of the Family Information Service read what had come in today. Once a day is enough."""
    if not Reading.objects.filter(day=on).exists():
        Reading.objects.bulk_create([Reading(day=on, by=by)], ignore_conflicts=True)


# --- What is decided


@transaction.atomic
def pass_on(
    comment: Comment, *, by, on: date, organisation, theme: str, you_said: str, topics=(), part: str, is_gap: bool
) -> FeedbackEntry:
    """Put the point before its service, in words that a person has checked. It owes an answer from `on`.

    Raises ValidationError naming what is lacking, AlreadyDecided when somebody
    else decided about it.
    """
    comment = _lock(comment)
    entry = actions.owe_answer(
        by=by,
        on=on,
        organisation=organisation,
        theme=theme,
        you_said=you_said,
        topics=topics,
        heard_from=comment.heard_from,
        heard_on=comment.heard_on,
        consultation=comment.consultation,
        event=comment.event,
        local_offer=part,
        is_gap=is_gap,
        how_many=many_words(comment.people),
    )
    comment.entry, comment.part = entry, entry.local_offer
    _decide(comment, Outcome.PASSED_ON, by=by, on=on, did="passed on what somebody told us")
    return entry


@transaction.atomic
def merge(comment: Comment, *, by, on: date, entry: FeedbackEntry) -> None:
    """Add it to a point that others made before: how many said it adds up, and its own words go no further."""
    comment = _lock(comment)
    entry = FeedbackEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    comment.entry, comment.part = entry, entry.local_offer
    _decide(comment, Outcome.MERGED, by=by, on=on, did="added it to a point that others made")
    people = Comment.objects.filter(entry=entry).aggregate(people=Sum("people"))["people"]
    actions.say_how_many(entry, by=by, how_many=many_words(people))


@transaction.atomic
def refer(comment: Comment, *, by, on: date, now: datetime, referred_to: str) -> None:
    """Record that somebody may not be safe, and was referred: that, when, and to whom. Its words go at once.

    Nobody who followed it is told anything: whoever reads their mailbox need
    not be who wrote it.
    """
    comment = _lock(comment)
    comment.referred_to = referred_to.strip()
    if not comment.referred_to:
        raise ValidationError({"referred_to": [_("Say who you told")]})
    comment.text = comment.name = comment.email = comment.recipient_hash = ""
    comment.erased_at = now
    # Whom and what it is about could name a family as well.
    comment.organisation = comment.consultation = comment.event = None
    comment.who, comment.part, comment.left_out = "", "", ""
    # Nor do earlier versions of the row stay, which say whom it was about.
    apps.get_model("feedback", "CommentHistory").objects.filter(pgh_obj=comment).delete()
    notices.forget_followers([Key(FOLLOWED, comment.pk)], now=now)
    _decide(comment, Outcome.REFERRED, by=by, on=on, did="referred a safety concern")


@transaction.atomic
def point_to_help(comment: Comment, *, by, on: date, routes: Sequence[HelpRoute]) -> None:
    """Close what is about the support of one person, and say by a mail who can help, where an address was given.

    It counts among the comments on the local offer that are left out, where it
    is one: they need not be published (SEND Regulations 2014, regulation 56).
    """
    if not routes:
        raise ValidationError({"routes": [_("Choose who can help them")]})
    comment = _lock(comment)
    comment.left_out = LeftOut.ONE_PERSON
    _decide(comment, Outcome.HELPED, by=by, on=on, did="pointed somebody to help")
    comment.help_from.set(routes)


@transaction.atomic
def leave_out(comment: Comment, *, by, on: date, why: str) -> None:
    """Close what is not published, with the reason that is counted."""
    comment = _lock(comment)
    outcome = {"not_ours": Outcome.NOT_OURS, "program": Outcome.PROGRAM}.get(why, Outcome.LEFT_OUT)
    comment.left_out = why if outcome == Outcome.LEFT_OUT else ""
    _decide(comment, outcome, by=by, on=on, did="closed what somebody told us")


@transaction.atomic
def close_folded(ids: Iterable[int], *, by, on: date) -> int:
    """Say of what waits folded up that no person sent it. Returns how many that were; what is decided already stays."""
    rows = Comment.objects.folded().filter(pk__in=list(ids)).order_by()
    with history.label(by=by, did="said that no person sent it"):
        return rows.update(outcome=Outcome.PROGRAM, decided_on=on, decided_by=by)


@transaction.atomic
def unfold(comment: Comment, *, by) -> None:
    """Say of what waits folded up that a person sent it: it waits in plain sight from now on."""
    with history.label(by=by, did="said that a person sent it"):
        Comment.objects.waiting().filter(pk=comment.pk).update(suspicion="")


@transaction.atomic
def reopen(comment: Comment, *, by) -> None:
    """Take back that it was closed without being published, while its words are still there. It waits again."""
    now = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if now.outcome not in (Outcome.NOT_OURS, Outcome.LEFT_OUT, Outcome.PROGRAM) or now.erased_at:
        raise ValidationError(_("It cannot be opened again."))
    now.outcome, now.left_out, now.suspicion = "", "", ""
    now.decided_on = now.decided_by = None
    with history.label(by=by, did="opened it again"):
        now.full_clean()
        now.save()


def _lock(comment: Comment) -> Comment:
    """The comment as it is now, held until the transaction ends: two people cannot decide about it at once."""
    now = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("organisation", "consultation", "event")
        .defer("consultation__search", "event__search")
        .get(pk=comment.pk)
    )
    if now.outcome:
        raise AlreadyDecided
    return now


def _decide(comment: Comment, outcome: Outcome, *, by, on: date, did: str) -> None:
    comment.outcome, comment.decided_on, comment.decided_by = outcome, on, by
    with history.label(by=by, did=did):
        comment.full_clean()
        comment.save()


def many_words(people: int) -> str:
    """How many said it, as families read it: "fewer than 5 people", "10 people or more". One alone is not counted.

    In steps, so that nobody can be counted by what a number was before.
    """
    if people <= 1:
        return ""
    if people < STEPS_OF_MANY[0]:
        return _("fewer than 5 people")
    step = max(each for each in STEPS_OF_MANY if each <= people)
    return ngettext("%(count)s person or more", "%(count)s people or more", step) % {"count": f"{step:,}"}


# --- Keeping for a while


def due_to_go(before: date) -> QuerySet[Comment]:
    """Whose words and name have been kept since a day or longer.

    Since it was decided; where a point came of it, since the point was
    answered, so that whoever answers can still ask what was meant.
    """
    until = Coalesce("entry__answered_on", "decided_on")
    rows = Comment.objects.exclude(outcome="").filter(erased_at=None)
    return rows.annotate(until=until).filter(
        Q(entry=None) | Q(entry__answered_on__isnull=False) | Q(entry__owed_from=None), until__lte=before
    )


@transaction.atomic
def forget_words(rows: QuerySet[Comment], *, by, now: datetime, did: str) -> int:
    """Erase the words, names and addresses of some comments. Says how many those were."""
    found = list(rows.order_by("pk").values_list("pk", "recipient_hash"))
    with history.label(by=by, did=did):
        gone = Comment.objects.filter(pk__in=[pk for pk, _hash in found]).update(
            text="", name="", email="", recipient_hash="", erased_at=now
        )
        # What the ledger wrote to them goes too, unless they follow something.
        forget_who_left(sorted({known for _pk, known in found if known}), now)
    return gone


# --- Who reads, and who helps


@transaction.atomic
def name_checkers(*, by, on: date, memberships: Sequence[Membership]) -> None:
    """Say who of the Family Information Service reads what families tell us. With the first of them the form opens.

    Raises ValidationError for somebody who does not work there.
    """
    if any(each.role not in FIS_ROLES or each.has_left for each in memberships):
        raise ValidationError({"checkers": [_("Choose people who work for the Family Information Service")]})
    there = set(Checker.objects.values_list("membership", flat=True))
    with history.label(by=by, did="said who reads what families tell us"):
        Checker.objects.exclude(membership__in=memberships).delete()
        for each in memberships:
            if each.pk not in there:
                Checker.objects.create(membership=each, since=on)


@transaction.atomic
def save_route(route: HelpRoute, *, by) -> HelpRoute:
    """Keep who helps with the support of one child, new or changed. Raises ValidationError."""
    with history.label(by=by, did="changed who helps with the support of one child"):
        route.full_clean()
        route.save()
    return route


@transaction.atomic
def retire_route(route: HelpRoute, *, by, on: date) -> None:
    """Show it to families no more. It stays for those who were pointed to it."""
    with history.label(by=by, did="took somebody off the list of those who help"):
        HelpRoute.objects.filter(pk=route.pk).update(retired_on=on)


@transaction.atomic
def bring_back_route(route: HelpRoute, *, by) -> None:
    """Show it to families again."""
    with history.label(by=by, did="put somebody back on the list of those who help"):
        HelpRoute.objects.filter(pk=route.pk).update(retired_on=None)
