"""Staff pages on which an event is written: short ones, each kept on the way to the next (core/steps.py)."""

from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from consultations.events.desk import AboutEvent, EditEvent
from consultations.events.forms import BEGIN, PARTS, Part
from consultations.events.models import Attendance, Event
from consultations.events.ready import ready
from core.dates import today
from core.permissions import Permission
from core.tips import tips_for


class StepOfEvent(EditEvent):
    """One short page of writing an event: kept on the way to the next, with tips, and what the hub finds of it."""

    template_name = "events/desk/step.html"

    @property
    def part(self) -> Part:
        """Which page it is."""
        raise NotImplementedError

    def get_form_kwargs(self):
        """Only the questions of the page."""
        return super().get_form_kwargs() | {"only": self.part}

    def new_event(self):
        """Most meet in a place; the page that asks where comes soon."""
        return Event(attendance=Attendance.IN_PERSON)

    def go_on(self, event):
        """To the next page, or to the event."""
        keys = [part.key for part in PARTS]
        place = keys.index(self.part.key) + 1
        # What families see is changed, and checked, page by page.
        if "back" in self.request.POST or place == len(keys) or event.is_published:
            return super().go_on(event)
        return redirect("events:write-step", slug=event.slug, step=keys[place])

    def get_context_data(self, **kwargs):
        """Which page of how many, tips, and what is not settled on it."""
        keys = [part.key for part in PARTS]
        home = reverse("events:desk-event", args=[self.event.slug]) if self.event else reverse("events:desk-events")
        found = ready(self.event, today()) if self.event else []
        return super().get_context_data(
            record=self.event,
            step=self.part,
            number=keys.index(self.part.key) + 1,
            count=len(keys),
            tips=tips_for(f"event:{self.part.key}"),
            found=[each for each in found if each.step == self.part.key and not each.finding.is_fine],
            back_url=home,
            back_text=self.event.title if self.event else _("Your events"),
            leave_url=home,
            **kwargs,
        )


class BeginEvent(StepOfEvent):
    """The first page of a new event: then there is something to keep."""

    permission = Permission.ADD_EVENT
    part = BEGIN


class WriteEvent(AboutEvent, StepOfEvent):
    """One page of an event. What families see already is changed at once, or waits to be checked."""

    @property
    def part(self) -> Part:
        """The page that the address names."""
        found = next((part for part in PARTS if part.key == self.kwargs["step"]), None)
        if found is None:
            raise Http404
        return found


desk_urlpatterns = [
    path("desk/events/write/", BeginEvent.as_view(), name="write"),
    path("desk/events/<slug:slug>/write/<slug:step>/", WriteEvent.as_view(), name="write-step"),
]
