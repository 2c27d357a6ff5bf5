"""The kinds of records that staff can watch, keep notes on, or say of that they are still right.

An app registers its own, so that pages about any record need not know what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from core.permissions import Permission


@dataclass(frozen=True)
class Kind:
    """One kind of record, as pages about any of them need it."""

    name: str  # in addresses, and beside the number of a record
    label: str | Promise
    model: type[Model]
    edit: Permission  # about one record: who may change it, and so read the notes on it
    visible_to: Callable[[Any], QuerySet]  # what a person may see
    page: Callable[[Any], str]  # its page for staff
    history: type[Model] | None = None  # what keeps its changes: it can be watched
    editable_by: Callable[[Any], QuerySet] | None = None  # what a person may change: it takes notes and labels
    is_checked: bool = False  # somebody says from time to time that it is still right
    change: Callable[[Any], str] = lambda record: ""  # the form that changes it, where there is one
    past: Callable[[Any], str] = lambda record: ""  # the page of all its changes, where there is one

    def can_be_watched(self) -> bool:
        """Whether its changes are kept."""
        return self.history is not None

    def takes_notes(self) -> bool:
        """Whether staff keep notes and labels on it."""
        return self.editable_by is not None


_registered: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind of record. Called from an app's ready()."""
    _registered[kind.name] = kind


def kinds() -> dict[str, Kind]:
    """Every kind, by name."""
    return dict(_registered)


def address(name: str, *args, otherwise: str) -> str:
    """The address of a named page, or another one in a hub without that page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return otherwise
