"""What is done with a listing on its way to families: each action is one transaction, labelled in the history."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.rules import is_fis, is_superuser
from consultations import actions
from consultations.events import actions as event_actions
from consultations.events.models import Event
from consultations.models import Consultation, Document, ParticipationLevel, RecordKind
from consultations.stages import TIMELINE, Stage
from consultations.writing import papers
from consultations.writing.models import Check, Correction, ReadyAnswer, Said
from consultations.writing.rules import small_team
from consultations.writing.values import (
    FREE,
    LISTS,
    PAPERS,
    Listing,
    event_supports,
    put,
    put_rows,
    value_of,
    values_of,
)
from core import history, uploads
from core.checking import Decision, keep_waiting, mark_of, undecided
from core.freshness import looked_at
from core.imports import taken_by_hand
from core.models import ImportedRow
from core.publishing import Conflict

# For so many days something that was thrown away can be brought back.
UNDO_FOR = timedelta(days=30)
# For so many days after a text or a document has changed the desk offers to give families more time.
NEW_TEXT_FOR = timedelta(days=7)
# What stands at an address of its own beside the listings, for families or on the desk.
RESERVED = frozenset({"planned", "add", "load", "answers", "new"})
# Who looks after an event is no matter for a check, either: families do not see it.
EVENT_FREE = FREE | {"owner"}
# What comes along when somebody asks again. Its dates are written anew.
COPIED = (
    "title", "organisation", "service_area", "summary", "why_it_matters", "level", "can_change", "cannot_change",
    "what_next", "decided_by", "legal_type", "topics", "audiences", "areas", "minutes_needed", "ways", "supports",
    "owner", "deputy", "team_mailbox", "contact_name", "contact_phone", "contact_email",
)  # fmt: skip


def waiting_change(record: Listing) -> Check | None:
    """The changes to a published listing that are not decided yet, sent or still being written."""
    return record.checks.open().filter(is_change=True).first() if record.pk else None


@transaction.atomic
def start(*, by, values: dict[str, Any]) -> Consultation:
    """A new draft. Families see nothing of it."""
    consultation = Consultation(record=RecordKind.LIVE)
    put(consultation, values)
    consultation.slug = free_address(consultation.title)
    with history.label(by=by, did="wrote the consultation"):
        consultation.full_clean()
        consultation.save()
        put_rows(consultation, values)
    return consultation


def free_address(title: str) -> str:
    """An address for a title that no listing has."""
    wanted = slugify(title)[:100].strip("-") or "consultation"
    taken = RESERVED | set(Consultation.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in _numbered(wanted) if slug not in taken)


def _numbered(wanted: str) -> Iterable[str]:
    yield wanted
    number = 2
    while True:
        yield f"{wanted}-{number}"
        number += 1


@transaction.atomic
def save_values(
    consultation: Consultation,
    *,
    by,
    on: date,
    values: dict[str, Any],
    mark: str = "",
    correction: str = "",
    waits: bool = False,
) -> bool:
    """Save one step of a listing. Returns whether a part of it waits for a check.

    With `waits`, what families see stays, and all but whom to ask is kept
    until somebody approves it. `mark` is what the form was filled in on.
    Raises Conflict when somebody else has saved meanwhile, ValidationError
    when the values do not fit.
    """
    consultation = _locked(consultation)
    check = waiting_change(consultation)
    if mark and mark != mark_of(consultation, check):
        raise Conflict
    changed = {name: value for name, value in values.items() if value != value_of(consultation, name)}
    if not waits:
        if changed:
            _apply(consultation, by=by, on=on, values=changed, correction=correction)
        return False
    _may_change(consultation, by=by, on=on, values=changed)
    at_once = {name: value for name, value in changed.items() if name in FREE}
    if at_once:
        _apply(consultation, by=by, on=on, values=at_once)
    waiting = _still_waiting(consultation, check, values, at_once=FREE)
    _try(consultation, waiting)
    keep_waiting(check or Check(consultation=consultation, is_change=True, sent_by=by), waiting, by=by)
    return bool(waiting)


def _still_waiting(record: Listing, check: Check | None, values: dict[str, Any], *, at_once: frozenset) -> dict:
    """What waits once some values are written beside those that wait: all that families do not see already."""
    waiting = {**(check.values if check else {}), **values}
    return {name: value for name, value in waiting.items() if name not in at_once and value != value_of(record, name)}


@transaction.atomic
def save_event(
    event: Event, *, by, on: date, now: datetime, values: dict[str, Any], mark: str = "", waits: bool = False
) -> bool:
    """Save what the form of an event says, new or changed, as plain values. Returns whether a part of it waits.

    With `waits`, families go on seeing the event as it is, but for whom to ask
    and who looks after it, until somebody approves the rest: it is sent to be
    checked at once. `mark` is what the form was filled in on. Raises Conflict
    when somebody else has saved meanwhile, ValidationError when the values do
    not fit together.
    """
    if event.pk:
        event = Event.objects.kept().select_for_update(of=("self",)).get(pk=event.pk)
    check = waiting_change(event)
    if mark and mark != mark_of(event, check):
        raise Conflict
    if event.is_published and event.is_ours:
        _keeps_its_lists(values)
    if not waits:
        _write_event(event, by=by, on=on, values=values)
        return False
    waiting = _still_waiting(event, check, values, at_once=EVENT_FREE)
    trial = Event.objects.get(pk=event.pk)
    put(trial, waiting)
    event_actions.check_whole(trial)
    at_once = {name: values[name] for name in EVENT_FREE if name in values and values[name] != value_of(event, name)}
    if at_once:
        _write_event(event, by=by, on=on, values=at_once)
    keep_waiting(check or Check(event=event, is_change=True, sent_by=by), waiting, by=by, sent_at=now)
    return bool(waiting)


@transaction.atomic
def event_of_row(row: ImportedRow, event: Event, *, by, on: date, now: datetime, values: dict[str, Any]) -> None:
    """Write a new event down that somebody made of a row of an import. The row waits no more, and is known by it.

    Raises ValidationError when somebody else has dealt with the row, or when the values do not fit together.
    """
    taken_by_hand(row, by=by)
    event.reference = row.reference
    event.source_page_url = row.row.get("url") or row.row.get("source_url", "")
    save_event(event, by=by, on=on, now=now, values=values)


def _keeps_its_lists(values: dict[str, Any]) -> None:
    """What families see must stay findable: it says for whom it is, and where."""
    refused = {
        "areas": _("Choose at least one area"),
        "audiences": _("Choose at least one group that it is for"),
    }
    refused = {name: [words] for name, words in refused.items() if values.get(name) == []}
    if refused:
        raise ValidationError(refused)


def _write_event(event: Event, *, by, on: date, values: dict[str, Any]) -> None:
    """Put the values into the event, families' view of it included."""
    put(event, values)
    lists = {name: values[name] for name in LISTS if name in values}
    event_actions.save_event(event, by=by, on=on, lists=lists, supports=event_supports(values))


def may_need_more_time(consultation: Consultation, day: date) -> str:
    """What families were lately told of a text or a document that changed while they could take part.

    Empty when they were not, when it has no closing day, or when they were given more time since.
    """
    if not consultation.closes_on or not consultation.is_published or TIMELINE.of(consultation, day) != Stage.OPEN:
        return ""
    last = consultation.corrections.order_by("changed_on", "pk").last()
    if last is None or last.changed_on < day - NEW_TEXT_FOR:
        return ""
    return "" if consultation.date_changes.filter(changed_on__gte=last.changed_on).exists() else last.text


@transaction.atomic
def take_changes_back(check: Check, *, by) -> None:
    """Throw the changes to a published listing away before they are decided. Families saw nothing of them."""
    check = Check.objects.open().select_for_update(of=("self",)).filter(pk=check.pk, is_change=True).first()
    if check is None:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    papers.forget_files(check)
    check.delete()


# --- Documents of what families see already


@transaction.atomic
def propose_paper(
    consultation: Consultation, *, by, key: str, do: str, document: Document, file=None, url: str = "", mark: str = ""
) -> None:
    """Let a change to one paper wait beside the other changes: new, changed, or to be taken away.

    `document` is the paper as it would be, but for a new `file` or `url`.
    `mark` is what the form was filled in on. Raises Conflict when somebody
    else has saved meanwhile, ValidationError when the paper cannot be so.
    """
    consultation = _locked(consultation)
    check = waiting_change(consultation)
    if mark and mark != mark_of(consultation, check):
        raise Conflict
    rows = papers.rows_of(check)
    before = rows.get(key)
    if url:
        same = url == document.url
        document.url, document.stored = url, ""
        document.file_type, document.size_kb = (document.file_type, document.size_kb) if same else ("", None)
    kept = actions.keep_file(file) if file else {}
    for name, value in kept.items():
        setattr(document, name, value)
    try:
        document.full_clean()
        rows[key] = papers.row_of(key, do, document)
        papers.check_room(consultation, rows.values())
    except BaseException:
        if kept:
            uploads.forget(actions.DOCUMENTS, kept["stored"])
        raise
    _forget_replaced(consultation, before, rows[key])
    _let_papers_wait(consultation, check, rows, by=by)


@transaction.atomic
def drop_paper(consultation: Consultation, *, by, key: str) -> None:
    """Take one waiting change to a paper back. Twice does no harm."""
    consultation = _locked(consultation)
    check = waiting_change(consultation)
    rows = papers.rows_of(check)
    if check is None or key not in rows:
        return
    _forget_replaced(consultation, rows.pop(key), None)
    _let_papers_wait(consultation, check, rows, by=by)


def _forget_replaced(consultation: Consultation, before: dict | None, after: dict | None) -> None:
    """The file of an earlier proposal goes, unless families have it or the new one has."""
    stored = before["stored"] if before else ""
    is_kept = stored == (after or {}).get("stored") or consultation.documents.filter(stored=stored).exists()
    if stored and not is_kept:
        transaction.on_commit(lambda: uploads.forget(actions.DOCUMENTS, stored))


def _let_papers_wait(consultation: Consultation, check: Check | None, rows: dict, *, by) -> None:
    check = check or Check(consultation=consultation, is_change=True, sent_by=by)
    waiting = {name: value for name, value in check.values.items() if name != PAPERS}
    keep_waiting(check, waiting | ({PAPERS: list(rows.values())} if rows else {}), by=by)


def _locked(consultation: Consultation) -> Consultation:
    rows = Consultation.objects.kept().select_for_update(of=("self",)).select_related("organisation")
    return rows.get(pk=consultation.pk)


def _try(consultation: Consultation, values: dict[str, Any]) -> None:
    """Whether the listing would still be whole with these values. Raises ValidationError; changes nothing."""
    trial = Consultation.objects.get(pk=consultation.pk)
    put(trial, values)
    trial.full_clean()


def _apply(consultation: Consultation, *, by, on: date, values: dict[str, Any], correction: str = "") -> None:
    _may_change(consultation, by=by, on=on, values=values)
    stage = TIMELINE.of(consultation, on)
    tells = consultation.is_published and stage == Stage.OPEN and not FREE.issuperset(values)
    if tells and not correction.strip():
        raise ValidationError({"correction": [_("Say in one sentence what you changed. Families will see it.")]})
    put(consultation, values)
    if consultation.record == RecordKind.LIVE and {"level", "closes_on", "opens_on", "organisation"} & set(values):
        actions.set_answer_dates(consultation)
        if consultation.is_published:
            actions.set_report_date(consultation, on)
    consultation.version += 1
    if consultation.is_published and consultation.record == RecordKind.LIVE:
        # Whoever changes a listing has looked at it.
        looked_at(consultation, "consultation", on=on)
    with history.label(by=by, did="changed the consultation"):
        consultation.full_clean()
        consultation.save()
        put_rows(consultation, values)
        papers.put_in(consultation, values.get(PAPERS, []), on=on)
        if tells:
            Correction.objects.create(consultation=consultation, text=correction.strip(), changed_on=on)


_RANKS = [level.value for level in ParticipationLevel]


def _may_change(consultation: Consultation, *, by, on: date, values: dict[str, Any]) -> None:
    """The rules for what families see already (DESIGN rules 2 and 4)."""
    if not consultation.is_published:
        return
    stage = TIMELINE.of(consultation, on)
    if "closes_on" in values and consultation.closes_on:
        raise ValidationError({"closes_on": [_("Move the closing date on its own page, with the reason.")]})
    if stage not in (Stage.FORTHCOMING,) and {"opens_on", "closes_at", "planned_for"} & set(values):
        raise ValidationError(_("It has opened, so its dates stay as families know them."))
    level = values.get("level", "")
    has_opened = stage != Stage.FORTHCOMING and consultation.level
    if has_opened and level and _RANKS.index(level) < _RANKS.index(consultation.level) and not is_fis(by):
        words = _("Once it is open, only the Family Information Service can offer less say.")
        raise ValidationError({"level": [words]})


# --- Asked and answered


@transaction.atomic
def answer_ready(consultation: Consultation, *, by, answers: dict[str, tuple[str, str]]) -> None:
    """Answer questions of "Ready to ask?": by key, what was said and the reason for a no."""
    with history.label(by=by, did="answered “Ready to ask?”"):
        for key, (said, reason) in answers.items():
            if not said:
                continue
            row = consultation.ready.filter(key=key).first() or ReadyAnswer(consultation=consultation, key=key)
            row.said, row.reason = said, "" if said == Said.YES else reason.strip()
            row.full_clean()
            row.save()


# --- Checked by somebody else


@transaction.atomic
def submit(consultation: Consultation, *, by, now: datetime, publish_at: datetime | None = None) -> Check:
    """Send a draft, or the changes that wait, to be checked. Sent twice, it waits once."""
    consultation = _locked(consultation)
    check = consultation.checks.open().first()
    if consultation.is_published:
        if check is None or not check.values:
            raise ValidationError(_("Nothing has been changed yet."))
    else:
        _complete(consultation)
        check = check or Check(consultation=consultation)
        consultation.submitted_at, consultation.returned_at, consultation.approved_at = now, None, None
        consultation.publish_at = publish_at
        with history.label(by=by, did="sent the consultation to be checked"):
            consultation.save(update_fields=["submitted_at", "returned_at", "approved_at", "publish_at", "changed_at"])
    check.sent_by, check.sent_at = by, check.sent_at or now
    check.save()
    return check


def _complete(consultation: Consultation) -> None:
    """Whether it could be published as it stands. Raises ValidationError naming everything that is missing."""
    with transaction.atomic():
        trial = Consultation.objects.select_related("organisation").get(pk=consultation.pk)
        missing = actions.missing(trial)
    if missing:
        raise ValidationError(missing)


@transaction.atomic
def submit_event(event: Event, *, by, now: datetime) -> Check:
    """Send a draft of an event to be checked. Raises ValidationError naming everything that is missing."""
    event = Event.objects.kept().select_for_update(of=("self",)).get(pk=event.pk)
    if event.is_published:
        raise ValidationError(_("Families see it already."))
    if missing := event_actions.missing(event):
        raise ValidationError(missing)
    event.submitted_at, event.returned_at = now, None
    with history.label(by=by, did="sent the event to be checked"):
        event.save(update_fields=["submitted_at", "returned_at", "changed_at"])
    check = event.checks.open().first() or Check(event=event)
    check.sent_by, check.sent_at = by, check.sent_at or now
    check.save()
    return check


@transaction.atomic
def send_back(check: Check, *, by, reason: str, now: datetime) -> None:
    """Send a listing back to whoever wrote it, and say what to change."""
    check, record = _undecided(check)
    if not reason.strip():
        raise ValidationError({"reason": [_("Say what to change.")]})
    if not check.is_change:
        record.submitted_at, record.returned_at = None, now
        with history.label(by=by, did="sent the event back" if check.event_id else "sent the consultation back"):
            record.save(update_fields=["submitted_at", "returned_at", "changed_at"])
    check.decide(Decision.RETURNED, by=by, now=now, reason=reason.strip())
    if check.is_change:
        # What was written is not lost: it waits to be mended and sent again.
        about = {"event": record} if check.event_id else {"consultation": record}
        Check.objects.create(**about, is_change=True, values=check.values, sent_by=check.sent_by)
        Check.objects.filter(pk=check.pk).update(values={})


@transaction.atomic
def approve(check: Check, *, by, on: date, now: datetime, correction: str = "") -> None:
    """Approve a listing: a new one goes out, now or at its moment; changes go into what families see.

    Raises ValidationError when it is the person's own and the team is not
    small, when something is missing, or when families must be told what changed and are not.
    """
    check, record = _undecided(check)
    if check.sent_by_id == by.pk and not is_superuser(by) and not small_team():
        raise ValidationError(_("You sent this yourself. Somebody else has to check it."))
    decision = Decision.CHANGED if check.was_changed else Decision.APPROVED
    if check.event_id and check.is_change:
        _write_event(record, by=by, on=on, values=check.values)
        check.values = {}
    elif check.event_id:
        event_actions.publish_event(record, by=by, on=on)
    elif check.is_change:
        _apply(record, by=by, on=on, values=check.values, correction=correction)
        check.values = {}
    elif record.publish_at and record.publish_at > now:
        _complete(record)
        record.approved_at = now
        with history.label(by=by, did="approved the consultation"):
            record.save(update_fields=["approved_at", "changed_at"])
    else:
        actions.publish(record, by=by, on=on)
    check.decide(decision, by=by, now=now)


def _undecided(check: Check) -> tuple[Check, Any]:
    check = undecided(check)
    if check.event_id:
        return check, Event.objects.kept().select_for_update(of=("self",)).get(pk=check.event_id)
    return check, _locked(check.consultation)


@transaction.atomic
def publish_unchecked(
    consultation: Consultation, *, by, on: date, now: datetime, publish_at: datetime | None = None
) -> None:
    """Show a draft to families without a check, now or at its moment. Whether somebody may is the rules' to say."""
    consultation = _locked(consultation)
    if publish_at and publish_at > now:
        _complete(consultation)
        consultation.publish_at, consultation.approved_at = publish_at, now
        with history.label(by=by, did="set when the consultation is published"):
            consultation.save(update_fields=["publish_at", "approved_at", "changed_at"])
    else:
        actions.publish(consultation, by=by, on=on)
    for check in consultation.checks.open():
        check.decide(Decision.CHANGED, by=by, now=now)


@transaction.atomic
def unschedule(consultation: Consultation, *, by) -> None:
    """Take a date of publication back: it is a draft again."""
    consultation = _locked(consultation)
    consultation.publish_at = consultation.approved_at = consultation.submitted_at = None
    with history.label(by=by, did="took the date of publication back"):
        consultation.save(update_fields=["publish_at", "approved_at", "submitted_at", "changed_at"])


def publish_due(*, on: date, now: datetime) -> int:
    """Publish what was approved for a moment that has come. Returns how many went out.

    One that has lost something meanwhile goes back to its writer, with the reason.
    """
    due = Consultation.objects.kept().filter(approved_at__isnull=False, published_at__isnull=True, publish_at__lte=now)
    published = 0
    for consultation in due.select_related("organisation"):
        try:
            with transaction.atomic():
                actions.publish(consultation, by=None, on=on)
            published += 1
        except ValidationError as refused:
            _give_back(consultation, " ".join(refused.messages), now)
    return published


@transaction.atomic
def _give_back(consultation: Consultation, reason: str, now: datetime) -> None:
    with history.label(by=None, did="could not publish the consultation"):
        Consultation.objects.filter(pk=consultation.pk).update(
            approved_at=None, publish_at=None, submitted_at=None, returned_at=now
        )
    sent_by = next((each.sent_by for each in consultation.checks.select_related("sent_by")), None)
    Check.objects.create(
        consultation=consultation,
        sent_by=sent_by,
        sent_at=now,
        decision=Decision.RETURNED,
        decided_at=now,
        reason=reason,
    )


# --- Away, and back


@transaction.atomic
def archive(consultation: Consultation, *, by, now: datetime) -> None:
    """Take a listing off the site. Whoever owes an answer to it owes it still, so only what owes none may go.

    Raises ValidationError while families can take part in it or wait for an answer.
    """
    consultation = _locked(consultation)
    stage = TIMELINE.of(consultation, timezone.localdate(now))
    if consultation.is_published and stage in (Stage.OPEN, Stage.AWAITING, Stage.LATE):
        raise ValidationError(_("Families can take part in it, or wait for an answer. Stop it or answer it first."))
    consultation.archived_at = now
    with history.label(by=by, did="took the consultation off the site"):
        consultation.save(update_fields=["archived_at", "changed_at"])


@transaction.atomic
def bring_back(consultation: Consultation, *, by, now: datetime) -> None:
    """Show an archived listing again, or take a draft out of the bin. Raises ValidationError after 30 days."""
    consultation = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if consultation.deleted_at and now - consultation.deleted_at > UNDO_FOR:
        raise ValidationError(_("It was thrown away more than 30 days ago."))
    consultation.archived_at = consultation.deleted_at = None
    with history.label(by=by, did="brought the consultation back"):
        consultation.full_clean()
        consultation.save(update_fields=["archived_at", "deleted_at", "changed_at"])


@transaction.atomic
def throw_away(consultation: Consultation, *, by, now: datetime) -> None:
    """Throw a draft away; for 30 days it can be brought back. What families saw is archived instead."""
    consultation = _locked(consultation)
    if consultation.published_at:
        raise ValidationError(_("Families have seen it. Take it off the site instead."))
    consultation.deleted_at = now
    with history.label(by=by, did="threw the draft away"):
        consultation.save(update_fields=["deleted_at", "changed_at"])


@transaction.atomic
def duplicate(earlier: Consultation, *, by, title: str, opens_on: date, closes_on: date | None) -> Consultation:
    """A new draft like an earlier one, linked to it, with its own dates. Nothing that families said comes along."""
    values = values_of(earlier, COPIED) | {
        "title": title,
        "opens_on": opens_on.isoformat(),
        "closes_on": closes_on.isoformat() if closes_on else None,
    }
    for name in ("owner", "deputy"):
        person = getattr(earlier, name)
        if person is not None and person.has_left:
            values[name] = None
    # Days to ask or to post by belong to the earlier dates.
    values["ways"] = [{**way, "post_by": None} for way in values["ways"]]
    values["supports"] = [
        {**row, "ask_by": (opens_on + timedelta(days=7)).isoformat() if row["ask_by"] else None}
        for row in values["supports"]
    ]
    copy = start(by=by, values=values)
    with history.label(by=by, did="asked again"):
        copy.earlier_round = earlier
        copy.save(update_fields=["earlier_round", "changed_at"])
    return copy
