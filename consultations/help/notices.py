"""Why a service is told of help that a family needs: at once, before the day, on it, and until it is settled.

No mail says who asked, or anything they wrote: its link opens the desk.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.notices import Chased, address_of, has_left, run_by_volunteers
from consultations.help.models import HelpRequest
from core.dates import day_words
from notices.reasons import Line, register


def _of_record(of, output_field=None) -> Case:
    """What `of` says of the consultation or of the event that a request is about."""
    return Case(
        When(consultation__isnull=False, then=of("consultation")), default=of("event"), output_field=output_field
    )


@register
class HelpOwed(Chased):
    """A family needs help to take part. Saying that it is there, or why not, ends this; so does calling it off."""

    name = "help-owed"
    label = gettext_lazy("A family asked for help to take part")
    heading = gettext_lazy("Somebody needs help to take part")
    ends = gettext_lazy("These reminders stop once you say that the help is there, or why it cannot be.")
    anchors = {
        "asked_on": gettext_lazy("the day it was asked"),
        "due_on": gettext_lazy("the day it is to be settled"),
    }

    def things(self, day: date) -> QuerySet:
        """The requests that nobody has settled."""
        return HelpRequest.objects.waiting(day).annotate(
            to_owner=_of_record(lambda what: address_of(f"{what}__owner")),
            owner_left=_of_record(lambda what: has_left(f"{what}__owner"), BooleanField()),
            to_deputy=_of_record(lambda what: address_of(f"{what}__deputy")),
            to_team=Coalesce(
                NullIf("consultation__team_mailbox", Value("")),
                "consultation__organisation__mailbox",
                "event__organisation__mailbox",
            ),
            organisation_id=Coalesce("consultation__organisation", "event__organisation"),
            volunteers=_of_record(lambda what: run_by_volunteers(f"{what}__organisation"), BooleanField()),
        )

    def lines(self, ids: Sequence[int], day: date) -> dict[int, Line]:
        """What kind of help, by when, and its page on the desk."""
        found = {}
        for request in HelpRequest.objects.filter(pk__in=ids).with_record():
            found[request.pk] = Line(
                title=request.record.title,
                # Its own, so that it is not taken for an answer that is owed about the same thing.
                url=request.get_absolute_url(),
                what=help_words(request, day),
                families="",
                button=_("See what is needed"),
                button_url=request.get_absolute_url(),
                due_on=request.due_on,
                service=request.organisation.name,
                owner_url=request.owner_url,
                sponsor_button=_("See it on the desk"),
            )
        return found


def help_words(request: HelpRequest, day: date) -> str:
    """What kind of help is needed by when: "An interpreter, by Friday 4 December", "Childcare: 3 days late"."""
    late = max((day - request.due_on).days, 0)
    if late:
        words = ngettext("%(kind)s: %(days)d day late", "%(kind)s: %(days)d days late", late)
        return words % {"kind": request.get_kind_display(), "days": late}
    return _("%(kind)s, by %(day)s") % {"kind": request.get_kind_display(), "day": day_words(request.due_on, day)}
