"""What is done with answers, holding notes, promises and reports: each action is one transaction, with a label."""

import re
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.rules import is_fis
from consultations.actions import (
    answer_due,
    owe_report_again,
    promises_reports,
    record_answer,
    record_report,
    take_back_answer,
)
from consultations.models import Consultation, Outcome
from consultations.rules import leads_its_organisation
from consultations.stages import TIMELINE, Stage
from core import history
from core.dates import day_words
from core.publishing import Conflict, publish_now
from feedback import drafts
from feedback.checks import FACTS_OF, STATE_FACTS, answer_lacks, entry_lacks, point_lacks, refuse, report_lacks
from feedback.counts import Count, small_group_in
from feedback.models import (
    PROMISES,
    AnswerState,
    Draft,
    FeedbackEntry,
    HeardFrom,
    HoldingNote,
    IssuedReport,
    Kind,
    ReportKind,
    Response,
    StandingReport,
)
from feedback.stages import NOT_ANSWERED

# From the third holding note on, a lead or the Family Information Service decides (content: holding_note).
NOTES_WITHOUT_LEAD = 2
ELSEWHERE_WORDS = 60
# What makes a report the same as another.
REPORT_FACTS = ("you_said", "what_changed", "took_part", "took_part_is_few", "next_on")
# How long a report can be taken back. Later families have read it, and it is put right instead.
TAKE_BACK_WITHIN = timedelta(days=14)


class AlreadyAnswered(Conflict):
    """Somebody published the answer after this person opened it."""


# The answer


@transaction.atomic
def save_draft(consultation: Consultation, *, by, typed: dict, version: int) -> Draft:
    """Keep what has been typed so far. It never stops the clock.

    `version` is the one this person's page was made from, 0 for a fresh page.
    Raises Conflict when somebody else saved in between, AlreadyAnswered when
    somebody published. Saving the same again changes nothing.
    """
    consultation = _lock(consultation)
    if not typed.get("correcting") and _published(consultation):
        raise AlreadyAnswered
    draft = Draft.objects.filter(consultation=consultation).first()
    if draft is None:
        return Draft.objects.create(consultation=consultation, typed=typed, saved_by=by)
    if draft.typed == typed:
        return draft
    if draft.version != version:
        raise Conflict
    draft.typed, draft.saved_by, draft.version = typed, by, version + 1
    draft.save()
    return draft


@transaction.atomic
def publish_response(
    consultation: Consultation,
    *,
    by,
    on: date,
    facts: dict,
    themes: list[dict],
    kind: str = Kind.FULL,
    correcting: bool = False,
    draft_version: int | None = None,
) -> Response:
    """Tell families what came of it. From `on` the consultation is answered, everywhere.

    `facts` are fields of the answer, `themes` fields of its points in order; a
    point with an `id` keeps its page. Raises ValidationError naming every
    point that has no answer, every promise without an owner or a date, every
    "no" without a reason (DESIGN rule 5); AlreadyAnswered when a different
    answer is out already, unless this one is `correcting` it; Conflict when
    the draft is no longer at `draft_version`. The same answer again changes
    nothing. Putting right a published answer does not move its day.
    """
    asked = consultation
    consultation = _lock(consultation)
    response = Response.objects.filter(consultation=consultation).first() or Response(consultation=consultation)
    is_out = response.pk is not None and response.is_published
    entries = _entries(consultation, response, themes)
    if is_out and not correcting:
        if _says_the_same(response, entries, facts, kind):
            return response
        raise AlreadyAnswered
    if not is_out:
        refuse_unless_closed(consultation, on)
    _check_draft(consultation, draft_version)

    due_before = {entry.pk: entry.due_on for entry in _themes(response)}
    _put_answer(response, facts, kind)
    refuse(answer_lacks(response, entries, on, due_before=due_before))

    with history.label(by=by, did="put the answer right" if is_out else "published the answer"):
        _publish(response, entries, consultation)
        if not is_out:
            _answered(consultation, by=by, on=on)
            asked.responded_on = consultation.responded_on
        Draft.objects.filter(consultation=consultation).delete()
    return response


@transaction.atomic
def answer_elsewhere(
    consultation: Consultation, *, by, on: date, url: str, answered_on: date, in_short: str
) -> Response:
    """Close the loop with an answer that is out already: a link, its date and two sentences (DESIGN rule 6).

    Whether it was on time is judged by `answered_on`, which is not in the
    future nor before opening. It never waits for the Family Information
    Service, which checks it afterwards.
    """
    asked = consultation
    consultation = _lock(consultation)
    response = Response.objects.filter(consultation=consultation).first() or Response(consultation=consultation)
    said = {"elsewhere_url": url.strip(), "elsewhere_on": answered_on, "in_short": in_short.strip()}
    if response.pk and response.is_published:
        if response.kind == Kind.ELSEWHERE and all(getattr(response, each) == said[each] for each in said):
            return response
        raise AlreadyAnswered
    refuse_unless_closed(consultation, on)
    refuse(_elsewhere_lacks(consultation, said, on))
    response.kind = Kind.ELSEWHERE
    for field, value in said.items():
        setattr(response, field, value)
    with history.label(by=by, did="linked to an answer published elsewhere"):
        _publish(response, [], consultation)
        _answered(consultation, by=by, on=answered_on)
        asked.responded_on = consultation.responded_on
        Draft.objects.filter(consultation=consultation).delete()
    return response


@transaction.atomic
def take_back(response: Response, *, by) -> None:
    """Undo the publishing of an answer: it leaves every public page and the clock runs on.

    What it said is kept as the draft. A past record whose answer was found
    elsewhere stays answered: that day was never ours. Taking it back again
    changes nothing.
    """
    consultation = _lock(response.consultation)
    locked = Response.objects.get(pk=response.pk)
    if locked.is_published:
        typed = drafts.of_published(locked, _themes(locked)) | {"correcting": False}
        with history.label(by=by, did="took the answer back"):
            locked.published_at = None
            locked.version += 1
            locked.save()
            locked.themes.update(published_at=None)
            if consultation.outcome != Outcome.FOUND:
                take_back_answer(consultation, by=by)
            if locked.kind != Kind.ELSEWHERE:
                Draft.objects.update_or_create(consultation=consultation, defaults={"typed": typed, "saved_by": by})
    response.published_at = None


@transaction.atomic
def record_told(consultation: Consultation, *, by, told: int) -> Response:
    """Record how many families were told that the answer is out, by letter, by mail or face to face.

    Raises ValidationError while no answer is out.
    """
    response = Response.objects.published().select_for_update().filter(consultation=consultation).first()
    if response is None:
        raise ValidationError(_("Publish the answer first. Then tell families about it."))
    response.told = told
    with history.label(by=by, did="said how many families were told"):
        response.full_clean()
        response.save(update_fields=["told", "changed_at"])
    return response


@transaction.atomic
def start_correcting(response: Response, *, by) -> Draft:
    """Open a published answer to be put right. Families go on seeing it as it is until that is published."""
    consultation = _lock(response.consultation)
    draft = Draft.objects.filter(consultation=consultation).first()
    return draft or Draft.objects.create(
        consultation=consultation, typed=drafts.of_published(response, _themes(response)), saved_by=by
    )


def refuse_unless_closed(consultation: Consultation, on: date) -> None:
    """Raise ValidationError while an answer cannot be out: it is hidden, still open, or was stopped."""
    if not consultation.is_published:
        raise ValidationError(_("Families cannot see this consultation yet, so there is nothing to answer."))
    stage = TIMELINE.of(consultation, on)
    if stage in (Stage.FORTHCOMING, Stage.OPEN):
        if consultation.closes_on is None:
            raise ValidationError(_("It has no closing date, so it is never finished. Write a report on it instead."))
        words = _("Families can take part until %(day)s. You can write the answer now and publish it after that.")
        raise ValidationError(words % {"day": day_words(consultation.closes_on, on)})
    if stage == Stage.WITHDRAWN:
        raise ValidationError(_("It was stopped, and its page says why. It owes no answer."))


def draw_up(
    consultation: Consultation, *, facts: dict, themes: list[dict], kind: str, on: date
) -> tuple[Response, list[FeedbackEntry], dict[str, list[str]]]:
    """An answer as it would be published, and what it still lacks. Nothing is saved: for the preview."""
    response = Response.objects.filter(consultation=consultation).first() or Response(consultation=consultation)
    due_before = {entry.pk: entry.due_on for entry in _themes(response)}
    entries = _entries(consultation, response, themes)
    _put_answer(response, facts, kind)
    return response, entries, answer_lacks(response, entries, on, due_before=due_before)


def _put_answer(response, facts, kind):
    response.kind = kind
    response.elsewhere_url, response.elsewhere_on = "", None
    for field, value in facts.items():
        setattr(response, field, value)


def _lock(consultation):
    """The consultation as it is now, held until the transaction ends: two people cannot answer it at once."""
    return (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("organisation", "owner")
        .get(pk=consultation.pk)
    )


def _published(consultation):
    return Response.objects.published().filter(consultation=consultation).exists()


def _themes(response):
    return list(response.themes.kept()) if response.pk else []


def _check_draft(consultation, version):
    """Refuse to publish a draft that somebody changed after this person read it."""
    if version is None:
        return
    draft = Draft.objects.filter(consultation=consultation).first()
    if draft is None or draft.version != version:
        raise Conflict


def _entries(consultation, response, themes):
    """The points as rows, not saved yet: those with an id are the rows they were."""
    known = {entry.pk: entry for entry in _themes(response)}
    entries = []
    for place, facts in enumerate(themes):
        facts = dict(facts)
        number = str(facts.pop("id", "") or "")
        # What is too long for any id would be too long for int() as well.
        entry = known.pop(int(number), None) if number.isdecimal() and len(number) < 20 else None
        entry = entry or FeedbackEntry(consultation=consultation, heard_from=HeardFrom.CONSULTATION)
        entry.organisation = consultation.organisation
        entry.heard_on = entry.heard_on or consultation.closes_on
        entry.language = consultation.language
        entry.position = place
        put_facts(entry, facts, owner=consultation.owner)
        entries.append(entry)
    return entries


def put_facts(entry: FeedbackEntry, facts: dict, *, owner=None) -> None:
    """Set what was typed on an entry, without what belongs to another answer. The caller checks and saves.

    A promise is chased by its owner: the one it has, else `owner`. What was put
    before a service on its own keeps the owner of its answer.
    """
    for field, value in facts.items():
        setattr(entry, field, value)
    entry.answer = entry.answer or AnswerState.NONE
    for field in STATE_FACTS:
        if field not in FACTS_OF[entry.answer]:
            setattr(entry, field, None if field.endswith("_on") else "")
    entry.owner = (entry.owner or owner) if entry.answer in PROMISES or entry.owed_from else None


def _says_the_same(response, entries, facts, kind):
    """Whether an answer that is out already says exactly this."""
    if response.kind != kind or any(getattr(response, field) != value for field, value in facts.items()):
        return False
    compared = ("theme", "you_said", "how_many", "quote", "answer", "we_did", *STATE_FACTS)
    return [[getattr(each, field) for field in compared] for each in _themes(response)] == [
        [getattr(each, field) for field in compared] for each in entries
    ]


def _publish(response, entries, consultation):
    publish_now(response)
    response.version += 1
    response.full_clean()
    response.save()
    kept = [entry.pk for entry in entries if entry.pk]
    response.themes.exclude(pk__in=kept).delete()
    topics = list(consultation.topics.all())
    for entry in entries:
        entry.response = response
        publish_now(entry)
        entry.version += 1
        entry.full_clean()
        entry.save()
        entry.topics.set(topics)


def _answered(consultation, *, by, on):
    """The clock stops; a past record whose answer was found elsewhere keeps that day.

    What was found elsewhere (`outcome`) is not touched: taking the answer back has to tell whose day it was.
    """
    if consultation.responded_on is None:
        record_answer(consultation, by=by, on=on)


def _elsewhere_lacks(consultation, said, on):
    lacks: dict[str, list[str]] = {}
    if not said["elsewhere_url"]:
        lacks["url"] = [_("Enter the link to the answer")]
    answered_on = said["elsewhere_on"]
    if answered_on is None:
        lacks["answered_on"] = [_("Enter the day the answer was published")]
    elif answered_on > on:
        lacks["answered_on"] = [_("The answer cannot have been published on a day still to come")]
    elif consultation.opens_on and answered_on < consultation.opens_on:
        lacks["answered_on"] = [_("The answer cannot be older than the consultation")]
    sentences = [part for part in re.split(r"[.!?]+(?:\s|$)", said["in_short"]) if part.strip()]
    if len(sentences) < 2:
        lacks["in_short"] = [_("Write two sentences: the main thing you heard, and what you will do")]
    elif len(said["in_short"].split()) > ELSEWHERE_WORDS:
        lacks["in_short"] = [_("Use %(most)d words or fewer") % {"most": ELSEWHERE_WORDS}]
    elif found := small_group_in(said["in_short"]):
        lacks["in_short"] = [_("“%(found)s” could point at a family. Write “fewer than 5” instead") % {"found": found}]
    return lacks


# Holding notes


@transaction.atomic
def publish_holding_note(
    consultation: Consultation, *, by, on: date, reason: str, new_date: date, contact: str, heard_so_far: str = ""
) -> HoldingNote:
    """Tell families why they have no answer yet, and the new day. The clock runs on (DESIGN rule 3).

    Raises ValidationError when the new day is not still to come, and
    PermissionDenied from the third note on unless the person leads the
    organisation or works for the Family Information Service. The same note
    again changes nothing.
    """
    consultation = _lock(consultation)
    said = {
        "reason": reason.strip(),
        "new_date": new_date,
        "contact": contact.strip(),
        "heard_so_far": heard_so_far.strip(),
    }
    notes = HoldingNote.objects.published().filter(consultation=consultation)
    latest = notes.first()
    if latest and all(getattr(latest, field) == said[field] for field in said):
        return latest
    if not consultation.is_published or TIMELINE.of(consultation, on) not in (Stage.AWAITING, Stage.LATE):
        raise ValidationError(_("A note like this is only for a consultation that waits for its answer."))
    refuse(_note_lacks(said, on))
    if not may_publish_holding_note(by, consultation, notes.count()):
        raise PermissionDenied(_("This would be note number 3 or more. The service's lead must publish it."))
    note = HoldingNote(consultation=consultation, **said)
    publish_now(note)
    note.full_clean()
    with history.label(by=by, did="published a holding note"):
        note.save()
    return note


def may_publish_holding_note(by, consultation: Consultation, notes: int) -> bool:
    """Whether the person may publish one more holding note after so many."""
    return notes < NOTES_WITHOUT_LEAD or is_fis(by) or leads_its_organisation(by, consultation)


def _note_lacks(said, on):
    lacks: dict[str, list[str]] = {}
    if not said["reason"]:
        lacks["reason"] = [_("Say why there is no answer yet")]
    if said["new_date"] is None:
        lacks["new_date"] = [_("Say when families will have the full answer")]
    elif said["new_date"] <= on:
        lacks["new_date"] = [_("The new date must be a day still to come")]
    if not said["contact"]:
        lacks["contact"] = [_("Say who families can ask")]
    for field in ("reason", "heard_so_far"):
        if found := small_group_in(said[field]):
            words = _("“%(found)s” could point at a family. Write “fewer than 5” instead")
            lacks.setdefault(field, []).append(words % {"found": found})
    return lacks


# The log


@transaction.atomic
def add_entry(*, by, on: date, organisation, topics=(), consultation=None, **facts) -> FeedbackEntry:
    """Put one thing that families said, and the answer to it, into the log.

    For what was said at a forum, an event, in a call or a comment. Raises
    ValidationError naming what the answer lacks.
    """
    entry = FeedbackEntry(organisation=organisation, consultation=consultation)
    put_facts(entry, facts, owner=consultation.owner if consultation else None)
    lacks = entry_lacks(entry, on)
    if entry.heard_on and entry.heard_on > on:
        lacks["heard_on"] = [_("Families cannot have said it on a day still to come")]
    refuse(lacks)
    publish_now(entry)
    entry.full_clean()
    with history.label(by=by, did="added an entry to the log"):
        entry.save()
        entry.topics.set(topics)
    return entry


@transaction.atomic
def owe_answer(
    *, by, on: date, organisation, theme: str, you_said: str, topics=(), consultation=None, owner=None, **facts
) -> FeedbackEntry:
    """Put one thing that families said before a service. It stands in the log from now on, and owes an answer.

    The clock is that of a consultation that closed on `on`: due in 84 days
    where the service, or a body above it, has promised to answer. Raises ValidationError
    naming what is lacking.
    """
    entry = FeedbackEntry(
        organisation=organisation, consultation=consultation, owner=owner, theme=theme.strip(), **facts
    )
    entry.you_said, entry.owed_from = you_said.strip(), on
    entry.answer_due_on = answer_due(on) if organisation.promise_holder() else None
    lacks = point_lacks(entry)
    if entry.heard_on and entry.heard_on > on:
        lacks["heard_on"] = [_("Families cannot have said it on a day still to come")]
    refuse(lacks)
    publish_now(entry)
    entry.full_clean()
    with history.label(by=by, did="passed on what families said"):
        entry.save()
        entry.topics.set(topics)
    return entry


@transaction.atomic
def say_how_many(entry: FeedbackEntry, *, by, how_many: str) -> None:
    """Say in words how many said the same by now. It is no news of the answer."""
    entry.how_many = how_many
    with history.label(by=by, did="counted who said the same"):
        FeedbackEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        entry.save(update_fields=["how_many", "changed_at"])


@transaction.atomic
def update_entry(entry: FeedbackEntry, *, by, on: date, version: int, **facts) -> FeedbackEntry:
    """Tell families how far the answer to one point has got: done, changed, or a new date.

    Raises Conflict when somebody else saved in between, ValidationError naming
    what the new answer lacks. The same update again changes nothing.
    """
    now = FeedbackEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if now.is_found_elsewhere:
        raise ValidationError(_("This was found on another site and is kept as it was found."))
    if now.version != version:
        if all(getattr(now, field) == value for field, value in facts.items()):
            return now
        raise Conflict
    before, was = now.due_on, now.answer
    put_facts(now, facts, owner=now.consultation.owner if now.consultation else None)
    lacks = entry_lacks(now, on, due_before=before)
    if was != now.answer and _nothing_is_decided(now):
        lacks["answer"] = [_("Every point of this answer would be “not decided”. Take the answer back instead.")]
    refuse(lacks)
    now.updated_on = on
    if now.owed_from:
        # "Not decided" tells families more, and is no answer: the clock runs on (DESIGN rules 3 and 5).
        now.answered_on = None if now.answer in NOT_ANSWERED else now.answered_on or on
    now.version += 1
    now.full_clean()
    with history.label(by=by, did="updated what families were told"):
        now.save()
    return now


@transaction.atomic
def name_promise_owner(entry: FeedbackEntry, *, by, owner) -> None:
    """Let somebody else keep a promise. From the next reminder on they are told.

    Raises ValidationError when they have left.
    """
    if owner.ended_on is not None or not owner.user.is_active:
        raise ValidationError({"owner": [_("They have left. Choose somebody who is here.")]})
    entry.owner = owner
    with history.label(by=by, did="named another owner"):
        entry.full_clean()
        entry.save(update_fields=["owner", "changed_at"])


def _nothing_is_decided(entry) -> bool:
    """Whether every point of the entry's answer is "not decided", which is no answer (DESIGN rule 5)."""
    if entry.answer != AnswerState.DECIDING or entry.response is None:
        return False
    others = entry.response.themes.kept().exclude(pk=entry.pk)
    return not others.exclude(answer=AnswerState.DECIDING).exists()


# Reports of standing opportunities


@transaction.atomic
def publish_report(
    consultation: Consultation,
    *,
    by,
    on: date,
    you_said: str,
    what_changed: str,
    took_part: Count,
    next_on: date | None,
    newest_seen: int | None = None,
) -> StandingReport:
    """Tell families what came of a standing opportunity since its last report, and when the next one comes.

    Where families are promised reports `next_on` becomes the day that the next
    one is owed by, at most six months on; elsewhere it is left out. Raises
    ValidationError naming what is lacking, and while nothing can be reported;
    Conflict when a report came out that this person had not seen: `newest_seen`
    is the id of the newest one on their page, 0 for none. The same report again
    changes nothing. A report never stops the clock of an answer.
    """
    asked = consultation
    consultation = _lock(consultation)
    newest = StandingReport.objects.published().filter(consultation=consultation).first()
    promises = promises_reports(consultation)
    said = {"you_said": you_said, "what_changed": what_changed, "took_part": took_part}
    report = draw_up_report(consultation, on=on, next_on=next_on if promises else None, **said)
    if newest and all(getattr(newest, field) == getattr(report, field) for field in REPORT_FACTS):
        return newest
    refuse_unless_standing(consultation, on)
    if newest_seen is not None and newest_seen != (newest.pk if newest else 0):
        raise Conflict
    refuse(report_lacks(report, promises=promises))
    publish_now(report)
    report.full_clean()
    with history.label(by=by, did="published a report"):
        report.save()
        # Had several been taken back, the words of the others are of no use any more.
        StandingReport.objects.taken_back().filter(consultation=consultation).update(deleted_at=timezone.now())
        record_report(consultation, by=by, next_on=report.next_on)
    asked.next_report_on = consultation.next_report_on
    return report


def draw_up_report(
    consultation: Consultation,
    *,
    on: date,
    you_said: str,
    what_changed: str,
    took_part: Count,
    next_on: date | None,
) -> StandingReport:
    """A report as it would be published on a day. Nothing is saved: for the preview.

    It is the one that was taken back, where there is one, so that its address stays.
    """
    taken_back = StandingReport.objects.taken_back().filter(consultation=consultation).first()
    report = taken_back or StandingReport(consultation=consultation)
    report.reported_on = on
    report.due_on = consultation.next_report_on
    report.version += 1 if taken_back else 0
    report.next_on = next_on
    _put_texts(report, you_said, what_changed, took_part)
    return report


def _put_texts(report, you_said, what_changed, took_part):
    report.you_said, report.what_changed = you_said.strip(), what_changed.strip()
    report.took_part, report.took_part_is_few = took_part.number, took_part.few


def refuse_unless_standing(consultation: Consultation, on: date) -> None:
    """Raise ValidationError where there is nothing to report on: it is hidden, not open, stopped, or has a last day."""
    if not consultation.is_published:
        raise ValidationError(_("Families cannot see this yet, so there is nothing to report."))
    stage = TIMELINE.of(consultation, on)
    if stage == Stage.WITHDRAWN:
        raise ValidationError(_("It was stopped, and its page says why. It owes no report."))
    if consultation.closes_on is not None:
        raise ValidationError(_("It has a closing date. Families get an answer after that day, and no report."))
    if stage != Stage.OPEN:
        raise ValidationError(_("It has not opened yet, so there is nothing to report."))


@transaction.atomic
def put_report_right(
    report: StandingReport, *, by, version: int, you_said: str, what_changed: str, took_part: Count
) -> StandingReport:
    """Correct what a published report says. Its day, and the day of the next one, stay as they are.

    Raises ValidationError naming what is lacking, Conflict when somebody else
    changed it since `version`. The same correction again changes nothing.
    """
    now = StandingReport.objects.select_for_update().get(pk=report.pk)
    before = [getattr(now, field) for field in REPORT_FACTS]
    _put_texts(now, you_said, what_changed, took_part)
    if before == [getattr(now, field) for field in REPORT_FACTS]:
        return now
    if now.version != version or not now.is_published:
        raise Conflict
    refuse(report_lacks(now, promises=False))
    now.version += 1
    now.full_clean()
    with history.label(by=by, did="put a report right"):
        now.save()
    return now


@transaction.atomic
def take_back_report(report: StandingReport, *, by, on: date) -> None:
    """Undo the publishing of a report: it leaves every page, and is due again by the day that it was due.

    What it said is kept for the form. Only the newest one, and only for two
    weeks: raises ValidationError otherwise. Taking it back again changes nothing.
    """
    consultation = _lock(report.consultation)
    locked = StandingReport.objects.get(pk=report.pk)
    if locked.is_published:
        if words := why_report_stays(locked, on):
            raise ValidationError(words)
        with history.label(by=by, did="took a report back"):
            locked.published_at = None
            locked.version += 1
            locked.save()
            owe_report_again(consultation, by=by, due_on=locked.due_on)
    report.published_at = None


def why_report_stays(report: StandingReport, on: date) -> str:
    """Why a published report cannot be taken back on a day; empty when it can."""
    newest = StandingReport.objects.published().filter(consultation=report.consultation_id).first()
    if newest != report:
        return _("A newer report is out. Only the newest one can be taken back.")
    if on > report.reported_on + TAKE_BACK_WITHIN:
        return _("It has been out for more than two weeks. Put it right instead.")
    return ""


# Reports for boards


@transaction.atomic
def issue_report(
    *, by, on: date, kind: ReportKind, starts_on: date, ends_on: date, content: dict, after: int
) -> IssuedReport:
    """Freeze a report as it stands, for the board to read.

    `after` is the number of the newest report that this person knew of, 0 for
    none: a second press, or a colleague's, raises Conflict and freezes nothing.
    """
    if ends_on >= on:
        raise ValidationError(_("You can issue a report once its last day is over"))
    if small_group_in(content.get("asks", "")):
        raise ValidationError(
            {"asks": _("This counts a group of fewer than 5 people, which could point at a family. Leave it out")}
        )
    newest = IssuedReport.objects.about(kind, starts_on).first()
    if (newest.number if newest else 0) != after:
        raise Conflict
    with history.label(by=by, did="report issued"):
        try:
            with transaction.atomic():
                return IssuedReport.objects.create(
                    kind=kind, starts_on=starts_on, ends_on=ends_on, number=after + 1, content=content,
                    issued_at=timezone.now(), issued_by=by,
                )  # fmt: skip
        except IntegrityError:
            raise Conflict from None
