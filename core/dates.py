"""Days as the council and families speak of them: UK days, working days, words."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def today() -> date:
    """The day it is in the UK. Stages change when this does: at midnight, UK time (DESIGN rule 1)."""
    return timezone.localdate()


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    """Whether council offices in England work on `day`: no weekend, no bank holiday."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """`day` itself when it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def last_working_day(day: date) -> date:
    """`day` itself when it is a working day, else the last one before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_days_before(day: date, count: int) -> date:
    """The day so many working days before `day`."""
    for _step in range(count):
        day = last_working_day(day - timedelta(days=1))
    return day


def working_days_after(day: date, count: int) -> date:
    """The day so many working days after `day`."""
    for _step in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def day_words(day: date, today: date | None = None) -> str:
    """The day in words: "Friday 8 April", with the year when it is not this year."""
    this_year = (today or timezone.localdate()).year
    return date_format(day, "l j F" if day.year == this_year else "l j F Y")


def long_day_words(day: date) -> str:
    """ "8 April 2026", with its year: for what is read years later, such as a report."""
    return date_format(day, "j F Y")


def short_day_words(day: date, today: date | None = None) -> str:
    """The day without its weekday: "8 April", with the year when it is not this year."""
    this_year = (today or timezone.localdate()).year
    return date_format(day, "j F" if day.year == this_year else "j F Y")


def day_range_words(opens: date | None, closes: date | None, today: date | None = None) -> str:
    """From when to when, in words; either end may be unknown."""
    if opens and closes:
        return _("%(opens)s to %(closes)s") % {
            "opens": day_words(opens, today),
            "closes": day_words(closes, today),
        }
    if closes:
        return _("until %(closes)s") % {"closes": day_words(closes, today)}
    if opens:
        return _("from %(opens)s") % {"opens": day_words(opens, today)}
    return ""


def time_words(at: time) -> str:
    """A time of day in words: "noon", "5pm", "11:59pm"; midnight is said as 11:59pm of the day it ends."""
    if at == time(12, 0):
        return _("noon")
    if at in (time(0, 0), time(23, 59)):
        return "11:59pm"
    hour = at.hour % 12 or 12
    half = "am" if at.hour < 12 else "pm"
    return f"{hour}{half}" if at.minute == 0 else f"{hour}:{at.minute:02d}{half}"


def moment_words(moment: datetime) -> str:
    """When something happened, by the UK clock: "Friday 8 April, 1:05pm"."""
    local = timezone.localtime(moment)
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    return _("%(day)s, %(time)s") % {"day": day_words(local.date()), "time": f"{hour}:{local.minute:02d}{half}"}
