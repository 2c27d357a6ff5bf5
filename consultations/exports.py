"""Consultations as a table to download: any list of the finder."""

from collections.abc import Iterator
from datetime import date
from importlib import import_module

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.stages import upkeep
from consultations.desk import held_rows, reason_asked
from consultations.finder import Finder
from consultations.models import Consultation, ParticipationLevel
from consultations.stages import TIMELINE, Stage
from core.models import HeldFor
from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, few_words, register


def _answered(row: Consultation, day: date):
    return row.responded_on if row.responded_exactly else f"by {row.responded_on}"


CONSULTATIONS = register(
    Table(
        name="consultations",
        title=gettext_lazy("Consultations"),
        about=gettext_lazy("What families can have a say on, and what came of it. One line for each."),
        address="consultations:csv",
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body that asks."),
                lambda row, day: row.organisation.name,
            ),
            Column(
                "stage",
                CellKind.CHOICE,
                gettext_lazy("How far it has got today."),
                lambda row, day: TIMELINE.of(row, day),
                Stage,
            ),
            Column(
                "level",
                CellKind.CHOICE,
                gettext_lazy("How much say families have."),
                lambda row, day: row.level,
                ParticipationLevel,
            ),
            Column("opens", CellKind.DAY, gettext_lazy("The first day to take part."), lambda row, day: row.opens_on),
            Column("closes", CellKind.DAY, gettext_lazy("The last day to take part."), lambda row, day: row.closes_on),
            Column(
                "answer_due",
                CellKind.DAY,
                gettext_lazy("The day by which families were promised an answer."),
                lambda row, day: row.response_due_on,
            ),
            Column(
                "answered",
                CellKind.DAY,
                gettext_lazy("The day of the answer. “by” stands before it where only the latest day is known."),
                _answered,
            ),
            Column(
                "families_who_took_part",
                CellKind.PEOPLE,
                gettext_lazy("How many people or families took part."),
                lambda row, day: few_words() if row.took_part_is_few else row.took_part,
            ),
            Column(
                "address",
                CellKind.ADDRESS,
                gettext_lazy("Its page on this site."),
                lambda row, day: settings.HUB_BASE_URL + row.get_absolute_url(),
            ),
            # Filled in on every row, and only then: what the table says may not be true any more.
            Column(
                "not_looked_after_since",
                CellKind.DAY,
                gettext_lazy("Filled in only when nobody looks after this site: the last day that somebody did."),
                lambda row, day: row.not_looked_after_since,
            ),
        ),
    )
)


class Csv(TableView):
    """The finder's list as CSV."""

    table = CONSULTATIONS

    def rows(self, day: date) -> Iterator[Consultation]:
        """What the finder finds, newest first."""
        rows = Finder(self.request.GET, day).matching.select_related("organisation").order_by("-published_at", "pk")
        rows = rows.only(
            "title", "slug", "level", "opens_on", "closes_on", "response_due_on", "responded_on", "responded_exactly",
            "withdrawn_on", "answer_owed_from", "took_part", "took_part_is_few", "organisation__name",
        )  # fmt: skip
        hub = upkeep(day)
        for row in rows.iterator(chunk_size=1000):
            row.not_looked_after_since = hub.looked_after_on if hub.is_unattended else None
            yield row


HELD_ROWS = register(
    Table(
        name="imported-rows",
        title=gettext_lazy("Imported rows that wait"),
        about=gettext_lazy("Rows of files that an import was not sure about. One line for each."),
        address="consultations:held-rows-csv",
        permission=Permission.CHECK_IMPORTS,
        columns=(
            Column(
                "kind",
                CellKind.TEXT,
                gettext_lazy("What the row is: a consultation, an event."),
                lambda row, day: row.kind,
            ),
            Column(
                "reference",
                CellKind.TEXT,
                gettext_lazy("What tells it from other rows."),
                lambda row, day: row.reference,
            ),
            Column("waits_for", CellKind.CHOICE, gettext_lazy("Why it waits."), lambda row, day: row.held_for, HeldFor),
            Column("note", CellKind.TEXT, gettext_lazy("What is not clear, in words."), lambda row, day: row.held_note),
            Column(
                "first_seen",
                CellKind.DAY,
                gettext_lazy("The day it came."),
                lambda row, day: timezone.localdate(row.first_seen_at),
            ),
        ),
    )
)


class HeldRowsCsv(TableView):
    """The imported rows that wait as CSV."""

    table = HELD_ROWS
    permission = HELD_ROWS.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        return held_rows(reason_asked(self.request.GET)).iterator(chunk_size=1000)


# Events, the forward plan, help to take part and checks have tables of their own, in their own folders.
import_module("consultations.events.exports")
import_module("consultations.help.exports")
import_module("consultations.plan.exports")
import_module("consultations.writing.exports")
