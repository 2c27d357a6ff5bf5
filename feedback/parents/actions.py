"""What is done about parent checks: each action is one transaction, labelled without a word of what parents said."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation, Role
from core import history
from core.publishing import Conflict
from feedback.models import FeedbackEntry
from feedback.parents.models import (
    MONTHS,
    Happened,
    ParentCheck,
    Suggestion,
    Verdict,
    WordsState,
)
from feedback.parents.stages import can_be_checked, done_since, is_called_done, months_on
from notices.ledger import forget_who_left, hash_of

# A forum that chooses something means to look at it within so many days.
LOOK_WITHIN = timedelta(days=42)
# A link to one parent works for so many days.
LINK_LASTS = timedelta(days=60)
# The hub suggests so many promises a quarter, and not one more.
SUGGESTED = 5


class WordsAlreadyRead(Conflict):
    """Somebody else decided about these words after this person opened them."""


# --- What a forum looks at


@transaction.atomic
def choose(entry: FeedbackEntry, *, by: Membership, on: date) -> ParentCheck:
    """A forum means to look at a promise. Choosing it twice changes nothing. Raises ValidationError."""
    _must_be_done(entry)
    with history.label(by=by.user, did="chose a promise to check"):
        check, _made = ParentCheck.objects.get_or_create(
            entry=entry,
            months=months_on(entry.done_on, on),
            forum=by.organisation,
            defaults={"chosen_by": by, "chosen_on": on, "look_by": on + LOOK_WITHIN},
        )
    return check


@transaction.atomic
def drop(check: ParentCheck, *, by) -> None:
    """The forum does not look at it after all. What it has told already stays. Raises ValidationError."""
    check = ParentCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if check.verdict:
        raise ValidationError(_("Your forum has said what parents say. Change that in place of dropping it."))
    with history.label(by=by, did="dropped a promise to check"):
        check.delete()


@transaction.atomic
def tell(
    entry: FeedbackEntry,
    *,
    by: Membership,
    on: date,
    now: datetime,
    verdict: str,
    asked: int,
    agreed: int,
    told_on: date,
    by_service: bool,
    words: str,
) -> ParentCheck:
    """Say what parents say of a promise, for a forum; a second time in the same months puts the first right.

    The verdict and its counts are public at once. Words wait until a person has
    read them. Raises ValidationError naming the field.
    """
    _must_be_done(entry)
    if told_on > on:
        raise ValidationError({"told_on": [_("They cannot have said it on a day still to come")]})
    if told_on < entry.done_on:
        raise ValidationError({"told_on": [_("They can only say it after it was done")]})
    check = choose(entry, by=by, on=on)
    check = ParentCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    check.verdict, check.asked, check.agreed, check.told_on = verdict, asked, agreed, told_on
    check.by_service, check.chosen_by = by_service or by.organisation_id == entry.organisation_id, by
    _take_words(check, words, now)
    with history.label(by=by.user, did="said what parents say"):
        check.full_clean()
        check.save()
    return check


# --- One parent who is asked


def chose_itself(entry: FeedbackEntry, by: Membership) -> bool:
    """Whether whoever asks speaks for the body that made the promise, or for one above it: families read that.

    The Family Information Service and a forum choose for themselves, but for their own promises.
    """
    own = by.organisation_id == entry.organisation_id
    above = entry.organisation.path.startswith(by.organisation.path)
    return own or (above and by.role in (Role.CONTRIBUTOR, Role.LEAD))


@transaction.atomic
def invite(entry: FeedbackEntry, *, by: Membership, on: date, email: str) -> ParentCheck:
    """Ask one parent by a link that works once. When the promise's own service asks, families read that it chose whom.

    Raises ValidationError when that mailbox was asked before.
    """
    _must_be_done(entry)
    known = hash_of(email)
    months = months_on(entry.done_on, on)
    if ParentCheck.objects.filter(entry=entry, months=months, recipient_hash=known).exists():
        raise ValidationError({"email": [_("This parent was asked already. Each is asked once in these months.")]})
    check = ParentCheck(
        entry=entry,
        months=months,
        chosen_by=by,
        chosen_on=on,
        by_service=chose_itself(entry, by),
        email=email,
        recipient_hash=known,
    )
    with history.label(by=by.user, did="asked a parent whether a promise was kept"):
        check.full_clean()
        check.save()
    return check


@transaction.atomic
def answer(check: ParentCheck, *, on: date, now: datetime, verdict: str, words: str) -> bool:
    """What a parent says who was asked. The link works once: False when it was used, and nothing changes."""
    check = ParentCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if check.verdict:
        return False
    check.verdict, check.told_on, check.email = verdict, on, ""
    _take_words(check, words, now)
    with history.label(by=None, did="a parent who was asked said what happened"):
        check.full_clean()
        check.save()
    return True


# --- Their words


@transaction.atomic
def show_words(check: ParentCheck, *, by, words: str) -> None:
    """Families may read what parents said, in words that a person has checked. What was typed is gone with that."""
    check = _lock_words(check)
    check.words, check.words_state, check.read_by = words.strip(), WordsState.SHOWN, by
    with history.label(by=by, did="read what parents say"):
        check.full_clean()
        check.save()


@transaction.atomic
def leave_words_out(check: ParentCheck, *, by, why: str) -> None:
    """Families do not read the words, only what parents say of it. The words are gone with that."""
    check = _lock_words(check)
    check.words, check.words_state, check.read_by, check.why_left_out = "", WordsState.LEFT_OUT, by, why.strip()
    with history.label(by=by, did="left out what parents say"):
        check.full_clean()
        check.save()


def _lock_words(check: ParentCheck) -> ParentCheck:
    check = ParentCheck.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if check.words_state != WordsState.WAITING:
        raise WordsAlreadyRead
    return check


def _take_words(check: ParentCheck, words: str, now: datetime) -> None:
    """New words wait to be read; the same ones again are read already."""
    words = words.strip()
    if words and words == check.words and check.words_state == WordsState.SHOWN:
        return
    check.words, check.why_left_out, check.read_by = words, "", None
    check.words_state = WordsState.WAITING if words else WordsState.NONE
    check.sent_at = now if words else None


def _must_be_done(entry: FeedbackEntry) -> None:
    if not (entry.is_published and is_called_done(entry)):
        raise ValidationError(_("Only what a service says it has done can be checked."))


# --- What anybody says


@transaction.atomic
def count_answer(entry: FeedbackEntry, *, said: str) -> None:
    """Count one more who said on the page that it happened, that it did not, or that they cannot tell."""
    columns = {"yes": "yes", "no": "no", "unsure": "unsure"}
    column = columns[said]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Happened._meta.db_table} AS kept (entry_id, yes, no, unsure)"
            " VALUES (%s, %s, %s, %s)"
            f" ON CONFLICT (entry_id) DO UPDATE SET {column} = kept.{column} + 1",
            [entry.pk, *(int(each == column) for each in columns)],
        )


# --- What the hub suggests


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day is in."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def forums() -> QuerySet[Organisation]:
    """The bodies that have a parent reviewer today."""
    reviewers = Membership.objects.active().filter(role=Role.PARENT_REVIEWER, organisation=OuterRef("pk"))
    return Organisation.objects.filter(Exists(reviewers), closed_on=None).order_by("pk")


@transaction.atomic
def suggest(*, on: date) -> int:
    """Fill up what is suggested to each forum in this quarter, to five at most. How many were added.

    What nobody has looked at comes first, the longest done of it; nothing that
    the forum looked at, chose or was offered in the same months comes again.
    """
    quarter, added = quarter_of(on), 0
    for forum in forums().select_for_update():
        taken = set(Suggestion.objects.filter(forum=forum, quarter=quarter).values_list("place", flat=True))
        free = [place for place in range(1, SUGGESTED + 1) if place not in taken]
        rows = [
            Suggestion(forum=forum, entry=entry, months=months, quarter=quarter, place=place, suggested_on=on)
            for place, (entry, months) in zip(free, _worth_a_look(forum, on, len(free)), strict=False)
        ]
        Suggestion.objects.bulk_create(rows)
        added += len(rows)
    return added


def _worth_a_look(forum: Organisation, on: date, most: int) -> list[tuple[FeedbackEntry, int]]:
    """Up to so many promises that a forum has not met in their months, each with those months."""
    found: list[tuple[FeedbackEntry, int]] = []
    for shorter, longer in zip(MONTHS, (*MONTHS[1:], None), strict=True):
        if len(found) == most:
            break
        done = Q(done_on__lte=done_since(shorter, on))
        # Two years on, nobody remembers: what is older than the last look and a year is left alone.
        done &= Q(done_on__gt=done_since(longer or 24, on))
        met = ParentCheck.objects.filter(entry=OuterRef("pk"), months=shorter, forum=forum)
        offered = Suggestion.objects.filter(entry=OuterRef("pk"), months=shorter, forum=forum)
        confirmed = ParentCheck.objects.filter(entry=OuterRef("pk"), verdict=Verdict.YES)
        rows = can_be_checked().filter(done, ~Exists(met), ~Exists(offered)).annotate(known=Exists(confirmed))
        rows = rows.defer("search").order_by("known", "done_on", "pk")
        found += [(entry, shorter) for entry in rows[: most - len(found)]]
    return found


# --- Keeping for a while


@transaction.atomic
def forget_parents(rows: QuerySet[ParentCheck], *, by, now: datetime, did: str, words: bool = False) -> int:
    """Erase whom the links went to, and what they wrote too if `words`; one that nobody used goes as a whole."""
    found = list(rows.order_by("pk").values_list("pk", "recipient_hash"))
    ids = [pk for pk, _hash in found]
    with history.label(by=by, did=did):
        unused = ParentCheck.objects.filter(pk__in=ids, forum=None, verdict="")
        gone = unused.count()
        unused.delete()
        nothing = {"words": "", "words_state": WordsState.NONE, "sent_at": None, "why_left_out": ""} if words else {}
        gone += ParentCheck.objects.filter(pk__in=ids).update(email="", recipient_hash="", **nothing)
        forget_who_left(sorted({known for _pk, known in found if known}), now)
    return gone
