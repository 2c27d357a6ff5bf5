"""Messages that went out as a table to download, for staff. Addresses are masked, as on the page."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy

from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register
from notices.models import Mail

SENT = register(
    Table(
        name="messages-sent",
        title=gettext_lazy("Messages that went out"),
        about=gettext_lazy("E-mails to people who owe families something, the newest first. One line for each."),
        address="notices:messages-csv",
        permission=Permission.SEE_MESSAGES,
        columns=(
            Column(
                "sent",
                CellKind.DAY,
                gettext_lazy("The day it went out."),
                lambda row, day: timezone.localdate(row.sent_at),
            ),
            Column("subject", CellKind.TEXT, gettext_lazy("What it said above."), lambda row, day: row.subject),
            Column(
                "reader",
                CellKind.TEXT,
                gettext_lazy("A part of the address that it went to."),
                lambda row, day: row.masked_address,
            ),
            Column(
                "came_back",
                CellKind.DAY,
                gettext_lazy("The day we learned that it came back. Empty: it did not."),
                lambda row, day: timezone.localdate(row.bounced_at) if row.bounced_at else None,
            ),
        ),
    )
)


class SentCsv(TableView):
    """Every message that went out as CSV."""

    table = SENT
    permission = SENT.permission

    def rows(self, day: date):
        """The newest first."""
        sent = Mail.objects.filter(sent_at__isnull=False).order_by("-sent_at", "pk").defer("text", "html")
        return sent.iterator(chunk_size=1000)
