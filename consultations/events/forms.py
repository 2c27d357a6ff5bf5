"""What staff type about events, their dates and school terms."""

from dataclasses import dataclass

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.db.models import Q, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Takers, bodies_of, usual_of
from accounts.models import Membership, Organisation
from accounts.rules import WRITING_ROLES, roles_of
from consultations.events.models import (
    Attendance,
    Booking,
    Event,
    EventKind,
    OccurrenceNote,
    Repeats,
    WeekOfMonth,
)
from consultations.events.recurrence import day_in_month
from consultations.imports import web_address
from consultations.models import Consultation, SupportState
from consultations.writing.values import SUPPORTS, plain_event_support, values_of
from core.forms import Checkboxes, ClockField, DayField, HubForm, LongTextField, Radios, share_choices
from core.models import AccessSupport, SchoolTerm
from core.values import plain, put

# Asked for when the box for the days before is left empty.
USUAL_DAYS_BEFORE = 14


@dataclass(frozen=True)
class Part:
    """Some of the questions about an event: a heading of the whole form, or one short page of writing it."""

    key: str
    title: str | Promise
    names: tuple[str, ...]


# In the order in which a family asks them.
PARTS = (
    Part("what", gettext_lazy("What it is"), ("title", "organisation", "kind", "summary")),
    Part(
        "when",
        gettext_lazy("When"),
        ("first_day", "repeats", "week_of_month", "until", "term_time_only", "starts_at", "ends_at"),
    ),
    Part(
        "where",
        gettext_lazy("Where"),
        (
            *("attendance", "venue", "address", "postcode", "directions", "online_url"),
            *("link_after_booking", "dial_in_phone"),
        ),
    ),
    Part(
        "booking",
        gettext_lazy("Booking and cost"),
        ("booking", "booking_email", "booking_phone", "booking_url", "booking_words", "places", "cost"),
    ),
    Part("who", gettext_lazy("Who it is for"), ("audiences", "areas", "topics", "consultations")),
    Part("help", gettext_lazy("Help to take part"), ("there", "on_request", "ask_days_before", "not_available")),
    Part(
        "ask",
        gettext_lazy("Who to ask"),
        ("staff_there", "contact_name", "contact_phone", "contact_email", "owner", "deputy"),
    ),
)
# The first page of a new one: without a day there is no event to keep.
BEGIN = Part("what", gettext_lazy("What it is, and its first date"), (*PARTS[0].names, "first_day"))


class EventForm(HubForm, forms.ModelForm):
    """One event: what, when, where, and what help there is. Families see all of it, but for the owner.

    All on one page, or `only` one part of it; what is not asked stays as it is.
    """

    first_day = DayField(
        label=gettext_lazy("First date"),
        help_text=gettext_lazy("It comes again on the same weekday, or on the same day of the month."),
    )
    until = DayField(
        label=gettext_lazy("Last date"), required=False, help_text=gettext_lazy("Leave it empty if it just goes on.")
    )
    starts_at = ClockField(label=gettext_lazy("Starts"), required=False, help_text=gettext_lazy("Such as 10am."))
    ends_at = ClockField(label=gettext_lazy("Ends"), required=False, help_text=gettext_lazy("Such as 11:30am."))
    summary = LongTextField(label=gettext_lazy("What happens there"), max_words=80, rows=4)
    directions = LongTextField(
        label=gettext_lazy("How to get there, in words"),
        required=False,
        rows=3,
        help_text=gettext_lazy("Which door, where to park, which bus. For people who cannot use a map."),
    )
    online_url = web_address(label=gettext_lazy("Link to join"), required=False)
    booking_url = web_address(label=gettext_lazy("Link for booking"), required=False)
    there = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Help that is there each time"),
        queryset=AccessSupport.objects.in_use(),
        widget=Checkboxes(),
        required=False,
    )
    on_request = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Help that people must ask for"),
        queryset=AccessSupport.objects.in_use(),
        widget=Checkboxes(),
        required=False,
    )
    ask_days_before = forms.IntegerField(
        label=gettext_lazy("How many days before must they ask?"), min_value=0, max_value=90, required=False
    )
    not_available = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Help that is not available"),
        queryset=AccessSupport.objects.in_use(),
        widget=Checkboxes(),
        required=False,
    )
    owner = Takers(
        label=gettext_lazy("Who looks after it"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        required=False,
        help_text=gettext_lazy("They are reminded to say what happened. Families do not see the name."),
    )
    deputy = Takers(
        label=gettext_lazy("Deputy"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Nobody"),
        required=False,
    )
    mark = forms.CharField(widget=forms.HiddenInput(), required=False)

    class Meta:
        model = Event
        fields = (
            "title", "organisation", "kind", "summary", "first_day", "repeats", "week_of_month", "until",
            "term_time_only", "starts_at", "ends_at", "attendance", "venue", "address", "postcode", "directions",
            "online_url", "link_after_booking", "dial_in_phone", "booking", "booking_email", "booking_phone",
            "booking_url", "booking_words", "places", "cost", "topics", "audiences", "areas", "consultations",
            "staff_there", "contact_name", "contact_phone", "contact_email", "owner", "deputy",
        )  # fmt: skip
        widgets = {
            "kind": Radios(),
            "repeats": Radios(),
            "attendance": Radios(),
            "booking": Radios(),
            "topics": Checkboxes(),
            "audiences": Checkboxes(),
            "areas": Checkboxes(),
        }

    LISTS = ("topics", "audiences", "areas", "consultations")
    STATES = (
        ("there", SupportState.THERE),
        ("on_request", SupportState.ON_REQUEST),
        ("not_available", SupportState.NOT_AVAILABLE),
    )

    def __init__(self, *args, user, waiting: dict | None = None, only: Part | None = None, **kwargs):
        """`waiting` are the values of changes that families do not see yet, by field."""
        event = kwargs.get("instance")
        if event is not None and event.pk:
            prefetch_related_objects([event], *self.LISTS)  # read by the values, and by the form itself
            values = values_of(event, (*self.LISTS, SUPPORTS)) | (waiting or {})
            kwargs["initial"] = self._from_rows(values) | (kwargs.get("initial") or {})
            put(event, waiting or {})
        super().__init__(*args, **kwargs)
        bodies = _bodies(user)
        self.fields["organisation"].queryset = bodies
        self.fields["organisation"].empty_label = _("Choose one")
        if event is None or not event.pk:
            self.initial |= usual_of(user, bodies)
        takers = Membership.objects.active().filter(organisation__in=bodies, role__in=WRITING_ROLES)
        takers = takers.select_related("user", "organisation").order_by("organisation__path", "user__name", "pk")
        self.fields["owner"].queryset = self.fields["deputy"].queryset = takers
        share_choices(self, "owner", "deputy")
        share_choices(self, *(name for name, _state in self.STATES))
        self.fields["consultations"].queryset = (
            Consultation.objects.visible_to(user).filter(organisation__in=bodies).defer("search").order_by("-pk")
        )
        self.fields["week_of_month"].choices = [
            ("", _("As the first date is")),
            *((week.value, week.label) for week in WeekOfMonth),
        ]
        for name, choices, unknown in (
            ("kind", EventKind, None),
            ("repeats", Repeats, None),
            ("attendance", Attendance, Attendance.UNKNOWN),
            ("booking", Booking, Booking.UNKNOWN),
        ):
            # "Not known" is for what was found on other pages.
            known = [each for each in choices if each != unknown or getattr(event, name, None) == unknown]
            self.fields[name].choices = [(each.value, each.label) for each in known]
        for name in ("starts_at", "ends_at", "postcode"):
            self.fields[name].widget.attrs["class"] = "govuk-input--width-10"
        self.only = only
        if only:
            for name in [name for name in self.fields if name not in (*only.names, "mark")]:
                del self.fields[name]

    def lay_out(self):
        """The questions in the order in which a family asks them."""
        if self.only:
            return Layout(*self.only.names, "mark")
        return Layout(*(Fieldset(str(part.title), *part.names) for part in PARTS), "mark")

    @classmethod
    def _from_rows(cls, values: dict) -> dict:
        """What stands in the rows around the event, as the boxes of this form have it."""
        asked = [row["ask_days_before"] for row in values[SUPPORTS] if row["ask_days_before"] is not None]
        found = {name: [row["kind"] for row in values[SUPPORTS] if row["state"] == state] for name, state in cls.STATES}
        return found | {name: values[name] for name in cls.LISTS} | {"ask_days_before": max(asked, default=None)}

    def clean(self):
        """What one field says of another: which Friday of the month it is, and that help is there or is not."""
        said = super().clean()
        if "repeats" in self.fields:
            self._clean_rule(said)
        seen: set = set()
        for name, _state in self.STATES:
            twice = seen.intersection(said.get(name) or ())
            if twice:
                words = _("Choose one answer for “%(help)s”")
                self.add_error(name, words % {"help": ", ".join(sorted(each.label for each in twice))})
            seen.update(said.get(name) or ())
        return said

    def _clean_rule(self, said: dict) -> None:
        """Which weekday of the month it is follows from the first date, unless it is said."""
        first, repeats = said.get("first_day"), said.get("repeats")
        if first and repeats == Repeats.ONCE:
            said["until"] = first
        if repeats != Repeats.MONTHLY_WEEKDAY:
            said["week_of_month"] = None
        elif first and not said.get("week_of_month"):
            week = (first.day - 1) // 7 + 1
            said["week_of_month"] = week if week < 5 else WeekOfMonth.LAST
        elif first and day_in_month(first.year, first.month, first.weekday(), said["week_of_month"]) != first.day:
            self.add_error("first_day", _("The first date must be on that weekday of the month"))

    def plain_values(self) -> dict:
        """What was typed, as plain values by field."""
        values = {name: plain(self.cleaned_data[name]) for name in self.Meta.fields if name in self.fields}
        if "there" not in self.fields:
            return values
        days = self.cleaned_data["ask_days_before"]
        days = USUAL_DAYS_BEFORE if days is None else days
        supports = [
            plain_event_support(kind.pk, state.value, days if state == SupportState.ON_REQUEST else None)
            for name, state in self.STATES
            for kind in self.cleaned_data[name]
        ]
        return values | {SUPPORTS: sorted(supports, key=lambda row: row["kind"])}


def _bodies(user):
    """The organisations that the person writes for, and those whose event they look after."""
    held = [membership.pk for membership in roles_of(user)]
    owned = Event.objects.filter(Q(owner__in=held) | Q(deputy__in=held)).values("organisation")
    return (bodies_of(user) | Organisation.objects.filter(pk__in=owned)).order_by("name")


# --- Dates


class ReasonForm(HubForm, forms.Form):
    """Why something is cancelled. Families see it."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=300, help_text=gettext_lazy("Families see this. One sentence is enough.")
    )
    marks_optional = False


class SkipForm(HubForm, forms.Form):
    """Nothing to type: the date is simply left out."""


class MoveForm(HubForm, forms.Form):
    """Where one date goes to. What is left empty stays as it is."""

    new_day = DayField(label=gettext_lazy("New date"), required=False)
    new_starts_at = ClockField(label=gettext_lazy("Starts"), required=False, help_text=gettext_lazy("Such as 10am."))
    new_ends_at = ClockField(label=gettext_lazy("Ends"), required=False, help_text=gettext_lazy("Such as 11:30am."))
    new_venue = forms.CharField(label=gettext_lazy("New place"), max_length=200, required=False)
    new_address = forms.CharField(label=gettext_lazy("Address of the new place"), max_length=250, required=False)
    new_postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=10, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=300, help_text=gettext_lazy("Families see this. One sentence is enough.")
    )


class AddDateForm(HubForm, forms.Form):
    """A date that the rule does not name."""

    day = DayField(label=gettext_lazy("Date"))
    starts_at = ClockField(
        label=gettext_lazy("Starts"), required=False, help_text=gettext_lazy("Leave it empty for the usual time.")
    )
    ends_at = ClockField(label=gettext_lazy("Ends"), required=False)


class NoteForm(HubForm, forms.ModelForm):
    """What happened on one date."""

    text = LongTextField(
        label=gettext_lazy("What happened?"),
        max_words=200,
        help_text=gettext_lazy(
            "What people talked about, and what comes next. No names, and nothing about one family."
        ),
    )
    came = forms.IntegerField(
        label=gettext_lazy("How many people came?"),
        min_value=0,
        max_value=9999,
        required=False,
        help_text=gettext_lazy("From 1 to 4, families read “fewer than 5”."),
    )

    class Meta:
        model = OccurrenceNote
        fields = ("text", "came")

    def _post_clean(self):
        """The action checks it, and turns a small number into "fewer than 5"."""


class TermForm(HubForm, forms.ModelForm):
    """A stretch of days on which schools are open."""

    starts_on = DayField(label=gettext_lazy("First day of school"))
    ends_on = DayField(label=gettext_lazy("Last day of school"))

    class Meta:
        model = SchoolTerm
        fields = ("name", "starts_on", "ends_on")
