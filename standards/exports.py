"""The register as open data, and a check with what shows it as a table."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core.dates import today
from core.tables import CellKind, Column, Table, TableView, csv_response, register
from standards.listing import Profile
from standards.models import Adoption
from standards.stages import ADOPTIONS, AdoptionStage
from standards.views import OfOrganisation

PLEDGES = register(
    Table(
        name="pledges",
        title=gettext_lazy("Who has adopted the standard"),
        about=gettext_lazy("Every public pledge, those that ended too, and whether its yearly check is up to date."),
        address="standards:register-csv",
        columns=(
            Column(
                "organisation", CellKind.TEXT, gettext_lazy("Who adopted it."), lambda row, day: row.organisation.name
            ),
            Column("scope", CellKind.TEXT, gettext_lazy("What the pledge covers."), lambda row, day: row.scope),
            Column(
                "state",
                CellKind.CHOICE,
                gettext_lazy("How far it is today."),
                lambda row, day: ADOPTIONS.of(row, day),
                choices=AdoptionStage,
            ),
            Column("adopted_on", CellKind.DAY, gettext_lazy("Since when."), lambda row, day: row.adopted_on),
            Column("checked_on", CellKind.DAY, gettext_lazy("When it was checked."), lambda row, day: row.checked_on),
            Column("next_check_by", CellKind.DAY, gettext_lazy("When the next is due."), lambda row, day: row.renew_by),
            Column("ended_on", CellKind.DAY, gettext_lazy("When the pledge ended."), lambda row, day: row.ended_on),
            Column(
                "address",
                CellKind.ADDRESS,
                gettext_lazy("Its page on this site."),
                lambda row, day: settings.HUB_BASE_URL + row.get_absolute_url(),
            ),
        ),
    )
)


class RegisterCsv(TableView):
    """The register as CSV."""

    table = PLEDGES

    def rows(self, day: date):
        """All of it."""
        return Adoption.objects.for_register().iterator(chunk_size=500)


def check_columns() -> list[str]:
    """What the table of a check says of each statement."""
    return [
        *(_("Service or organisation"), _("Published on"), _("Strand"), _("Level"), _("Statement"), _("Rating")),
        *(_("In their words"), _("The hub’s records"), _("Why they differ"), _("What shows it"), _("What parents say")),
    ]


def check_rows(profile: Profile) -> Iterator[list]:
    """Each statement of a check, with what shows it and what parents say."""
    check = profile.check
    for row in profile.rows:
        for each in row.statements:
            said = each.judgement
            shown = [f"{one.kind}: {one.title} ({one.happened_on:%Y-%m-%d})" for one in each.shown if not one.note]
            parents = [" ".join(filter(None, (f"{one.forum}: {one.answer}", one.words))) for one in each.parents]
            yield [
                *(check.adoption.organisation.name, check.published_on, row.strand.plain_title, each.level.label),
                *(each.text, each.rating.label if each.rating else "", said.words if said else ""),
                *(said.record.get("words", "") if said else "", said.differs if said else ""),
                *("; ".join(shown), "; ".join(parents)),
            ]


class CheckCsv(OfOrganisation, View):
    """The newest published check of an organisation as CSV."""

    def get(self, request, *args, **kwargs):
        """The file."""
        if self.newest is None:
            raise Http404
        name = f"standard-{self.adoption.organisation.slug}.csv"
        return csv_response(name, check_columns(), check_rows(Profile(self.newest, today())))
