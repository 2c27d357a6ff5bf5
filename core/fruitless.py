"""Searches that found nothing, kept so that nobody can be told from them.

People type names, addresses and telephone numbers into a search box. So a
search is kept only when it is a few plain words, and its words only when it
was made on three different days within a month: until then the hub holds no
more than a scrambled mark of it, to know it again. Nothing says who searched,
or at what time. What was not asked for half a year is forgotten.
"""

import re
from datetime import date, timedelta

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from core.models import FruitlessSearch

log = structlog.get_logger(__name__)

# On so many different days a search is made before its words are kept.
DAYS = 3
# The days must come within this time, or the mark is forgotten.
MARK_LASTS = timedelta(days=30)
WORDS_LAST = timedelta(days=183)
MOST_WORDS, LONGEST = 5, 50
# New ones on one day: more is a robot.
MOST_A_DAY = 500
_ROBOT = re.compile(r"bot|crawl|spider|slurp|scan", re.IGNORECASE)


def plain(words: str) -> str:
    """The words as they are kept: small letters. Empty for what may not be kept, such as anything with a digit or @."""
    words = " ".join(words.casefold().split())
    parts = words.split()
    letters = all(re.fullmatch(r"[^\W\d_]+(['’-][^\W\d_]+)*", part) for part in parts)
    return words if letters and 0 < len(parts) <= MOST_WORDS and 2 < len(words) <= LONGEST else ""


def note(words: str, day: date, user_agent: str = "") -> None:
    """Count a search that found nothing, once a day. It never fails: a page is worth more than a count."""
    words = plain(words)
    if not words or _ROBOT.search(user_agent):
        return
    mark = salted_hmac("core.fruitless", words, algorithm="sha256").hexdigest()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_NOTE, [mark, day, day, MOST_A_DAY, DAYS, words])
    except DatabaseError:
        log.warning("search_not_counted")


_NOTE = """
    INSERT INTO core_fruitlesssearch AS kept (mark, words, days, last_on)
    SELECT %s, '', 1, %s WHERE (SELECT count(*) FROM core_fruitlesssearch WHERE last_on = %s) < %s
    ON CONFLICT (mark) DO UPDATE
    SET days = kept.days + 1, last_on = excluded.last_on,
        words = CASE WHEN kept.days + 1 >= %s THEN %s ELSE '' END
    WHERE kept.last_on < excluded.last_on
"""


def forget(day: date) -> int:
    """Forget marks that were not seen for a month and words that were not asked for half a year. How many went."""
    old = Q(words="", last_on__lt=day - MARK_LASTS) | Q(last_on__lt=day - WORDS_LAST)
    gone, _by_model = FruitlessSearch.objects.filter(old).delete()
    return gone
