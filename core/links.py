"""Links to other sites that our pages show: which there are, who shows them, and whether they still work.

Each app registers what its pages show. A link counts as broken after it
failed on three different days in a row: a site may be down for a night. A page
that wants a name, or that keeps robots out, is there all the same.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.fetching import Answer, NoAnswer, Why, look
from core.models import Link, LinkUse
from core.versions import move_on_commit

log = structlog.get_logger(__name__)

BAD_DAYS = 3
MOST_A_NIGHT = 500
# Seconds: between two questions to one site, for one link, and for the whole night.
PAUSE = 2.0
LONGEST = 20.0
A_NIGHT = 20 * 60.0
# One that works is left alone for so long.
AGAIN_AFTER = timedelta(days=7)
# The site says that somebody else may read it, or to ask less often.
THERE_FOR_OTHERS = (401, 403, 429)
GONE = (404, 410)


@dataclass(frozen=True)
class Showing:
    """A kind of record whose pages show links to other sites."""

    name: str
    label: str | Promise
    addresses: Callable[[], Iterable[tuple[int, str]]]  # the number of each record that families see, and a link on it
    editable_by: Callable[[Any], QuerySet]  # the records whose links the person can mend
    title: Callable[[Any], str]
    form: Callable[[Any], str]  # the address where the links of one are changed


@dataclass(frozen=True)
class Place:
    """A record that shows a link, for somebody who can change it."""

    label: str | Promise
    title: str
    form: str


_registered: dict[str, Showing] = {}


def register(showing: Showing) -> None:
    """Add a kind of record. Called from an app's ready()."""
    _registered[showing.name] = showing


def columns(records: QuerySet, *names: str, record: str = "pk") -> Iterator[tuple[int, str]]:
    """What stands in these columns, each with the number of its record."""
    for number, *urls in records.order_by().values_list(record, *names):
        yield from ((number, url) for url in urls if url)


@transaction.atomic
def note_what_is_shown() -> None:
    """Bring the list of links, and of who shows them, to what pages show now."""
    shown = {
        (url, name, number)
        for name, showing in _registered.items()
        for number, url in showing.addresses()
        if url.startswith(("http://", "https://"))
    }
    Link.objects.bulk_create([Link(url=url) for url in sorted({each[0] for each in shown})], ignore_conflicts=True)
    Link.objects.exclude(url__in={each[0] for each in shown}).delete()
    ids = dict(Link.objects.values_list("url", "pk"))
    wanted = {(ids[url], name, number) for url, name, number in shown}
    there = {tuple(row): pk for pk, *row in LinkUse.objects.values_list("pk", "link", "kind", "record_id")}
    LinkUse.objects.filter(pk__in=[pk for row, pk in there.items() if row not in wanted]).delete()
    LinkUse.objects.bulk_create(
        [LinkUse(link_id=link, kind=name, record_id=number) for link, name, number in wanted - there.keys()],
        ignore_conflicts=True,
    )


def due(on: date, now: datetime, most: int = MOST_A_NIGHT) -> list[Link]:
    """The links to try in a night: those that began to fail, then those that were not tried for the longest."""
    failing = Q(bad_days__gt=0, bad_days__lt=BAD_DAYS, last_bad_on__lt=on)
    others = Q(checked_at=None) | Q(checked_at__lt=now - AGAIN_AFTER)
    first = list(Link.objects.filter(failing).order_by("checked_at", "pk")[:most])
    rest = Link.objects.filter(others).exclude(pk__in=[each.pk for each in first])
    return first + list(rest.order_by(F("checked_at").asc(nulls_first=True), "pk")[: most - len(first)])


def check_some(*, on: date, now: datetime, pause: float = PAUSE, seconds: float = A_NIGHT) -> int:
    """Try the links that are due, until the time for it is over. Says how many were tried."""
    ends, tried = time.monotonic() + seconds, 0
    last: dict[str, float] = {}
    for link in _in_turns(due(on, now)):
        if time.monotonic() >= ends:
            break
        host = urlsplit(link.url).netloc
        time.sleep(max(0.0, last.get(host, 0.0) + pause - time.monotonic()))
        check(link, on=on, now=now)
        last[host] = time.monotonic()
        tried += 1
    log.info("links_checked", tried=tried, broken=Link.objects.broken().count())
    return tried


def _in_turns(links: list[Link]) -> list[Link]:
    """One of each site, then the next of each: nobody waits for a site that is asked slowly."""
    turn: dict[str, int] = defaultdict(int)
    placed = []
    for position, link in enumerate(links):
        host = urlsplit(link.url).netloc
        placed.append((turn[host], position, link))
        turn[host] += 1
    return [link for _turn, _position, link in sorted(placed, key=lambda each: each[:2])]


def check(link: Link, *, on: date, now: datetime) -> Link:
    """Try a link, and note what came of it."""
    try:
        return note(link, look(link.url, longest=LONGEST / 2), on=on, now=now)
    except NoAnswer as refused:
        return note(link, refused.why, on=on, now=now)


@transaction.atomic
def note(link: Link, came: Answer | Why, *, on: date, now: datetime) -> Link:
    """Note what came of trying a link. Twice on one day counts once."""
    there = Link.objects.select_for_update().filter(pk=link.pk).first()
    if there is None:  # no page shows it any more
        return link
    was_broken = there.broken_since is not None
    there.checked_at = now
    there.code, there.why = (came.code, "") if isinstance(came, Answer) else (None, came)
    if isinstance(came, Answer) and (came.code < 400 or came.code in THERE_FOR_OTHERS):
        there.bad_days, there.last_bad_on, there.broken_since = 0, None, None
    elif there.last_bad_on != on:
        there.bad_days, there.last_bad_on = min(there.bad_days + 1, 1000), on
        if there.bad_days >= BAD_DAYS and there.broken_since is None:
            there.broken_since = on
    there.save()
    if was_broken != (there.broken_since is not None):
        # Families see it: what is only a link is hidden while it does not work.
        move_on_commit()
    return there


def words(link: Link) -> str:
    """What happened when it was last tried, in plain words."""
    if link.why:
        return str(Why(link.why).label)
    if link.code is None:
        return _("It was not tried yet")
    if link.code in GONE:
        return _("The page is gone")
    if link.code >= 500:
        return _("The site has a fault")
    if link.code >= 400 and link.code not in THERE_FOR_OTHERS:
        return _("The site does not show the page")
    return _("The page is there")


def broken_for(user) -> QuerySet[Link]:
    """The broken links that the person can mend, the longest broken first."""
    theirs = Q(pk__in=[])
    for name, showing in _registered.items():
        theirs |= Q(kind=name, record_id__in=showing.editable_by(user).order_by().values("pk"))
    return Link.objects.broken().filter(pk__in=LinkUse.objects.filter(theirs).values("link"))


def places(links: Iterable[Link], user) -> dict[int, list[Place]]:
    """Which records show each of these links, as far as the person can change them: one query for each kind."""
    of_kind: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    uses = LinkUse.objects.filter(link__in=[each.pk for each in links], kind__in=_registered)
    for link, kind, number in uses.values_list("link", "kind", "record_id"):
        of_kind[kind][number].append(link)
    found: dict[int, list[Place]] = defaultdict(list)
    for kind, numbers in sorted(of_kind.items()):
        showing = _registered[kind]
        for record in showing.editable_by(user).filter(pk__in=list(numbers)).order_by("pk"):
            for link in numbers[record.pk]:
                found[link].append(Place(showing.label, showing.title(record), showing.form(record)))
    return found
