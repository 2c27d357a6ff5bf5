"""Reading a mail as its reader does, and comparing each line with the truth of the day."""

from datetime import date

from hub.simulation.truth import Broken, Truth
from hub.simulation.world import Duty
from notices.letters import MOST_OF_OTHERS
from notices.models import Notice


def problems_of(
    subject: str, text: str, address: str, abouts: list[tuple[Notice, Duty | Broken | None]], truth: Truth, day: date
) -> list[str]:
    """What in a mail is not so on this day: a step, a date, a reader, a number, a word. Empty when all is true."""
    problems = []
    lines = text.splitlines()
    true: dict[str, set[str]] = {}
    for notice, about in abouts:
        name = truth.title(about)
        expected = truth.expected(notice.reason, about, day)
        if expected is None:
            problems.append(f"{notice.reason}, {notice.step}, “{name}”: nothing is owed")
            continue
        if (notice.step, notice.repeat, notice.about_on) != (expected.step, expected.repeat, expected.about_on):
            problems.append(
                f"{notice.reason}, {notice.step} {notice.repeat} about {notice.about_on}, “{name}”: it should be"
                f" {expected.step} {expected.repeat} about {expected.about_on}"
            )
        if expected.told.get(address) != notice.role:
            as_what = expected.told.get(address, "nobody")
            problems.append(f"{notice.reason}, {notice.step}, “{name}”: told as {notice.role}, and is {as_what}")
        words = truth.words(notice.reason, about, day)
        true.setdefault(name, set()).add(words)
        if words not in lines and len(abouts) <= MOST_OF_OTHERS:
            problems.append(f"“{name}”: it does not say “{words}”")
        if isinstance(about, Duty):
            families = truth.families(notice.reason, about, day)
            service = about.body.name
            true[name] |= {families, service, f"{service}. {families}" if families else service}
        elif about is not None and about.duty:
            true[name].add(about.duty.body.name)
        elif about is not None:
            person = truth.world.person_at(about.address)
            if person:
                true[name].add(f"{person.body.name}: {person.key.replace('-', ' ').capitalize()}")
    problems += _untrue_lines(lines, true)
    problems += _wrong_count(subject, abouts, truth, day)
    return problems


def _untrue_lines(lines: list[str], true: dict[str, set[str]]) -> list[str]:
    """The lines below a title, up to its button or a gap, that say what is not so."""
    problems = []
    title = None
    for line in lines:
        if title is not None and (not line.strip() or line.endswith(":") or line.startswith("http")):
            title = None
        elif title is not None and line not in true[title]:
            problems.append(f"“{title}”: it says “{line}”")
        elif title is None and line in true:
            title = line
    return problems


def _wrong_count(subject: str, abouts: list, truth: Truth, day: date) -> list[str]:
    """Whether the subject names how many things are owed, and how many of them are late, as it is."""
    owed: dict[tuple, bool] = {}
    for notice, about in abouts:
        if isinstance(about, Duty) and notice.reason != "answer-published":
            date_of = about.notes[-1].new_date if notice.reason == "note-owed" else about.due_on
            late = date_of is not None and date_of < day
            key = (about.kind == "promise", about.about_id)
            owed[key] = owed.get(key, False) or late
    count = sum(owed.values())
    if len(owed) < 2:
        return []
    words = f"{len(owed)} things are owed to families"
    if count == len(owed):
        words += ", all late"
    elif count:
        words += f", {count} is late" if count == 1 else f", {count} are late"
    return [] if subject == words else [f"the subject says “{subject}”, and it is “{words}”"]
