"""The words and choices of a listing as plain values (core/values.py), with the rows that stand around it."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.events.models import Event, EventSupport
from consultations.models import Consultation, Support, SupportState
from core import values as core_values
from core.dates import day_words
from core.models import AccessSupport, Method
from core.values import plain, put_lists

Listing: TypeAlias = Consultation | Event

LISTS = ("topics", "audiences", "areas", "consultations")
# Lists of rows around a consultation, which stand for its own columns here.
WAYS, SUPPORTS = "ways", "supports"
# Changes to its documents that wait, each on its own (consultations/writing/papers.py). A listing itself has none.
PAPERS = "papers"

# What a service may change on a published listing without a check: whom to ask (domain.md, section 5).
FREE = frozenset({"contact_name", "contact_phone", "contact_email", "team_mailbox", "deputy", "staff_there"})
# What starts clocks or moves promises has pages of its own once families see it.
DATES = ("opens_on", "closes_on", "closes_at", "planned_for")


def value_of(record: Listing, name: str) -> Any:
    """One field of a listing as a plain value."""
    if name == PAPERS:
        return []
    if name == WAYS:
        rows = record.ways.all() if record.pk else ()
        return [plain_way(row.method_id, row.description, row.url, row.post_by) for row in rows]
    if name == SUPPORTS:
        rows = record.supports.all() if record.pk else ()
        return sorted((_plain_row(row) for row in rows), key=lambda row: row["kind"])
    return core_values.value_of(record, name)


def values_of(record: Listing, names: Iterable[str]) -> dict[str, Any]:
    """Some fields of a listing as plain values, by name."""
    return {name: value_of(record, name) for name in names}


def plain_way(method: int, description: str, url: str, post_by: date | None) -> dict[str, Any]:
    """One way to take part."""
    return {"method": method, "description": description, "url": url, "post_by": plain(post_by)}


def plain_support(kind: int, state: str, ask_by: date | None) -> dict[str, Any]:
    """One kind of help to take part in a consultation: it must be asked for by a day, if at all."""
    return {"kind": kind, "state": state, "ask_by": plain(ask_by)}


def plain_event_support(kind: int, state: str, days_before: int | None) -> dict[str, Any]:
    """One kind of help at an event: it must be asked for some days before each date, if at all."""
    return {"kind": kind, "state": state, "ask_days_before": days_before}


def _plain_row(row: Support | EventSupport) -> dict[str, Any]:
    if isinstance(row, EventSupport):
        return plain_event_support(row.kind_id, row.state, row.ask_days_before)
    return plain_support(row.kind_id, row.state, row.ask_by)


def event_supports(values: dict[str, Any]) -> list[EventSupport] | None:
    """The rows of help at an event that are among some values, not written yet; None when none are."""
    if SUPPORTS not in values:
        return None
    return [
        EventSupport(kind_id=row["kind"], state=row["state"], ask_days_before=row["ask_days_before"])
        for row in values[SUPPORTS]
    ]


def put(record: Listing, values: dict[str, Any]) -> None:
    """Set the columns that are among some values. The caller saves, and writes the rows around them."""
    core_values.put(record, _but_papers(values))


def _but_papers(values: dict[str, Any]) -> dict[str, Any]:
    """What of some values the listing itself has."""
    return {name: value for name, value in values.items() if name != PAPERS}


def put_rows(consultation: Consultation, values: dict[str, Any]) -> None:
    """Write the lists and rows around a consultation that are among some values."""
    put_lists(consultation, _but_papers(values))
    for name in (WAYS, SUPPORTS):
        if name in values:
            core_values.put_rows(consultation, name, values[name])


# --- In words


def title_of(name: str, kind: type[Listing] = Consultation) -> str:
    """What a field of a consultation, or of an event, is called on pages."""
    words = {WAYS: _("Ways to take part"), SUPPORTS: _("Help to take part"), PAPERS: _("Documents")}
    if name in words:
        return words[name]
    return core_values.title_of(name, kind)


def words_of(name: str, value: Any, today: date, kind: type[Listing] = Consultation) -> str:
    """A plain value as people read it. One query where it names rows of a list, none otherwise."""
    if value in (None, "", []):
        return _("Nothing")
    if name == WAYS:
        methods = dict(Method.objects.values_list("pk", "label"))
        return "\n".join(_way_words(row, methods, today) for row in value)
    if name == SUPPORTS:
        kinds = dict(AccessSupport.objects.values_list("pk", "label"))
        return "\n".join(_support_words(row, kinds, today) for row in value)
    return core_values.words_of(name, value, today, kind)


def _way_words(row: dict, methods: dict, today: date) -> str:
    parts = [f"{methods.get(row['method'], '')}: {row['description']}", row["url"]]
    if row["post_by"]:
        parts.append(_("post by %(day)s") % {"day": day_words(date.fromisoformat(row["post_by"]), today)})
    return ", ".join(part for part in parts if part)


def _support_words(row: dict, kinds: dict, today: date) -> str:
    words = f"{kinds.get(row['kind'], '')}: {SupportState(row['state']).label}"
    if row.get("ask_by"):
        words += " " + _("by %(day)s") % {"day": day_words(date.fromisoformat(row["ask_by"]), today)}
    if row.get("ask_days_before"):
        before = ngettext("%(count)d day before", "%(count)d days before", row["ask_days_before"])
        words += ", " + before % {"count": row["ask_days_before"]}
    return words
