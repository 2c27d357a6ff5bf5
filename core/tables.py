"""Tables for people to download, and what their columns mean. No cell can act as a formula in a spreadsheet.

An app says in its own exports.py which columns a list has. The file that
people download and the page that explains it are both made from that.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db.models import Choices, TextChoices
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core.dates import today
from core.permissions import Permission

# A spreadsheet takes a cell that starts with one of these for a formula; the last four are = + - @ in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(value) -> str:
    """The value as text that a spreadsheet shows and never runs (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Line:
    """Gives each written line back, so that rows can be streamed."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: list[str], rows: Iterable[Iterable]) -> Iterator[str]:
    """CSV lines, header first."""
    writer = csv.writer(_Line())
    yield "\ufeff"  # spreadsheets take the file for UTF-8 by it
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def csv_response(filename: str, header: list[str], rows: Iterable[Iterable]) -> StreamingHttpResponse:
    """A CSV file to download, streamed row by row."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


# --- Tables that say what they hold


class CellKind(TextChoices):
    """What the cells of a column hold."""

    TEXT = "text", gettext_lazy("Text")
    CHOICE = "choice", gettext_lazy("One of a few words")
    DAY = "day", gettext_lazy("Day, such as 2026-11-25")
    TIME = "time", gettext_lazy("Time of day, such as 17:30")
    PEOPLE = "people", gettext_lazy("Number of people. From 1 to 4 it says “fewer than 5”")
    ADDRESS = "address", gettext_lazy("Address of a web page")


@dataclass(frozen=True)
class Column:
    """One column: its name in the file, what its cells hold, what they mean, and how one is filled."""

    name: str
    kind: CellKind
    meaning: str | Promise
    cell: Callable[[Any, date], Any]
    choices: type[Choices] | None = None

    def of(self, row, day: date):
        """The cell of a row. Few people are never counted, whatever the row says (DESIGN rule 9)."""
        value = self.cell(row, day)
        if self.kind == CellKind.PEOPLE and isinstance(value, int) and 1 <= value <= 4:
            return few_words()
        return value

    @property
    def values(self) -> list[tuple[str, str]]:
        """The words that a cell can say, each with its meaning; empty when it can say anything."""
        return [(str(value), str(label)) for value, label in self.choices.choices] if self.choices else []


def few_words() -> str:
    """What stands for a number of people from 1 to 4."""
    return _("fewer than 5")


@dataclass(frozen=True)
class Table:
    """A list that people can download: its columns in order, and the named address of its file.

    One with a permission is for staff who hold it; without one it is for everybody.
    """

    name: str
    title: str | Promise
    about: str | Promise
    address: str
    columns: tuple[Column, ...]
    permission: Permission | None = None

    @property
    def url(self) -> str:
        """Where the whole list can be downloaded."""
        return reverse(self.address)

    @property
    def header(self) -> list[str]:
        """The first line of the file."""
        return [column.name for column in self.columns]

    def lines(self, rows: Iterable, day: date) -> Iterator[list]:
        """The cells of each row."""
        for row in rows:
            yield [column.of(row, day) for column in self.columns]

    def response(self, rows: Iterable, day: date) -> StreamingHttpResponse:
        """The rows as a file to download."""
        return csv_response(f"{self.name}.csv", self.header, self.lines(rows, day))


_registered: dict[str, Table] = {}


def register(table: Table) -> Table:
    """Offer a table under its name. Called in an app's exports.py."""
    _registered[table.name] = table
    return table


def tables() -> list[Table]:
    """Every table of all apps, by name."""
    autodiscover_modules("exports")
    return [table for _name, table in sorted(_registered.items())]


def public_tables() -> list[Table]:
    """The tables that everybody may download."""
    return [table for table in tables() if table.permission is None]


def desk_tables(user) -> list[Table]:
    """The tables for staff that this person may download."""
    return [table for table in tables() if table.permission and user.has_perm(table.permission)]


class TableView(View):
    """The file of one table: every match of what the address asks for, and not only a page."""

    table: ClassVar[Table]

    def rows(self, day: date) -> Iterable:
        """The rows that match, read bit by bit."""
        raise NotImplementedError

    def get(self, request, *args, **kwargs):
        """Stream the table."""
        day = today()
        return self.table.response(self.rows(day), day)
