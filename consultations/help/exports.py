"""Help to take part as tables to download: how much was asked, for everybody; and each request, for staff.

Neither says who asked or anything they wrote.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultations.help.counts import PARTS, help_asked
from consultations.help.desk import Asked, requests_asked
from consultations.help.models import HelpKind, HelpRequest, WhyNot
from consultations.help.stages import TIMELINE, HelpStage
from core.permissions import Permission
from core.quarters import Quarter
from core.tables import CellKind, Column, Table, TableView, register

MEANINGS = {
    "met": gettext_lazy("How many got it by the day it was due."),
    "met_late": gettext_lazy("How many got it after that day."),
    "could_not": gettext_lazy("How many could not get it."),
    "waiting": gettext_lazy("How many had no answer yet on the last of these days."),
}


class CountLine(NamedTuple):
    """One line of the counts: of which months, of a service or a kind, its name, and the numbers."""

    quarter: Quarter
    of: str
    line: list


def _part(place: int):
    return lambda row, day: row.line[2 + place]


COUNTS = register(
    Table(
        name="help-to-take-part",
        title=gettext_lazy("Help to take part"),
        about=gettext_lazy(
            "How many families asked for help to take part, in each three months that are over, and what came of it."
            " Lines with few families stand together, so that nobody can be known by them."
        ),
        address="consultations:help-counts-csv",
        columns=(
            Column(
                "first_day", CellKind.DAY, gettext_lazy("The first day."), lambda row, day: row.quarter.starts_on
            ),
            Column(
                "last_day", CellKind.DAY, gettext_lazy("The last day."), lambda row, day: row.quarter.ends_on
            ),
            Column(
                "of",
                CellKind.TEXT,
                gettext_lazy("“service”, “kind”, or “all” where too few asked to say more."),
                lambda row, day: row.of,
            ),
            Column(
                "name",
                CellKind.TEXT,
                gettext_lazy("Which service, or which kind of help."),
                lambda row, day: row.line[0],
            ),
            Column(
                "asked",
                CellKind.PEOPLE,
                gettext_lazy("How many families asked."),
                lambda row, day: row.line[1],
            ),
            *(
                Column(name, CellKind.PEOPLE, MEANINGS[name], _part(place))
                for place, name in enumerate(PARTS)
            ),
        ),
    )
)  # fmt: skip


class CountsCsv(TableView):
    """The counts as CSV."""

    table = COUNTS

    def rows(self, day: date) -> Iterator[CountLine]:
        """Every three months since the first request that are over, the newest first."""
        first = HelpRequest.objects.aggregate(first=Min("asked_on"))["first"]
        quarter = Quarter.of(day).before
        while first is not None and quarter.ends_on >= first:
            found = help_asked(quarter.starts_on, quarter.ends_on)
            if not found.services:
                yield CountLine(quarter, "all", [_("All services"), found.words, *[""] * len(PARTS)])
            yield from (CountLine(quarter, "service", line) for line in found.services)
            yield from (CountLine(quarter, "kind", line) for line in found.kinds)
            quarter = quarter.before


REQUESTS = register(
    Table(
        name="help-requests",
        title=gettext_lazy("Requests for help to take part"),
        about=gettext_lazy("What families asked your service for, and what became of it. It does not say who asked."),
        address="consultations:help-requests-csv",
        permission=Permission.USE_DESK,
        columns=(
            Column("about", CellKind.TEXT, gettext_lazy("What they want to take part in."),
                   lambda row, day: row.record.title),
            Column("organisation", CellKind.TEXT, gettext_lazy("The service that runs it."),
                   lambda row, day: row.organisation.name),
            Column("kind", CellKind.CHOICE, gettext_lazy("What is needed."), lambda row, day: row.kind, HelpKind),
            Column("format", CellKind.TEXT, gettext_lazy("The format, where another one is needed."),
                   lambda row, day: row.format.label if row.format else ""),
            Column("date", CellKind.DAY, gettext_lazy("The day of the event, or the closing day."),
                   lambda row, day: row.last_day),
            Column("asked", CellKind.DAY, gettext_lazy("The day they asked."), lambda row, day: row.asked_on),
            Column("due", CellKind.DAY, gettext_lazy("The day by which it is to be settled."),
                   lambda row, day: row.due_on),
            Column("became", CellKind.CHOICE, gettext_lazy("How far it has got today."),
                   lambda row, day: TIMELINE.of(row, day), HelpStage),
            Column("settled", CellKind.DAY, gettext_lazy("The day it was met, or could not be."),
                   lambda row, day: row.met_on or row.could_not_on),
            Column("why_not", CellKind.CHOICE, gettext_lazy("Why it could not be met."),
                   lambda row, day: row.why_not, WhyNot),
            Column("address", CellKind.ADDRESS, gettext_lazy("Its page for your service."),
                   lambda row, day: settings.HUB_BASE_URL + row.get_absolute_url()),
        ),
    )
)  # fmt: skip


class RequestsCsv(TableView):
    """The requests of the list as CSV."""

    table = REQUESTS
    permission = REQUESTS.permission

    def rows(self, day: date):
        """Those that the address asks for."""
        return requests_asked(self.request.user, Asked.of(self.request), day).iterator(chunk_size=1000)
