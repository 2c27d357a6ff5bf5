"""How long the hub keeps what it holds about people, and the night's work that lets go of the rest.

Each app registers what it holds in its retention.py; for how many days is in
settings.KEEP_DAYS (UK GDPR article 5(1)(e): no longer than is necessary). What
went is written down as counts and nothing else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pghistory.models import Context, Event

from core import fruitless, incoming
from core.models import Forgotten, ListChange, PreviewLink

log = structlog.get_logger(__name__)

# What goes in one transaction, in rows: nobody waits long for it, and little is done again after a power cut.
BATCH = 5_000
# A pass that comes this far has met something that does not go away.
MOST_BATCHES = 10_000
# Only one worker lets go of things at a time.
LOCK = 2_018_0523
# What was erased because somebody asked stands among the counts under this name.
ASKED_FOR = "asked-for"


@dataclass(frozen=True)
class Keeping:
    """One kind of thing that the hub holds about people, and lets go of after a time."""

    name: str  # its name in settings.KEEP_DAYS
    what: str | Promise  # what goes, for whoever asks how long it is kept
    since: str | Promise  # from when the days count
    # Let go of up to so many that were over at a moment, in the caller's transaction. How many those were.
    forget: Callable[[datetime, int], int]

    @property
    def days(self) -> int:
        """For how many days it is kept."""
        return settings.KEEP_DAYS[self.name]

    @property
    def words(self) -> str:
        """For how long it is kept, in words."""
        return days_words(self.days)


_registered: dict[str, Keeping] = {}


def register(*kept: Keeping) -> None:
    """Add what an app holds. Called from its retention.py."""
    _registered.update({each.name: each for each in kept})


def keepings() -> list[Keeping]:
    """Everything that is let go of after a time, the shortest first."""
    autodiscover_modules("retention")
    return sorted(_registered.values(), key=lambda each: (each.days, each.name))


def days_words(days: int) -> str:
    """So many days, as people say it: days, then months, then years."""
    if days == 0:
        return _("not at all")
    if days < 61:
        return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
    if days < 700 and days != 365:
        months = round(days / 30.44)
        return ngettext("%(number)d month", "%(number)d months", months) % {"number": months}
    years = round(days / 365.25)
    return ngettext("%(number)d year", "%(number)d years", years) % {"number": years}


def let_go(now: datetime, *, only: Iterable[str] = ()) -> dict[str, int]:
    """Let go of everything whose time is over, or of some kinds `only`. Returns how many rows went, by name.

    Each batch is a transaction of its own and holds its own count, so that
    whoever is interrupted loses nothing, and the next run goes on from there.
    """
    wanted = set(only)
    went = {}
    for keeping in keepings():
        if not wanted or keeping.name in wanted:
            went[keeping.name] = _let_go_of(keeping, now)
    log.info("let_go", rows=sum(went.values()))
    return went


def _let_go_of(keeping: Keeping, now: datetime) -> int:
    before, went = now - timedelta(days=keeping.days), 0
    for _batch in range(MOST_BATCHES):
        with transaction.atomic():
            if not _is_our_turn():
                return went
            gone = keeping.forget(before, BATCH)
            note(keeping.name, gone, day=timezone.localdate(now))
        went += gone
        if gone < BATCH:
            return went
    log.error("does_not_go_away", kept=keeping.name)
    return went


def _is_our_turn() -> bool:
    """Whether no other worker lets go of things at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def note(name: str, rows: int, *, day: date) -> None:
    """Write down that so many rows went on a day."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Forgotten._meta.db_table} AS kept (day, what, rows) VALUES (%s, %s, %s)"
            " ON CONFLICT (day, what) DO UPDATE SET rows = kept.rows + excluded.rows",
            [day, name, rows],
        )


def delete_some(rows: QuerySet, limit: int) -> int:
    """Delete up to `limit` of the rows. How many those were, without what goes along with them."""
    some = rows.order_by().values("pk")[:limit]
    _all, by_model = rows.model._base_manager.filter(pk__in=some).delete()
    return by_model.get(rows.model._meta.label, 0)


def blank_some(rows: QuerySet, limit: int, **empty) -> int:
    """Empty columns of up to `limit` of the rows; the rows themselves stay. How many those were."""
    some = rows.order_by().values("pk")[:limit]
    return rows.model._base_manager.filter(pk__in=some).update(**empty)


# --- What core itself holds


def _preview_links(before: datetime, limit: int) -> int:
    """Links to drafts that ran out, or were ended, before a moment."""
    over = Q(runs_out_at__lt=before) | Q(ended_at__lt=before)
    return delete_some(PreviewLink.objects.filter(over), limit)


def _history(before: datetime, limit: int) -> int:
    """Old versions of records, and who made them and why. A record of now stays whole."""
    went = 0
    for model in apps.get_models():
        if issubclass(model, Event) and went < limit:
            went += delete_some(model.objects.filter(pgh_created_at__lt=before), limit - went)
    if went < limit:
        went += delete_some(ListChange.objects.filter(at__lt=before), limit - went)
    if went < limit:
        went += delete_some(Context.objects.filter(created_at__lt=before), limit - went)
    return went


register(
    Keeping(
        "search-marks",
        gettext_lazy("A scrambled mark of a search that found nothing"),
        gettext_lazy("after the last time it was made"),
        fruitless.forget_marks,
    ),
    Keeping(
        "search-words",
        gettext_lazy("The words of a search that found nothing, made by several people"),
        gettext_lazy("after the last time it was made"),
        fruitless.forget_words,
    ),
    Keeping(
        "imports",
        gettext_lazy("A file that staff brought in"),
        gettext_lazy("after it was brought"),
        incoming.forget_imports,
    ),
    Keeping(
        "preview-links",
        gettext_lazy("A link that shows a draft"),
        gettext_lazy("after it ended"),
        _preview_links,
    ),
    Keeping(
        "history",
        gettext_lazy("Who of the staff changed what, and when"),
        gettext_lazy("after the change"),
        _history,
    ),
)
