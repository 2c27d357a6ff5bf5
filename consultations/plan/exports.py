"""What services mean to ask as a table to download, for staff."""

from datetime import date

from django.utils.translation import gettext_lazy

from consultations.plan.desk import Chosen, intentions_of
from consultations.plan.models import HowSure
from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register

INTENTIONS = register(
    Table(
        name="forward-plan",
        title=gettext_lazy("Forward plan"),
        about=gettext_lazy("What services mean to ask families, before it is public. One line for each."),
        address="plan:intentions-csv",
        permission=Permission.USE_DESK,
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body that asks."),
                lambda row, day: row.organisation.name,
            ),
            Column("starts", CellKind.DAY, gettext_lazy("The first day."), lambda row, day: row.starts_on),
            Column("ends", CellKind.DAY, gettext_lazy("The last day."), lambda row, day: row.ends_on),
            Column(
                "how_sure", CellKind.CHOICE, gettext_lazy("How sure it is."), lambda row, day: row.how_sure, HowSure
            ),
            Column(
                "audiences",
                CellKind.TEXT,
                gettext_lazy("Which families."),
                lambda row, day: "; ".join(str(each) for each in row.audiences.all()),
            ),
            Column(
                "areas",
                CellKind.TEXT,
                gettext_lazy("Where they live."),
                lambda row, day: "; ".join(str(each) for each in row.areas.all()),
            ),
        ),
    )
)


class IntentionsCsv(TableView):
    """What every agency means to ask as CSV."""

    table = INTENTIONS
    permission = INTENTIONS.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        return intentions_of(Chosen(self.request.GET, day), day).iterator(chunk_size=1000)
