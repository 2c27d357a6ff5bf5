"""The lists that people can download, and what each of their columns means: for anybody, and for staff."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.permissions import Permission
from core.queues import Owed
from core.tables import CellKind, Column, Table, TableView, desk_tables, public_tables, register
from hub import desk

_ABOUT_COLUMNS = (
    Column("table", CellKind.TEXT, gettext_lazy("The table it is in."), lambda row, day: row[0].name),
    Column("column", CellKind.TEXT, gettext_lazy("Its name."), lambda row, day: row[1].name),
    Column("holds", CellKind.CHOICE, gettext_lazy("What its cells hold."), lambda row, day: row[1].kind, CellKind),
    Column("meaning", CellKind.TEXT, gettext_lazy("What it means."), lambda row, day: row[1].meaning),
    Column(
        "values",
        CellKind.TEXT,
        gettext_lazy("The words that its cells can say, if they are few."),
        lambda row, day: "; ".join(f"{value or _('(empty)')}: {label}" for value, label in row[1].values),
    ),
)


def _of_columns(name: str, address: str, permission: Permission | None = None) -> Table:
    return register(
        Table(
            name=name,
            title=gettext_lazy("Columns"),
            about=gettext_lazy("What each column of these tables means. One line for each column."),
            address=address,
            columns=_ABOUT_COLUMNS,
            permission=permission,
        )
    )


COLUMNS = _of_columns("columns", "open-data-csv")
DESK_COLUMNS = _of_columns("desk-columns", "desk-data-csv", Permission.USE_DESK)

OWED = register(
    Table(
        name="what-you-owe",
        title=gettext_lazy("What you owe"),
        about=gettext_lazy("What waits for you, worst first; for those who may see it, what waits for everybody."),
        address="desk-owed-csv",
        permission=Permission.USE_DESK,
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service that owes it."),
                lambda row, day: row.organisation,
            ),
            Column("kind", CellKind.TEXT, gettext_lazy("What sort of thing is owed."), lambda row, day: row.kind),
            Column(
                "due", CellKind.DAY, gettext_lazy("By when. Empty: no day was promised."), lambda row, day: row.due_on
            ),
            Column(
                "how_late",
                CellKind.TEXT,
                gettext_lazy("How it stands today, in the words of the desk."),
                lambda row, day: desk.Row.of(row, day).words,
            ),
            Column("owner", CellKind.TEXT, gettext_lazy("Who answers for it."), lambda row, day: row.owner),
        ),
    )
)


class OpenData(TemplateView):
    """Every table with its columns."""

    template_name = "pages/open_data.html"

    def get_context_data(self, **kwargs):
        """The tables."""
        return super().get_context_data(tables=public_tables(), **kwargs)


class ColumnsCsv(TableView):
    """The columns of every table as CSV."""

    table = COLUMNS

    def rows(self, day):
        """Each column with its table."""
        return [(table, column) for table in public_tables() for column in table.columns]


class DeskData(TemplateView):
    """Every table for staff that the person may download, with its columns."""

    permission = Permission.USE_DESK
    template_name = "hub_desk/data.html"

    def get_context_data(self, **kwargs):
        """The tables."""
        return super().get_context_data(tables=desk_tables(self.request.user), **kwargs)


class DeskColumnsCsv(TableView):
    """The columns of the tables for staff as CSV."""

    table = DESK_COLUMNS
    permission = DESK_COLUMNS.permission

    def rows(self, day):
        """Each column with its table."""
        return [(table, column) for table in desk_tables(self.request.user) for column in table.columns]


class OwedCsv(desk.OfWhom, TableView):
    """What is owed as CSV: all of it, or the list behind one number."""

    table = OWED
    permission = OWED.permission

    def rows(self, day) -> list[Owed]:
        """Those of the list that the address asks for."""
        return desk.owed_rows(self.asking(), self.request.GET.get("list", ""), desk.words_asked(self.request))
