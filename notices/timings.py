"""When reminders go out: a timing in words, and whose mail a change of one would change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices import ledger
from notices.models import Notice, Recipient, Step, mask, usual_chain
from notices.readers import Reader
from notices.reasons import Reason, for_staff, lines_about, registered

# How far ahead a preview looks, in days.
AHEAD = 28
ONE_DAY = timedelta(days=1)


def when_words(step: Step) -> str:
    """ "28 days before the day the answer is due", "15 days after ..., then every 14 days"."""
    reason = registered().get(step.reason)
    words = {
        "days": abs(step.offset_days),
        "day": reason.anchors.get(step.anchor, step.anchor) if reason else step.anchor,
    }
    if step.offset_days == 0:
        when = _("On %(day)s") % words
    elif step.offset_days < 0:
        when = ngettext("%(days)d day before %(day)s", "%(days)d days before %(day)s", words["days"]) % words
    else:
        when = ngettext("%(days)d day after %(day)s", "%(days)d days after %(day)s", words["days"]) % words
    if not step.repeat_every_days:
        return when
    every = ngettext("then every day", "then every %(days)d days", step.repeat_every_days)
    return f"{when}, {every % {'days': step.repeat_every_days}}"


def roles_words(roles: Iterable[str], joiner: str = ", ") -> str:
    """ "Owner, Deputy, Lead of the organisation"."""
    return joiner.join(str(Recipient(role).label) for role in roles)


@dataclass
class Timing:
    """One reminder as the page of timings shows it: how it counts now, and from when otherwise."""

    step: Step
    to_come: Step | None = None

    @property
    def when(self) -> str:
        """When it goes out."""
        return when_words(self.step)

    @property
    def told(self) -> str:
        """Who is told."""
        return roles_words(self.step.recipients)

    @property
    def stand_ins(self) -> str:
        """Who stands in, the first who is there."""
        return roles_words(self.step.chain, _(", else "))

    @property
    def has_its_own_chain(self) -> bool:
        """Whether others stand in than usual."""
        return self.step.chain != usual_chain()

    @property
    def change(self) -> str:
        """How it counts later on, when that was decided already."""
        return f"{when_words(self.to_come)}: {roles_words(self.to_come.recipients)}" if self.to_come else ""


@dataclass
class Group:
    """The reminders of one reason, in the order in which they come."""

    reason: Reason
    timings: list[Timing] = field(default_factory=list)
    stopped: list[Timing] = field(default_factory=list)

    @property
    def may_change(self) -> bool:
        """Whether the hub's managers may change them: not what watches themselves."""
        return not self.reason.watches_keepers


def groups(day: date) -> list[Group]:
    """Every reason with its reminders, those in force and those that were stopped. One query."""
    by_key: dict[tuple[str, str], list[Step]] = {}
    for step in Step.objects.order_by("pk"):
        by_key.setdefault((step.reason, step.key), []).append(step)
    found = {name: Group(reason) for name, reason in for_staff().items()}
    for (name, _key), steps in by_key.items():
        if name not in found:
            continue
        now = next((step for step in steps if step.is_in_force(day)), None)
        later = next((step for step in steps if step.is_to_come(day)), None)
        if now or later:
            found[name].timings.append(Timing(now or later, later if now else None))
        else:
            found[name].stopped.append(Timing(steps[-1]))
    for group in found.values():
        anchors = list(group.reason.anchors)
        group.timings.sort(key=lambda each: _place(each.step, anchors))
    return list(found.values())


def _place(step: Step, anchors: Sequence[str]) -> tuple:
    return (anchors.index(step.anchor) if step.anchor in anchors else len(anchors), step.offset_days, step.pk)


# --- What a change would do


@dataclass
class Changed:
    """One person's reminders about one thing, without and with a change: the days on which they would go out."""

    address: str
    role: str
    title: str
    url: str
    before: list[date]
    after: list[date]
    reader: Reader | None = None

    @property
    def masked_address(self) -> str:
        """The address, shown so that only somebody who knows it can tell whose it is."""
        return mask(self.address)


@dataclass
class Preview:
    """Whose mail would change in the four weeks from the first day of a change."""

    first: date
    last: date
    rows: list[Changed]

    @property
    def people(self) -> int:
        """How many people it is about."""
        return len({row.address for row in self.rows})


def preview(changed: Step, *, on: date) -> Preview:
    """What would change if this timing took the place of the one with its key. Nothing is written.

    Each day ahead is asked as the ledger asks, with the steps as they are and
    as they would be. What is in the ledger already goes out in neither.
    """
    reason = registered()[changed.reason]
    as_is = list(Step.objects.filter(reason=reason.name).order_by("pk"))
    as_it_would_be = _with(as_is, changed, on)
    known = {
        (notice.step, notice.repeat, notice.about_id, notice.about_on, notice.recipient_hash)
        for notice in Notice.objects.filter(reason=reason.name, dropped_at__isnull=True)
        .only("step", "repeat", "about_id", "about_on", "recipient_hash")
        .iterator()
    }
    before_it = [on + number * ONE_DAY for number in range((changed.valid_from - on).days)][-AHEAD:]
    known |= {owed.key for day in before_it for owed in ledger.due(reason, day, steps=as_is)}
    days = [changed.valid_from + number * ONE_DAY for number in range(AHEAD)]
    before, after = (_goes_out(reason, days, steps, known) for steps in (as_is, as_it_would_be))
    lines = lines_about((Notice(reason=reason.name, about_id=about) for about, _a in {**before, **after}), on)
    rows = []
    for about, address in sorted({**before, **after}, key=str):
        was, becomes = before.get((about, address), {}), after.get((about, address), {})
        line = lines.get((reason.name, about))
        if list(was) != list(becomes) and line is not None:
            role = str(Recipient(next(iter({**becomes, **was}.values()))).label)
            rows.append(Changed(address, role, line.title, line.url, list(was), list(becomes)))
    rows.sort(key=lambda row: (row.title, row.address))
    return Preview(days[0], days[-1], rows)


def _with(steps: list[Step], changed: Step, on: date) -> list[Step]:
    """The steps as they would be with a change."""
    found = []
    for step in steps:
        if step.key != changed.key:
            found.append(step)
        elif not step.is_to_come(on):
            copy = Step(**{each.attname: getattr(step, each.attname) for each in Step._meta.concrete_fields})
            copy.retired_on = min(filter(None, (step.retired_on, changed.valid_from)))
            found.append(copy)
    return [*found, changed]


def _goes_out(
    reason: Reason, days: list[date], steps: list[Step], known: set[tuple]
) -> dict[tuple[int, str], dict[date, str]]:
    """On which of the days something new goes out, and in which role: by thing and person."""
    seen = set(known)
    found: dict[tuple[int, str], dict[date, str]] = {}
    for day in days:
        for owed in ledger.due(reason, day, steps=steps):
            if owed.key not in seen:
                seen.add(owed.key)
                found.setdefault((owed.about_id, owed.address), {})[day] = owed.role
    return found
