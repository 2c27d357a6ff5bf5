"""How much help families asked for and what came of it, without ever pointing at a few of them (DESIGN rule 9).

Each count is a number of families, and some needs are rare. So services, and
kinds, with fewer than 5 requests stand together in one line, which is of two
of them at least and of 5 requests at least. What became of the requests of a
line is shown where no part of it is of 1 to 4; and where one line keeps its
parts back, the other table shows none either, so that nothing comes out by
subtraction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.help.models import HelpKind, HelpRequest
from consultations.help.stages import TIMELINE, HelpStage

FEW = 5
# What can have become of a request, in the order of the columns; what waits is late or not.
PARTS = ("met", "met_late", "could_not", "waiting")
Line = list[str | int]


@dataclass(frozen=True)
class HelpAsked:
    """What a report says of the requests of some days. Lines: a name, how many were asked, then the PARTS."""

    words: str
    services: list[Line] = field(default_factory=list)
    kinds: list[Line] = field(default_factory=list)


def help_asked(first: date, last: date) -> HelpAsked:
    """The requests that were made from `first` to `last`, as they stood on the last day. One query."""
    requests = HelpRequest.objects.filter(asked_on__range=(first, last)).with_record()
    services: dict[str, Counter] = {}
    kinds: dict[str, Counter] = {}
    total = 0
    for request in requests:
        part = part_of(request, last)
        services.setdefault(request.organisation.name, Counter())[part] += 1
        kinds.setdefault(str(HelpKind(request.kind).label), Counter())[part] += 1
        total += 1
    if total < FEW:
        return HelpAsked(_("Fewer than 5 families asked for help to take part.") if total else _("No family asked."))
    words = ngettext(
        "%(count)d family asked for help to take part.", "%(count)d families asked for help to take part.", total
    )
    by_service = together(services, _("Services with few requests"))
    by_kind = together(kinds, _("Other kinds"))
    shows_parts = all(can_be_shown(parts) for parts in (*by_service.values(), *by_kind.values()))
    return HelpAsked(
        words % {"count": total},
        [_line(name, parts, shows_parts) for name, parts in by_service.items()],
        [_line(name, parts, shows_parts) for name, parts in by_kind.items()],
    )


def part_of(request: HelpRequest, day: date) -> str:
    """Which of the PARTS a request belongs to on a day."""
    stage = TIMELINE.of(request, day)
    return "waiting" if stage in (HelpStage.ASKED, HelpStage.LATE) else stage


def together(counts: Mapping[str, Counter], name: str) -> dict[str, Counter]:
    """The lines by name, with those of fewer than 5 in one line at the end, which is never of one alone.

    Where that line would be of fewer than 5, or of one, the smallest of the others joins it.
    """
    in_order = sorted(counts.items(), key=lambda each: (-each[1].total(), each[0].casefold()))
    shown = [each for each in in_order if each[1].total() >= FEW]
    few = in_order[len(shown) :]
    while few and shown and (len(few) < 2 or _sum(few).total() < FEW):
        few.append(shown.pop())
    found = dict(sorted(shown, key=lambda each: each[0].casefold()))
    return found | {name if len(few) > 1 else few[0][0]: _sum(few)} if few else found


def _sum(lines: Iterable[tuple[str, Counter]]) -> Counter:
    return sum((parts for _name, parts in lines), Counter())


def can_be_shown(parts: Mapping[str, int]) -> bool:
    """Whether no part of a line is of 1 to 4 families."""
    return all(not 0 < parts[part] < FEW for part in PARTS)


def _line(name: str, parts: Counter, shows_parts: bool) -> Line:
    cells: Line = [parts[part] if shows_parts else _("not shown: few families") for part in PARTS]
    return [name, parts.total(), *cells]
