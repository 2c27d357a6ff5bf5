""" "You said, we did" as a table to download: any list of the log."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy

from core.tables import CellKind, Column, Table, TableView, register
from feedback.finder import Log
from feedback.models import AnswerState, FeedbackEntry, HeardFrom, Origin
from feedback.stages import owner_words


def _consultation(row: FeedbackEntry, day: date) -> str:
    return row.consultation.title if row.consultation and row.consultation.is_published else ""


LOG = register(
    Table(
        name="you-said-we-did",
        title=gettext_lazy("You said, we did"),
        about=gettext_lazy("What families said, and the answer to it. One line for each point."),
        address="feedback:log-csv",
        columns=(
            Column("point", CellKind.TEXT, gettext_lazy("The point in a few words."), lambda row, day: row.theme),
            Column("you_said", CellKind.TEXT, gettext_lazy("What families said."), lambda row, day: row.you_said),
            Column(
                "heard_from",
                CellKind.CHOICE,
                gettext_lazy("How families said it."),
                lambda row, day: row.heard_from,
                HeardFrom,
            ),
            Column("heard_on", CellKind.DAY, gettext_lazy("When families said it."), lambda row, day: row.heard_on),
            Column(
                "consultation",
                CellKind.TEXT,
                gettext_lazy("The consultation they said it in, if any."),
                _consultation,
            ),
            Column(
                "organisation",
                CellKind.TEXT,
                gettext_lazy("The service or body that answers."),
                lambda row, day: row.organisation.name,
            ),
            Column(
                "answer",
                CellKind.CHOICE,
                gettext_lazy("How far the answer has got."),
                lambda row, day: row.answer,
                AnswerState,
            ),
            Column(
                "we_did",
                CellKind.TEXT,
                gettext_lazy("What the service did or will do, or why it cannot."),
                lambda row, day: row.we_did,
            ),
            Column(
                "what_changed", CellKind.TEXT, gettext_lazy("What is different now."), lambda row, day: row.what_changed
            ),
            Column(
                "responsible",
                CellKind.TEXT,
                gettext_lazy("The role that is responsible."),
                lambda row, day: owner_words(row),
            ),
            Column(
                "answer_due",
                CellKind.DAY,
                gettext_lazy("When the answer is due, if it was put before the service on its own."),
                lambda row, day: row.answer_due_on,
            ),
            Column("due", CellKind.DAY, gettext_lazy("By when it was promised."), lambda row, day: row.due_on),
            Column("done", CellKind.DAY, gettext_lazy("The day it was done."), lambda row, day: row.done_on),
            Column(
                "more_news_by",
                CellKind.DAY,
                gettext_lazy("When families will be told more."),
                lambda row, day: row.next_update_on,
            ),
            Column(
                "origin",
                CellKind.CHOICE,
                gettext_lazy("Whether the service wrote it here."),
                lambda row, day: row.origin,
                Origin,
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


class LogCsv(TableView):
    """The log as CSV."""

    table = LOG

    def rows(self, day: date) -> Iterator[FeedbackEntry]:
        """The entries that match, newest first."""
        return Log(self.request.GET, day).matching.for_log().iterator(chunk_size=1000)
