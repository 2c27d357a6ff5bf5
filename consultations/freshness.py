"""What families are shown that nobody has checked lately: listings still ahead or open, events to come, contacts."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, F, Min, Q, QuerySet, Value

from accounts.models import Organisation
from accounts.rules import paths_of, roles_of
from consultations.events.models import Event
from consultations.models import Consultation, RecordKind
from consultations.stages import Stage
from core.freshness import TIMELINE, Checked, Freshness, checked_kinds, register
from core.permissions import Permission

# What families may still act on. What is over keeps the facts of its time.
SHOWN_TO_ACT_ON = (Stage.FORTHCOMING, Stage.OPEN)
COLUMNS = ("record_kind", "pk", "called", "service", "checked_on", "review_by", "slug")


def consultations_to_check(day: date) -> QuerySet:
    """The listings of consultations that somebody has to check from time to time: not answered or past ones."""
    live = Consultation.objects.published().filter(record=RecordKind.LIVE, review_by__isnull=False)
    return live.in_stage(*SHOWN_TO_ACT_ON, on=day)


def events_to_check(day: date) -> QuerySet:
    """The listings of events that may have a date to come."""
    ours = Event.objects.published().ours().filter(cancelled_on__isnull=True, review_by__isnull=False)
    return ours.meeting_between(day, None)


def contacts_to_check() -> QuerySet:
    """The bodies for which somebody acts here: families read how to reach them."""
    return Organisation.objects.filter(closed_on__isnull=True, review_by__isnull=False)


def _stale(user, day: date, *, everyone: bool, words: Sequence[str] = ()) -> list[QuerySet]:
    """What nobody has checked by its day, one queryset for each kind, as rows of COLUMNS.

    Everybody's for who may see that; else that of the bodies the person writes
    for, and what they own. `words` narrow it by title and service.
    """
    see_all = everyone and user.has_perm(Permission.SEE_ALL_DESKS)
    found = []
    for kind in checked_kinds():
        rows = kind.rows(day).filter(Q() if see_all else kind.theirs(user))
        for word in words:
            found_in = Q(**{f"{kind.title}__icontains": word})
            rows = rows.filter(found_in | Q(**{f"{kind.service}__icontains": word}) if kind.service else found_in)
        stale = rows.filter(TIMELINE.within(Freshness.STALE, day)).order_by()
        service = F(kind.service) if kind.service else Value("")
        found.append(stale.annotate(record_kind=Value(kind.name), called=F(kind.title), service=service))
    return found


def in_body(user) -> Q:
    """Conditions true of the records of the bodies that the person writes for, and of those below them."""
    theirs = Q(pk__in=[])
    for path in paths_of(user):
        theirs |= Q(organisation__path__startswith=path)
    return theirs


def _in_body_or_owned(user) -> Q:
    held = [membership.pk for membership in roles_of(user)]
    return in_body(user) | Q(owner__in=held) | Q(deputy__in=held)


def _is_body(user) -> Q:
    is_body = Q(pk__in=[])
    for path in paths_of(user):
        is_body |= Q(path__startswith=path)
    return is_body


def register_freshness() -> None:
    """Called when the app is ready."""
    register(Checked("consultation", consultations_to_check, _in_body_or_owned))
    register(Checked("event", events_to_check, _in_body_or_owned))
    register(Checked("organisation", lambda day: contacts_to_check(), _is_body, title="name", service=""))


def out_of_date(user, day: date, *, everyone: bool, words: Sequence[str] = ()) -> QuerySet:
    """What nobody has checked by its day, as rows of COLUMNS, the longest first."""
    first, *others = (rows.values(*COLUMNS) for rows in _stale(user, day, everyone=everyone, words=words))
    return first.union(*others, all=True).order_by("review_by", "called", "pk")


def how_much_is_out_of_date(user, day: date, *, everyone: bool) -> tuple[int, date | None]:
    """How much nobody has checked by its day, and the earliest such day. One query."""
    counted = (
        rows.values(one=Value(1)).annotate(count=Count("pk"), first=Min("review_by")).values("count", "first")
        for rows in _stale(user, day, everyone=everyone)
    )
    first, *others = counted
    found = list(first.union(*others, all=True))
    return sum(each["count"] for each in found), min((each["first"] for each in found if each["first"]), default=None)
