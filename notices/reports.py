"""Reads the letters that mail servers write when a mail does not arrive.

Most are delivery reports with fields for programs (RFC 3464). Some are plain
words: those are judged cautiously, since anybody can write such a letter.
Whatever is not understood is left to a person.
"""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr
from uuid import UUID

from notices.bounces import Bounce, Fate, code_in, fate_of, mail_in

LETTER = "message/rfc822"
HEADERS = ("text/rfc822-headers", "message/rfc822-headers")
# A letter in plain words is looked at this far.
FIRST_WORDS = 20_000


def bounces_in(letter: Message) -> list[Bounce]:
    """What a letter says of mails of ours: one for each address it names. Empty when it is not understood."""
    parts = list(_parts(letter))
    mail = _mail_of(letter, parts)
    if mail is None:
        return []
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            # Groups of fields: one for the report itself, then one for each address.
            return [bounce for block in _within(part) if (bounce := _reported(mail, block))]
    return _in_words(mail, letter, parts)


def _parts(letter: Message) -> Iterator[Message]:
    """Its parts, without those of the mail that it returns: that one may hold a report of its own."""
    yield letter
    if letter.get_content_maintype() == "multipart":
        for part in _within(letter):
            yield from _parts(part)


def _within(part: Message) -> list[Message]:
    inside = part.get_payload()
    return [each for each in inside if isinstance(each, Message)] if isinstance(inside, list) else []


# --- Which mail


def _mail_of(letter: Message, parts: list[Message]) -> UUID | None:
    """The mail of ours that it is about: as the returned mail names itself, else as the letter answers it."""
    for part in parts:
        head = _returned(part)
        if head is not None:
            mail = mail_in(_line(head, "Message-ID"))
            if mail:
                return mail
    for name in ("X-Original-Message-ID", "In-Reply-To", "References"):
        for word in _line(letter, name).split():
            mail = mail_in(word)
            if mail:
                return mail
    named = _NAMED.search(_words(parts))
    return mail_in(named[1]) if named else None


_NAMED = re.compile(r"^\W*Message-ID:\s*(<\S{1,200}>)", re.IGNORECASE | re.MULTILINE)


def _returned(part: Message) -> Message | None:
    """The head of the mail that this part brings back, or None."""
    if part.get_content_type() == LETTER:
        return next(iter(_within(part)), None)
    if part.get_content_type() in HEADERS:
        return HeaderParser().parsestr(_text(part))
    return None


# --- Reports with fields


def _reported(mail: UUID, block: Message) -> Bounce | None:
    code = code_in(_line(block, "Status"))
    if not code or code.endswith(".0.0"):  # as much as "something", where the mail server itself may have said more
        code = code_in(_line(block, "Diagnostic-Code")) or code
    fate = fate_of(_line(block, "Action").lower(), code)
    named = tuple(filter(None, (_address(_line(block, name)) for name in ("Original-Recipient", "Final-Recipient"))))
    return Bounce(mail, fate, code, named) if fate and named else None


def _address(field: str) -> str:
    """The address in "rfc822; jo@example.org"."""
    return field.partition(";")[2].strip().strip("<>")


# --- Letters in words

_MACHINES = re.compile(r"mailer-daemon|postmaster|mail-?delivery|mdaemon", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[a-z0-9.-]{1,253}[a-z0-9]", re.IGNORECASE)


def _in_words(mail: UUID, letter: Message, parts: list[Message]) -> list[Bounce]:
    """A machine's own words with an address and a code: one mail lost at most, or as good as nothing.

    People who are away answer by machine too, from their own address. They are not dead.
    """
    sender = parseaddr(_line(letter, "From"))[1].partition("@")[0]
    if not _MACHINES.fullmatch(sender) or _line(letter, "Auto-Submitted").lower().startswith("auto-replied"):
        return []
    words = _NAMED.split(_words(parts))[0]
    code = code_in(words)
    named = tuple(_ADDRESS.findall(f"{_line(letter, 'X-Failed-Recipients')} {words}"))
    if not code or not named:
        return []
    return [Bounce(mail, Fate.LOST if code.startswith("5") else Fate.DELAYED, code, named)]


def _words(parts: list[Message]) -> str:
    return "\n".join(_text(part) for part in parts if part.get_content_type() == "text/plain")[:FIRST_WORDS]


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else ""


def _line(message: Message, name: str) -> str:
    """A header line in one piece; empty when there is none."""
    return " ".join(str(message.get(name, "")).split())
