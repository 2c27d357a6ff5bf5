"""What keeps the form usable while somebody attacks it: how much is taken in an hour, and what looks like no person.

Nothing that a person may have sent is thrown away in silence. What looks
suspicious waits folded up, so that those who read see the rest first, up to so
many an hour; beyond that whoever sends is told so, and how else to reach us.
Counts are numbers in Redis under keyed hashes, and end with their hour: neither
addresses nor words are kept.
"""

import re
import unicodedata
from datetime import datetime
from enum import Enum, auto

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from core.public_forms import HOUR, count
from feedback.comments.models import Suspicion

# A body longer than this is no comment: 4,000 letters of any script, percent-encoded, with room for the other boxes.
MOST_BYTES = 128 * 1024
# A family, a library or a school behind one address.
AN_HOUR_FROM_ONE_PLACE = 20
# Without suspicion in all. What comes beyond it waits folded up.
AN_HOUR_IN_ALL = 120
# Folded up: what looks like a program, and what only came with very many others.
AN_HOUR_SUSPICIOUS = 100
AN_HOUR_IN_A_FLOOD = 200
# Nobody reads the page, chooses and types in less than so many seconds.
QUICKEST = 2.0
MOST_LINKS = 3

_LINK = re.compile(r"(?:https?|ftp)://|www\.|\[url|<a\s", re.IGNORECASE)
_CODE = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|svg|img|style|meta|form)\b|javascript:|\bon(?:error|load|click)\s*="
    r"|\bunion\s+(?:all\s+)?select\b|;\s*(?:drop|delete|insert|update|alter)\s+|\b(?:drop|alter)\s+table\b"
    r"|'\s*or\s+'?\d'?\s*=\s*'?\d|\{\{.*\}\}|\{%.*%\}|\$\{.*\}",
    re.IGNORECASE,
)
# Joiners and marks of direction are part of how some scripts, and some pictures, are written.
_NEEDED = "\u200c\u200d\u200e\u200f"
# A word processor leaves these behind; and the last of them spell flags. They go, and say nothing of who sent them.
_LEFT_BEHIND = re.compile("[\u00ad\ufeff\U000e0020-\U000e007f]")


def without_hidden(text: str) -> str:
    """A text without what nobody sees: characters that turn it round, empty ones, controls, halves of characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if not _is_hidden(letter))


def had_hidden(text: str) -> bool:
    """Whether somebody put something of the sort in it."""
    return any(_is_hidden(letter) for letter in _LEFT_BEHIND.sub("", text) if letter != "\r")


def _is_hidden(letter: str) -> bool:
    if letter.isascii():
        return (letter < " " and letter not in "\n\t") or letter == "\x7f"
    return letter not in _NEEDED and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co")


def looks_like(text: str, *, hidden: bool, trap: bool, seconds: float) -> Suspicion | None:
    """Why a text may not come from a person who means it; None when nothing speaks against it."""
    if trap:
        return Suspicion.TRAP
    if seconds < QUICKEST:
        return Suspicion.QUICK
    if len(_LINK.findall(text)) > MOST_LINKS:
        return Suspicion.LINKS
    if _CODE.search(text):
        return Suspicion.CODE
    return Suspicion.HIDDEN if hidden else None


class Answer(Enum):
    """Whether a comment is taken."""

    YES = auto()
    TOO_MANY = auto()  # whoever sends it is told


def ask(request: HttpRequest, *, text: str, suspicion: Suspicion | None, now: datetime) -> tuple[Answer, str]:
    """Count one comment. Whether it is taken, and why it waits folded up; empty when it does not."""
    hour = int(now.timestamp()) // HOUR
    if suspicion is None:
        words = salted_hmac("comments.words", " ".join(text.casefold().split())).hexdigest()[:24]
        place = salted_hmac("comments.place", get_adapter().get_client_ip(request)).hexdigest()[:24]
        if count(f"comments:words:{words}", 2 * HOUR) > 1:
            suspicion = Suspicion.SAME
        elif count(f"comments:place:{place}:{hour}", 2 * HOUR) > AN_HOUR_FROM_ONE_PLACE:
            suspicion = Suspicion.PLACE
        elif count(f"comments:all:{hour}", 2 * HOUR) > AN_HOUR_IN_ALL:
            suspicion = Suspicion.FLOOD
    if suspicion is None:
        return Answer.YES, ""
    flood = suspicion == Suspicion.FLOOD
    name, most = ("flood", AN_HOUR_IN_A_FLOOD) if flood else ("suspicious", AN_HOUR_SUSPICIOUS)
    taken = count(f"comments:{name}:{hour}", 2 * HOUR) <= most
    return (Answer.YES if taken else Answer.TOO_MANY), suspicion.value
