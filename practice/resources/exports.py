"""Toolkits and links as tables to download: any list of the finder, and what staff have of them."""

from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register
from practice.resources.desk import resources_asked, resources_of
from practice.resources.finder import ResourceFinder
from practice.resources.models import Cost, ResourceFormat, ResourceKind


def _tried_on(row) -> date | None:
    return timezone.localdate(row.link_tried_at) if row.link_tried_at else None


def _votes(row, name: str) -> int:
    return getattr(getattr(row, "votes", None), name, 0)


_COMMON = (
    Column("title", CellKind.TEXT, _("What it is called."), lambda row, day: row.title),
    Column("summary", CellKind.TEXT, _("What it is, in plain words."), lambda row, day: row.summary),
    Column("kind", CellKind.CHOICE, _("What sort of thing it is."), lambda row, day: row.kind, ResourceKind),
    Column(
        "audience",
        CellKind.TEXT,
        _("Who it is for, with semicolons between: parents, young_people, practitioners."),
        lambda row, day: "; ".join(row.audiences),
    ),
    Column(
        "topics",
        CellKind.TEXT,
        _("What it is about, with semicolons between."),
        lambda row, day: "; ".join(each.label for each in row.topics.all()),
    ),
    Column(
        "helps_with",
        CellKind.TEXT,
        _("What it helps to do, with semicolons between."),
        lambda row, day: "; ".join(each.label for each in row.helps_with.all()),
    ),
    Column("publisher", CellKind.TEXT, _("Who made it."), lambda row, day: row.publisher),
    Column("url", CellKind.ADDRESS, _("Where it is."), lambda row, day: row.url),
    Column("format", CellKind.CHOICE, _("How one reads or watches it."), lambda row, day: row.format, ResourceFormat),
    Column("language", CellKind.TEXT, _("The language it is in. Empty: not known."), lambda row, day: row.language),
    Column("cost", CellKind.CHOICE, _("Whether it costs anything."), lambda row, day: row.cost, Cost),
    Column("dated", CellKind.TEXT, _("When it was made, in words. Empty: not known."), lambda row, day: row.dated),
    Column("source_url", CellKind.ADDRESS, _("The page it was found on."), lambda row, day: row.source_url),
    Column(
        "link_checked_on",
        CellKind.DAY,
        _("When its link was last tried. Empty: not yet."),
        lambda row, day: _tried_on(row),
    ),
    Column(
        "useful",
        CellKind.PEOPLE,
        _("How many people said that it was useful."),
        lambda row, day: _votes(row, "useful"),
    ),
    Column(
        "address",
        CellKind.ADDRESS,
        _("Its page on this site."),
        lambda row, day: settings.HUB_BASE_URL + row.get_absolute_url(),
    ),
)

RESOURCES = register(
    Table(
        name="resources",
        title=_("Toolkits and links"),
        about=_("What helps to have a say and to ask families well. One line for each; none whose link does not work."),
        address="resources:csv",
        columns=_COMMON,
    )
)


class Csv(TableView):
    """A list of toolkits and links as CSV."""

    table = RESOURCES

    def rows(self, day: date):
        """All that match, in the order of the list."""
        return ResourceFinder(self.request.GET, day).matching.for_cards().iterator(chunk_size=500)


DESK_RESOURCES = register(
    Table(
        name="your-resources",
        title=_("Toolkits and links, with what people say of them"),
        about=_("The toolkits and links that you may see on the desk, drafts too."),
        address="resources:desk-csv",
        permission=Permission.USE_DESK,
        columns=(
            *(column for column in _COMMON if column.name not in ("useful",)),
            Column("state", CellKind.TEXT, _("Whether families see it."), lambda row, day: row.editorial_state.label),
            Column(
                "link_broken_since",
                CellKind.DAY,
                _("Since when its link does not work. Empty: it works."),
                lambda row, day: row.link_broken_since,
            ),
            Column("checked_on", CellKind.DAY, _("When somebody last looked at it."), lambda row, day: row.checked_on),
            Column(
                "useful",
                CellKind.TEXT,
                _("How many answers said that it was useful."),
                lambda row, day: _votes(row, "useful"),
            ),
            Column(
                "not_useful",
                CellKind.TEXT,
                _("How many answers said that it was not."),
                lambda row, day: _votes(row, "not_useful"),
            ),
        ),
    )
)


class DeskCsv(TableView):
    """The toolkits and links of the desk as CSV."""

    table = DESK_RESOURCES
    permission = DESK_RESOURCES.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        asked = resources_asked(self.request.GET)
        return resources_of(self.request.user, *asked, day=day).for_cards().iterator(chunk_size=500)
