"""Rows from a file: read, judged one by one, taken in, and accounted for.

An app says what a row of its kind means in an `Importer`, in its own
imports.py. This page knows files, hashes and counts. Every row counts once:

- created, updated: the hub now says what the row says;
- unchanged: the hub said so already;
- held: a person must look first. The row is kept as it came, and judged again
  each time it is brought in, so it is still "held" when nothing has changed;
- rejected: the row itself is wrong. It goes into a file of its own to be mended.

A row that changed in the source never overwrites what people mended here: when
a field differs from what the row last gave, and the source now changes that
field as well, the whole row is held as a conflict.
"""

import csv
import hashlib
import json
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any, BinaryIO, ClassVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.module_loading import autodiscover_modules
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core import history
from core.models import HeldFor, ImportedRow
from core.tables import FORMULA_STARTS

# A cell longer than this is a mistake: a whole page pasted in, or a quotation mark that is never closed.
LONGEST_CELL = 20_000
# A line longer than this is not read on: the file is no table of ours.
LONGEST_LINE = 64 * 1024 * 1024
# How much is judged and written at a time, in rows and in characters, so that memory stays flat.
BATCH_ROWS = 500
BATCH_CHARACTERS = 4_000_000

# How many changed fields of a row are told one by one.
MOST_CHANGES_TOLD = 6
# The columns by which people know a row.
TITLES = ("title", "you_said", "reference", "")

REASON = "reason"
READ_ON = "read_on"
# Columns that any file may have: why the hub sent the row back, and the day the source was read.
ANY_FILE_MAY_HAVE = (REASON, READ_ON)
# What a remembered row keeps beside its cells: the row that was taken in before a held one,
# and what people typed into cells that the source left empty.
TAKEN_BEFORE = "_taken_before"
TYPED = "_typed"

# Tab, new line and carriage return are part of text; the other control characters are not.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_STARTS_A_FORMULA = re.compile(rf"'*[{re.escape(''.join(FORMULA_STARTS))}]")

Cells = dict[str, str]
Facts = dict[str, Any]


class FileRefused(Exception):
    """The file cannot be read. The message tells the person who brought it why; nothing was taken in."""


class Rejected(Exception):
    """A row that is wrong: which column, and why."""

    def __init__(self, column: str, reason: str):
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class Held:
    """A row that waits for a person: which column makes it wait, and why."""

    why: HeldFor
    column: str
    note: str
    twin: str = ""


class Verdict(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    HELD = "held"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Row:
    """One row of the file, and the line of the file that it starts on."""

    line: int
    cells: Cells
    source_hash: str = ""


@dataclass(frozen=True)
class UnreadableRow:
    """A row that could not be taken apart into the columns of the file."""

    line: int
    column: str
    reason: str
    cells: list[str]


@dataclass
class Change:
    """A row to be written: what it says, and which facts differ from the hub's."""

    row: Row
    reference: str
    facts: Facts
    changed: set[str] = field(default_factory=set)
    before: Facts = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What changes, in short: "title: “Old” becomes “New”"."""
        names = sorted(self.changed)
        said = [
            _("%(column)s: %(before)s becomes %(after)s")
            % {"column": name, "before": _plain_words(self.before.get(name)), "after": _plain_words(self.facts[name])}
            for name in names[:MOST_CHANGES_TOLD]
        ]
        if len(names) > MOST_CHANGES_TOLD:
            said.append(_("and %(number)d more") % {"number": len(names) - MOST_CHANGES_TOLD})
        return "; ".join(said)

    @property
    def fingerprint(self) -> list:
        """What would be written, so that the same row can be told to do the same again."""
        names = sorted(self.changed or self.facts)
        return [[name, _sortable(self.before.get(name)), _sortable(self.facts[name])] for name in names]


def _sortable(value) -> str:
    return repr(sorted(value)) if isinstance(value, (set, frozenset)) else repr(value)


def _plain_words(value) -> str:
    if isinstance(value, (set, frozenset)):
        value = ", ".join(sorted(value))
    return _("nothing") if value in (None, "") else shown(str(value))


@dataclass(frozen=True)
class Told:
    """What became, or would become, of one row: for whoever follows an import row by row.

    The fingerprint is the same whenever the same row would do the same to the hub.
    """

    line: int
    verdict: Verdict
    title: str
    column: str
    words: str
    fingerprint: str


def _told(row: "Row | UnreadableRow", verdict: Verdict, column: str, words: str, change: Change | None) -> Told:
    cells = row.cells if isinstance(row, Row) else {"": " ".join(row.cells)}
    title = next((cells[name] for name in TITLES if cells.get(name)), "")
    said = [row.line, verdict, cells, column, words, change.fingerprint if change else []]
    fingerprint = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
    return Told(row.line, verdict, Truncator(one_line(title)).chars(120), column, words, fingerprint)


def by_what_changed(changes: list[Change]) -> Iterator[tuple[set[str], list[Change]]]:
    """The changes in groups that change the same facts, each to be written in one go."""
    groups: dict[frozenset[str], list[Change]] = {}
    for change in changes:
        groups.setdefault(frozenset(change.changed), []).append(change)
    for changed, group in groups.items():
        yield set(changed), group


class Importer:
    """What one kind of row means. Each app that takes rows in has one, registered under its kind.

    A row is judged from its `facts`: plain values by name, equal when they say
    the same. The same facts are read back from what the hub holds (`held_facts`),
    which is how a change in the source is told from a change made here.
    """

    kind: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    optional: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, by, today: date, read_on: date):
        self.by, self.today, self.read_on = by, today, read_on

    def reference(self, cells: Cells) -> str:
        """What tells this row from all others, in this file and the next. Raises Rejected when it has none."""
        raise NotImplementedError

    def look_up(self, rows: dict[str, Cells]) -> None:
        """Fetch what judging these rows needs, in a fixed number of queries. Keys are references."""
        raise NotImplementedError

    def facts(self, cells: Cells) -> Facts:
        """What the row says. Raises Rejected when it says something impossible."""
        raise NotImplementedError

    def why_held(self, cells: Cells, facts: Facts) -> Held | None:
        """Why a person must look at the row before it is taken in; None when nobody has to."""
        raise NotImplementedError

    def held_facts(self, reference: str) -> Facts | None:
        """What the hub says now about the thing with this reference; None when it has no such thing."""
        raise NotImplementedError

    def out_of_reach(self, reference: str) -> str:
        """Why the import must keep its hands off the hub's own record; empty when it may change it."""
        return ""

    def carried_over(self, facts: Facts, before: Facts) -> Facts:
        """What the row says, where an earlier reading of it knew better."""
        return facts

    def column_of(self, fact: str) -> str:
        """The column that a fact comes from, to name it in a report."""
        return fact

    def prepare(self, changes: list[Change]) -> None:
        """Make whatever the changes need before they are written, such as an organisation."""

    def create(self, changes: list[Change]) -> None:
        """Write things the hub did not have."""
        raise NotImplementedError

    def update(self, changes: list[Change]) -> None:
        """Write what has changed in things the hub has."""
        raise NotImplementedError

    def finish(self) -> None:
        """Whatever is left to do when every row has been read."""


_importers: dict[str, type[Importer]] = {}


def register(importer: type[Importer]) -> type[Importer]:
    """Offer an importer under its kind. Used as a decorator, in an app's imports.py."""
    _importers[importer.kind] = importer
    return importer


def importers() -> dict[str, type[Importer]]:
    """The importers of all apps, by kind."""
    autodiscover_modules("imports")
    return dict(sorted(_importers.items()))


# --- Reading


def read_rows(source: BinaryIO, importer: type[Importer]) -> tuple["Header", Iterator[Row | UnreadableRow]]:
    """The header of a file, and its rows one after the other.

    Raises FileRefused, with the line number, when the file is not UTF-8, has no
    header or lacks a column. Rows that are wrong in themselves are given back
    as UnreadableRow and reading goes on.
    """
    lines = _Lines(source)
    # The field limit of Python's csv is one for the whole program; ours is checked cell by cell.
    csv.field_size_limit(LONGEST_LINE)
    cells = csv.reader(lines, strict=True)
    header = _read_header(cells, importer)
    return header, _read_body(cells, lines, header)


@dataclass(frozen=True)
class Header:
    """The columns of a file, and which of them the import does not know."""

    names: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def was_sent_back(self) -> bool:
        """Whether it is a file of rejected rows, mended: its formulas still carry the guard we put there."""
        return REASON in self.names


class _Lines:
    """The lines of a file as text; remembers those of the row being read."""

    def __init__(self, source: BinaryIO):
        self._source = source
        self._number = 0
        self._of_this_row: list[str] = []

    def __iter__(self):
        return self

    def __next__(self) -> str:
        line = self._source.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) == LONGEST_LINE:
            raise FileRefused(_("Line %(line)s is too long to be part of a table.") % {"line": self._number})
        try:
            text = line.decode("utf-8-sig" if self._number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise FileRefused(
                _("Line %(line)s is not UTF-8 text. Save the file as “CSV UTF-8” and try again. Nothing was imported.")
                % {"line": self._number}
            ) from None
        self._of_this_row.append(text)
        return text

    def take_row(self) -> str:
        """The text of the row just read, as it stands in the file."""
        text = "".join(self._of_this_row)
        self._of_this_row.clear()
        return text


def _read_header(cells, importer: type[Importer]) -> Header:
    try:
        names = tuple(name.strip().casefold() for name in next(cells))
    except StopIteration:
        raise FileRefused(_("The file is empty. It needs a first line with the names of its columns.")) from None
    except csv.Error:
        raise FileRefused(_("The first line is not a list of columns, with commas between them.")) from None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileRefused(_("The file has two columns with the same name: %(names)s.") % {"names": ", ".join(twice)})
    missing = [name for name in importer.columns if name not in names]
    known = {*importer.columns, *importer.optional, *ANY_FILE_MAY_HAVE}
    unknown = tuple(name for name in names if name not in known)
    if missing:
        words = _("The file lacks the columns: %(missing)s.") % {"missing": ", ".join(missing)}
        if unknown:
            words += " " + _("It has columns that are not known: %(unknown)s.") % {"unknown": ", ".join(unknown)}
        raise FileRefused(words)
    return Header(names, unknown)


def _read_body(cells, lines: _Lines, header: Header) -> Iterator[Row | UnreadableRow]:
    lines.take_row()
    while True:
        line = cells.line_num + 1
        try:
            values = next(cells)
        except StopIteration:
            return
        except csv.Error as problem:
            if "field larger" in str(problem):
                raise FileRefused(
                    _("A cell that starts on line %(line)s never ends. Look for a quotation mark that is not closed.")
                    % {"line": line}
                ) from None
            yield UnreadableRow(line, "", _not_a_row(problem), [lines.take_row()])
            continue
        lines.take_row()
        if not any(value.strip() for value in values):
            continue
        yield _row(line, values, header)


def _not_a_row(problem: csv.Error) -> str:
    if "unexpected end" in str(problem):
        return _("a quotation mark is opened and never closed, so the rest of the file is one cell")
    return _("the quotation marks do not fit together (%(problem)s)") % {"problem": problem}


def _row(line: int, values: list[str], header: Header) -> Row | UnreadableRow:
    if header.was_sent_back:
        values = [unguarded(value) for value in values]
    if len(values) != len(header.names):
        words = _("the first line names %(columns)s columns, and this row has %(number)s") % {
            "number": len(values),
            "columns": len(header.names),
        }
        return UnreadableRow(line, "", words, values)
    for name, value in zip(header.names, values, strict=True):
        if len(value) > LONGEST_CELL:
            words = _("the cell is %(number)s characters long; %(most)s is the most") % {
                "number": len(value),
                "most": LONGEST_CELL,
            }
            return UnreadableRow(line, name, words, values)
        unwanted = _CONTROL.search(value)
        if unwanted:
            words = _("the cell holds a control character (number %(number)s), which is no text") % {
                "number": ord(unwanted[0])
            }
            return UnreadableRow(line, name, words, values)
    cells = {name: value.strip() for name, value in zip(header.names, values, strict=True) if name != REASON}
    return Row(line, {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in cells.items()})


def guarded(text: str) -> str:
    """The text with a mark before it when a spreadsheet would take it for a formula. `unguarded` takes it off again."""
    return f"'{text}" if _STARTS_A_FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _STARTS_A_FORMULA.match(text) else text


# --- Accounting


class Account:
    """What became of the rows: the five counts, and a line about each row that was held or rejected."""

    def __init__(self, header: Header, follow: Callable[[Told], None] | None = None):
        self.header = header
        self.counts = dict.fromkeys(Verdict, 0)
        self._follow = follow
        self._lines = tempfile.SpooledTemporaryFile(1_000_000, mode="w+", encoding="utf-8")  # noqa: SIM115
        self._rejects = tempfile.SpooledTemporaryFile(1_000_000, mode="w+", encoding="utf-8", newline="")  # noqa: SIM115
        names = [name for name in header.names if name != REASON]
        self._table = csv.writer(self._rejects)
        self._table.writerow([*names, REASON])

    def count(self, row: Row, verdict: Verdict, change: Change | None = None) -> None:
        """One row more that is taken in, or changes nothing."""
        self.counts[verdict] += 1
        if self._follow:
            words = change.words if change and verdict == Verdict.UPDATED else ""
            self._follow(_told(row, verdict, "", words, change))

    def held(self, row: Row, why: Held) -> None:
        """One row more that waits for a person."""
        self.counts[Verdict.HELD] += 1
        if self._follow:
            words = f"{why.why.label}: {one_line(why.note)}"
            self._follow(_told(row, Verdict.HELD, why.column, words, None))
        self._say(row.line, why.column, _("held, %(why)s: %(note)s") % {"why": why.why.label, "note": why.note})

    def rejected(self, row: Row | UnreadableRow, column: str, reason: str) -> None:
        """One row more that is wrong. It is kept, with the reason, to be mended."""
        self.counts[Verdict.REJECTED] += 1
        if self._follow:
            self._follow(_told(row, Verdict.REJECTED, column, one_line(reason), None))
        self._say(row.line, column, _("rejected: %(reason)s") % {"reason": reason})
        rest: list[str] = []
        if isinstance(row, Row):
            values = [row.cells[name] for name in self.header.names if name != REASON]
        else:
            values, rest = self._fitted(row.cells)
        why = f"{column}: {reason}" if column else reason
        self._table.writerow([guarded(value) for value in [*values, why, *rest]])

    def _fitted(self, cells: list[str]) -> tuple[list[str], list[str]]:
        """The cells under their columns, and those that no column has room for."""
        names = self.header.names
        if len(cells) == len(names) and REASON in names:
            cells = [cell for name, cell in zip(names, cells, strict=True) if name != REASON]
        columns = len([name for name in names if name != REASON])
        return cells[:columns] + [""] * (columns - len(cells)), cells[columns:]

    def _say(self, line: int, column: str, words: str) -> None:
        where = _("Line %(line)s, %(column)s") if column else _("Line %(line)s")
        self._lines.write(f"{where % {'line': line, 'column': column}}: {one_line(words)}\n")

    def __str__(self) -> str:
        return ", ".join(f"{verdict} {number}" for verdict, number in self.counts.items())

    def lines(self) -> Iterator[str]:
        """A line about each held or rejected row, in the order of the file."""
        self._lines.seek(0)
        return iter(self._lines)

    def write_rejected(self, target: BinaryIO) -> None:
        """Write the rejected rows as a table that can be mended and brought in again."""
        target.write(b"\xef\xbb\xbf")  # spreadsheets take the file for UTF-8 by it
        self._rejects.seek(0)
        for chunk in iter(partial(self._rejects.read, 64 * 1024), ""):
            target.write(chunk.encode())

    def close(self) -> None:
        """Let the lines and the table go."""
        self._lines.close()
        self._rejects.close()


def one_line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


def shown(text: str) -> str:
    """A value from the file as it is quoted in a reason: short, and on one line."""
    return f"“{Truncator(one_line(text)).chars(60)}”"


# --- Taking in


@contextmanager
def take_in(
    source: BinaryIO,
    kind: type[Importer],
    *,
    by,
    today: date,
    read_on: date | None = None,
    dry_run: bool = False,
    follow: Callable[[Told], None] | None = None,
) -> Iterator[Account]:
    """Bring the rows of a file in, all in one transaction, and give an account of every one.

    A dry run judges and writes like a real one, then takes everything back.
    `follow` is told of every row, in the order of the file.
    Raises FileRefused when the file cannot be read; nothing has been taken in then.
    """
    with transaction.atomic():
        account = _take_in(source, kind(by=by, today=today, read_on=read_on or today), follow)
        if dry_run:
            transaction.set_rollback(True)
    try:
        yield account
    finally:
        account.close()


def _take_in(source: BinaryIO, importer: Importer, follow: Callable[[Told], None] | None) -> Account:
    header, rows = read_rows(source, type(importer))
    account = Account(header, follow)
    _one_at_a_time(importer.kind)
    lines_of: dict[str, int] = {}
    for batch in _batches(rows):
        _Batch(importer, account, lines_of).take(batch)
    importer.finish()
    return account


def _one_at_a_time(kind: str) -> None:
    """Wait until no other import of this kind runs, so that two cannot both create the same thing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(f"import {kind}".encode())])


def _batches(rows: Iterable[Row | UnreadableRow]) -> Iterator[list[Row | UnreadableRow]]:
    batch: list[Row | UnreadableRow] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(map(len, row.cells.values() if isinstance(row, Row) else row.cells))
        if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class _Batch:
    """A handful of rows: fetched, judged and written together, with the same few queries however many they are."""

    def __init__(self, importer: Importer, account: Account, lines_of: dict[str, int]):
        self.importer, self.account, self.lines_of = importer, account, lines_of
        self.created: list[Change] = []
        self.updated: list[Change] = []
        self.remembered: dict[str, ImportedRow] = {}
        self.to_remember: dict[str, ImportedRow] = {}
        self.refused: dict[int, Rejected] = {}
        self.holds: dict[int, Held] = {}

    def take(self, rows: list[Row | UnreadableRow]) -> None:
        """Judge the rows, write what they change, and account for each in the order of the file."""
        references = self._references(rows)
        cells_of = {reference: row.cells for row, reference in references}
        self.remembered = {
            each.reference: each
            for each in ImportedRow.objects.filter(kind=self.importer.kind, reference__in=list(cells_of))
        }
        self.importer.look_up(cells_of)
        for row, reference in references:
            try:
                self._judge(row, reference)
            except Rejected as why:
                self.refused[row.line] = why
        self._write()
        self._remember()
        self._account_for(rows)

    def _references(self, rows) -> list[tuple[Row, str]]:
        found = []
        for row in rows:
            if not isinstance(row, Row):
                continue
            try:
                reference = self.importer.reference(row.cells)
                first = self.lines_of.setdefault(reference, row.line)
                if first != row.line:
                    raise Rejected(
                        self.importer.columns[0],
                        _("line %(line)s has the same reference, %(reference)s")
                        % {"line": first, "reference": shown(reference)},
                    )
            except Rejected as why:
                self.refused[row.line] = why
            else:
                found.append((row, reference))
        return found

    def _judge(self, row: Row, reference: str) -> None:
        importer, known = self.importer, self.remembered.get(reference)
        if known and known.left_out_on and known.source_hash == self._hash(row):
            return
        now = importer.held_facts(reference)
        if known and not known.held_for and now is not None and known.source_hash == self._hash(row):
            return
        row = self._completed(row, reference)
        facts = importer.facts(row.cells)
        why = importer.why_held(row.cells, facts)
        if why:
            self._hold(row, reference, why)
        elif now is None:
            self.created.append(Change(row, reference, facts))
        else:
            self._compare(row, reference, facts, now)

    def _completed(self, row: Row, reference: str) -> Row:
        """The row, with what people typed into the cells that the source leaves empty."""
        known = self.remembered.get(reference)
        typed = known.row.get(TYPED, {}) if known else {}
        filled = {name: value for name, value in typed.items() if not row.cells.get(name)}
        return Row(row.line, row.cells | filled, self._hash(row)) if filled else row

    def _compare(self, row: Row, reference: str, facts: Facts, now: Facts) -> None:
        """Tell what the source changed from what people mended here."""
        said_before = self._said_before(reference)
        facts = self.importer.carried_over(facts, said_before)
        changed = {name for name, value in facts.items() if name not in said_before or said_before[name] != value}
        differs = {name for name in changed if now[name] != facts[name]}
        mended = sorted(name for name in differs if name not in said_before or now[name] != said_before[name])
        closed = self.importer.out_of_reach(reference) if differs else ""
        if mended or closed:
            columns = list(dict.fromkeys(self.importer.column_of(name) for name in mended))
            note = closed or _("mended here and changed in the source: %(columns)s") % {"columns": ", ".join(columns)}
            self._hold(row, reference, Held(HeldFor.CONFLICT, columns[0] if columns else "", note))
        elif differs:
            self.updated.append(Change(row, reference, facts, differs, now))
        else:
            self._will_remember(row, reference)

    def _said_before(self, reference: str) -> Facts:
        """What the row said when it was last taken in; nothing when it never was."""
        known = self.remembered.get(reference)
        if known is None:
            return {}
        cells = known.row.get(TAKEN_BEFORE) if known.held_for else known.row
        if not cells:
            return {}
        try:
            return self.importer.facts(cells)
        except Rejected:
            return {}  # the rules have become stricter since

    def _hold(self, row: Row, reference: str, why: Held) -> None:
        self.holds[row.line] = why
        known = self.remembered.get(reference)
        before = (known.row.get(TAKEN_BEFORE) if known.held_for else known.row) if known else None
        self._will_remember(row, reference, why, {TAKEN_BEFORE: before} if before else {})

    def _will_remember(self, row: Row, reference: str, why: Held | None = None, more: dict | None = None) -> None:
        cells = dict(row.cells)
        cells[READ_ON] = cells.get(READ_ON) or self.importer.read_on.isoformat()
        known = self.remembered.get(reference)
        if known and TYPED in known.row:
            more = {TYPED: known.row[TYPED]} | (more or {})
        self.to_remember[reference] = ImportedRow(
            kind=self.importer.kind,
            reference=reference,
            source_hash=self._hash(row),
            row=cells | (more or {}),
            held_for=why.why if why else "",
            held_note=one_line(why.note)[:500] if why else "",
            twin=why.twin[:200] if why else "",
        )

    def _hash(self, row: Row) -> str:
        if row.source_hash:
            return row.source_hash
        used = {*self.importer.columns, *self.importer.optional, READ_ON}
        said = sorted((name, value) for name, value in row.cells.items() if name in used and value)
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def _write(self) -> None:
        self.importer.prepare([*self.created, *self.updated])
        with history.label(by=self.importer.by, did="imported"):
            self.created = self._written(self.created, self.importer.create)
            self.updated = self._written(self.updated, self.importer.update)
        for change in [*self.created, *self.updated]:
            self._will_remember(change.row, change.reference)

    def _written(self, changes: list[Change], write) -> list[Change]:
        """The changes that the database accepted. When it refuses one, they are tried one by one to find which."""
        if not changes:
            return []
        try:
            with transaction.atomic():
                write(changes)
        except (IntegrityError, DataError) as problem:
            if len(changes) > 1:
                return [change for each in changes for change in self._written([each], write)]
            self.refused[changes[0].row.line] = Rejected("", refusal_words(problem))
            return []
        return changes

    def _remember(self) -> None:
        ImportedRow.objects.bulk_create(
            [each for each in self.to_remember.values() if self._is_news(each)],
            update_conflicts=True,
            unique_fields=["kind", "reference"],
            update_fields=[
                *("source_hash", "row", "held_for", "held_note", "twin", "left_out_on", "left_out_by", "changed_at")
            ],
        )

    def _is_news(self, new: ImportedRow) -> bool:
        old = self.remembered.get(new.reference)
        return old is None or any(
            getattr(old, name) != getattr(new, name) for name in ("source_hash", "held_for", "held_note", "twin")
        )

    def _account_for(self, rows: list[Row | UnreadableRow]) -> None:
        written = {change.row.line: (Verdict.CREATED, change) for change in self.created}
        written |= {change.row.line: (Verdict.UPDATED, change) for change in self.updated}
        for row in rows:
            if isinstance(row, UnreadableRow):
                self.account.rejected(row, row.column, row.reason)
            elif row.line in self.refused:
                why = self.refused[row.line]
                self.account.rejected(row, why.column, why.reason)
            elif row.line in self.holds:
                self.account.held(row, self.holds[row.line])
            else:
                self.account.count(row, *written.get(row.line, (Verdict.UNCHANGED,)))


def refusal_words(problem: Exception) -> str:
    """Why the database refused a row, in the words that its constraint has for people."""
    name = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if name and constraint.name == name:
                return str(constraint.violation_error_message)
    return one_line(str(problem).split("DETAIL")[0])


@transaction.atomic
def take_again(remembered: ImportedRow, *, by, today: date, **typed: str) -> list[str]:
    """Judge a held row again, with what a person typed into cells that the source left empty.

    What was typed is kept beside the row, so that the same row of the next
    file does not take it away. Returns why the row still waits or is wrong; an
    empty list when it was taken in.
    """
    cells = {name: value for name, value in remembered.row.items() if not name.startswith("_")}
    importer = importers()[remembered.kind](by=by, today=today, read_on=date.fromisoformat(cells[READ_ON]))
    remembered.row[TYPED] = remembered.row.get(TYPED, {}) | typed
    remembered.save()
    account = Account(Header(tuple(cells), ()))
    _one_at_a_time(importer.kind)
    _Batch(importer, account, {}).take([Row(1, cells, remembered.source_hash)])
    importer.finish()
    lines = [line.partition(": ")[2].strip() for line in account.lines()]
    account.close()
    if lines:
        transaction.set_rollback(True)
    return lines


@transaction.atomic
def leave_out(remembered: ImportedRow, *, by, on: date) -> None:
    """Say of a held row that it stays out: it waits no more. Only when the source says something else it waits again.

    Raises ValidationError when somebody else has dealt with it.
    """
    remembered = ImportedRow.objects.select_for_update().get(pk=remembered.pk)
    if not remembered.held_for or remembered.left_out_on:
        raise ValidationError(_("This row does not wait any more."))
    remembered.left_out_on, remembered.left_out_by = on, getattr(by, "pk", None)
    remembered.save(update_fields=["left_out_on", "left_out_by", "changed_at"])


@transaction.atomic
def let_wait_again(remembered: ImportedRow, *, by) -> None:
    """Undo `leave_out`. Twice does no harm."""
    ImportedRow.objects.filter(pk=remembered.pk).update(left_out_on=None, left_out_by=None)


def taken_by_hand(remembered: ImportedRow, *, by) -> None:
    """A person has made what a held row is about themselves, under its reference: the row waits no more.

    Raises ValidationError when somebody else has dealt with it.
    """
    if not ImportedRow.objects.held().filter(pk=remembered.pk).update(held_for="", held_note="", twin=""):
        raise ValidationError(_("This row does not wait any more."))
