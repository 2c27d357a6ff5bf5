"""The demo's dates: days counted from the day it is loaded, in fields and in sentences."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from core.dates import day_words, last_working_day, next_working_day, short_day_words

# "{+11}" is a day, "{+11 long}" has its weekday, "{+11 saturday}" is the Saturday after it. "{year+1}", "{month+2}"
# and "{season+3}" count from today's.
_WORDS = re.compile(r"\{(?:(?P<day>[+-]\d+)(?P<how> long| saturday)?|(?P<what>year|month|season)(?P<shift>[+-]\d+)?)\}")
_MEETINGS = ("decision_on", "decided_on")
_STILL_TO_COME = ("due_on", "next_update_on", "new_date", "next_on")
_SEASONS = ("winter", "spring", "summer", "autumn")


@dataclass(frozen=True)
class Calendar:
    """Turns the demo's numbers into dates. Day 0 is the day it is loaded; minus is the past."""

    today: date

    def day(self, count: int) -> date:
        """The day that is `count` days from the day of loading."""
        return self.today + timedelta(days=count)

    def working(self, count: int) -> date:
        """The nearest day the council works, never on the other side of today: meetings are not on Sundays."""
        day = self.day(count)
        return next_working_day(day) if count >= 0 else last_working_day(day)

    def morning(self, count: int, minute: int = 0) -> datetime:
        """A moment on the morning of a day, for when something was published."""
        moment = datetime.combine(self.day(count), time(9 + minute // 60 % 3, minute % 60))
        return timezone.make_aware(moment, timezone.get_default_timezone())

    def dated(self, facts: dict) -> dict:
        """The same facts, with each number in a date field (`..._on`, `..._by`, `new_date`) turned into its day."""
        return {
            name: self._date(name, value)
            if isinstance(value, int) and (name.endswith(("_on", "_by")) or name == "new_date")
            else value
            for name, value in facts.items()
        }

    def _date(self, name: str, count: int) -> date:
        # What is still to come is on a working day, as the sentences say it; how late something is stays as written.
        on_working_day = name in _MEETINGS or (name in _STILL_TO_COME and count >= 0)
        return self.working(count) if on_working_day else self.day(count)

    def told(self, text):
        """The same text, or list or mapping of texts, with its marked days and years in words."""
        if isinstance(text, str):
            return _WORDS.sub(self._words, text)
        if isinstance(text, dict):
            return {name: self.told(each) for name, each in text.items()}
        if isinstance(text, list):
            return [self.told(each) for each in text]
        return text

    def _words(self, match: re.Match) -> str:
        if match["day"]:
            count = int(match["day"])
            if match["how"] == " saturday":
                return day_words(self.day(count) + timedelta(days=(5 - self.day(count).weekday()) % 7), self.today)
            words = day_words if match["how"] else short_day_words
            return words(self.working(count), self.today)
        shift = int(match["shift"] or 0)
        if match["what"] == "year":
            return str(self.today.year + shift)
        if match["what"] == "month":
            months = self.today.year * 12 + self.today.month - 1 + shift
            return date_format(date(months // 12, months % 12 + 1, 1), "F Y")
        # December belongs to the winter that ends in the next year.
        seasons = (self.today.year * 12 + self.today.month) // 3 + shift
        year, season = divmod(seasons, 4)
        if season == 0:
            return f"winter {year - 1}–{year % 100:02d}"
        return f"{_SEASONS[season]} {year}"
