"""Whether anybody looks after the hub, worked out from who signed in and never stored (DESIGN rule 12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from django.db.models import F, Max, Min, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Greatest, Least, TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from core import standing
from core.timeline import Begins, Timeline


class Attendance(TextChoices):
    """How long nobody from the Family Information Service has signed in."""

    ATTENDED = "attended", _("Looked after")
    NEGLECTED = "neglected", _("Nobody has signed in for a while")
    UNATTENDED = "unattended", _("Nobody looks after it")


# A session ends after two weeks at the latest, so whoever works here signs in far more often than this.
NEGLECTED_AFTER = timedelta(days=35)
UNATTENDED_AFTER = timedelta(days=60)

TIMELINE = Timeline(
    before=Attendance.ATTENDED,
    begins=(
        Begins(Attendance.UNATTENDED, "looked_after_on", UNATTENDED_AFTER),
        Begins(Attendance.NEGLECTED, "looked_after_on", NEGLECTED_AFTER),
    ),
)


@dataclass(frozen=True)
class Upkeep:
    """How well the hub is looked after on a day, and since when it has not been."""

    looked_after_on: date | None
    day: date

    @property
    def stage(self) -> Attendance:
        """How long nobody has signed in."""
        return Attendance(TIMELINE.of(self, self.day))

    @property
    def is_neglected(self) -> bool:
        """Whether staff and the sponsor have to see to it: from the 35th day without a sign-in."""
        return self.stage != Attendance.ATTENDED

    @property
    def is_unattended(self) -> bool:
        """Whether families are told that nobody looks after it: from the 60th day without a sign-in."""
        return self.stage == Attendance.UNATTENDED

    @property
    def unattended_from(self) -> date | None:
        """The day on which families are told, unless somebody signs in before; None for a hub not yet set up."""
        return self.looked_after_on and self.looked_after_on + UNATTENDED_AFTER


def upkeep(day: date) -> Upkeep:
    """How well the hub is looked after on a day. One query for each content version, however many pages ask."""
    return Upkeep(_latest(standing.standing("accounts.looked_after")), day)


def last_looked_after() -> date | None:
    """The latest UK day on which somebody who worked for the Family Information Service then signed in.

    Only the last sign-in of each person is known. One from before their role
    began says nothing; of one after it ended is known only that they may have
    come until its end. Never earlier than the day on which somebody first held
    such a role, so a new hub is looked after, and its first keeper has time to
    come. Where nobody ever held one, the day on which the hub's council was
    entered; None while there is no such council either. One query.
    """
    return _latest(_sign_ins())


def _sign_ins() -> QuerySet:
    """The days that tell it: of the service in the first turn, of the council in the second."""
    fis = (
        Membership.objects.of_fis()
        .annotate(signed_in_on=TruncDate("user__last_login"))
        .values(turn=Value(1))
        .annotate(
            signed_in=Max(Least("signed_in_on", "ended_on"), filter=Q(signed_in_on__gte=F("started_on"))),
            first=Min(Greatest(TruncDate("user__date_joined"), "started_on")),
        )
        .values("turn", "signed_in", "first")
    )
    entered = TruncDate("created_at")
    council = Organisation.objects.filter(is_keeper=True).order_by()
    return fis.union(council.values(turn=Value(2), signed_in=entered, first=entered), all=True)


def _latest(rows: Iterable[dict]) -> date | None:
    for row in sorted(rows, key=itemgetter("turn")):
        known = [day for day in (row["signed_in"], row["first"]) if day]
        if known:
            latest = max(known)
            return date.fromisoformat(latest) if isinstance(latest, str) else latest
    return None


standing.register("accounts.looked_after", _sign_ins)
