"""How long what is listed counts as true without anybody looking (settings.CHECK_AGAIN_AFTER_DAYS)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import day_words
from core.timeline import Begins, Timeline


class Freshness(TextChoices):
    """Whether somebody has looked at a record lately. What has no day to be checked by stays fresh."""

    FRESH = "fresh", gettext_lazy("Checked")
    STALE = "stale", gettext_lazy("Not checked lately")


# The day by which it is to be checked counts in full.
TIMELINE = Timeline(before=Freshness.FRESH, begins=(Begins(Freshness.STALE, "review_by", timedelta(days=1)),))


def looked_at(record, kind: str, *, on: date) -> None:
    """Note that somebody has looked at a record, and by when it is looked at again. The caller saves."""
    record.checked_on, record.review_by = on, on + timedelta(days=settings.CHECK_AGAIN_AFTER_DAYS[kind])


def not_checked_words(record, day: date) -> str:
    """ "Not checked since Friday 8 April", for families; empty while it counts as checked."""
    if TIMELINE.of(record, day) != Freshness.STALE:
        return ""
    if record.checked_on is None:
        return _("Nobody has checked this lately. Ask before you rely on it.")
    words = _("Not checked since %(day)s. Ask before you rely on it.")
    return words % {"day": day_words(record.checked_on, day)}


@dataclass(frozen=True)
class Checked:
    """A kind of record that somebody has to check from time to time, as the list of what is out of date needs it.

    It has a slug, the two dates of core.publishing, and the columns named here.
    """

    name: str  # as in core/records.py
    rows: Callable[[date], QuerySet]  # what families are shown on a day and somebody has to check
    theirs: Callable[[Any], Q]  # those of the bodies that the person writes for, and what they own
    title: str = "title"
    service: str = "organisation__name"  # empty where it is a service itself


_registered: dict[str, Checked] = {}


def register(checked: Checked) -> None:
    """Add a kind of record. Called from an app's ready()."""
    _registered[checked.name] = checked


def checked_kinds() -> list[Checked]:
    """Every kind, in the order of the apps."""
    return list(_registered.values())
