"""Lists of the desk as tables to download: the consultations that a person may write, and what waits for a check."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy

from consultations.models import ParticipationLevel
from consultations.writing.desk import checks_asked, listings_asked, listings_of, state_of
from core.checking import read
from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register

LISTINGS = register(
    Table(
        name="your-consultations",
        title=gettext_lazy("Your consultations"),
        about=gettext_lazy("The consultations that you may write, drafts too. One line for each."),
        address="consultations:desk-csv",
        permission=Permission.USE_DESK,
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body that asks."),
                lambda row, day: row.organisation.name,
            ),
            Column(
                "state",
                CellKind.TEXT,
                gettext_lazy("How far it has got, in the words of the desk."),
                lambda row, day: state_of(row, day)[1],
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
        ),
    )
)

CHECKS = register(
    Table(
        name="waiting-checks",
        title=gettext_lazy("Waiting to be checked"),
        about=gettext_lazy("What was sent to be checked, the longest waiting first. One line for each."),
        address="consultations:checks-csv",
        permission=Permission.CHECK_LISTING,
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body it is from."),
                lambda row, day: row.organisation,
            ),
            Column(
                "sent_on",
                CellKind.DAY,
                gettext_lazy("The day it was sent."),
                lambda row, day: timezone.localdate(row.sent_at),
            ),
        ),
    )
)


class ListingsCsv(TableView):
    """The consultations that the person may write as CSV."""

    table = LISTINGS
    permission = LISTINGS.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        return listings_of(self.request.user, *listings_asked(self.request.GET)).iterator(chunk_size=1000)


class ChecksCsv(TableView):
    """What waits for a check as CSV."""

    table = CHECKS
    permission = CHECKS.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        return read(checks_asked(over=self.request.GET.get("over") == "1"))
