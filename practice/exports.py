"""Good practice as tables to download: any list of the library, and the examples that a person may write."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy

from accounts.models import OrganisationKind
from consultations.models import ParticipationLevel
from core.permissions import Permission
from core.tables import CellKind, Column, Table, TableView, register
from practice.desk import asked_of, examples_of, state_of
from practice.finder import Library
from practice.models import ParentsSay, PracticeExample


def _labels(name: str):
    return lambda row, day: "; ".join(getattr(row, name))


EXAMPLES = register(
    Table(
        name="practice",
        title=gettext_lazy("Good practice"),
        about=gettext_lazy("What services did with families, and what changed because of it. One line for each."),
        address="practice:csv",
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body that did it."),
                lambda row, day: row.organisation.name,
            ),
            Column(
                "sector",
                CellKind.CHOICE,
                gettext_lazy("What sort of body that is."),
                lambda row, day: row.organisation.kind,
                OrganisationKind,
            ),
            Column("place", CellKind.TEXT, gettext_lazy("Where, in words."), lambda row, day: row.place),
            Column("year", CellKind.TEXT, gettext_lazy("The year it happened."), lambda row, day: row.year),
            Column(
                "level",
                CellKind.CHOICE,
                gettext_lazy("How much say families had."),
                lambda row, day: row.level,
                ParticipationLevel,
            ),
            Column("topics", CellKind.TEXT, gettext_lazy("What it is about."), _labels("topic_labels")),
            Column("audiences", CellKind.TEXT, gettext_lazy("For whom it was."), _labels("audience_labels")),
            Column("areas", CellKind.TEXT, gettext_lazy("Where it happened."), _labels("area_labels")),
            Column("methods", CellKind.TEXT, gettext_lazy("How families were heard."), _labels("method_labels")),
            Column(
                "method_in_words",
                CellKind.TEXT,
                gettext_lazy("How families were heard, in the words of the source."),
                lambda row, day: row.method_words,
            ),
            Column(
                "what_changed",
                CellKind.TEXT,
                gettext_lazy("What changed for families."),
                lambda row, day: row.changed_families,
            ),
            Column(
                "how_they_know", CellKind.TEXT, gettext_lazy("How they know."), lambda row, day: row.impact_evidence
            ),
            Column(
                "parents_asked",
                CellKind.CHOICE,
                gettext_lazy("Whether parents were asked about the change. Empty for one found elsewhere."),
                lambda row, day: "" if row.is_found else row.parents_asked,
                ParentsSay,
            ),
            Column("cost", CellKind.TEXT, gettext_lazy("What it cost in money and time."), lambda row, day: row.cost),
            Column("hard", CellKind.TEXT, gettext_lazy("What was hard, or did not work."), lambda row, day: row.hard),
            Column(
                "tried_by",
                CellKind.TEXT,
                gettext_lazy("Which other services tried it, and how it went."),
                lambda row, day: "; ".join(
                    f"{each.organisation.name}: {each.get_how_it_went_display()}" for each in row.tries.all()
                ),
            ),
            Column(
                "checked",
                CellKind.DAY,
                gettext_lazy("When somebody here last checked it. Empty for one found elsewhere."),
                lambda row, day: row.checked_on,
            ),
            Column(
                "source",
                CellKind.ADDRESS,
                gettext_lazy("The page it was found on, when it was found elsewhere."),
                lambda row, day: row.source_url,
            ),
            Column(
                "address",
                CellKind.ADDRESS,
                gettext_lazy("Its page on this site."),
                lambda row, day: settings.HUB_BASE_URL + row.get_absolute_url(),
            ),
        ),
    )
)

YOURS = register(
    Table(
        name="your-practice",
        title=gettext_lazy("Your good practice"),
        about=gettext_lazy("The examples that you may write, drafts too. One line for each."),
        address="practice:desk-csv",
        permission=Permission.USE_DESK,
        columns=(
            Column("title", CellKind.TEXT, gettext_lazy("What it is called."), lambda row, day: row.title),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body that did it."),
                lambda row, day: row.organisation.name,
            ),
            Column(
                "state",
                CellKind.TEXT,
                gettext_lazy("How far it has got, in the words of the desk."),
                lambda row, day: state_of(row)[1],
            ),
            Column(
                "check_again_by",
                CellKind.DAY,
                gettext_lazy("By when somebody checks it again."),
                lambda row, day: row.review_by,
            ),
        ),
    )
)


class ExamplesCsv(TableView):
    """The library as CSV."""

    table = EXAMPLES

    def rows(self, day: date) -> Iterator[PracticeExample]:
        """The examples that match, as the page lists them."""
        return Library(self.request.GET, day).matching.for_page().iterator(chunk_size=500)


class YourExamplesCsv(TableView):
    """The examples that a person may write as CSV."""

    table = YOURS
    permission = YOURS.permission

    def rows(self, day: date):
        """Those of the list that the address asks for."""
        return examples_of(self.request.user, *asked_of(self.request.GET)).iterator(chunk_size=1000)
