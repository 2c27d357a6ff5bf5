"""The number of the one-minute screen about help to take part: what is past its day."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.help.queues import KIND
from consultations.help.stages import HelpStage
from core.numbers import Asking, Number, Urgency, register


def help_late(asking: Asking) -> Number | None:
    """How many families wait for help past its day, and of the worst for how long; nothing while none does."""
    late = [owed.days_late(asking.day) for owed in asking.owed if owed.kind == KIND and owed.days_late(asking.day)]
    if not late:
        return None
    url = asking.address("consultations:help-requests")
    words = ngettext("longest: %(days)d day", "longest: %(days)d days", max(late))
    return Number(
        figure=str(len(late)),
        text=_("help to take part late"),
        url=f"{url}{'&' if '?' in url else '?'}stage={HelpStage.LATE.value}",
        urgency=Urgency.TODAY,
        worst=words % {"days": max(late)},
    )


def register_numbers() -> None:
    """Called when the app is ready."""
    register("help", 6, help_late)
