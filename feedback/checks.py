"""What an answer still lacks before families may see it (DESIGN rule 5, content: response_template)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from consultations.stages import REPORT_WITHIN
from core.dates import day_words
from feedback.counts import small_group_in
from feedback.models import PROMISES, AnswerState, FeedbackEntry, Kind, Response, StandingReport

IN_SHORT_WORDS = 60
WE_ASKED_WORDS = 120

# Which facts go with which answer; what was typed for another answer is dropped.
FACTS_OF = {
    AnswerState.DONE: ("done_on", "what_changed"),
    AnswerState.PARTLY: ("done_on", "what_changed"),
    AnswerState.DOING: ("owner_role", "due_on"),
    AnswerState.WILL_DO: ("owner_role", "due_on"),
    AnswerState.DECIDING: ("next_update_on",),
    AnswerState.CANNOT: (),
    AnswerState.PASSED_ON: ("body", "body_contact", "passed_on"),
    AnswerState.NONE: (),
}
STATE_FACTS = ("owner_role", "due_on", "done_on", "what_changed", "next_update_on", "body", "body_contact", "passed_on")


def response_lacks(response: Response) -> dict[str, list[str]]:
    """What the answer itself lacks, by field. A short one needs only its short version and who decided."""
    needed = {
        "in_short": _("Write the answer in short"),
        "decided_by": _("Say who made the decision"),
    }
    if response.kind == Kind.FULL:
        needed |= {
            "we_asked": _("Say what you asked"),
            "who": _("Say who took part"),
            "missing": _("Say who you did not hear from, and what you will do about it"),
            "link_to_views": _("Say what is different because of what people said"),
            "what_next": _("Say what happens next"),
            "contact_name": _("Say who families can ask"),
            "contact_phone": _("Give a phone number for questions"),
            "contact_email": _("Give an e-mail address for questions"),
            "formats": _("Say in which other formats the answer comes, or how to ask for one"),
        }
    lacks = {field: [words] for field, words in needed.items() if not getattr(response, field).strip()}
    if response.kind == Kind.FULL and response.total is None and not response.total_is_few:
        lacks["total"] = [_("Say how many took part: a number, or “fewer than 5”")]
    for field, most in (("in_short", IN_SHORT_WORDS), ("we_asked", WE_ASKED_WORDS)):
        used = len(getattr(response, field).split())
        if used > most:
            words = _("You used %(used)d words. Use %(most)d words or fewer")
            lacks.setdefault(field, []).append(words % {"used": used, "most": most})
    for field in ("in_short", "who", "missing", "link_to_views", "what_next"):
        _add_small_group(lacks, field, getattr(response, field))
    return lacks


def entry_lacks(
    entry: FeedbackEntry, on: date, *, name: str = "", due_before: date | None = None
) -> dict[str, list[str]]:
    """What one point and its answer lack, by field, on a day.

    `name` is how the point is called in the words. A promised date in the past
    is refused unless it is the one that families have seen already (`due_before`).
    """
    named = {"point": name or entry.theme or _("this point")}
    lacks: dict[str, list[str]] = {}

    def lack(field, words):
        lacks.setdefault(field, []).append(words % named)

    if not entry.theme.strip():
        lack("theme", _("Name %(point)s in a few words"))
    if not entry.you_said.strip():
        lack("you_said", _("Say what people said: %(point)s"))
    state = entry.answer
    if state == AnswerState.NONE:
        lack("answer", _("Choose an answer: %(point)s"))
        return lacks
    _lacks_of_state(entry, state, on, due_before, lack)
    for field in ("you_said", "how_many"):
        _add_small_group(lacks, field, getattr(entry, field))
    return lacks


def point_lacks(entry: FeedbackEntry) -> dict[str, list[str]]:
    """What a point lacks, by field, that is put before its service without an answer yet."""
    lacks: dict[str, list[str]] = {}
    if not entry.theme.strip():
        lacks["theme"] = [_("Name the point in a few words")]
    if not entry.you_said.strip():
        lacks["you_said"] = [_("Write what families may read")]
    for field in ("theme", "you_said"):
        _add_small_group(lacks, field, getattr(entry, field))
    return lacks


def _lacks_of_state(entry, state, on, due_before, lack):
    if state in PROMISES:
        if not entry.owner_role.strip() and entry.owner is None:
            lack("owner_role", _("Say who is responsible: %(point)s"))
        if entry.due_on is None:
            lack("due_on", _("Say by when: %(point)s"))
        elif entry.due_on < on and entry.due_on != due_before:
            lack("due_on", _("Promise a date that is still to come: %(point)s"))
    if state in (AnswerState.DONE, AnswerState.PARTLY):
        if entry.done_on is None:
            lack("done_on", _("Say when it was done: %(point)s"))
        elif entry.done_on > on:
            lack("done_on", _("It cannot be done on a day still to come: %(point)s"))
        if not entry.what_changed.strip():
            lack("what_changed", _("Say what is different now: %(point)s"))
    if not entry.we_did.strip() and state != AnswerState.DONE:
        reason = state in (AnswerState.CANNOT, AnswerState.DECIDING, AnswerState.PARTLY)
        lack("we_did", _("Give the reason: %(point)s") if reason else _("Say what you will do: %(point)s"))
    if state == AnswerState.DECIDING:
        if entry.next_update_on is None:
            lack("next_update_on", _("Say when you will tell families more: %(point)s"))
        elif entry.next_update_on < on:
            lack("next_update_on", _("Promise news on a day still to come: %(point)s"))
    if state == AnswerState.PASSED_ON:
        if not entry.body.strip():
            lack("body", _("Say who it was passed to: %(point)s"))
        if not entry.body_contact.strip():
            lack("body_contact", _("Say how to reach them: %(point)s"))
        if entry.passed_on is None:
            lack("passed_on", _("Say when it was passed on: %(point)s"))
        elif entry.passed_on > on:
            lack("passed_on", _("It cannot be passed on on a day still to come: %(point)s"))


def answer_lacks(
    response: Response, entries: list[FeedbackEntry], on: date, *, due_before: dict[int, date | None] | None = None
) -> dict[str, list[str]]:
    """Everything an answer and its points lack, by the name of the field on the page ("themes-0-due_on")."""
    lacks = response_lacks(response)
    if not entries:
        lacks["themes"] = [_("Add at least one thing that people said, and its answer")]
    for place, entry in enumerate(entries):
        name = f"“{entry.theme.strip()}”" if entry.theme.strip() else _("point %(number)d") % {"number": place + 1}
        before = (due_before or {}).get(entry.pk)
        for field, words in entry_lacks(entry, on, name=name, due_before=before).items():
            lacks[f"themes-{place}-{field}"] = words
    if entries and all(entry.answer == AnswerState.DECIDING for entry in entries):
        lacks["themes"] = [
            _("Every point is “not decided”. That is not an answer yet. Publish what you have heard so far instead.")
        ]
    return lacks


def report_lacks(report: StandingReport, *, promises: bool) -> dict[str, list[str]]:
    """What the report of a standing opportunity lacks, by field, to be published on its `reported_on`.

    `promises` is whether families are promised the next one; it then needs its day.
    """
    lacks: dict[str, list[str]] = {}
    if not report.you_said.strip():
        lacks["you_said"] = [_("Say what families said")]
    if not report.what_changed.strip():
        lacks["what_changed"] = [_("Say what changed because of it, or why nothing did")]
    if report.took_part is None and not report.took_part_is_few:
        lacks["took_part"] = [_("Say how many took part: a number, or “fewer than 5”")]
    if promises:
        latest = report.reported_on + REPORT_WITHIN
        if report.next_on is None:
            lacks["next_on"] = [_("Say when families get the next report")]
        elif report.next_on <= report.reported_on:
            lacks["next_on"] = [_("The next report must come on a day still to come")]
        elif report.next_on > latest:
            words = _("The next report must come within six months, by %(day)s")
            lacks["next_on"] = [words % {"day": day_words(latest, report.reported_on)}]
    for field in ("you_said", "what_changed"):
        _add_small_group(lacks, field, getattr(report, field))
    return lacks


def refuse(lacks: dict[str, list[str]]) -> None:
    """Raise ValidationError when anything is lacking."""
    if lacks:
        raise ValidationError(lacks)


def _add_small_group(lacks, field, text):
    found = small_group_in(text)
    if found:
        words = _("“%(found)s” could point at a family. Write “fewer than 5” instead")
        lacks.setdefault(field, []).append(words % {"found": found})
