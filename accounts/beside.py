"""What staff keep beside a record of any kind: private notes, labels, and who keeps an eye on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext as _

from accounts.models import Note, RecordLabel, User, Watch
from core.records import Kind, kinds

# So many notes stand on the record's own page; its page of notes has all of them.
NOTES_SHOWN = 3
LABELS_SUGGESTED = 50


@dataclass(frozen=True)
class Beside:
    """What stands beside one record on its page for staff."""

    kind: Kind
    record: Any
    is_watched: bool
    notes: Sequence[Note] = field(default_factory=list)
    more_notes: bool = False
    labels: Sequence[RecordLabel] = field(default_factory=list)


def beside(user, name: str, record) -> Beside:
    """What stands beside a record, for somebody who may change it. Three queries at most."""
    kind = kinds()[name]
    about = {"kind": name, "record_id": record.pk}
    is_watched = Watch.objects.filter(user=user, **about).exists()
    if not kind.takes_notes():
        return Beside(kind, record, is_watched)
    notes = list(Note.objects.filter(**about).select_related("author")[: NOTES_SHOWN + 1])
    labels = list(RecordLabel.objects.filter(**about))
    return Beside(kind, record, is_watched, notes[:NOTES_SHOWN], len(notes) > NOTES_SHOWN, labels)


class NotesBeside:
    """A view of one record for staff, whose page includes `accounts/desk/_notes.html` or `_watch.html`."""

    record_kind: str
    request: Any

    @property
    def record(self) -> Any:
        """The record that the page is about, which this person may change."""
        raise NotImplementedError

    def get_context_data(self, **kwargs) -> dict:
        """With what stands beside it, as `beside`."""
        shown = beside(self.request.user, self.record_kind, self.record)
        return super().get_context_data(beside=shown, **kwargs)  # type: ignore[misc]


# Watching


@dataclass(frozen=True)
class Change:
    """The newest change of a record: when, by whom, and what they did."""

    at: datetime
    did: str
    who: str


@dataclass(frozen=True)
class Watched:
    """One record that somebody watches. It has none when they may not see it any more."""

    watch: Watch
    label: str
    record: Any = None
    url: str = ""
    past_url: str = ""
    change: Change | None = None


def watched_by(user) -> QuerySet:
    """What somebody watches, the newest change first."""
    newest = (
        When(kind=name, then=Subquery(
            kind.history._default_manager.filter(pgh_obj_id=OuterRef("record_id"))
            .order_by("-pgh_id").values("pgh_created_at")[:1]
        ))
        for name, kind in kinds().items() if kind.history is not None
    )  # fmt: skip
    changed_at = Case(*newest, output_field=DateTimeField())
    return Watch.objects.filter(user=user).annotate(changed_at=changed_at).order_by(
        F("changed_at").desc(nulls_last=True), "-pk"
    )  # fmt: skip


def with_changes(watches: Iterable[Watch], user) -> list[Watched]:
    """Each with its record and its newest change: two queries for each kind among them, and one for all names."""
    watches = list(watches)
    records, changes = {}, {}
    for name, kind in kinds().items():
        ids = [watch.record_id for watch in watches if watch.kind == name]
        if not ids or kind.history is None:
            continue
        for record in kind.visible_to(user).filter(pk__in=ids).defer("search"):
            records[name, record.pk] = record
        rows = kind.history._default_manager.filter(pgh_obj_id__in=ids).select_related("pgh_context")
        newest = rows.only("pgh_obj_id", "pgh_created_at", "pgh_context__metadata")
        for row in newest.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id"):
            changes[name, row.pgh_obj_id] = (row.pgh_created_at, row.pgh_context.metadata if row.pgh_context else {})
    by = {said.get("by") for _at, said in changes.values()} - {None}
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=by)} if by else {}
    found = []
    for watch in watches:
        key, kind = (watch.kind, watch.record_id), kinds().get(watch.kind)
        record = records.get(key)
        if kind is None or record is None:
            found.append(Watched(watch, label=str(kind.label) if kind else ""))
            continue
        change = None
        if key in changes:
            at, said = changes[key]
            change = Change(at, said.get("did") or _("changed it"), names.get(said.get("by"), ""))
        found.append(Watched(watch, str(kind.label), record, kind.page(record), kind.past(record), change))
    return found


def pass_on_watches(user, to) -> None:
    """Have somebody else watch what this person watched, as far as they may see it. This one watches nothing more."""
    theirs = Watch.objects.filter(user=user)
    for name, kind in kinds().items():
        if to is not None and kind.can_be_watched():
            ids = theirs.filter(kind=name).values("record_id")
            seen = kind.visible_to(to).filter(pk__in=ids).values_list("pk", flat=True)
            Watch.objects.bulk_create([Watch(user=to, kind=name, record_id=pk) for pk in seen], ignore_conflicts=True)
    theirs.delete()


# Labels


def within_reach(user) -> Q:
    """Conditions true of the labels on records that the person may change."""
    found = Q(pk__in=[])
    for name, kind in kinds().items():
        if kind.editable_by is not None:
            found |= Q(kind=name, record_id__in=kind.editable_by(user).values("pk"))
    return found


def labels_of(user) -> QuerySet:
    """The labels in use within somebody's reach, each with on how many records it stands."""
    rows = RecordLabel.objects.filter(within_reach(user)).order_by()
    return rows.values("words").annotate(count=Count("pk")).order_by("words")


def suggestions(user) -> list[str]:
    """The labels that are used most within somebody's reach, to be used again."""
    return list(labels_of(user).order_by("-count", "words").values_list("words", flat=True)[:LABELS_SUGGESTED])


def records_labelled(rows: Iterable[RecordLabel]) -> list[tuple[Kind, Any]]:
    """The records that labels stand on, in the same order. One query for each kind among them."""
    rows = list(rows)
    records = {}
    for name in {row.kind for row in rows}:
        ids = [row.record_id for row in rows if row.kind == name]
        labelled = kinds()[name].model._default_manager.filter(pk__in=ids)
        records |= {(name, each.pk): each for each in labelled.select_related("organisation").defer("search")}
    return [(kinds()[row.kind], records[row.kind, row.record_id]) for row in rows]
