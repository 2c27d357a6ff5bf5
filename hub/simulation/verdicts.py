"""What a simulated year must show. Each verdict is worked out from the record alone, and says in words what broke."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from textwrap import wrap

from core.dates import is_working_day
from hub.simulation.county import working_days_after
from hub.simulation.record import FIS, Owed, Record

WIDTH = 100
MOST_TASKS = 20
# Somebody has to be told by the second working day: the first may have had its mail already.
TOLD_WITHIN = 2
# After so many days without anybody who looks after the hub its sponsor is told.
UNSEEN = 35
SHOWN = 10


@dataclass(frozen=True)
class Verdict:
    """One promise about chasing, whether it was kept, and what broke it."""

    says: str
    broken: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing broke it."""
        return not self.broken

    def lines(self) -> Iterable[str]:
        """It, as printed."""
        yield from _wrapped("HOLDS  " if self.holds else "BROKEN ", self.says)
        for each in self.broken[:SHOWN]:
            yield from _wrapped("       - ", each)
        if len(self.broken) > SHOWN:
            yield f"       - and {len(self.broken) - SHOWN} more"


def _wrapped(begin: str, text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=begin, subsequent_indent=" " * len(begin))


def verdicts(record: Record) -> list[Verdict]:
    """Every verdict on a year in which people were chased."""
    found = [one_mail_a_day(record), few_tasks(record), somebody_was_told(record), all_was_true(record), once(record)]
    return [*found, sponsor_was_told(record)] if record.away else found


def one_mail_a_day(record: Record) -> Verdict:
    """Nobody gets two ordinary mails a day, nor one on a day off."""
    ordinary = [each for each in record.sent if not each.urgent]
    a_day = Counter((each.who, each.day) for each in ordinary if each.arrived)
    broken = [f"{who} got {count} on {day}" for (who, day), count in sorted(a_day.items()) if count > 1]
    broken += [f"{each.who} got one on {each.day}, a day off" for each in ordinary if not is_working_day(each.day)]
    urgent = len(record.sent) - len(ordinary)
    return Verdict(
        f"One ordinary mail a person a working day at most ({max(a_day.values(), default=0)}), none on days off."
        f" {len(ordinary):,} ordinary, {urgent} urgent.",
        broken,
    )


def few_tasks(record: Record) -> Verdict:
    """The Family Information Service has few tasks a week."""
    by_week = {week: len(things) for (week, role, _who), things in record.tasks.items() if role == FIS}
    most = max(by_week.values(), default=0)
    return Verdict(
        f"The Family Information Service had at most {most} one-click tasks in a week (at most {MOST_TASKS} allowed).",
        [f"{count} in the week of {week}" for week, count in sorted(by_week.items()) if count > MOST_TASKS],
    )


def somebody_was_told(record: Record) -> Verdict:
    """Whatever came to its day undone had somebody who was told, and who was told again once it was late."""
    broken: list[str] = []
    first, again = [], []
    for owed in record.owed:
        due = owed.due_on or owed.since
        if owed.until is None or owed.until > due:
            first += _told_by(owed, due, min(owed.told_on, default=None), "was told", record.ends_on, broken)
        if owed.due_on and (owed.until is None or owed.until > working_days_after(due, TOLD_WITHIN)):
            late = min((day for day in owed.told_on if day > due), default=None)
            again += _told_by(owed, due, late, "was told once it was late", record.ends_on, broken)
    latest = max(first, default=0)
    when = f"{latest} days after" if latest > 0 else f"{-latest} days before" if latest else "on"
    return Verdict(
        f"All {len(first)} things that came to their day undone had somebody who was told, the last {when} that day;"
        f" the {len(again)} late ones again within {max(again, default=0)} days.",
        broken,
    )


def _told_by(owed: Owed, due: date, told: date | None, how: str, ends_on: date, broken: list[str]) -> list[int]:
    """In how many days of its day somebody was told; nothing where there was no time for it before the end."""
    latest = working_days_after(due, TOLD_WITHIN)
    if told is not None and told <= latest:
        return [(told - due).days]
    if latest <= ends_on:
        since = f"the first {how} on {told}" if told else f"nobody {how}"
        broken.append(f"{owed.kind} “{owed.title}”, due {due}: {since}")
    return []


def all_was_true(record: Record) -> Verdict:
    """Every line of every mail was so on its day."""
    points = sum(len(each.said) for each in record.sent)
    return Verdict(
        f"Nothing untrue was mailed: {points:,} points in {len(record.sent):,} mails were checked, word for word.",
        record.lies,
    )


def once(record: Record) -> Verdict:
    """Nobody hears the same step of the same thing and date twice."""
    heard = Counter((each.who, said) for each in record.sent if each.arrived for said in each.said)
    broken = [
        f"{who} heard {count} times of {said.thing}: {said.reason}, {said.step} {said.repeat} about {said.about_on}"
        for (who, said), count in heard.items()
        if count > 1
    ]
    return Verdict(
        f"Nobody was mailed twice for one step of one thing and date ({len(heard):,} were told once).", broken
    )


def sponsor_was_told(record: Record) -> Verdict:
    """While nobody looks after the hub its sponsor is told each week, and families are, in time."""
    assert record.away
    begins, ends = record.away
    told = sorted({each.day for each in record.sent if each.urgent and any(s.role == "sponsor" for s in each.said)})
    broken = list(record.unattended)
    by = begins + timedelta(days=UNSEEN)
    while by <= min(ends, record.ends_on):
        if not any(by - timedelta(days=7) < day <= working_days_after(by, TOLD_WITHIN) for day in told):
            broken.append(f"Its sponsor was not told in the week before {by}")
        by += timedelta(days=7)
    return Verdict(
        f"Nobody looked after the hub from {begins} to {ends}: its sponsor was told {len(told)} times, first on"
        f" {told[0] if told else 'no day'}, and families read it from the 60th day until somebody came.",
        broken,
    )
