"""A pack for passing a listing on: a poster with a code to photograph, words for a newsletter, and a text message.

Made from the listing each time, so that it says what the page says. Knows nothing of what is listed.
"""

import re
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import quote

import segno
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

NEWSLETTER_WORDS = 50
TEXT_CHARACTERS = 160
# A title with more letters than this takes so much of a poster that some of the rest has to go.
LONG_TITLE = 90
# What an old phone cannot write in a short message, and what it can: one such letter halves the room (GSM 03.38).
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "})


@dataclass(frozen=True)
class Pack:
    """What is said of one listing to somebody who has not seen it."""

    title: str
    path: str  # its page, without the host
    opening: str  # "Have your say:", "Come along:"
    when: str  # until when, or when it takes place, without a full stop
    summary: str
    phone: str = ""
    service: str = ""
    facts: list[tuple[str, list[str]]] = field(default_factory=list)  # questions and answers on the poster

    @property
    def has_long_title(self) -> bool:
        """Whether the title leaves little room on a poster."""
        return len(self.title) > LONG_TITLE

    @property
    def url(self) -> str:
        """Its page, with the host."""
        return settings.HUB_BASE_URL + self.path

    @property
    def short_url(self) -> str:
        """Its page as somebody types it."""
        return self.url.partition("://")[2].rstrip("/")

    @property
    def newsletter(self) -> str:
        """At most 50 words: what, until when, how; and as many whole sentences of the summary as there is room for."""
        first = f"{self.opening} {_ended(self.title)}"
        last = [_ended(self.when), _("Find out more: %(url)s") % {"url": self.url}]
        if self.phone:
            last[-1] += " " + _("or ring %(phone)s.") % {"phone": self.phone}
        room = NEWSLETTER_WORDS - sum(_count(part) for part in (first, *last))
        kept = []
        for sentence in re.findall(r"[^.!?]+[.!?]*\s*", " ".join(self.summary.split())):
            room -= _count(sentence)
            if room < 0:
                break
            kept.append(sentence.strip())
        return " ".join(part for part in (first, *kept, *last) if part)

    @property
    def text_message(self) -> str:
        """At most 160 characters, as long as the address leaves room for a title at all."""
        whole = f"{self.opening} {_ended(self.title)} {_ended(self.when)} {self.url}"
        plain = re.sub(r"\s+", " ", whole.translate(_PLAIN))
        over = len(plain) - TEXT_CHARACTERS
        if over <= 0:
            return plain
        title = self.title.translate(_PLAIN)
        shorter = title[: max(len(title) - over - 3, 0)].rpartition(" ")[0].rstrip(",;:- ")
        words = f"{self.opening} {shorter}... {_ended(self.when)} {self.url}" if shorter else f"{self.title} {self.url}"
        return re.sub(r"\s+", " ", words.translate(_PLAIN))

    @property
    def mail_address(self) -> str:
        """A link that opens the device's own mail program with the words in it. Nothing is sent from here."""
        body = f"{self.newsletter}\n"
        return f"mailto:?subject={quote(self.title)}&body={quote(body)}"

    @property
    def sms_address(self) -> str:
        """A link that opens the phone's own messages with the words in them."""
        return f"sms:?&body={quote(self.text_message)}"


def square_code(url: str) -> HttpResponse:
    """A code to photograph that opens the address, as a picture that can be printed at any size."""
    picture = BytesIO()
    segno.make(url, error="m", micro=False).save(
        picture, kind="svg", scale=8, border=4, svgclass=None, lineclass=None, light="#fff", xmldecl=False
    )
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


def _ended(sentence: str) -> str:
    """The sentence with something at its end."""
    sentence = sentence.strip()
    return sentence if not sentence or sentence[-1] in ".!?" else f"{sentence}."


def _count(words: str) -> int:
    return len(words.split())
