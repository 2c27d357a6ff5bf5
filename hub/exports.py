"""Open data: the lists that anybody can download, and what each of their columns means."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.tables import CellKind, Column, Table, TableView, register, tables

COLUMNS = register(
    Table(
        name="columns",
        title=gettext_lazy("Columns"),
        about=gettext_lazy("What each column of these tables means. One line for each column."),
        address="open-data-csv",
        columns=(
            Column("table", CellKind.TEXT, gettext_lazy("The table it is in."), lambda row, day: row[0].name),
            Column("column", CellKind.TEXT, gettext_lazy("Its name."), lambda row, day: row[1].name),
            Column(
                "holds", CellKind.CHOICE, gettext_lazy("What its cells hold."), lambda row, day: row[1].kind, CellKind
            ),
            Column("meaning", CellKind.TEXT, gettext_lazy("What it means."), lambda row, day: row[1].meaning),
            Column(
                "values",
                CellKind.TEXT,
                gettext_lazy("The words that its cells can say, if they are few."),
                lambda row, day: "; ".join(f"{value or _('(empty)')}: {label}" for value, label in row[1].values),
            ),
        ),
    )
)


class OpenData(TemplateView):
    """Every table with its columns."""

    template_name = "pages/open_data.html"

    def get_context_data(self, **kwargs):
        """The tables."""
        return super().get_context_data(tables=tables(), **kwargs)


class ColumnsCsv(TableView):
    """The columns of every table as CSV."""

    table = COLUMNS

    def rows(self, day):
        """Each column with its table."""
        return [(table, column) for table in tables() for column in table.columns]
