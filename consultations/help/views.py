"""The public pages on which families ask for help to take part. They set no cookie."""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from accounts.gate import OpenWhileAttended
from consultations.events.listing import EventListing
from consultations.events.models import Event
from consultations.help.actions import SUPPORTS, ask_for_help, due_for
from consultations.help.forms import HelpForm
from consultations.help.models import HelpKind, needs_reply
from consultations.listing import Listing
from consultations.models import Consultation
from core.dates import day_words, today
from core.forms import once
from core.public_forms import HOUR, FromHere, count, place_of

# A family, a library or a school behind one address. A program is stopped by it.
AN_HOUR_FROM_ONE_PLACE = 20
AN_HOUR_IN_ALL = 300

HINTS = {
    HelpKind.FORMAT: gettext_lazy("Such as easy read, large print, paper or another language."),
    HelpKind.INTERPRETER: gettext_lazy("For a spoken language or British Sign Language."),
    HelpKind.CHILDCARE: gettext_lazy("Somebody who looks after your children meanwhile."),
    HelpKind.COSTS: gettext_lazy("Such as bus fares, parking or a childminder."),
    HelpKind.OTHER: gettext_lazy("Such as a quiet room, or somebody to come with you."),
}


class AboutConsultation:
    """What a family wants to take part in is a consultation."""

    kwargs: dict
    namespace = "consultations"
    is_event = False

    @cached_property
    def listing(self) -> Listing:
        """The published consultation as its page shows it today."""
        return Listing(
            get_object_or_404(Consultation.objects.published().for_page(), slug=self.kwargs["slug"]), today()
        )

    @property
    def record(self) -> Consultation:
        """The consultation."""
        return self.listing.consultation

    @property
    def dates(self) -> list[tuple[str, str]]:
        """A consultation has no dates to choose from."""
        return []

    def last_day(self, day: str) -> tuple[date | None, date | None]:
        """No date of a series, and the closing day."""
        return None, self.record.closes_on


class AboutEvent:
    """What a family wants to take part in is one date of an event."""

    kwargs: dict
    namespace = "events"
    is_event = True

    @cached_property
    def listing(self) -> EventListing:
        """The published event as its page shows it today."""
        published = Event.objects.published().for_page()
        return EventListing(get_object_or_404(published, slug=self.kwargs["slug"]), today())

    @property
    def record(self) -> Event:
        """The event."""
        return self.listing.event

    @property
    def dates(self) -> list[tuple[str, str]]:
        """The next dates that take place: by the rule, and in words."""
        lines = [line for line in self.listing.lines_to_come if not line.occurrence.is_cancelled]
        return [(line.occurrence.day.isoformat(), line.words) for line in lines]

    def last_day(self, day: str) -> tuple[date | None, date | None]:
        """The date that was chosen, by the rule and as the day it takes place; without one, the next date."""
        to_come = [each for each in self.listing.upcoming if not each.is_cancelled]
        chosen = next((each for each in to_come if each.day.isoformat() == day), to_come[0])
        return chosen.day, chosen.on


class AskForHelp(FromHere, OpenWhileAttended, FormView):
    """First what kind of help, as links; then one short form. Once it is too late, whom to ask instead."""

    form_class = HelpForm
    template_name = "help/ask.html"
    record: ClassVar[Any]
    listing: ClassVar[Any]
    dates: ClassVar[Any]
    last_day: ClassVar[Any]
    namespace: str
    is_event: bool

    @property
    def kind(self) -> HelpKind | None:
        """The kind that the address names, where it is one."""
        asked = self.request.GET.get("kind", "")
        return HelpKind(asked) if asked in HelpKind else None

    def dispatch(self, request, *args, **kwargs):
        """The page; browsers say where its form was sent from."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Referrer-Policy"] = "same-origin"
        return answer

    def get(self, request, *args, **kwargs):
        """The form, or the links that lead to it."""
        if not self.listing.can_ask_for_help:
            return self.too_late()
        if self.kind is None:
            return render(request, "help/kinds.html", self.get_page() | {"kinds": self.kinds()})
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        """Take the form, unless another site sent it in a visitor's name, or it is too late."""
        if not self.listing.can_ask_for_help:
            return self.too_late()
        return super().post(request, *args, **kwargs)

    def too_late(self):
        """Whom to ask instead; what was sent is shown once more, to copy, and kept nowhere."""
        was_sent = self.request.method == "POST"
        said = {"was_sent": was_sent, "written": self._written() if was_sent else []}
        return render(self.request, "help/closed.html", self.get_page() | said, status=409 if was_sent else 200)

    def get_page(self) -> dict[str, Any]:
        """What each of these pages says of what it is about."""
        return {"record": self.record, "listing": self.listing, "is_event": self.is_event}

    def kinds(self) -> list[dict]:
        """Each kind of help with its form, and what the page says of it already."""
        labels = {each.kind.label: each.kind.key for each in self.record.supports.all()}
        found = []
        for kind in HelpKind:
            there = [
                f"{each['kind']}: {each['words']}"
                for each in self.listing.supports
                if labels.get(each["kind"]) in SUPPORTS.get(kind, ())
            ]
            found.append({"url": f"?kind={kind.value}", "text": kind.label, "hint": HINTS[kind], "there": there})
        return found

    def get_form_kwargs(self):
        """Of which kind, and for which dates."""
        return super().get_form_kwargs() | {
            "kind": self.kind or HelpKind.OTHER,
            "dates": self.dates,
            "is_event": self.is_event,
        }

    def get_context_data(self, **kwargs):
        """What the form is about."""
        only = self.dates[0][1] if len(self.dates) == 1 else ""
        return super().get_context_data(**self.get_page(), kind=self.kind or HelpKind.OTHER, only_date=only, **kwargs)

    def form_invalid(self, form):
        """Show it again, with everything that was typed."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def form_valid(self, form):
        """Write it down, unless there were too many; then keep what was typed, and say when to try again."""
        if form.is_from_a_program:
            return super().form_valid(form)
        with once(form.cleaned_data["once"]) as is_first:
            if is_first:
                if self.is_too_often():
                    form.add_error(None, _("Too many people are asking from here. Try again in an hour, or ring."))
                    return self.render_to_response(self.get_context_data(form=form), status=429)
                day, last_day = self.last_day(form.cleaned_data.get("day", ""))
                ask_for_help(
                    self.record,
                    by=None,
                    on=today(),
                    kind=form.kind,
                    day=day,
                    last_day=last_day,
                    format=form.cleaned_data.get("format"),
                    **form.asker(),
                )
        return super().form_valid(form)

    def is_too_often(self) -> bool:
        """Count one more, and say whether there were too many in this hour, from one place or in all.

        What comes from one place too often is not counted among all, so that one place cannot close the form to others.
        """
        hour = int(timezone.now().timestamp()) // HOUR
        place = place_of(self.request, salt="consultations.help")
        if count(f"help:place:{place}:{hour}", 2 * HOUR) > AN_HOUR_FROM_ONE_PLACE:
            return True
        return count(f"help:all:{hour}", 2 * HOUR) > AN_HOUR_IN_ALL

    def get_success_url(self):
        """What happens next. The address says what kind of help it was and for which date, and nothing of anybody."""
        said = {"kind": (self.kind or HelpKind.OTHER).value}
        if day := self.request.POST.get("day", ""):
            said["day"] = day[:10]
        if not self.request.POST.get("reached_at", "").strip():
            said["reply"] = "no"
        return f"{reverse(f'{self.namespace}:help-sent', args=[self.record.slug])}?{urlencode(said)}"


class HelpForConsultation(AboutConsultation, AskForHelp):
    """Help to take part in a consultation."""


class HelpForEvent(AboutEvent, AskForHelp):
    """Help to come to an event."""


class HelpAsked(TemplateView):
    """What happens next with a request that was sent, and by when. It looks the same to everybody."""

    template_name = "help/sent.html"
    record: ClassVar[Any]
    listing: ClassVar[Any]
    last_day: ClassVar[Any]
    is_event: bool

    def get_context_data(self, **kwargs):
        """By which day the service has to say something."""
        asked = self.request.GET.get("kind", "")
        kind, on, due = (HelpKind(asked) if asked in HelpKind else HelpKind.OTHER), today(), ""
        if self.listing.can_ask_for_help:
            _day, last_day = self.last_day(self.request.GET.get("day", ""))
            due = day_words(due_for(self.record, kind=kind, last_day=last_day, on=on), on)
        wants_reply = self.request.GET.get("reply") != "no" or needs_reply(kind, is_event=self.is_event)
        return super().get_context_data(
            record=self.record,
            listing=self.listing,
            kind=kind,
            due=due,
            wants_reply=wants_reply,
            kept_days=settings.KEEP_DAYS["help"],
            **kwargs,
        )


class HelpAskedForConsultation(AboutConsultation, HelpAsked):
    """After asking for help with a consultation."""


class HelpAskedForEvent(AboutEvent, HelpAsked):
    """After asking for help with an event."""


consultation_urlpatterns = [
    path("consultations/<slug:slug>/help/", HelpForConsultation.as_view(), name="help"),
    path("consultations/<slug:slug>/help/sent/", HelpAskedForConsultation.as_view(), name="help-sent"),
]
event_urlpatterns = [
    path("events/<slug:slug>/help/", HelpForEvent.as_view(), name="help"),
    path("events/<slug:slug>/help/sent/", HelpAskedForEvent.as_view(), name="help-sent"),
]
