"""The past of a record in sentences, read from the rows that database triggers keep (core/history.py)."""

import json
import re
from collections import Counter, defaultdict
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
from core.models import ListChange
from core.values import plain

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
    """One field that changed: what it said, and what it says now, in words. Empty words are no value.

    Of a list it is what was taken out, and what was put in; what stayed is not told.
    """

    name: str
    label: str
    was: str
    now: str
    pieces: list[Piece] = field(default_factory=list)
    is_long: bool = False
    is_list: bool = False

    @property
    def sentence(self) -> str:
        """ "Closing date: from 3 March to 10 March"."""
        said = {"label": self.label, "was": self.was, "now": self.now}
        if self.is_list and not self.was:
            return _("%(label)s: added %(now)s") % said
        if self.is_list and not self.now:
            return _("%(label)s: taken out %(was)s") % said
        if self.is_list:
            return _("%(label)s: added %(now)s; taken out %(was)s") % said
        if not self.was:
            return _("%(label)s: now %(now)s") % said
        if not self.now:
            return _("%(label)s: taken away; it was %(was)s") % said
        return _("%(label)s: from %(was)s to %(now)s") % said


@dataclass(frozen=True)
class Change:
    """One time that the record was written: when, by whom, what they did, and each field that changed.

    `number` is 0 where only its lists were written: there is no earlier version to go back to.
    """

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
        self.lists: tuple[str, ...] = getattr(self.model, "tracked_lists", ())
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
        lists = self._lists_between(rows, of_page=page)
        names = self._names_in([pair for pair in pairs if pair[1] is not None], lists.values())
        people = _people([*rows, *(change for each in lists.values() for change in each)])
        changes = [
            Change(
                number=row.pgh_id,
                at=row.pgh_created_at,
                who=_who(row, people),
                did=_did(row),
                fields=(
                    self._compared(before, row, self.told, names)
                    + self._lists_told(lists.pop(row.pgh_created_at, []), names)
                    if before is not None
                    else []
                ),
                is_first=before is None and row.pgh_label == "insert",
                is_oldest_kept=before is None,
            )
            for row, before in pairs
        ]
        made = {each.at for each in changes if each.is_first}
        alone = [
            Change(0, at, _who(each[0], people), _did(each[0]), self._lists_told(each, names), False, False)
            for at, each in lists.items()
            if at not in made
        ]
        told = [each for each in alone if each.fields]
        page.object_list = sorted([*changes, *told], key=lambda each: (each.at, each.number), reverse=True)
        return page

    def before(self, number: int) -> models.Model | None:
        """The record as it stood before a change; None when the history keeps nothing from before it."""
        if not self.rows.filter(pgh_id=number).exists():
            return None
        return self.rows.filter(pgh_id__lt=number).first()

    def differing(self, then: models.Model, allowed: Iterable[str]) -> list[FieldChange]:
        """What putting the record back to how it stood `then` would change, of the fields that may be put back."""
        names = [name for name in allowed if name in self.told]
        undone = [each for each in self._lists_since(then) if each.name in allowed]
        related = self._names_in([(then, self.record)], [undone])
        return self._compared(self.record, then, names, related) + self._lists_told(undone, related, undone=True)

    def list_then(self, then: models.Model, name: str) -> list:
        """What was in a list when the record stood as it did `then`: ids of terms, or rows as plain values."""
        there = Counter({_frozen(each): 1 for each in self._list_now(name)})
        for change in self._lists_since(then):
            if change.name == name:
                there[_frozen(change.item)] += -1 if change.added else 1
        return [json.loads(item) for item, count in there.items() if count > 0]

    # --- Lists around the record

    def _list_changes(self) -> models.QuerySet:
        about = ListChange.objects.filter(of=self.model._meta.db_table, record_id=self.record.pk)
        return about.select_related("context")

    def _lists_between(self, rows: list, *, of_page: Page) -> dict[datetime, list[ListChange]]:
        """What changed in the lists in the time that a page of rows tells of, by the moment."""
        if not self.lists or not rows:
            return {}
        found = self._list_changes()
        if len(rows) > PER_PAGE:
            found = found.filter(at__gt=rows[-1].pgh_created_at)
        if of_page.has_previous():
            found = found.filter(at__lte=rows[0].pgh_created_at)
        by_moment = defaultdict(list)
        for change in found:
            by_moment[change.at].append(change)
        return by_moment

    def _lists_since(self, then: models.Model) -> list[ListChange]:
        """What has changed in the lists since the record stood as it did `then`."""
        after = self.rows.filter(pgh_id__gt=then.pgh_id).last()
        return list(self._list_changes().filter(at__gte=after.pgh_created_at)) if self.lists and after else []

    def _list_now(self, name: str) -> list:
        field = self.model._meta.get_field(name)
        rows = getattr(self.record, name).order_by("pk")
        if field.many_to_many:
            return list(rows.values_list("pk", flat=True))
        columns = [each.attname for each in _row_columns(self.model, name)]
        return [{column: plain(row[column]) for column in columns} for row in rows.values(*columns)]

    def _lists_told(self, changes: list[ListChange], related: dict, *, undone: bool = False) -> list[FieldChange]:
        """What was put into each list and taken out of it; the other way round where it is `undone`."""
        told = []
        for name in self.lists:
            counts = _net(each for each in changes if each.name == name)
            if undone:
                counts = Counter({item: -count for item, count in counts.items()})
            words = {item: self._item_words(name, json.loads(item), related) for item in counts}
            now, was = ([words[item] for item, by in counts.items() if by * way > 0] for way in (1, -1))
            if now or was:
                label = capitalised(list_label(self.model, name))
                told.append(FieldChange(name, label, "; ".join(was), "; ".join(now), is_list=True))
        return told

    def _item_words(self, name: str, item: Any, related: dict) -> str:
        field = self.model._meta.get_field(name)
        if field.many_to_many:
            return related.get((field.related_model, item), _("one that is gone"))
        parts = [
            self._words(column, column.to_python(item[column.attname]), related)
            for column in _row_columns(self.model, name)
            if item.get(column.attname) not in (None, "")
        ]
        return ", ".join(parts)

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

    def _names_in(self, pairs: Iterable[tuple], lists: Iterable[Iterable[ListChange]] = ()) -> dict[tuple, str]:
        """What the things are called that changed fields and lists point at: one query for each kind of thing."""
        wanted: dict[type, set] = defaultdict(set)
        pointing = [column for column in map(self.model._meta.get_field, self.told) if column.remote_field]
        for row, before in pairs:
            for column in pointing:
                ids = {_value(self.model, row, column.name), _value(self.model, before, column.name)}
                if len(ids) > 1:
                    wanted[column.remote_field.model] |= ids - {None}
        for change in (change for each in lists for change in each):
            field = self.model._meta.get_field(change.name)
            if field.many_to_many:
                wanted[field.related_model].add(change.item)
                continue
            for column in _row_columns(self.model, change.name):
                if column.remote_field:
                    wanted[column.remote_field.model].add(change.item[column.attname])
        return {
            (model, pk): str(getattr(found, "staff_name", found))
            for model, ids in wanted.items()
            for pk, found in model._base_manager.select_related().in_bulk(ids).items()
        }


def label_of(column: models.Field) -> str:
    """A field's name, as a sentence begins with it."""
    return capitalised(str(column.verbose_name))


def list_label(model: type[models.Model], name: str) -> str:
    """What a list of a record, or another of its fields, is called within a sentence."""
    field = model._meta.get_field(name)
    return str(field.related_model._meta.verbose_name_plural if field.one_to_many else field.verbose_name)


def capitalised(words: str) -> str:
    """Words as a sentence begins with them."""
    return words[:1].upper() + words[1:]


def _row_columns(model: type[models.Model], name: str) -> list[models.Field]:
    """The columns of the rows that make up a list, without those that only say whose row it is and where it stands."""
    relation = model._meta.get_field(name)
    aside = {"id", "position", relation.field.name}
    return [column for column in relation.related_model._meta.concrete_fields if column.name not in aside]


def _frozen(item: Any) -> str:
    """What is in a list, so that two can be compared. Where it stands in the list makes no difference."""
    bare = {name: value for name, value in item.items() if name != "position"} if isinstance(item, dict) else item
    return json.dumps(bare, sort_keys=True)


def _net(changes: Iterable[ListChange]) -> Counter:
    """How often each thing was put in, less how often it was taken out."""
    counts: Counter = Counter()
    for change in changes:
        counts[_frozen(change.item)] += 1 if change.added else -1
    return counts


def _value(model: type[models.Model], row, name: str):
    return getattr(row, model._meta.get_field(name).attname)


def _people(rows) -> dict:
    """Everybody who did something in these rows, in one query."""
    model = get_user_model()
    return model._base_manager.in_bulk({by for by in map(_by, rows) if by is not None})


def _by(row) -> int | None:
    said = _said(row)
    return said.get("by") or said.get("user")


def _said(row) -> dict:
    context = row.context if isinstance(row, ListChange) else row.pgh_context
    return context.metadata if context else {}


def _who(row, people: dict) -> str:
    by = _by(row)
    if by is None:
        return _("The hub itself")
    return str(people[by]) if by in people else _("Somebody who is gone")


def _did(row) -> str:
    wrote = not isinstance(row, ListChange) and row.pgh_label == "insert"
    return _said(row).get("did") or (_("wrote it down") if wrote else _("changed it"))


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
    labels = [list_label(model, name) for name in names]
    if len(labels) > 4:
        return f"put back {len(labels)} fields"
    return Truncator("put back " + ", ".join(labels)).chars(200)
