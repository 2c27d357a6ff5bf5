"""What staff type about a consultation, in short steps, and what they say of one that was sent to be checked."""

from datetime import date

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Takers, bodies_of, usual_of
from accounts.models import Membership, Organisation
from accounts.rules import WRITING_ROLES, roles_of
from consultations.imports import web_address
from consultations.models import Consultation, ParticipationLevel, SupportState
from consultations.writing.models import Said
from consultations.writing.ready import Ready
from consultations.writing.values import SUPPORTS, WAYS, plain_support, plain_way
from core.forms import Checkboxes, ClockField, DayField, HubForm, LongTextField, Radios
from core.models import AccessSupport, Method
from core.steps import Step, StepForm

# A listing names so many ways to take part at most; so many empty rows are offered.
MOST_WAYS = 8
SPARE_WAYS = 2


class WhatForm(StepForm):
    """What it is, who asks, and why it matters."""

    enter_words = {"title": gettext_lazy("Enter the title"), "organisation": gettext_lazy("Choose the service")}

    summary = LongTextField(
        label=gettext_lazy("Summary"), max_words=60, rows=4, required=False,
        help_text=gettext_lazy("What do you want to know, and from whom? Up to 60 words."),
    )  # fmt: skip
    why_it_matters = LongTextField(label=gettext_lazy("Why it matters to families"), rows=4, required=False)

    class Meta:
        model = Consultation
        fields = ("title", "organisation", "service_area", "summary", "why_it_matters")

    def prepare(self, user):
        """The bodies that the person writes for."""
        bodies = self.fields["organisation"].queryset = _bodies(user)
        self.fields["organisation"].empty_label = _("Choose one")
        if not self.values:
            self.initial |= usual_of(user, bodies)


class SayForm(StepForm):
    """How much say families have, and who decides."""

    can_change = LongTextField(label=gettext_lazy("What can change"), rows=3, required=False)
    cannot_change = LongTextField(label=gettext_lazy("What cannot change, and why"), rows=3, required=False)
    what_next = LongTextField(
        label=gettext_lazy("What happens next"), rows=3, required=False,
        help_text=gettext_lazy("Who reads the views, and when families hear back."),
    )  # fmt: skip
    decision_on = DayField(label=gettext_lazy("Day of the decision, if it is known"), required=False)
    equality_check_url = web_address(label=gettext_lazy("Link to the equality check"), required=False)

    class Meta:
        model = Consultation
        fields = (
            "level", "can_change", "cannot_change", "decided_by", "decision_on", "decision_when", "what_next",
            "legal_type", "equality_check_url", "equality_check_reason",
        )  # fmt: skip
        widgets = {"level": Radios(), "legal_type": Radios()}

    def prepare(self, user):
        """No empty choice among the levels."""
        self.fields["level"].choices = ParticipationLevel.choices
        self.fields["level"].required = False


class WhoForm(StepForm):
    """Who it is for, where, and about what."""

    class Meta:
        model = Consultation
        fields = ("audiences", "areas", "topics")
        widgets = {"audiences": Checkboxes(), "areas": Checkboxes(), "topics": Checkboxes()}

    def prepare(self, user):
        """The lists that are in use."""
        for name in self.fields:
            if hasattr(self.fields[name], "queryset"):
                self.fields[name].queryset = self.fields[name].queryset.model.objects.in_use()


class WhenForm(StepForm):
    """When it opens and closes; or the season, as long as nobody knows the day."""

    opens_on = DayField(label=gettext_lazy("Opens"), required=False)
    closes_on = DayField(
        label=gettext_lazy("Closes"), required=False,
        help_text=gettext_lazy("The whole of this day counts. Leave it empty for a panel or a group that goes on."),
    )  # fmt: skip
    closes_at = ClockField(
        label=gettext_lazy("Closing time"),
        required=False,
        help_text=gettext_lazy("Only if it is not the end of the day."),
    )
    planned_for = forms.CharField(
        label=gettext_lazy("Season, if there is no day yet"), max_length=80, required=False,
        help_text=gettext_lazy("Such as “spring 2027”."),
    )  # fmt: skip

    class Meta:
        model = Consultation
        fields = ("opens_on", "closes_on", "closes_at", "planned_for")


class PartForm(StepForm):
    """How families take part, how long it takes, and what help there is."""

    there = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Help that is there"),
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
    ask_by = DayField(label=gettext_lazy("Last day to ask for it"), required=False)
    not_available = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Help that is not available"),
        queryset=AccessSupport.objects.in_use(),
        widget=Checkboxes(),
        required=False,
    )

    class Meta:
        model = Consultation
        fields = ("minutes_needed",)

    STATES = (
        ("there", SupportState.THERE),
        ("on_request", SupportState.ON_REQUEST),
        ("not_available", SupportState.NOT_AVAILABLE),
    )

    def prepare(self, user):
        """Rows for the ways that there are, and some more."""
        methods = Method.objects.in_use()
        for place in range(self.rows):
            for name, box in (
                ("method", forms.ModelChoiceField(methods, required=False, empty_label=_("Choose one"))),
                ("description", forms.CharField(max_length=300, required=False)),
                ("url", web_address(required=False)),
                ("post_by", DayField(required=False)),
            ):
                label = {
                    "method": _("Kind"),
                    "description": _("How"),
                    "url": _("Link"),
                    "post_by": _("Its own last day"),
                }
                box.label = label[name]
                self.fields[f"way_{place}_{name}"] = box
        self.beside = tuple(name for name in self.fields if name != "minutes_needed")

    @property
    def rows(self) -> int:
        """How many rows of ways the page has."""
        return min(max(len(self.values.get(WAYS, [])) + SPARE_WAYS, 3), MOST_WAYS)

    def initial_of(self, values):
        """The ways and the help as the boxes of the page."""
        found = super().initial_of(values)
        for place, way in enumerate(values.get(WAYS, [])):
            found |= {f"way_{place}_{name}": way[name] for name in ("method", "description", "url")}
            found[f"way_{place}_post_by"] = date.fromisoformat(way["post_by"]) if way["post_by"] else None
        supports = values.get(SUPPORTS, [])
        for name, state in self.STATES:
            found[name] = [row["kind"] for row in supports if row["state"] == state]
        days = [row["ask_by"] for row in supports if row["ask_by"]]
        found["ask_by"] = date.fromisoformat(min(days)) if days else None
        return found

    def lay_out(self):
        """One box of fields for each way."""
        ways = [
            Fieldset(
                _("Way %(number)d") % {"number": place + 1},
                *(f"way_{place}_{name}" for name in ("method", "description", "url", "post_by")),
            )
            for place in range(self.rows)
        ]
        correction = ["correction"] if "correction" in self.fields else []
        return Layout(
            *ways,
            Fieldset(_("Time and help"), "minutes_needed", "there", "on_request", "ask_by", "not_available"),
            *correction,
        )

    def clean(self):
        """What one box says of another."""
        said = super().clean()
        for place in range(self.rows):
            method, how = said.get(f"way_{place}_method"), said.get(f"way_{place}_description")
            if how and not method:
                self.add_error(f"way_{place}_method", _("Choose the kind of this way"))
            if method and not how:
                self.add_error(f"way_{place}_description", _("Say how, such as “Come to the library on Mill Lane”"))
        if said.get("on_request") and not said.get("ask_by"):
            self.add_error("ask_by", _("Enter the last day to ask for help"))
        seen: set = set()
        for name, _state in self.STATES:
            if seen.intersection(said.get(name) or ()):
                self.add_error(name, _("Choose one answer for each kind of help"))
            seen.update(said.get(name) or ())
        return said

    def plain_values(self):
        """The ways and the help as lists."""
        said = self.cleaned_data
        ways = [
            plain_way(
                said[f"way_{place}_method"].pk,
                said[f"way_{place}_description"],
                said[f"way_{place}_url"] or "",
                said[f"way_{place}_post_by"],
            )
            for place in range(self.rows)
            if said[f"way_{place}_method"]
        ]
        supports = [
            plain_support(kind.pk, state.value, said["ask_by"] if state == SupportState.ON_REQUEST else None)
            for name, state in self.STATES
            for kind in said[name]
        ]
        return super().plain_values() | {WAYS: ways, SUPPORTS: sorted(supports, key=lambda row: row["kind"])}


class PeopleForm(StepForm):
    """Who owns the answer, and whom families can ask."""

    owner = Takers(
        label=gettext_lazy("Who owns the answer"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        required=False,
        help_text=gettext_lazy("They are reminded until families have their answer. Families do not see the name."),
    )
    deputy = Takers(
        label=gettext_lazy("Deputy"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Nobody"),
        required=False,
    )

    class Meta:
        model = Consultation
        fields = ("owner", "deputy", "contact_name", "contact_phone", "contact_email", "team_mailbox")

    def prepare(self, user):
        """The people who write for the bodies of the person."""
        takers = (
            Membership.objects.active()
            .filter(Q(organisation__in=_bodies(user), role__in=WRITING_ROLES) | Q(pk__in=self._now()))
            .select_related("user", "organisation")
            .order_by("organisation__path", "user__name", "pk")
        )
        self.fields["owner"].queryset = takers
        if "deputy" in self.fields:
            self.fields["deputy"].queryset = takers

    def _now(self) -> list[int]:
        return [self.values[name] for name in ("owner", "deputy") if self.values.get(name)]


def _bodies(user):
    """The organisations that the person writes for, and those whose consultation they answer for."""
    held = [membership.pk for membership in roles_of(user)]
    owned = Consultation.objects.filter(Q(owner__in=held) | Q(deputy__in=held)).values("organisation")
    return (bodies_of(user) | Organisation.objects.filter(pk__in=owned)).order_by("name")


STEPS = {
    step.key: step
    for step in (
        Step("what", gettext_lazy("What it is"), WhatForm, WhatForm.Meta.fields, ("title", "organisation", "summary")),
        Step("say", gettext_lazy("How much say families have"), SayForm, SayForm.Meta.fields, ("level", "decided_by")),
        Step("who", gettext_lazy("Who it is for"), WhoForm, WhoForm.Meta.fields, WhoForm.Meta.fields),
        Step("when", gettext_lazy("When"), WhenForm, WhenForm.Meta.fields, ()),
        Step("part", gettext_lazy("How to take part"), PartForm, ("minutes_needed", WAYS, SUPPORTS), (WAYS,)),
        Step(
            "people",
            gettext_lazy("Who answers, and whom to ask"),
            PeopleForm,
            PeopleForm.Meta.fields,
            ("contact_name",),
        ),
    )
}  # fmt: skip


# --- "Ready to ask?"


class ReadyForm(HubForm, forms.Form):
    """The questions that a person has to answer, and from when families may see the listing."""

    marks_optional = False

    def __init__(self, *args, ready: Ready, **kwargs):
        self.asked = [question for question in ready.questions if question.is_asked]
        initial = {}
        for question in self.asked:
            if question.answer:
                initial |= {question.key: question.answer.said, f"{question.key}_reason": question.answer.reason}
        super().__init__(*args, initial=initial | (kwargs.pop("initial", None) or {}), **kwargs)
        for question in self.asked:
            self.fields[question.key] = forms.ChoiceField(
                label=question.label, choices=Said.choices, widget=Radios(), required=False
            )
            self.fields[f"{question.key}_reason"] = forms.CharField(
                label=_("Reason, only if it is not a yes"), max_length=500, required=False
            )
        self.fields["publish_on"] = DayField(
            label=_("Show it to families from (optional)"),
            required=False,
            help_text=_("Leave it empty to show it as soon as it is approved."),
        )

    def clean(self):
        """A no needs its reason."""
        said = super().clean()
        for question in self.asked:
            if (
                said.get(question.key) not in ("", None, Said.YES)
                and not (said.get(f"{question.key}_reason") or "").strip()
            ):
                self.add_error(f"{question.key}_reason", _("Give the reason"))
        return said

    def answers(self) -> dict[str, tuple[str, str]]:
        """What was said, and why, by question."""
        said = self.cleaned_data
        return {each.key: (said.get(each.key) or "", said.get(f"{each.key}_reason") or "") for each in self.asked}


# --- Checked, moved, stopped


class ApproveForm(HubForm, forms.Form):
    """What families are told about a change to something that is open."""

    correction = forms.CharField(
        label=gettext_lazy("Tell families what changed, in one sentence"),
        max_length=300,
        help_text=gettext_lazy("It stands on the page, and those who follow it are told."),
    )
    marks_optional = False


class MoveForm(HubForm, forms.Form):
    """More time for families, and why."""

    closes_on = DayField(label=gettext_lazy("New closing date"))
    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=300, help_text=gettext_lazy("Families see this. One sentence is enough.")
    )
    marks_optional = False


class StopForm(HubForm, forms.Form):
    """Why it stops, and what becomes of what families have said."""

    reason = LongTextField(label=gettext_lazy("Why is it stopped?"), rows=3)
    views = LongTextField(label=gettext_lazy("What happens to the views you already have?"), rows=3)
    marks_optional = False


class AskAgainForm(HubForm, forms.Form):
    """The title and the days of a new round."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=250)
    opens_on = DayField(label=gettext_lazy("Opens"))
    closes_on = DayField(
        label=gettext_lazy("Closes"), required=False, help_text=gettext_lazy("Leave it empty for a group that goes on.")
    )
    marks_optional = False

    def clean(self):
        """It opens before it closes."""
        said = super().clean()
        if said.get("opens_on") and said.get("closes_on") and said["closes_on"] < said["opens_on"]:
            self.add_error("closes_on", _("The closing date must be on or after the opening date"))
        return said
