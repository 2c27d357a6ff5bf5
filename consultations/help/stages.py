"""How far a request for help has got, and by which day it is to be settled. Worked out from dates."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.dates import last_working_day, working_days_after, working_days_before
from core.timeline import Begins, Timeline


class HelpStage(models.TextChoices):
    """How far a request has got."""

    ASKED = "asked", _("Asked")
    LATE = "late", _("Late")
    MET = "met", _("Met")
    MET_LATE = "met_late", _("Met late")
    COULD_NOT = "could_not", _("Could not be met")


# `met_late_on` is the day it was met, where that was after the day it was due.
TIMELINE = Timeline(
    before=HelpStage.ASKED,
    begins=(
        Begins(HelpStage.COULD_NOT, "could_not_on"),
        Begins(HelpStage.MET_LATE, "met_late_on"),
        Begins(HelpStage.MET, "met_on"),
        Begins(HelpStage.LATE, "due_on", timedelta(days=1)),
    ),
)
OPEN = (HelpStage.LATE, HelpStage.ASKED)

# A family needs the help so many working days before the last day to take part, or before the event.
DAYS_TO_USE_IT = 5
# A service has at least so many working days to find it, unless it is over by then.
DAYS_TO_FIND_IT = 2
# However long it stays open, nobody waits longer than so many working days to hear about a consultation.
DAYS_TO_WAIT = 10


def due_day(*, asked_on: date, last_day: date | None, deadlines: Iterable[date] = (), is_event: bool = False) -> date:
    """The day by which a request is to be settled: never in the past, and never after the last day itself.

    `last_day` is the closing day, or the day of the event; None while it stays
    open. `deadlines` are the days by which the listing says that this kind of
    help must be booked.
    """
    found = [] if is_event else [working_days_after(asked_on, DAYS_TO_WAIT)]
    if last_day is not None:
        found.append(working_days_before(last_day, DAYS_TO_USE_IT))
    found += [last_working_day(each) for each in deadlines]
    day = max(min(found), working_days_after(asked_on, DAYS_TO_FIND_IT))
    return min(day, last_day) if last_day is not None else day
