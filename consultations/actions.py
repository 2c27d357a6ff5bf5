"""What is done with consultations: each action is one transaction, labelled in the history."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import actions as accounts_actions
from consultations.models import Consultation, DateChange, Document, ParticipationLevel, RecordKind
from consultations.stages import REPORT_WITHIN, TIMELINE, Stage
from consultations.writing.models import Correction
from core import history, uploads
from core.dates import next_working_day, today
from core.freshness import looked_at
from core.models import PreviewLink
from core.pasts import put_back_words
from core.previews import MOST, new_link
from core.publishing import Conflict, publish_now
from core.values import put_list_back

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
    lacking = missing(consultation, on)
    if lacking:
        raise ValidationError(lacking)
    publish_now(consultation)
    if consultation.record == RecordKind.LIVE:
        looked_at(consultation, "consultation", on=on)
    with history.label(by=by, did="published the consultation"):
        consultation.save()


def missing(consultation: Consultation, on: date | None = None) -> list[str]:
    """What a consultation lacks before families can see it. Leaves its editorial dates as they are.

    Its clocks are set as publishing on a day would set them.
    """
    found = []
    if consultation.record == RecordKind.LIVE:
        found = _missing_around(consultation)
        set_answer_dates(consultation)
        set_report_date(consultation, on or today())
    editorial = ("published_at", "approved_at", "archived_at")
    was = {name: getattr(consultation, name) for name in editorial}
    publish_now(consultation)
    try:
        consultation.full_clean()
    except ValidationError as refused:
        found += refused.messages
    # Whoever shows the draft again must not take it for published.
    for name, before in was.items():
        setattr(consultation, name, before)
    return found


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
    _check_new_closing_day(consultation, closes_on, reason, on)
    was, was_due = consultation.closes_on, consultation.response_due_on
    consultation.closes_on = closes_on
    set_answer_dates(consultation)
    set_report_date(consultation, on)
    with history.label(by=by, did="moved the closing date"):
        consultation.full_clean()
        consultation.save()
        _show_moved_dates(consultation, was, was_due, reason, on)


def _check_new_closing_day(consultation: Consultation, closes_on: date, reason: str, on: date) -> None:
    """What families have seen of its closing day: it only ever moves later, in time, and with a reason."""
    stage = TIMELINE.of(consultation, on)
    if stage not in (Stage.FORTHCOMING, Stage.OPEN):
        raise ValidationError(_("It has closed. Ask families again in a new round instead."))
    if stage == Stage.OPEN and consultation.closes_on and closes_on < consultation.closes_on:
        raise ValidationError(_("Once it is open, the closing date can only move later."))
    if closes_on < on:
        raise ValidationError(_("The closing date cannot be in the past."))
    if not reason.strip():
        raise ValidationError(_("Enter the reason. Families will see it."))


def _show_moved_dates(
    consultation: Consultation, was: date | None, was_due: date | None, reason: str, on: date
) -> None:
    """Keep both dates and the reason for its page, of what families could see."""
    for which, before, now in (
        (DateChange.Which.CLOSES, was, consultation.closes_on),
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
        _check_still_here(field, membership)
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


# What may be put back to how it stood: words, plain facts and dates. When it was published, answered, stopped or
# promised, and everything worked out from that, is not here: other things depend on it.
PUT_BACK = (
    *("title", "service_area", "summary", "why_it_matters", "can_change", "cannot_change", "what_next", "level"),
    *("minutes_needed", "legal_type", "equality_check_url", "equality_check_reason", "language"),
    *("planned_for", "opens_on", "closes_on", "closes_at", "decided_by", "decision_on", "decision_when"),
    *("owner", "deputy", "contact_name", "took_part", "took_part_is_few", "earlier_round"),
    *("source_url", "source_page_url", "source_dates", "source_notes", "review_by"),
    *Consultation.tracked_lists,
)


@transaction.atomic
def put_back(consultation: Consultation, *, by, on: date, facts: dict, version: int, reason: str = "") -> None:
    """Put some fields and lists back to how they stood; `version` is the one looked at.

    `facts` are their values, by column or by list. Raises Conflict when it was changed since, and ValidationError, in
    plain words, when a rule says no: what is published stays complete, and the dates
    and the level of what families can take part in hold as they do elsewhere.
    """
    # Not the caller's own object: an answer may have come since it was read, which raises no version.
    consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
    if consultation.version != version:
        raise Conflict
    if consultation.deleted_at:
        raise ValidationError(_("It was thrown away. Take it out of the bin first."))
    _check_put_back(consultation, facts, reason, on)
    lists = {name: facts[name] for name in Consultation.tracked_lists if name in facts}
    was, was_due = consultation.closes_on, consultation.response_due_on
    for column, value in facts.items():
        if column not in lists:
            setattr(consultation, column, value)
    names = [name for name in PUT_BACK if name in facts or f"{name}_id" in facts]
    for name in ("owner", "deputy"):
        _check_still_here(name, getattr(consultation, name) if name in names else None)
    if consultation.deputy and consultation.owner and consultation.deputy.user_id == consultation.owner.user_id:
        raise ValidationError({"deputy": [_("Choose somebody else as deputy")]})
    if consultation.is_published and "closes_on" in facts:
        set_answer_dates(consultation)
        set_report_date(consultation, on)
    consultation.version += 1
    consultation.full_clean()
    with history.label(by=by, did=put_back_words(Consultation, names)):
        consultation.save()
        for name, items in lists.items():
            put_list_back(consultation, name, items)
        if "closes_on" in facts:
            _show_moved_dates(consultation, was, was_due, reason, on)
    is_whole = not (lists and consultation.is_published and consultation.record == RecordKind.LIVE)
    if not is_whole and (lacking := _missing_around(consultation)):
        raise ValidationError(lacking)


def _check_put_back(before: Consultation, facts: dict, reason: str, on: date) -> None:
    """The rules that no constraint can hold, of what families have seen."""
    gone = facts.get("earlier_round_id")
    if gone and not Consultation.objects.filter(pk=gone).exists():
        raise ValidationError(_("The earlier round is not in the hub any more."))
    if not before.is_published or before.record != RecordKind.LIVE:
        return
    has_opened = TIMELINE.of(before, on) != Stage.FORTHCOMING
    if "opens_on" in facts and (has_opened or (facts["opens_on"] and facts["opens_on"] < on)):
        raise ValidationError(_("Its opening day cannot move into the past, nor once it has opened."))
    if "level" in facts and has_opened:
        raise ValidationError(_("Once it has opened, how much say families have stays as it was promised."))
    if "closes_at" in facts and has_opened and before.closes_on and before.closes_on <= on:
        raise ValidationError(_("It closes today or has closed. The closing time stays."))
    if "closes_on" in facts:
        if facts["closes_on"] is None:
            raise ValidationError(_("Families were told when it closes. Name another closing day instead."))
        _check_new_closing_day(before, facts["closes_on"], reason, on)


def _check_still_here(field: str, membership) -> None:
    if membership is not None and membership.has_left:
        raise ValidationError({field: [_("They have left. Choose somebody who is here.")]})


# Previews


def as_if_published(consultation: Consultation, *, on: date) -> None:
    """Give a draft the dates that publishing it on `on` would give it, for somebody to look at. Nothing is saved."""
    if consultation.record == RecordKind.LIVE and not consultation.published_at:
        set_answer_dates(consultation)
        set_report_date(consultation, on)


@transaction.atomic
def share_preview(record, *, by, now: datetime) -> PreviewLink:
    """Make a link that shows a draft, of a consultation or an event, to whoever holds it.

    Raises ValidationError when it is no draft, or when enough links work already.
    """
    locked = type(record)._base_manager.select_for_update().only("pk", "published_at", "deleted_at").get(pk=record.pk)
    if locked.published_at or locked.deleted_at:
        raise ValidationError(_("Only a draft has a preview. Everybody can see what is published."))
    if PreviewLink.objects.about(record).working(now).count() >= MOST:
        raise ValidationError(_("%(most)d links work already. End one that nobody needs.") % {"most": MOST})
    return new_link(record, by=by, now=now)


@transaction.atomic
def end_preview(link: PreviewLink, *, by, now: datetime) -> None:
    """End a link before its time. Ending it twice changes nothing."""
    PreviewLink.objects.filter(pk=link.pk, ended_at__isnull=True).update(ended_at=now)


# Documents

# The folder, in the data folder, of the files that are kept here.
DOCUMENTS = "documents"
MOST_DOCUMENTS = 30


@transaction.atomic
def add_document(consultation: Consultation, *, by, on: date, file=None, url: str = "", **facts) -> Document:
    """Add a paper: a file that has been checked, to be kept here, or a link. `facts` are its other fields.

    Raises ValidationError when there are enough, or when the virus scanner refuses the file.
    """
    Consultation.objects.select_for_update().only("pk").get(pk=consultation.pk)
    last = consultation.documents.order_by("position", "pk").last()
    if consultation.documents.count() >= MOST_DOCUMENTS:
        raise ValidationError(_("There are %(most)d documents already. Remove one first.") % {"most": MOST_DOCUMENTS})
    document = Document(consultation=consultation, added_on=on, position=last.position + 1 if last else 0)
    _write_document(document, by=by, did=f"added the document “{facts['title']}”", file=file, url=url, facts=facts)
    _tell_of_paper(consultation, _("There is a new document: “%(title)s”."), document.title, on)
    return document


@transaction.atomic
def change_document(document: Document, *, by, on: date, file=None, url: str = "", **facts) -> None:
    """Change what is said of a paper, or put another file or link in its place. With neither, the file stays."""
    document = Document.objects.select_for_update().get(pk=document.pk)
    old, was_at, did = document.stored, document.url, f"changed the document “{facts['title']}”"
    if file or url:
        document.added_on = on if file else document.added_on
        did = f"replaced the document “{facts['title']}”"
    _write_document(document, by=by, did=did, file=file, url=url, facts=facts)
    if (old, was_at) != (document.stored, document.url):
        _tell_of_paper(
            document.consultation, _("There is a new version of the document “%(title)s”."), document.title, on
        )
    if old and old != document.stored:
        transaction.on_commit(lambda: uploads.forget(DOCUMENTS, old))


@transaction.atomic
def remove_document(document: Document, *, by, on: date) -> None:
    """Take a paper away, and its file with it."""
    stored = document.stored
    with history.label(by=by, did=f"removed the document “{document.title}”"):
        document.delete()
    _tell_of_paper(document.consultation, _("The document “%(title)s” was taken away."), document.title, on)
    if stored:
        transaction.on_commit(lambda: uploads.forget(DOCUMENTS, stored))


def _tell_of_paper(consultation: Consultation, words: str, title: str, on: date) -> None:
    """Tell families of a paper that came, changed or went while they could take part: the page and mails say so."""
    if consultation.is_published and TIMELINE.of(consultation, on) == Stage.OPEN:
        Correction.objects.create(consultation=consultation, text=words % {"title": title}, changed_on=on)


def keep_file(file) -> dict[str, Any]:
    """Keep the file of a paper, and give back what a document says of it. Raises ValidationError when it is refused."""
    kind = uploads.kind_of(file, most_megabytes=settings.HUB_DOCUMENT_MOST_MB)
    size = max(1, round(file.size / 1024))
    return {"file_type": kind.ending, "size_kb": size, "stored": uploads.keep(file, DOCUMENTS), "url": ""}


def _write_document(document: Document, *, by, did: str, file, url: str, facts: dict) -> None:
    for name, value in facts.items():
        setattr(document, name, value)
    if url:
        if url != document.url:
            document.file_type, document.size_kb = "", None
        document.url, document.stored = url, ""
    if file:
        for name, value in keep_file(file).items():
            setattr(document, name, value)
    try:
        with history.label(by=by, did=did):
            document.full_clean()
            document.save()
    except BaseException:
        if file:
            uploads.forget(DOCUMENTS, document.stored)
        raise
