"""Searches that found nothing, kept so that nobody can be told from them.

People type names, addresses and telephone numbers into a search box. So a
search is kept only when it is a few plain words, and its words only when it
was made on three different days: until then the hub holds no more than a scrambled
mark of it, to know it again. Nothing says who searched, or at what time. A mark
goes after a month, words after half a year (settings.KEEP_DAYS).
"""

import re
from datetime import date, datetime

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.models import FruitlessSearch

log = structlog.get_logger(__name__)

# On so many different days a search is made before its words are kept.
DAYS = 3
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


def forget_marks(before: datetime, limit: int) -> int:
    """Forget up to so many marks that were last seen before a day. How many went."""
    return _forget(FruitlessSearch.objects.filter(words=""), before, limit)


def forget_words(before: datetime, limit: int) -> int:
    """Forget up to so many words that were last asked for before a day. How many went."""
    return _forget(FruitlessSearch.objects.exclude(words=""), before, limit)


def _forget(searches: QuerySet, before: datetime, limit: int) -> int:
    old = searches.filter(last_on__lt=timezone.localdate(before)).order_by("last_on").values("pk")[:limit]
    gone, _by_model = FruitlessSearch.objects.filter(pk__in=old).delete()
    return gone
