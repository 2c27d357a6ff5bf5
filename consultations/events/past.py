"""Staff pages about what was done to an event, and about putting something back."""

from django.urls import reverse

from consultations.events.actions import PUT_BACK, put_event_back
from consultations.events.desk import AboutEvent
from core.past_pages import PastPage, PutBackPage


class _Past(AboutEvent):
    may_be_put_back = PUT_BACK

    @property
    def record(self):
        """The event."""
        return self.event

    @property
    def back_url(self) -> str:
        """The staff page of the event."""
        return reverse("events:desk-event", args=[self.event.slug])

    @property
    def history_url(self) -> str:
        """The page of what was done."""
        return reverse("events:history", args=[self.event.slug])

    def restore_url(self, number: int) -> str:
        """Where a change can be put back."""
        return reverse("events:put-back", args=[self.event.slug, number])


class EventPast(_Past, PastPage):
    """What was done to an event."""


class PutEventBack(_Past, PutBackPage):
    """Put a field of an event back, or all of them. Whoever may change the event may."""

    def put_back(self, facts, version, reason):
        """Put it back."""
        put_event_back(self.event, by=self.request.user, on=self.today, facts=facts, version=version)
