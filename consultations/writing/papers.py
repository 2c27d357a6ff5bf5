"""Changes to the documents of a published consultation that wait until somebody has checked them.

Each is a row of plain values among the changes that wait, about one paper:
new, changed, or to be taken away. They are put in one by one, so that what
others do to other papers meanwhile stays.
"""

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from consultations.actions import DOCUMENTS, MOST_DOCUMENTS
from consultations.listing import document_facts
from consultations.models import Consultation, Document
from consultations.writing.models import Check
from consultations.writing.values import PAPERS
from core import uploads
from core.models import Format

ADD, CHANGE, REMOVE = "add", "change", "remove"
FACTS = ("title", "format_id", "language", "url", "stored", "file_type", "size_kb", "pages", "other_formats")
# In place of the number of a paper that is there already.
_NEW = "n"


def key_of(document: Document) -> str:
    """By what a waiting change to a paper is known."""
    return f"p{document.pk}"


def new_key() -> str:
    """By what a paper is known that is not there yet."""
    return _NEW + secrets.token_hex(4)


def rows_of(check: Check | None) -> dict[str, dict[str, Any]]:
    """The changes to papers that wait, by key, in the order in which they came."""
    return {row["key"]: row for row in (check.values.get(PAPERS, []) if check else [])}


def row_of(key: str, do: str, document: Document) -> dict[str, Any]:
    """A waiting change to a paper, as plain values. `document` is the paper as it would be."""
    return {"key": key, "do": do} | {name: getattr(document, name) for name in FACTS}


def as_document(row: dict[str, Any], consultation: Consultation) -> Document:
    """The paper as it would be. It is not in the database."""
    return Document(consultation=consultation, **{name: row[name] for name in FACTS})


def check_room(consultation: Consultation, rows: Iterable[dict[str, Any]]) -> None:
    """Raises ValidationError when there would be too many papers."""
    coming = sum({ADD: 1, REMOVE: -1}.get(row["do"], 0) for row in rows)
    if consultation.documents.count() + coming > MOST_DOCUMENTS:
        raise ValidationError(_("There are %(most)d documents already. Remove one first.") % {"most": MOST_DOCUMENTS})


def put_in(consultation: Consultation, rows: list[dict[str, Any]], *, on: date) -> None:
    """Do to the papers what waited. What concerns a paper that is gone by now is nothing to do."""
    check_room(consultation, rows)
    here = {key_of(each): each for each in consultation.documents.all()}
    position = max((each.position for each in here.values()), default=-1)
    for row in rows:
        document = here.get(row["key"])
        if row["do"] == ADD:
            position += 1
            document = Document(consultation=consultation, position=position, added_on=on)
        if document is None:
            _forget(row["stored"])
            continue
        old = document.stored
        if row["do"] == REMOVE:
            document.delete()
            _forget(old)
            continue
        if old != row["stored"]:
            document.added_on = on
        for name in FACTS:
            setattr(document, name, row[name])
        document.full_clean()
        document.save()
        if old and old != row["stored"]:
            _forget(old)


def forget_files(check: Check, *, but: Iterable[str] = ()) -> None:
    """Delete the files of changes that will not be put in, but for those of papers that are there already."""
    kept = {*but, *check.consultation.documents.values_list("stored", flat=True)} if check.consultation_id else set()
    for row in rows_of(check).values():
        if row["stored"] not in kept:
            _forget(row["stored"])


def _forget(stored: str) -> None:
    if stored:
        transaction.on_commit(lambda: uploads.forget(DOCUMENTS, stored))


# --- In words


def words_now(consultation: Consultation) -> str:
    """The papers as families find them, each on a line."""
    return "\n".join(_line(each) for each in consultation.documents.select_related("format")) or _("Nothing")


def words_then(consultation: Consultation, rows: list[dict[str, Any]]) -> str:
    """What would become of the papers: only those that change, each on a line."""
    formats = Format.objects.in_bulk([row["format_id"] for row in rows])
    said = {
        ADD: _("New: %(paper)s"),
        CHANGE: _("Changed: %(paper)s"),
        REMOVE: _("Taken away: %(paper)s"),
    }
    lines = []
    for row in rows:
        document = as_document(row, consultation)
        document.format = formats[row["format_id"]]
        lines.append(said[row["do"]] % {"paper": _line(document)})
    return "\n".join(lines)


def sentence(rows: list[dict[str, Any]]) -> str:
    """What families could be told about it, to begin with."""
    said = {
        ADD: _("There is a new document: “%(title)s”."),
        CHANGE: _("The document “%(title)s” was changed."),
        REMOVE: _("The document “%(title)s” was taken away."),
    }
    return " ".join(said[row["do"]] % {"title": row["title"]} for row in rows)[:300]


def _line(document: Document) -> str:
    return f"{document.title} ({document_facts(document)})"
