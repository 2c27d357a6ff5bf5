"""Parents' stories as a table to download: that there is one and where, never its words or whose it is."""

from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.tables import CellKind, Column, Table, TableView, register
from practice.stories.models import ParentStory

STORIES = register(
    Table(
        name="parent-stories",
        title=_("Parents’ stories"),
        about=_("Which stories may be read today. Their words are on their pages only: a copy cannot be taken back."),
        address="practice:stories-csv",
        columns=(
            Column("title", CellKind.TEXT, _("What it is about."), lambda row, day: row.title),
            Column(
                "told_by",
                CellKind.TEXT,
                _("The name that the parent chose to show."),
                lambda row, day: row.display_name,
            ),
            Column("service", CellKind.TEXT, _("Who wrote it down."), lambda row, day: row.organisation.name),
            Column(
                "published_on",
                CellKind.DAY,
                _("Since when families can read it."),
                lambda row, day: timezone.localdate(row.published_at),
            ),
            Column(
                "address",
                CellKind.ADDRESS,
                _("Its page on this site."),
                lambda row, day: settings.HUB_BASE_URL + row.get_absolute_url(),
            ),
        ),
    )
)


class StoriesCsv(TableView):
    """The list of stories as CSV."""

    table = STORIES

    def rows(self, day: date):
        """Those that may be read on the day."""
        rows = ParentStory.objects.published(day).for_cards()
        topic = self.request.GET.get("topic", "")
        if topic and "\x00" not in topic:
            rows = rows.filter(topics__key=topic)
        return rows.order_by("-published_at", "-pk").iterator(chunk_size=500)
