"""Who answers for requests for help by name: the owner of what they are about, also when that is over."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from consultations.duties import ConsultationDuties
from consultations.events.duties import EventDuties
from consultations.events.models import Event
from consultations.help.models import HelpRequest
from consultations.models import Consultation
from core import history
from core.duties import Duty, register

ANSWERS_FOR = {"consultation": (Consultation, ConsultationDuties), "event": (Event, EventDuties)}


class HelpDuties:
    """The requests that nobody has settled about what is over: all others go with their consultation or event."""

    def left_over(self, membership_id: int, on: date) -> QuerySet[HelpRequest]:
        """Those about something that names the membership and is not handed over by itself."""
        waiting = HelpRequest.objects.waiting(on)
        for what, (_model, duties) in ANSWERS_FOR.items():
            waiting = waiting.exclude(**{f"{what}__in": duties().under_way(on).values("pk")})
        named = Q()
        for what in ANSWERS_FOR:
            named |= Q(**{f"{what}__owner": membership_id}) | Q(**{f"{what}__deputy": membership_id})
        return waiting.filter(named)

    def of(self, membership_id: int, on: date) -> Iterator[Duty]:
        """Each request, as owner or as deputy."""
        for request in self.left_over(membership_id, on).with_record():
            is_owner = request.owner_id == membership_id
            yield Duty(
                title=request.record.title,
                url=request.record.get_absolute_url(),
                what=_("Answers for a request for help") if is_owner else _("Deputy"),
                owner_url=request.owner_url,
            )

    def hand_over(self, membership_id: int, to_id: int, *, by, on: date) -> int:
        """Name another owner or deputy of what they are about. Nobody deputises for themselves."""
        requests = list(self.left_over(membership_id, on).values("consultation", "event"))
        with history.label(by=by, did="handed over"):
            for what, (model, _duties) in ANSWERS_FOR.items():
                those = model.objects.filter(pk__in={each[what] for each in requests if each[what]}).order_by()
                owned = those.filter(owner=membership_id)
                owned.filter(deputy=to_id).update(deputy=None)
                owned.update(owner=to_id)
                deputised = those.filter(deputy=membership_id)
                deputised.filter(owner=to_id).update(deputy=None)
                deputised.update(deputy=to_id)
        return len(requests)


def register_duties() -> None:
    """Called when the app is ready. Comes after consultations and events: what goes with those is not left over."""
    register("help", HelpDuties())
