"""What was sent to be checked before families see it: one row for each, of any kind of record, in one queue.

An app keeps its own table of checks (made from `Sent`), because a check points
at the app's records. It registers the table here, so that the queue of those
who check shows all of them, the longest waiting first.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.constraints import needs, not_blank


class Decision(models.TextChoices):
    """What the person who checked a record decided."""

    APPROVED = "approved", gettext_lazy("Approved")
    CHANGED = "changed", gettext_lazy("Changed, then approved")
    RETURNED = "returned", gettext_lazy("Sent back")


class Sent(models.Model):
    """One record sent to be checked: a whole new one, or changes to one that families see already.

    `values` holds changes that wait, by field, as core/values.py writes them;
    it is empty for a new record, and emptied when it is decided, because the
    record has them then.
    """

    values = models.JSONField(default=dict, blank=True)
    is_change = models.BooleanField(default=False)
    was_changed = models.BooleanField(default=False, help_text=gettext_lazy("The person who checks it has changed it."))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(gettext_lazy("what to change"), blank=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            needs(
                Q(decision=Decision.RETURNED),
                not_blank("reason"),
                name="%(class)s_returned_with_a_reason",
                message=gettext_lazy("Say what to change"),
            ),
            needs(
                ~Q(decision=""),
                Q(decided_at__isnull=False),
                name="%(class)s_decided_at_a_moment",
                message=gettext_lazy("A decision needs its moment"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.get_decision_display() or _('waits')}"

    @staticmethod
    def sent_before(day: date) -> Q:
        """Conditions true of what was sent before a UK day."""
        return Q(sent_at__date__lt=day)

    @property
    def record(self):
        """The record that was sent."""
        raise NotImplementedError

    def decide(self, decision: Decision, *, by, now: datetime, reason: str = "") -> None:
        """Write down what was decided."""
        self.decision, self.decided_by, self.decided_at, self.reason = decision, by, now, reason
        self.save()


def undecided(check: Sent) -> Sent:
    """The check, locked. Raises ValidationError when somebody was faster."""
    check = type(check)._default_manager.select_for_update(of=("self",)).get(pk=check.pk)
    if check.decision or not check.sent_at:
        raise ValidationError(_("Somebody else has decided this a moment ago."))
    return check


def keep_waiting(check: Sent, waiting: dict[str, Any], *, by, sent_at: datetime | None = None) -> None:
    """Write down what waits; nothing is left of it when nothing does."""
    if not waiting:
        if check.pk:
            check.delete()
        return
    if check.sent_at and check.sent_by_id != by.pk:
        check.was_changed = True
    check.values = waiting
    check.sent_at = check.sent_at or sent_at
    check.save()


def mark_of(record, check: Sent | None) -> str:
    """What a form was filled in on: the record, and the changes that wait. Another mark: somebody was faster."""
    if check is None:
        return f"{record.version}.0.0"
    waits = json.dumps(check.values, sort_keys=True, ensure_ascii=False).encode()
    return f"{record.version}.{zlib.crc32(waits):x}.{check.pk}"


# --- The queue


@dataclass(frozen=True)
class Kind:
    """One table of checks, or of records that wait themselves, as the queue needs it: with `sent_at` and `sent_by`."""

    name: str
    waiting: Callable[[], QuerySet]  # what was sent and is not decided, with its record and body read along
    what: Callable[[Any], str | Promise]  # "New consultation", "Changes to what families see"
    page: Callable[[Any], str]  # where it is checked
    record: Callable[[Any], Any] = attrgetter("record")  # what was sent; a record may wait as itself


@dataclass(frozen=True)
class Waits:
    """One thing in the queue."""

    title: str
    organisation: str
    what: str | Promise
    url: str
    sent_at: datetime
    sent_by: Any


_registered: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a table of checks to the queue. Called from an app's ready()."""
    _registered[kind.name] = kind


def tables_waiting() -> list[QuerySet]:
    """What waits, one queryset for each table of checks."""
    return [kind.waiting().order_by() for kind in _registered.values()]


def queue(*, before: date | None = None) -> QuerySet:
    """What waits, as rows of table, number and moment, the longest waiting first; or what was sent `before` a day."""
    parts = [
        kind.waiting()
        .filter(Sent.sent_before(before) if before else Q())
        .order_by()
        .annotate(table=Value(kind.name))
        .values_list("table", "pk", "sent_at")
        for kind in _registered.values()
    ]
    first, *others = parts
    return first.union(*others, all=True).order_by("sent_at", "table", "pk")


def read(rows: Iterable[tuple]) -> list[Waits]:
    """These rows of the queue as it shows them, in their order: one query for each table of checks."""
    rows = list(rows)
    of_kind: dict[str, list[int]] = defaultdict(list)
    for kind, pk, _sent_at in rows:
        of_kind[kind].append(pk)
    found = {
        (name, check.pk): check
        for name, ids in of_kind.items()
        for check in _registered[name].waiting().filter(pk__in=ids)
    }
    return [_shown(_registered[kind], found[kind, pk]) for kind, pk, _sent_at in rows if (kind, pk) in found]


def _shown(kind: Kind, check: Sent) -> Waits:
    record = kind.record(check)
    body = record.organisation.name if record.organisation else ""
    return Waits(record.title, body, kind.what(check), kind.page(check), check.sent_at, check.sent_by)
