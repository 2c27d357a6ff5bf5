"""Events as tables to download: any list of dates, and the events that a person may change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from consultations.events.desk import events_asked, events_of
from consultations.events.finder import DateFinder
from consultations.events.models import Attendance, DateChangeKind, EventKind, Repeats
from consultations.events.recurrence import Occurrence
from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register


@dataclass(frozen=True)
class Line:
    """One date with the name of who runs it."""

    occurrence: Occurrence
    organisation: str

    @property
    def event(self):
        """The series it belongs to."""
        return self.occurrence.event

    @property
    def cost(self) -> str:
        """What it costs, in words; empty when nobody said."""
        return self.event.cost or (_("Free") if self.event.cost_is_known else "")


def _clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


EVENTS = register(
    Table(
        name="events",
        title=gettext_lazy("Events"),
        about=gettext_lazy("Dates when families can talk to services. One line for each date."),
        address="events:csv",
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.event.title),
            Column("organisation", CellKind.TEXT, gettext_lazy("Who runs it."), lambda row, day: row.organisation),
            Column("day", CellKind.DAY, gettext_lazy("The day it takes place."), lambda row, day: row.occurrence.on),
            Column(
                "starts",
                CellKind.TIME,
                gettext_lazy("When it starts. Empty: not known."),
                lambda row, day: _clock(row.occurrence.starts_at),
            ),
            Column(
                "ends",
                CellKind.TIME,
                gettext_lazy("When it ends. Empty: not known."),
                lambda row, day: _clock(row.occurrence.ends_at),
            ),
            Column(
                "change",
                CellKind.CHOICE,
                gettext_lazy("Whether this date is as planned."),
                lambda row, day: row.occurrence.change,
                DateChangeKind,
            ),
            Column(
                "reason",
                CellKind.TEXT,
                gettext_lazy("Why it was moved or cancelled."),
                lambda row, day: row.occurrence.reason,
            ),
            Column(
                "kind", CellKind.CHOICE, gettext_lazy("What sort it is."), lambda row, day: row.event.kind, EventKind
            ),
            Column(
                "attendance",
                CellKind.CHOICE,
                gettext_lazy("Whether families come to a place or join online."),
                lambda row, day: row.event.attendance,
                Attendance,
            ),
            Column("place", CellKind.TEXT, gettext_lazy("Where it is."), lambda row, day: row.occurrence.venue),
            Column("cost", CellKind.TEXT, gettext_lazy("What it costs. Empty: not known."), lambda row, day: row.cost),
            Column(
                "address",
                CellKind.ADDRESS,
                gettext_lazy("Its page on this site."),
                lambda row, day: settings.HUB_BASE_URL + reverse("events:detail", args=[row.event.slug]),
            ),
        ),
    )
)


class Csv(TableView):
    """A list of dates as CSV."""

    table = EVENTS

    def rows(self, day: date) -> Iterator[Line]:
        """The dates in the order of the list, worked out a day at a time."""
        finder = DateFinder(self.request.GET, day)
        names = dict(Organisation.objects.order_by().values_list("pk", "name"))
        step = -1 if finder.past else 1
        for on in list(finder.found.days)[::step]:
            for each in finder.found.on(on, 0, len(finder.found.days[on]))[::step]:
                yield Line(each, names[each.event.organisation_id])


DESK_EVENTS = register(
    Table(
        name="your-events",
        title=gettext_lazy("Your events"),
        about=gettext_lazy("The events that you may change, drafts too. One line for each."),
        address="events:desk-csv",
        permission=Permission.USE_DESK,
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column("organisation", CellKind.TEXT, gettext_lazy("Who runs it."), lambda row, day: row.organisation.name),
            Column("kind", CellKind.CHOICE, gettext_lazy("What sort it is."), lambda row, day: row.kind, EventKind),
            Column(
                "state",
                CellKind.TEXT,
                gettext_lazy("Whether families see it."),
                lambda row, day: row.editorial_state.label,
            ),
            Column("first_day", CellKind.DAY, gettext_lazy("Its first date."), lambda row, day: row.first_day),
            Column(
                "until", CellKind.DAY, gettext_lazy("Its last date. Empty: it goes on."), lambda row, day: row.until
            ),
            Column("repeats", CellKind.CHOICE, gettext_lazy("How it repeats."), lambda row, day: row.repeats, Repeats),
        ),
    )
)


class DeskCsv(TableView):
    """The events that the person may change as CSV."""

    table = DESK_EVENTS
    permission = DESK_EVENTS.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        events = events_of(self.request.user, events_asked(self.request.GET))
        return events.defer("search").iterator(chunk_size=1000)
