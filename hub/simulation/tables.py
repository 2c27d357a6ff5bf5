"""A simulated year in words and tables, each line no longer than 100 columns."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from statistics import median

from hub.simulation.record import FIS, Record, monday_of
from hub.simulation.verdicts import WIDTH
from hub.simulation.world import Duty

ROLES = {
    "owner": "Owners of what is owed",
    "team": "Team mailboxes, standing in",
    "deputy": "Deputies",
    "lead": "Leads of a body",
    FIS: "Family Information Service",
    "sponsor": "Sponsor (the council's lead)",
}
TIMES = ("on time", "1 to 14 days late", "15 to 90 days late", "more than 90 days late")
STATES = (
    *TIMES,
    "still owed, and late",
    "still owed, not due yet",
    "answered, without a promised date",
    "owed, without a promised date",
    "stopped before it closed",
)


def pages(record: Record, unchased: Record | None) -> Iterator[str]:
    """Everything that is printed of a year in which people were chased, but for the verdicts."""
    yield from heading(record)
    yield ""
    yield from mails(record)
    yield ""
    yield from tasks(record)
    yield ""
    yield from answers(record, unchased)


def heading(record: Record) -> Iterator[str]:
    """What was lived."""
    asks = [each for each in record.asks if each.of_the_year and each.kind != "past"]
    bodies = {each.body.key for each in asks}
    yield f"The year {record.year} in the county of Larkmoor, seed {record.seed}"
    yield f"{len(asks)} consultations of {len(bodies)} organisations, and {len(record.asks) - len(asks)} from before."
    yield f"The hub went live on {record.starts_on}. Mails and tasks are those from 1 January to {record.ends_on}."


def mails(record: Record) -> Iterator[str]:
    """How many mails each person got."""
    sent = [each for each in record.of_the_year if each.arrived]
    rows = []
    for who, count in sorted(Counter(each.who for each in sent).items(), key=lambda each: (-each[1], each[0])):
        theirs = [each for each in sent if each.who == who]
        ordinary = Counter(each.day for each in theirs if not each.urgent)
        week, most = max(
            Counter(monday_of(each.day) for each in theirs).items(), key=lambda each: (each[1], -each[0].toordinal())
        )
        urgent = sum(each.urgent for each in theirs)
        busiest = f"{most} (from {week})"
        rows.append([record.people.get(who, who), count, max(ordinary.values(), default=0), urgent, busiest])
    yield from table(["Mails a person", "all", "most a day", "urgent", "busiest week"], rows)
    back = sum(not each.arrived for each in record.of_the_year)
    yield f"{len(sent):,} mails arrived, and {back} came back."


def tasks(record: Record) -> Iterator[str]:
    """How many tasks each role had in a week."""
    rows = []
    for role, label in ROLES.items():
        theirs = record.tasks_of(role)
        weeks = Counter({week: 0 for week in record.weeks})
        for (week, _who), count in theirs.items():
            weeks[week] += count
        rows.append(
            [
                label,
                len({who for _week, who in theirs}) if role != FIS else "1 team",
                f"{median(weeks.values()):g}",
                max(weeks.values()),
                max(theirs.values(), default=0),
            ]
        )
    yield from table(["Tasks a week", "people", "all: median", "all: most", "one person: most"], rows)


def answers(record: Record, unchased: Record | None) -> Iterator[str]:
    """When families had their answers, with and without chasing."""
    columns = [("with chasing" if record.chasing else "without chasing", record)]
    if unchased is not None:
        columns.append(("without chasing", unchased))
    counts = [Counter(state(duty, each.ends_on) for duty in each.answers) for _name, each in columns]
    rows = [[name, *(count[name] for count in counts)] for name in STATES]
    yield from table([f"Answers by {record.ends_on}", *(name for name, _record in columns)], rows)


def state(duty: Duty, day: date) -> str:
    """How an answer stands on a day, against the first date that was published."""
    if duty.stopped_on is not None and duty.done_on is None:
        return STATES[8]
    due = duty.first_due_on
    if due is None:
        return STATES[6] if duty.done_on else STATES[7]
    if duty.done_on is None:
        return STATES[4] if due < day else STATES[5]
    late = (duty.done_on - due).days
    return TIMES[(late > 0) + (late > 14) + (late > 90)]


def table(head: Sequence[str], rows: Iterable[Sequence]) -> Iterator[str]:
    """A table: words to the left, numbers to the right."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1))
    for number, line in enumerate(lines):
        first = line[0] if len(line[0]) <= widths[0] else line[0][: widths[0] - 1] + "…"
        rest = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *rest]).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)
