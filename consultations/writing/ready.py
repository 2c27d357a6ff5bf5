""" "Ready to ask?": the questions before a consultation is shown, and what the hub can check itself.

The questions are content (checklist.yaml). A check is a pure function of the
listing and what stands around it, and answers in one sentence. It never stops
anybody, but for the shortest time that a law gives: whoever asks says why.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyphen
import yaml
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.events.recurrence import Terms
from consultations.models import Consultation
from consultations.plan.clashes import open_clashes
from consultations.writing.models import ReadyAnswer
from core.models import PreElectionPeriod, SchoolTerm

# Six weeks, from practice; a quarter of the days in holidays at most (content of the checklist).
USUAL_DAYS = 42
HOLIDAY_SHARE = 0.25
# Age by which most children can read it; the hub's own words aim at 9 to 12.
READING_AGE = 12
SUMMARY_WORDS = 60
# Initials that every parent knows.
KNOWN = frozenset({"UK", "NHS", "GP", "TV", "PDF", "OK", "BBC", "DVD", "CD", "AM", "PM"})


@lru_cache(maxsize=1)
def checklist() -> dict[str, Any]:
    """The questions, tips and legal minimums that ship with the hub."""
    return yaml.safe_load((Path(__file__).parent / "checklist.yaml").read_text("utf-8"))


@dataclass(frozen=True)
class Finding:
    """What an automatic check says."""

    is_fine: bool
    words: str
    stops: bool = False


@dataclass(frozen=True)
class Question:
    """One question, how it was answered, and what the hub found itself."""

    key: str
    label: str
    is_optional: bool
    step: str
    finding: Finding | None
    answer: ReadyAnswer | None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more has to be said about it."""
        if self.finding and self.finding.stops:
            return False
        return self.is_optional or self.answer is not None or bool(self.finding and self.finding.is_fine)

    @property
    def is_asked(self) -> bool:
        """Whether a person has to answer: what the hub found to be fine needs nobody."""
        return not (self.finding and self.finding.is_fine)


@dataclass(frozen=True)
class Group:
    """One heading of the list."""

    heading: str
    principle: str
    questions: list[Question]


@dataclass(frozen=True)
class Ready:
    """The whole list for one consultation."""

    note: str
    groups: list[Group] = field(default_factory=list)

    @property
    def questions(self) -> list[Question]:
        """All questions, in order."""
        return [question for group in self.groups for question in group.questions]

    @property
    def open(self) -> list[Question]:
        """Those that still need an answer."""
        return [question for question in self.questions if not question.is_settled]

    @property
    def words(self) -> str:
        """How far it has got: "18 of 21 settled"."""
        settled = len(self.questions) - len(self.open)
        return _("%(settled)s of %(all)s settled") % {"settled": settled, "all": len(self.questions)}


class Around(NamedTuple):
    """What the county knows that a consultation does not.

    `school_days` says of a day whether schools are open; None where no terms
    are set. `clashes` is how many others ask the same families in these weeks
    and nobody has decided about yet. `election` names the election before
    which it opens, if it does.
    """

    school_days: Callable[[date], bool | None]
    clashes: int = 0
    election: str = ""


def around(consultation: Consultation, day: date) -> Around:
    """What the county knows on a day. Six queries at most, and for a consultation without dates one."""
    terms = Terms(SchoolTerm.objects.all())
    opens = consultation.opens_on
    election = PreElectionPeriod.objects.filter(starts_on__lte=opens, ends_on__gte=opens).first() if opens else None
    return Around(
        lambda each: terms.hold(each) if terms.know(each) else None,
        len(open_clashes(consultation, day)),
        election.name if election else "",
    )


def ready(consultation: Consultation, around: Around) -> Ready:
    """The list for a consultation. Reads the rows around it, four queries at most."""
    answers = {each.key: each for each in consultation.ready.all()}
    groups = [
        Group(
            group["heading"],
            group["principle"],
            [_question(consultation, each, answers.get(each["key"]), around) for each in group["questions"]],
        )
        for group in checklist()["groups"]
    ]
    return Ready(" ".join(checklist()["note"].split()), groups)


def _question(consultation, said: dict, answer: ReadyAnswer | None, around: Around) -> Question:
    name = said.get("automatic")
    finding = AUTOMATIC[name](consultation, around) if name else None
    return Question(said["key"], said["label"], said.get("optional", False), said.get("step", ""), finding, answer)


# --- What the hub checks itself


def _influence(consultation, _around) -> Finding:
    fine = bool(consultation.can_change.strip() and consultation.cannot_change.strip())
    return Finding(fine, _("Both are filled in.") if fine else _("Say what can change, and what cannot."))


def _decider(consultation, _around) -> Finding:
    when = consultation.decision_on or consultation.decision_when
    fine = bool(consultation.decided_by and when)
    return Finding(fine, _("Both are filled in.") if fine else _("Say who decides, and when."))


def _why_now(consultation, _around) -> Finding:
    fine = bool(consultation.summary.strip() and consultation.why_it_matters.strip())
    return Finding(fine, _("Both are filled in.") if fine else _("Write the summary and why it matters to families."))


def _impact(consultation, _around) -> Finding:
    fine = bool(consultation.equality_check_url or consultation.equality_check_reason)
    words = (
        _("It is linked, or there is a reason.") if fine else _("Link the equality check, or say why there is none.")
    )
    return Finding(fine, words)


def _plain(consultation, _around) -> Finding:
    text = consultation.summary
    if not text.strip():
        return Finding(False, _("Write the summary first."))
    problems = []
    age = reading_age(text)
    if age > READING_AGE:
        problems.append(
            _("It reads like a text for people of %(age)d. Use shorter sentences and words.") % {"age": age}
        )
    unknown = unexplained(f"{consultation.title}. {text}")
    if unknown:
        problems.append(_("Explain these initials, or leave them out: %(list)s.") % {"list": ", ".join(unknown)})
    if len(text.split()) > SUMMARY_WORDS:
        problems.append(_("Use 60 words or fewer."))
    return Finding(not problems, " ".join(problems) or _("Most people of %(age)d can read it.") % {"age": max(age, 7)})


def _formats_day_one(consultation, _around) -> Finding:
    fine = any(document.format.key == "easy_read" for document in consultation.documents.select_related("format"))
    return Finding(fine, _("Easy read is there.") if fine else _("There is no easy read paper yet."))


def _not_repeat(_consultation, around) -> Finding:
    count = around.clashes
    words = ngettext(
        "%(count)d other asks the same families in these weeks. Join it, move yours, or say why you go ahead.",
        "%(count)d others ask the same families in these weeks. Join one, move yours, or say why you go ahead.",
        count,
    )
    return Finding(
        not count, words % {"count": count} if count else _("Nobody else asks them then."), stops=bool(count)
    )


def _elections(_consultation, around) -> Finding:
    words = _("It opens in the weeks before an election: %(name)s.") % {"name": around.election}
    return Finding(not around.election, words if around.election else _("No election is near."))


def _length(consultation, _around) -> Finding:
    if consultation.opens_on is None or consultation.closes_on is None:
        standing = consultation.opens_on is not None
        return Finding(standing, _("It stays open.") if standing else _("Enter when it opens and closes."))
    days = (consultation.closes_on - consultation.opens_on).days + 1
    fewest = checklist()["fewest_days"].get(consultation.legal_type, 0)
    words = ngettext("It is open for %(days)d day.", "It is open for %(days)d days.", days) % {"days": days}
    if days < fewest:
        law = _("The law for this asks for %(days)d days at least.") % {"days": fewest}
        return Finding(False, f"{words} {law}", stops=True)
    return Finding(days >= USUAL_DAYS, words)


def _holidays(consultation, around) -> Finding:
    if consultation.opens_on is None or consultation.closes_on is None:
        return Finding(True, _("It has no fixed weeks."))
    length = (consultation.closes_on - consultation.opens_on).days + 1
    known = [around.school_days(consultation.opens_on + timedelta(days=step)) for step in range(min(length, 366))]
    if None in known:
        return Finding(False, _("School terms are not set for all of it, so we cannot tell."))
    off = known.count(False)
    words = ngettext("%(days)d day is in school holidays.", "%(days)d days are in school holidays.", off)
    return Finding(off <= length * HOLIDAY_SHARE, words % {"days": off})


def _ways(consultation, _around) -> Finding:
    ways = list(consultation.ways.select_related("method"))
    offline = any(way.method.offline for way in ways)
    words = ngettext("There is %(count)d way.", "There are %(count)d ways.", len(ways)) % {"count": len(ways)}
    if not offline:
        words += " " + _("None works without the internet.")
    return Finding(len(ways) >= 2 and offline, words)


def _response_owner(consultation, _around) -> Finding:
    fine = consultation.owner_id is not None or not consultation.owes_an_answer
    return Finding(fine, _("An owner is named.") if fine else _("Choose who owns the answer."))


def _feedback_plan(consultation, _around) -> Finding:
    fine = bool(consultation.what_next.strip())
    return Finding(fine, _("What happens next is filled in.") if fine else _("Say what happens next."))


AUTOMATIC: dict[str, Callable[..., Finding]] = {
    "influence": _influence,
    "decider": _decider,
    "why_now": _why_now,
    "impact": _impact,
    "plain": _plain,
    "formats_day_one": _formats_day_one,
    "not_repeat": _not_repeat,
    "elections": _elections,
    "length": _length,
    "holidays": _holidays,
    "ways": _ways,
    "response_owner": _response_owner,
    "feedback_plan": _feedback_plan,
}


# --- Plain English


@lru_cache(maxsize=1)
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB")


def reading_age(text: str) -> int:
    """About how old a reader must be, in years: the Flesch-Kincaid grade plus five, syllables as hyphens fall."""
    sentences = [part for part in re.split(r"[.!?]+(?:\s|$)|\n+", text) if part.strip()]
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)
    if not words:
        return 5
    syllables = sum(len(_hyphens().positions(word)) + 1 for word in words)
    grade = 0.39 * len(words) / max(len(sentences), 1) + 11.8 * syllables / len(words) - 15.59
    return max(5, round(grade + 5))


def unexplained(text: str) -> list[str]:
    """The initials in a text that nothing in it explains, each once: words in brackets beside them explain them."""
    found: list[str] = []
    for initials in re.findall(r"\b[A-Z][A-Z&]{1,6}s?\b", text):
        letters = initials.rstrip("s")
        explained = re.search(rf"\(\s*{re.escape(letters)}s?\s*\)|\b{re.escape(letters)}s?\s*\(", text)
        if letters not in KNOWN and not explained and letters not in found:
            found.append(letters)
    return found
