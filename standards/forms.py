"""What staff type when they adopt the standard and check themselves against it."""

from dataclasses import dataclass
from datetime import date

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Takers, bodies_of, usual_of
from accounts.models import Membership, Organisation
from accounts.rules import WRITING_ROLES
from core.forms import Checkboxes, DayField, HubForm, LongTextField, Radios
from standards.actions import OWN_RATINGS
from standards.evidence import Offer
from standards.figures import Figure
from standards.models import Adoption, Indicator, Judgement, Rating

HINTS = {
    Rating.NOT_YET: gettext_lazy("You have not started."),
    Rating.STARTED: gettext_lazy("You work on it, but it is not in place everywhere."),
    Rating.IN_PLACE: gettext_lazy("You do this, and something shows it."),
    Rating.NOT_APPLICABLE: gettext_lazy("It cannot apply to you. Say why; families read it."),
}
PLEDGE = ("scope", "signed_by", "lead", "owner")


class PledgeForm(HubForm, forms.Form):
    """The words of a pledge, as the register shows them; and who is reminded."""

    enter_words = {
        "scope": gettext_lazy("Say what it covers"),
        "signed_by": gettext_lazy("Enter who has agreed to it"),
        "lead": gettext_lazy("Enter who leads on it"),
        "owner": gettext_lazy("Choose who is reminded"),
    }

    scope = forms.CharField(
        label=gettext_lazy("What does it cover?"),
        help_text=gettext_lazy("The whole organisation, or one service or area."),
        max_length=200,
    )
    signed_by = forms.CharField(
        label=gettext_lazy("Which senior person has agreed to it?"),
        help_text=gettext_lazy("Their role is enough, such as “Director of children’s services”."),
        max_length=150,
    )
    lead = forms.CharField(
        label=gettext_lazy("Who leads on involving families?"),
        help_text=gettext_lazy("A role or a team. Families read it."),
        max_length=150,
    )
    owner = Takers(
        label=gettext_lazy("Who do we remind?"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        help_text=gettext_lazy("Families do not see it."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        takers = Membership.objects.active().filter(organisation__in=bodies_of(user), role__in=WRITING_ROLES)
        takers = takers.select_related("user", "organisation").order_by("organisation__path", "user__name", "pk")
        self.fields["owner"].queryset = takers

    @staticmethod
    def first_values(adoption: Adoption) -> dict:
        """A pledge as it stands."""
        return {name: getattr(adoption, name) for name in (*PLEDGE, "version")}

    def facts(self) -> dict:
        """The columns of the pledge."""
        return {name: self.cleaned_data[name] for name in PLEDGE}


class AdoptForm(PledgeForm):
    """Adopt the standard: the pledge, for whom, from when, and by when the first check is done."""

    enter_words = PledgeForm.enter_words | {"organisation": gettext_lazy("Choose who adopts it")}

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Which service or organisation adopts it?"),
        queryset=Organisation.objects.none(),
        empty_label=gettext_lazy("Choose one"),
    )
    adopted_on = DayField(label=gettext_lazy("From which day?"))
    renew_by = DayField(
        label=gettext_lazy("By when is the first check done?"),
        required=False,
        help_text=gettext_lazy("Leave it empty for six months after adopting."),
    )

    field_order = ("organisation", *PLEDGE, "adopted_on", "renew_by")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        bodies = bodies_of(user)
        self.fields["organisation"].queryset = bodies
        self.initial |= {name: value for name, value in usual_of(user, bodies).items() if name in self.fields}

    def facts(self) -> dict:
        """The columns of the adoption."""
        return super().facts() | {name: self.cleaned_data[name] for name in ("organisation", "adopted_on", "renew_by")}


class WhyForm(HubForm, forms.Form):
    """Why a pledge ends. Families read it."""

    enter_words = {"reason": gettext_lazy("Say why it ends")}

    reason = LongTextField(label=gettext_lazy("Why does it end?"), help_text=gettext_lazy("Families read it."), rows=3)


class PublishForm(HubForm, forms.Form):
    """Whether the register shows a check. Only the first one may stay private."""

    is_private = forms.BooleanField(
        label=gettext_lazy("Keep this first check for ourselves"),
        help_text=gettext_lazy("Nobody outside your organisation sees it. Your next check is published."),
        required=False,
    )

    def __init__(self, *args, may_be_private: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_be_private:
            del self.fields["is_private"]


class JudgeForm(HubForm, forms.Form):
    """One statement: how far the service is, and what shows it."""

    enter_words = {"rating": gettext_lazy("Choose how far you are")}

    rating = forms.ChoiceField(
        label=gettext_lazy("How far are you?"),
        choices=[(each.value, each.label) for each in OWN_RATINGS],
        widget=Radios(hints=HINTS),
    )
    marks = forms.MultipleChoiceField(
        label=gettext_lazy("What shows it? Choose from your own records"),
        widget=Checkboxes(),
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("Something that is not on this hub"),
        help_text=gettext_lazy("What it is, and where others can see it. No names of children or families."),
        max_length=300,
        required=False,
    )
    note_on = DayField(label=gettext_lazy("Since when, or when it happened"), required=False)
    words = LongTextField(
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy("What was different because of it? Families read this."),
        required=False,
        rows=3,
    )
    differs = LongTextField(
        label=gettext_lazy("Why do the records say something else?"),
        help_text=gettext_lazy("Only if you say “We do this” and the hub’s records do not. Families read both."),
        required=False,
        rows=2,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, offers: list[Offer], may_differ: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["marks"].choices = [(each.mark, f"{each.kind.label}: {each.title}") for each in offers]
        if not offers:
            del self.fields["marks"]
        if not may_differ:
            del self.fields["differs"]

    def lay_out(self):
        """The rating first, then what shows it."""
        shows = [name for name in ("marks", "note", "note_on") if name in self.fields]
        says = [name for name in ("words", "differs") if name in self.fields]
        return Layout("rating", Fieldset(_("What shows it"), *shows), *says)

    @staticmethod
    def first_values(judgement: Judgement | None) -> dict:
        """What was said before."""
        if judgement is None:
            return {"version": 0}
        shown = list(judgement.evidence.all())
        note = next((each for each in shown if each.record_id is None), None)
        return {
            "rating": judgement.rating,
            "words": judgement.words,
            "differs": judgement.differs,
            "marks": [f"{each.kind}:{each.record_id}" for each in shown if each.record_id is not None],
            "note": note.title if note else "",
            "note_on": note.happened_on if note else None,
            "version": judgement.version,
        }

    def said(self) -> dict:
        """What the action wants of it."""
        names = ("rating", "marks", "note", "note_on", "words", "differs", "version")
        said = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return said | {"version": said.get("version") or 0}


@dataclass(frozen=True)
class Question:
    """One statement on the page of first steps: what is known of it, and what was said before."""

    indicator: Indicator
    figure: Figure | None
    offers: list[Offer]
    judgement: Judgement | None

    @property
    def may_differ(self) -> bool:
        """Whether the records say something else than "We do this"."""
        return self.figure is not None and self.figure.has_records and not self.figure.is_met


class FirstStepsForm(HubForm, forms.Form):
    """The statements of the first level on one page. What is left empty stays as it is."""

    marks_optional = False

    def __init__(self, *args, questions: list[Question], **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = questions
        for each in questions:
            first = JudgeForm.first_values(each.judgement)
            for name, field in self._fields_of(each).items():
                field.initial = first.get(name)
                self.fields[f"{name}_{each.indicator.key}"] = field

    @staticmethod
    def _fields_of(question: Question) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {
            "rating": forms.ChoiceField(
                label=gettext_lazy("How far are you?"),
                help_text=_("The hub’s records: %(words)s") % {"words": question.figure.words}
                if question.figure
                else "",
                choices=[(each.value, each.label) for each in OWN_RATINGS],
                widget=Radios(),
                required=False,
            )
        }
        if question.offers:
            fields["marks"] = forms.MultipleChoiceField(
                label=gettext_lazy("What shows it? Choose from your own records"),
                choices=[(each.mark, f"{each.kind.label}: {each.title}") for each in question.offers],
                widget=Checkboxes(),
                required=False,
            )
        fields["note"] = forms.CharField(
            label=gettext_lazy("Something that is not on this hub"), max_length=300, required=False
        )
        fields["words"] = forms.CharField(
            label=gettext_lazy("In your words, or why it does not apply"), max_length=500, required=False
        )
        if question.may_differ:
            fields["differs"] = forms.CharField(
                label=gettext_lazy("Why do the records say something else?"), max_length=500, required=False
            )
        fields["version"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        return fields

    def lay_out(self):
        """A group for each statement."""
        names = {
            each.indicator.key: [name for name in self.fields if name.endswith(f"_{each.indicator.key}")]
            for each in self.questions
        }
        return Layout(*(Fieldset(each.indicator.statement, *names[each.indicator.key]) for each in self.questions))

    def said(self, question: Question, on: date) -> dict:
        """What was typed of one statement; empty without a rating. A note is of the day that it is typed."""
        key = question.indicator.key
        typed = {
            name: self.cleaned_data[f"{name}_{key}"]
            for name in ("rating", "marks", "note", "words", "differs", "version")
            if f"{name}_{key}" in self.cleaned_data
        }
        if not typed["rating"]:
            return {}
        before = JudgeForm.first_values(question.judgement)
        same_note = bool(typed["note"]) and typed["note"] == before.get("note")
        note_on = before["note_on"] if same_note else on
        return typed | {"version": typed["version"] or 0, "note_on": note_on if typed["note"] else None}
