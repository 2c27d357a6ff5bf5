"""What stands in a feed, as plain text and dates. Whatever a feed holds was written by strangers.

Citizen Space's list as its public interface 2.x gives it, RSS and Atom, and
iCalendar. Nothing is guessed: a feed that prints no dates gives none.
"""

import html
import io
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time

import feedparser
import icalendar
import nh3
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.sources.models import SourceKind

MOST_ENTRIES = 500
LONGEST_TITLE, LONGEST_TEXT, LONGEST_ID, LONGEST_LINK = 250, 2000, 300, 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ENDS_A_LINE = re.compile(r"<(br|/p|/li|/div|/h\d)\b[^>]*>", re.IGNORECASE)


class Unreadable(ValueError):
    """What came is not what such a source gives."""


@dataclass(frozen=True)
class Entry:
    """One entry of a feed. A consultation has a first and a last day; an event a day and times."""

    external_id: str
    title: str
    text: str = ""
    url: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    starts_at: time | None = None
    ends_at: time | None = None
    place: str = ""
    repeats: str = ""

    @property
    def is_usable(self) -> bool:
        """It can be told from others, and be named."""
        return bool(self.external_id and self.title)


def plain(text, longest: int = LONGEST_TEXT) -> str:
    """The text without tags, scripts, signs that hide or turn words, and more than one empty line."""
    if not isinstance(text, str):
        return ""
    text = _CONTROL.sub("", text)
    bare = html.unescape(nh3.clean(_ENDS_A_LINE.sub("\n", text), tags=set(), clean_content_tags={"script", "style"}))
    bare = _CONTROL.sub("", bare.replace("\r\n", "\n").replace("\xa0", " "))
    lines = [" ".join(line.split()) for line in bare.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:longest].strip()


def one_line(text, longest: int = LONGEST_TITLE) -> str:
    """The same, on one line."""
    return " ".join(plain(text, longest * 4).split())[:longest].strip()


def link(text) -> str:
    """An address of the web, or nothing."""
    text = _CONTROL.sub("", str(text or "")).strip()
    good = re.fullmatch(r"https?://[^\s\"'<>]+", text) and len(text) <= LONGEST_LINK
    return text if good else ""


def read(kind: str, body: bytes) -> list[Entry]:
    """The entries of a feed, each once. Raises Unreadable."""
    entries = _READERS[SourceKind(kind)](body)
    once = {each.external_id: each for each in entries[:MOST_ENTRIES] if each.is_usable}
    return list(once.values())


def _citizen_space(body: bytes) -> list[Entry]:
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(_("What came is not a list from Citizen Space")) from wrong
    if not isinstance(rows, list):
        raise Unreadable(_("What came is not a list from Citizen Space"))
    return [
        Entry(
            # Its number alone is known only within its department.
            external_id=one_line(row.get("url") or row.get("id"), LONGEST_ID),
            title=one_line(row.get("title")),
            text=plain(row.get("overview")),
            url=link(row.get("url")),
            starts_on=_printed_day(row.get("startdate") or row.get("openingdate")),
            ends_on=_printed_day(row.get("enddate") or row.get("closingdate")),
        )
        for row in rows
        if isinstance(row, dict) and row.get("visibility", "public") == "public"
    ]


def _printed_day(text) -> date | None:
    """A day as Citizen Space prints it: 2026/11/26, or with dashes, perhaps with a time behind it."""
    found = re.match(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", str(text or "").strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _feed(body: bytes) -> list[Entry]:
    if b"<!ENTITY" in body.replace(b"\0", b"").upper():
        raise Unreadable(_("The feed holds something that can do harm"))
    # As a file: what stands in it is never taken for an address or a path.
    said = feedparser.parse(io.BytesIO(body), sanitize_html=True, resolve_relative_uris=False)
    if not said.get("version"):
        raise Unreadable(_("What came is not a news feed"))
    return [
        Entry(
            external_id=one_line(each.get("id") or each.get("link"), LONGEST_ID),
            title=one_line(each.get("title")),
            text=plain(each.get("summary")),
            url=link(each.get("link")),
        )
        for each in said.entries
    ]


def _calendar(body: bytes) -> list[Entry]:
    try:
        calendars = icalendar.Calendar.from_ical(body, multiple=True)
        return [_event(each) for calendar in calendars for each in calendar.walk("VEVENT") if _is_whole(each)]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError) as wrong:
        raise Unreadable(_("What came is not a calendar")) from wrong


def _is_whole(event) -> bool:
    """A meeting or a series, with a day: not one date of a series that was moved, nor one that was called off."""
    moved = event.get("RECURRENCE-ID") is not None
    return event.get("DTSTART") is not None and not moved and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _event(event) -> Entry:
    starts, starts_at = _when(event["DTSTART"].dt)
    ends, ends_at = _when(event["DTEND"].dt) if event.get("DTEND") is not None else (starts, None)
    rule = event.get("RRULE")
    return Entry(
        external_id=one_line(str(event.get("UID", "")), LONGEST_ID),
        title=one_line(str(event.get("SUMMARY", ""))),
        text=plain(str(event.get("DESCRIPTION", ""))),
        url=link(event.get("URL")),
        starts_on=starts,
        ends_on=ends,
        starts_at=starts_at,
        ends_at=ends_at if ends == starts and starts_at and ends_at and ends_at > starts_at else None,
        place=one_line(str(event.get("LOCATION", "")), 200),
        repeats=one_line(rule.to_ical().decode(), 200) if hasattr(rule, "to_ical") else "",
    )


def _when(moment: date | datetime) -> tuple[date, time | None]:
    """The day and the time by the UK clock; no time for a whole day."""
    if not isinstance(moment, datetime):
        return moment, None
    if moment.tzinfo:
        moment = timezone.localtime(moment)
    return moment.date(), moment.time().replace(tzinfo=None, microsecond=0)


_READERS = {SourceKind.CITIZEN_SPACE: _citizen_space, SourceKind.FEED: _feed, SourceKind.CALENDAR: _calendar}
