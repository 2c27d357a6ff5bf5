"""The past of a record in sentences, read from the rows that database triggers keep (core/history.py)."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from difflib import SequenceMatcher
from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core.dates import moment_words, short_day_words, time_words

PER_PAGE = 20
# What changes with every saving, and says nothing to people.
UNTOLD = frozenset({"id", "version", "created_at", "changed_at", "calendar_sequence", "external_ids"})
# Comparing longer texts word by word takes too long for a page: the old one stands beside the new one instead.
MOST_WORDS_COMPARED = 2_000
# How many words that stayed stand around those that changed.
AROUND = 12


@dataclass(frozen=True)
class Piece:
    """Some words of a text: they stayed, they are gone, they are new, or they are left out because they stayed."""

    kind: str
    text: str


@dataclass(frozen=True)
class FieldChange:
    """One field that changed: what it said, and what it says now, in words. Empty words are no value."""

    name: str
    label: str
    was: str
    now: str
    pieces: list[Piece] = field(default_factory=list)
    is_long: bool = False

    @property
    def sentence(self) -> str:
        """ "Closing date: from 3 March to 10 March"."""
        said = {"label": self.label, "was": self.was, "now": self.now}
        if not self.was:
            return _("%(label)s: now %(now)s") % said
        if not self.now:
            return _("%(label)s: taken away; it was %(was)s") % said
        return _("%(label)s: from %(was)s to %(now)s") % said


@dataclass(frozen=True)
class Change:
    """One time that the record was written: when, by whom, what they did, and each field that changed."""

    number: int
    at: datetime
    who: str
    did: str
    fields: list[FieldChange]
    is_first: bool
    is_oldest_kept: bool


class Past:
    """Everything that was ever done to a record of a tracked model, newest first."""

    def __init__(self, record: models.Model, today: date):
        self.record, self.today = record, today
        self.model = type(record)
        self.rows = self.model.pgh_event_model._base_manager.filter(pgh_obj_id=record.pk).order_by("-pgh_id")
        self.told = [
            each.name
            for each in self.model.pgh_event_model._meta.fields
            if not each.name.startswith("pgh_") and each.name not in UNTOLD
        ]

    def page(self, number) -> Page:
        """A page of changes, in the same few queries however many there are."""
        page = Paginator(self.rows, PER_PAGE).get_page(number)
        first = max(page.start_index() - 1, 0)
        # One more than the page shows: what the oldest of them changed is told by the one before.
        rows = list(self.rows.select_related("pgh_context")[first : page.end_index() + 1])
        pairs = list(zip(rows, [*rows[1:], None], strict=True))[:PER_PAGE]
        names = self._names_in(pair for pair in pairs if pair[1] is not None)
        people = _people(rows)
        page.object_list = [
            Change(
                number=row.pgh_id,
                at=row.pgh_created_at,
                who=_who(row, people),
                did=_did(row),
                fields=self._compared(before, row, self.told, names) if before is not None else [],
                is_first=before is None and row.pgh_label == "insert",
                is_oldest_kept=before is None,
            )
            for row, before in pairs
        ]
        return page

    def before(self, number: int) -> models.Model | None:
        """The record as it stood before a change; None when the history keeps nothing from before it."""
        if not self.rows.filter(pgh_id=number).exists():
            return None
        return self.rows.filter(pgh_id__lt=number).first()

    def differing(self, then: models.Model, allowed: Iterable[str]) -> list[FieldChange]:
        """What putting the record back to how it stood `then` would change, of the fields that may be put back."""
        names = [name for name in allowed if name in self.told]
        return self._compared(self.record, then, names, self._names_in([(then, self.record)]))

    # --- Words

    def _compared(self, before, after, names: Iterable[str], related: dict) -> list[FieldChange]:
        return [
            self._told(name, before, after, related)
            for name in names
            if _value(self.model, before, name) != _value(self.model, after, name)
        ]

    def _told(self, name: str, before, after, related: dict) -> FieldChange:
        column = self.model._meta.get_field(name)
        was = self._words(column, _value(self.model, before, name), related)
        now = self._words(column, _value(self.model, after, name), related)
        is_long = isinstance(column, models.TextField)
        pieces = compared_words(was, now) if is_long and was and now else []
        return FieldChange(name, label_of(column), was, now, pieces, is_long)

    def _words(self, column: models.Field, value: Any, related: dict) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if column.remote_field:
            return related.get((column.remote_field.model, value), _("one that is gone"))
        if column.choices:
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(value, datetime):
            return moment_words(value)
        if isinstance(value, date):
            return short_day_words(value, self.today)
        if isinstance(value, time):
            return time_words(value)
        return str(value)

    def _names_in(self, pairs: Iterable[tuple]) -> dict[tuple, str]:
        """What the rows call the things that changed fields point at: one query for each kind of thing."""
        wanted: dict[type, set] = defaultdict(set)
        pointing = [column for column in map(self.model._meta.get_field, self.told) if column.remote_field]
        for row, before in pairs:
            for column in pointing:
                ids = {_value(self.model, row, column.name), _value(self.model, before, column.name)}
                if len(ids) > 1:
                    wanted[column.remote_field.model] |= ids - {None}
        return {
            (model, pk): str(getattr(found, "staff_name", found))
            for model, ids in wanted.items()
            for pk, found in model._base_manager.select_related().in_bulk(ids).items()
        }


def label_of(column: models.Field) -> str:
    """A field's name, as a sentence begins with it."""
    words = str(column.verbose_name)
    return words[:1].upper() + words[1:]


def _value(model: type[models.Model], row, name: str):
    return getattr(row, model._meta.get_field(name).attname)


def _people(rows) -> dict:
    """Everybody who did something in these rows, in one query."""
    model = get_user_model()
    return model._base_manager.in_bulk({by for by in map(_by, rows) if by is not None})


def _by(row) -> int | None:
    said = row.pgh_context.metadata if row.pgh_context else {}
    return said.get("by") or said.get("user")


def _who(row, people: dict) -> str:
    by = _by(row)
    if by is None:
        return _("The hub itself")
    return str(people[by]) if by in people else _("Somebody who is gone")


def _did(row) -> str:
    said = row.pgh_context.metadata if row.pgh_context else {}
    return said.get("did") or (_("wrote it down") if row.pgh_label == "insert" else _("changed it"))


# --- Long texts


def compared_words(was: str, now: str) -> list[Piece]:
    """Two texts as one, word by word: what stayed, what is gone, what is new. Empty when they are too long for it."""
    old, new = re.findall(r"\S+\s*", was), re.findall(r"\S+\s*", now)
    if max(len(old), len(new)) > MOST_WORDS_COMPARED:
        return []
    pieces: list[Piece] = []
    # Words are compared without the white space behind them, so that a line broken elsewhere is no change.
    bare_old, bare_new = [each.strip() for each in old], [each.strip() for each in new]
    for kind, i, j, k, m in SequenceMatcher(None, bare_old, bare_new).get_opcodes():
        if kind == "equal":
            pieces += _shortened(new[k:m], at_start=k == 0, at_end=m == len(new))
            continue
        if j > i:
            pieces.append(Piece("gone", "".join(old[i:j])))
        if m > k:
            pieces.append(Piece("new", "".join(new[k:m])))
    return pieces


def _shortened(words: list[str], *, at_start: bool, at_end: bool) -> list[Piece]:
    """Words that stayed, without the middle of a long stretch."""
    head, tail = (0 if at_start else AROUND), (0 if at_end else AROUND)
    if len(words) <= head + tail + AROUND:
        return [Piece("same", "".join(words))]
    kept = [Piece("same", "".join(words[:head])), Piece("left_out", " … "), Piece("same", "".join(words[-tail:]))]
    if not tail:
        kept.pop()
    return [each for each in kept if each.text]


def put_back_words(model: type[models.Model], names: Iterable[str]) -> str:
    """What was done, for the history: "put back summary and closing date"."""
    labels = [str(model._meta.get_field(name).verbose_name) for name in names]
    if len(labels) > 4:
        return f"put back {len(labels)} fields"
    return Truncator("put back " + ", ".join(labels)).chars(200)
