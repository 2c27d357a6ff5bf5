"""Staff pages about events: what meets next, moving and cancelling dates, what happened, and school terms."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, register_converter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.beside import NotesBeside
from accounts.rules import reach, roles_of
from consultations.desk import cells_of
from consultations.events import actions
from consultations.events.forms import (
    AddDateForm,
    EventForm,
    MoveForm,
    NoteForm,
    ReasonForm,
    SkipForm,
    TermForm,
)
from consultations.events.imports import EventImporter, first_values
from consultations.events.listing import EventListing, schedule_words
from consultations.events.models import DateChangeKind, Event, EventDate, OccurrenceNote
from consultations.events.ready import still_to_do
from consultations.events.recurrence import Occurrence, Terms, by_event, occurrences, upcoming, waits_for_terms
from consultations.writing import actions as writing
from consultations.writing.models import Check
from core.acting import ActingView
from core.checking import mark_of
from core.dates import day_words, today
from core.models import ImportedRow, SchoolTerm
from core.permissions import Permission
from core.publishing import Conflict, EditorialState
from notices.followables import followers_words

PER_PAGE = 20
# How many dates to come can be moved or cancelled on one page, and how far back notes can be written, in days.
DATES_TO_COME = 20
DATES_BACK = 183


class DayConverter:
    """A day in an address: 2026-11-25."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day; an address with no such day is not found."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """The day as the address has it."""
        return value.isoformat()


register_converter(DayConverter, "day")


# --- The list


@dataclass(frozen=True)
class Row:
    """An event in the list, with when it meets next."""

    event: Event
    next: Occurrence | None
    colour: str
    words: str


def rows_of(events, day: date) -> list[Row]:
    """Each event with its next date, in two queries however many there are."""
    events = list(events)
    departures = by_event(EventDate.objects.filter(event__in=events))
    terms = Terms(SchoolTerm.objects.all())
    return [_row(event, departures.get(event.pk, []), terms, day) for event in events]


def _row(event: Event, departures: list[EventDate], terms: Terms, day: date) -> Row:
    if event.archived_at:
        return Row(event, None, "closed", _("Taken off the site"))
    if event.cancelled_on:
        return Row(event, None, "withdrawn", _("Cancelled"))
    (found,) = upcoming(event, departures, terms, day, 1, cancelled=False) or (None,)
    if not event.published_at and (event.submitted_at or event.returned_at):
        state = event.editorial_state
        return Row(event, found, "late" if state == EditorialState.RETURNED else "awaiting", str(state.label))
    if not event.published_at:
        return Row(event, found, "forthcoming", _("Draft: families cannot see it"))
    if found:
        return Row(event, found, "open", _("Next: %(day)s") % {"day": day_words(found.on, day)})
    if waits_for_terms(event, terms, day, day.replace(year=day.year + 1)):
        return Row(event, None, "awaiting", _("School terms are not set"))
    return Row(event, None, "late" if event.is_regular else "closed", _("No date to come"))


def events_of(user, words: str):
    """The events that the person may change with these words in the title, the newest first."""
    events = Event.objects.kept().filter(pk__in=_within_reach(user)).select_related("organisation")
    if words:
        events = events.filter(title__icontains=words)
    return events.order_by("-created_at", "-pk")


def events_asked(asked) -> str:
    """The words that an address asks for."""
    return " ".join((asked.get("q") or "").replace("\x00", "").split())[:100]


class Events(TemplateView):
    """The events of the bodies that the person acts for, the newest first."""

    permission = Permission.USE_DESK
    template_name = "events/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of events, each with its next date."""
        user, day = self.request.user, today()
        words = events_asked(self.request.GET)
        page = Paginator(events_of(user, words), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            rows=rows_of(page, day),
            page=page,
            words=words,
            total=page.paginator.count,
            may_add=user.has_perm(Permission.ADD_EVENT),
            may_edit_terms=user.has_perm(Permission.EDIT_TERMS),
            **kwargs,
        )


def _within_reach(user):
    """The events that the person may change."""
    held = [membership.pk for membership in roles_of(user)]
    return Event.objects.filter(reach(user) | Q(owner__in=held) | Q(deputy__in=held)).values("pk")


# --- One event


class AboutEvent:
    """A staff page about one event: only for those who may do this with it."""

    permission = Permission.EDIT_EVENT
    request: Any
    kwargs: dict

    @cached_property
    def event(self) -> Event:
        """The event."""
        rows = Event.objects.kept().select_related("organisation", "owner__user", "deputy__user")
        event = get_object_or_404(rows, slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, event):
            raise PermissionDenied
        return event

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.event  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class OneEvent(AboutEvent, NotesBeside, TemplateView):
    """The dates of one event: those to come, with what can be done about each, and those to say something about."""

    template_name = "events/desk/event.html"
    record_kind = "event"
    record = property(lambda self: self.event)

    def get_context_data(self, **kwargs):
        """Dates to come, dates left out, dates that are over."""
        event, day = self.event, today()
        listing = EventListing(event, day)
        notes = {note.day: note for note in event.notes.all()}
        over = occurrences(
            event, listing.departures, listing.terms, date.fromordinal(day.toordinal() - DATES_BACK), day
        )
        return super().get_context_data(
            event=event,
            listing=listing,
            followers=followers_words("event", event.pk)
            if event.is_published and self.request.user.has_perm(Permission.SEE_MESSAGES)
            else "",
            row=_row(event, listing.departures, listing.terms, day),
            schedule=schedule_words(event),
            to_come=[
                {
                    "line": listing.line(each),
                    "day": each.day,
                    "is_changed": each.departure is not None and each.departure.change != DateChangeKind.AS_PLANNED,
                }
                for each in upcoming(event, listing.departures, listing.terms, day, DATES_TO_COME)
            ],
            left_out=[
                {"day": each.day, "reason": each.reason}
                for each in listing.departures
                if each.change == DateChangeKind.SKIPPED and each.day >= day
            ],
            over=[
                {"line": listing.line(each, notes.get(each.day)), "day": each.day}
                for each in reversed(over)
                if not each.is_cancelled
            ][:DATES_TO_COME],
            may_publish=self.request.user.has_perm(Permission.PUBLISH_EVENT, event),
            **({} if event.archived_at else still_to_do(event, day)),
            **self._checks(),
            **kwargs,
        )

    def _checks(self) -> dict[str, Any]:
        """What waits of this event, what was sent back last, and whether this person decides."""
        checks = list(self.event.checks.order_by("-pk")[:2])  # the newest, and the decision before it
        check = next((each for each in checks if not each.decision), None)
        mends = self.event.returned_at or (check is not None and check.is_change and not check.sent_at)
        returned = next((each for each in checks if each.reason), None) if mends else None
        may_check = check is not None and check.sent_at and self.request.user.has_perm(Permission.CHECK_LISTING)
        return {"check": check, "returned": returned, "may_check": may_check}


class EditEvent(ActingView):
    """One plain form for an event: all that families read about it."""

    template_name = "events/desk/edit.html"
    form_class = EventForm
    event: Event | None = None

    def get_form_kwargs(self):
        """The event that is changed, who changes it, and what waits of earlier changes."""
        return super().get_form_kwargs() | {
            "instance": self._instance,
            "user": self.request.user,
            "waiting": self.check.values if self.check else {},
        }

    @cached_property
    def _instance(self) -> Event:
        """The form's own copy: it writes into it while it reads what was typed."""
        return Event.objects.get(pk=self.event.pk) if self.event else Event()

    @cached_property
    def check(self) -> Check | None:
        """The changes that families do not see yet."""
        return writing.waiting_change(self.event) if self.event else None

    @cached_property
    def waits(self) -> bool:
        """Whether what this person changes waits until somebody else has seen it.

        Whoever may publish it joins the changes of others that wait, so that one decision is about all of them.
        """
        if self.event is None or not self.event.is_published:
            return False
        return self.check is not None or not self.request.user.has_perm(Permission.PUBLISH_EVENT, self.event)

    def get_initial(self):
        """What the form was filled in on."""
        return {"mark": mark_of(self.event, self.check)} if self.event else {}

    def new_event(self) -> Event:
        """What a new one begins with."""
        return Event()

    def act(self, said):
        """Write it down."""
        event = self.event or self.new_event()
        try:
            waits = self.save(event, said.get("mark", ""))
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None
        if waits:
            messages.info(self.request, _("Sent to be checked. Until then families see the event as it was."))
        else:
            messages.success(self.request, _("Saved."))
        return self.go_on(event)

    def go_on(self, event: Event) -> HttpResponse:
        """To the page of the event."""
        return redirect("events:desk-event", slug=event.slug)

    def save(self, event: Event, mark: str) -> bool:
        """Write what was typed into the event. Returns whether a part of it waits for a check."""
        return writing.save_event(
            event,
            by=self.request.user,
            on=today(),
            now=timezone.now(),
            values=self._form.plain_values(),
            mark=mark,
            waits=self.waits,
        )

    def form_valid(self, form):
        """Keep the form, whose boxes the action needs."""
        self._form = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        """Which event it is, and whether changes are checked first."""
        return super().get_context_data(event=self.event, waits=self.waits, **kwargs)


class AddEvent(EditEvent):
    """A new event, perhaps made of an imported row that waits. Families see it once it is published."""

    permission = Permission.ADD_EVENT

    @cached_property
    def row(self) -> ImportedRow | None:
        """The row that it is made of: only for who deals with such rows, and while it waits."""
        asked = self.request.GET.get("row", "")
        if not asked:
            return None
        if not self.request.user.has_perm(Permission.CHECK_IMPORTS):
            raise PermissionDenied
        rows = ImportedRow.objects.held().filter(kind=EventImporter.kind)
        return get_object_or_404(rows, pk=asked if asked.isdecimal() and len(asked) < 19 else 0)

    def get_initial(self):
        """What the row says, where there is one."""
        return first_values(self.row.row, by=self.request.user, today=today()) if self.row else {}

    def save(self, event, mark):
        """A draft, known by its row."""
        if self.row is None:
            return super().save(event, mark)
        writing.event_of_row(
            self.row, event, by=self.request.user, on=today(), now=timezone.now(), values=self._form.plain_values()
        )
        return False

    def get_context_data(self, **kwargs):
        """The row as it came, to be read beside the form."""
        cells = cells_of(self.row) if self.row else []
        return super().get_context_data(row=self.row, cells=cells, **kwargs)


class ChangeEvent(AboutEvent, EditEvent):
    """The event as it is, to be changed."""


@dataclass(frozen=True)
class Words:
    """What a page that does one thing says: its heading, what will happen, and its button."""

    heading: str
    text: str
    button: str
    warns: bool = False


class ActOnEvent(AboutEvent, ActingView):
    """A page that does one thing with an event, or with one of its dates."""

    template_name = "events/desk/act.html"
    form_class: type[forms.Form] = SkipForm
    words: Words
    done: Any

    def do(self, said: dict[str, Any]) -> None:
        """Do it. Raises ValidationError when it is refused."""
        raise NotImplementedError

    def act(self, said) -> HttpResponse:
        """Do it, say so, and go back to the event."""
        self.do(said)
        messages.success(self.request, self.done)
        return redirect("events:desk-event", slug=self.event.slug)

    @property
    def day(self) -> date | None:
        """The date that it is about, where it is about one."""
        return self.kwargs.get("day")

    @cached_property
    def occurrence(self) -> Occurrence | None:
        """That date as it stands."""
        if self.day is None:
            return None
        listing = EventListing(self.event, today())
        around = actions.FURTHEST_MOVE
        first, last = (date.fromordinal(self.day.toordinal() + step) for step in (-around, around))
        found = occurrences(self.event, listing.departures, listing.terms, first, last)
        return next((each for each in found if each.day == self.day), None)

    def get_context_data(self, **kwargs):
        """The words of the page, and which date it is about."""
        listing = EventListing(self.event, today())
        if self.day is not None and self.occurrence is None and not self.event.dates.filter(day=self.day).exists():
            raise Http404
        return super().get_context_data(
            event=self.event,
            words=self.words,
            line=listing.line(self.occurrence) if self.occurrence else None,
            day=self.day,
            **kwargs,
        )


class CancelDate(ActOnEvent):
    """Cancel one date."""

    form_class = ReasonForm
    words = Words(
        gettext_lazy("Cancel this date"),
        gettext_lazy("It stays in the lists, marked as cancelled, with your reason. You can put it back."),
        gettext_lazy("Cancel this date"),
        warns=True,
    )
    done = gettext_lazy("The date is cancelled. Families see it on the page now.")

    def do(self, said):
        """Cancel it."""
        actions.cancel_date(self.event, by=self.request.user, day=self.day, on=today(), **said)


class MoveDate(ActOnEvent):
    """Move one date to another day, time or place."""

    form_class = MoveForm
    words = Words(
        gettext_lazy("Move this date"),
        gettext_lazy("Fill in only what changes. Families see the old and the new one, with your reason."),
        gettext_lazy("Move this date"),
    )
    done = gettext_lazy("The date is moved. Families see it on the page now.")

    def do(self, said):
        """Move it."""
        actions.move_date(self.event, by=self.request.user, day=self.day, on=today(), **said)


class SkipDate(ActOnEvent):
    """Leave one date out."""

    words = Words(
        gettext_lazy("Leave this date out"),
        gettext_lazy(
            "It is in no list any more. Do this for a holiday that is far off. If families count on it, cancel it."
        ),
        gettext_lazy("Leave it out"),
    )
    done = gettext_lazy("The date is left out.")

    def do(self, said):
        """Leave it out."""
        actions.skip_date(self.event, by=self.request.user, day=self.day, on=today())


class RestoreDate(ActOnEvent):
    """Put one date back as planned."""

    words = Words(
        gettext_lazy("Put this date back"),
        gettext_lazy("It is on again, at the usual time and place."),
        gettext_lazy("Put it back"),
    )
    done = gettext_lazy("The date is on again.")

    def do(self, said):
        """Put it back."""
        actions.restore_date(self.event, by=self.request.user, day=self.day, on=today())


class AddDate(ActOnEvent):
    """Add a date that the rule does not name."""

    form_class = AddDateForm
    words = Words(
        gettext_lazy("Add a date"),
        gettext_lazy("For a date that does not follow the usual pattern."),
        gettext_lazy("Add the date"),
    )
    done = gettext_lazy("The date is added.")

    def do(self, said):
        """Add it."""
        actions.add_date(self.event, by=self.request.user, on=today(), **said)


class CancelEvent(ActOnEvent):
    """Cancel all dates to come."""

    form_class = ReasonForm
    words = Words(
        gettext_lazy("Cancel all dates"),
        gettext_lazy("Every date from today on is cancelled. The page stays, with your reason. You can undo this."),
        gettext_lazy("Cancel all dates"),
        warns=True,
    )
    done = gettext_lazy("All dates are cancelled. Families see it on the page now.")

    def do(self, said):
        """Cancel it."""
        actions.cancel_event(self.event, by=self.request.user, on=today(), **said)


class TakeUpAgain(ActOnEvent):
    """A cancelled event is on again."""

    words = Words(
        gettext_lazy("Start again"),
        gettext_lazy("All its dates from today on take place again."),
        gettext_lazy("Start again"),
    )
    done = gettext_lazy("It is on again.")

    def do(self, said):
        """Take it up again."""
        actions.take_up_again(self.event, by=self.request.user, on=today())


class PublishEvent(ActOnEvent):
    """Show an event to families."""

    permission = Permission.PUBLISH_EVENT
    words = Words(
        gettext_lazy("Publish this event"),
        gettext_lazy("Families see it in the lists, in the calendar and on its own page from now on."),
        gettext_lazy("Publish"),
    )
    done = gettext_lazy("It is published.")

    def do(self, said):
        """Publish it."""
        actions.publish_event(self.event, by=self.request.user, on=today())


class SendEvent(ActOnEvent):
    """Send a draft to be checked, by somebody who may not publish it."""

    words = Words(
        gettext_lazy("Send it to be checked"),
        gettext_lazy("The Family Information Service looks at it. The lead of your service can publish it too."),
        gettext_lazy("Send it"),
    )
    done = gettext_lazy("Sent. You are told if something has to change.")

    def do(self, said):
        """Send it."""
        writing.submit_event(self.event, by=self.request.user, now=timezone.now())


class TakeChangesBack(ActOnEvent):
    """Throw changes away that nobody has decided about."""

    words = Words(
        gettext_lazy("Take your changes back"),
        gettext_lazy("Nobody checks them any more. Families go on seeing the event as it is."),
        gettext_lazy("Take them back"),
        warns=True,
    )
    done = gettext_lazy("Your changes are gone. The event is as families see it.")

    def do(self, said):
        """Take them back."""
        check = writing.waiting_change(self.event)
        if check is None:
            raise ValidationError(_("No change waits any more."))
        writing.take_changes_back(check, by=self.request.user)


class ArchiveEvent(ActOnEvent):
    """Take an event off the site."""

    permission = Permission.PUBLISH_EVENT
    words = Words(
        gettext_lazy("Take it off the site"),
        gettext_lazy("Families see nothing of it any more, and its page is not found. You can publish it again."),
        gettext_lazy("Take it off the site"),
        warns=True,
    )
    done = gettext_lazy("It is off the site.")

    def do(self, said):
        """Take it off."""
        actions.archive_event(self.event, by=self.request.user, at=timezone.now())


class WhatHappened(ActOnEvent):
    """Say what happened on one date."""

    form_class = NoteForm
    words = Words(
        gettext_lazy("What happened?"),
        gettext_lazy("Families read it on the event’s page. It helps those who could not come."),
        gettext_lazy("Publish the note"),
    )
    done = gettext_lazy("Thank you. Families can read it now.")

    def get_form_kwargs(self):
        """The note that is there already, to be said better."""
        note = OccurrenceNote.objects.filter(event=self.event, day=self.day).first()
        return super().get_form_kwargs() | {"instance": note or OccurrenceNote()}

    def do(self, said):
        """Publish it."""
        actions.record_what_happened(self.event, by=self.request.user, day=self.day, on=today(), **said)


# --- School terms


class SchoolTerms(TemplateView):
    """The school terms that are set, and which groups wait for more."""

    permission = Permission.EDIT_TERMS
    template_name = "events/desk/terms.html"

    def get_context_data(self, **kwargs):
        """The terms, the newest first, and the term-time events whose dates are not known."""
        day = today()
        page = Paginator(SchoolTerm.objects.order_by("-starts_on"), PER_PAGE).get_page(self.request.GET.get("page"))
        terms = Terms(SchoolTerm.objects.all())
        in_term = Event.objects.published().filter(term_time_only=True, cancelled_on=None)
        waits = [
            since
            for event in in_term.only(
                "first_day", "until", "repeats", "week_of_month", "term_time_only", "cancelled_on"
            )
            if (since := waits_for_terms(event, terms, day, date.fromordinal(day.toordinal() + DATES_BACK)))
        ]
        return super().get_context_data(
            page=page, waiting=len(waits), waiting_from=min(waits, default=None), today=day, **kwargs
        )


class EditTerm(ActingView):
    """One term, new or changed."""

    permission = Permission.EDIT_TERMS
    template_name = "events/desk/term.html"
    form_class = TermForm

    @cached_property
    def term(self) -> SchoolTerm | None:
        """The term that is changed; None for a new one."""
        return get_object_or_404(SchoolTerm, pk=self.kwargs["pk"]) if "pk" in self.kwargs else None

    def get_form_kwargs(self):
        """The term as it is."""
        return super().get_form_kwargs() | {"instance": self.term}

    def act(self, said):
        """Write it down."""
        actions.save_term(self._form.instance, by=self.request.user)
        messages.success(self.request, _("Saved. The dates of groups that meet in term time follow it."))
        return redirect("events:terms")

    def form_valid(self, form):
        """Keep the form, whose row the action needs."""
        self._form = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        """Which term it is."""
        return super().get_context_data(term=self.term, **kwargs)


class RemoveTerm(ActingView):
    """Take a term away, after asking."""

    permission = Permission.EDIT_TERMS
    template_name = "events/desk/term_remove.html"
    form_class = SkipForm

    def dispatch(self, request, *args, **kwargs):
        """Which term it is."""
        self.term = get_object_or_404(SchoolTerm, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def act(self, said):
        """Take it away."""
        actions.remove_term(self.term, by=self.request.user)
        messages.success(self.request, _("The term is taken away."))
        return redirect("events:terms")

    def get_context_data(self, **kwargs):
        """Which term it is."""
        return super().get_context_data(term=self.term, **kwargs)


desk_urlpatterns = [
    path("desk/events/", Events.as_view(), name="desk-events"),
    path("desk/events/new/", AddEvent.as_view(), name="add"),
    path("desk/events/<slug:slug>/", OneEvent.as_view(), name="desk-event"),
    path("desk/events/<slug:slug>/edit/", ChangeEvent.as_view(), name="edit"),
    path("desk/events/<slug:slug>/send/", SendEvent.as_view(), name="send"),
    path("desk/events/<slug:slug>/take-back/", TakeChangesBack.as_view(), name="take-changes-back"),
    path("desk/events/<slug:slug>/publish/", PublishEvent.as_view(), name="publish"),
    path("desk/events/<slug:slug>/archive/", ArchiveEvent.as_view(), name="archive"),
    path("desk/events/<slug:slug>/cancel/", CancelEvent.as_view(), name="cancel"),
    path("desk/events/<slug:slug>/again/", TakeUpAgain.as_view(), name="again"),
    path("desk/events/<slug:slug>/add-date/", AddDate.as_view(), name="add-date"),
    path("desk/events/<slug:slug>/<day:day>/cancel/", CancelDate.as_view(), name="cancel-date"),
    path("desk/events/<slug:slug>/<day:day>/move/", MoveDate.as_view(), name="move-date"),
    path("desk/events/<slug:slug>/<day:day>/leave-out/", SkipDate.as_view(), name="skip-date"),
    path("desk/events/<slug:slug>/<day:day>/put-back/", RestoreDate.as_view(), name="restore-date"),
    path("desk/events/<slug:slug>/<day:day>/what-happened/", WhatHappened.as_view(), name="what-happened"),
    path("desk/terms/", SchoolTerms.as_view(), name="terms"),
    path("desk/terms/new/", EditTerm.as_view(), name="add-term"),
    path("desk/terms/<int:pk>/", EditTerm.as_view(), name="term"),
    path("desk/terms/<int:pk>/remove/", RemoveTerm.as_view(), name="remove-term"),
]
