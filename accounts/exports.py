"""People and their roles as a table to download, for staff who may see them."""

from datetime import date

from django.utils.translation import gettext_lazy

from accounts.desk import people_seen_by, words_asked
from accounts.models import Role
from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register

PEOPLE = register(
    Table(
        name="people",
        title=gettext_lazy("People"),
        about=gettext_lazy("Who acts for which service. Somebody with two roles has two lines."),
        address="accounts:people-csv",
        permission=Permission.SEE_PEOPLE,
        columns=(
            Column("name", CellKind.TEXT, gettext_lazy("Who it is."), lambda row, day: row.user.name),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body."),
                lambda row, day: row.organisation.name,
            ),
            Column("role", CellKind.CHOICE, gettext_lazy("What they may do."), lambda row, day: row.role, Role),
            Column("job_title", CellKind.TEXT, gettext_lazy("What they are there."), lambda row, day: row.job_title),
        ),
    )
)


class PeopleCsv(TableView):
    """Everybody who acts for an organisation, as far as the person may see, as CSV. Without addresses."""

    table = PEOPLE
    permission = PEOPLE.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        return people_seen_by(self.request.user, words_asked(self.request.GET)).iterator(chunk_size=1000)
