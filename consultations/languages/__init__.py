"""The words of the key-facts card in families' own languages: one file for each language, beside this one.

A language is added by adding a file. Each has every word that the others
have, which a test checks; the pages around the card stay in English.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Language:
    """One language a card is written in."""

    code: str  # as in the address and in lang=""
    name: str  # in itself
    english_name: str
    direction: str  # ltr or rtl
    words: dict[str, Any]

    def __getitem__(self, word: str) -> str:
        """One of its words, by the key that is the same in every language."""
        return self.words[word]

    def stage(self, stage: str) -> str:
        """How far something has got."""
        return self.words["stages"][stage]

    def day(self, day: date) -> str:
        """A day in words, with its weekday and year."""
        return self.words["day"].format(
            weekday=self.words["weekdays"][day.weekday()],
            day=day.day,
            month=self.words["months"][day.month - 1],
            year=day.year,
        )


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """Every language there is a file for, by its code."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
        about = {name: words.pop(name) for name in ("code", "name", "english_name", "direction")}
        found[about["code"]] = Language(**about, words=words)
    return found


class LanguageConverter:
    """The code of a language there is a card in, as the first part of an address."""

    regex = "[a-z]{2,3}"

    def to_python(self, value: str) -> Language:
        """The language; no address of ours when there is none of that code."""
        try:
            return languages()[value]
        except KeyError:
            raise ValueError(value) from None

    def to_url(self, value: Language | str) -> str:
        """Its code."""
        return value if isinstance(value, str) else value.code
