"""What staff type about an example of good practice, in short steps, and how it went for those who tried it."""

from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import bodies_of, usual_of
from accounts.models import Organisation
from consultations.models import Consultation, ParticipationLevel
from core.forms import Checkboxes, DayField, HubForm, LongTextField, Radios
from core.steps import Step, StepForm
from feedback.models import FeedbackEntry
from practice.models import HowItWent, ParentsSay, PracticeExample, Tip
from practice.tips import places
from practice.values import TIPS, plain_tip

# "Up to five" (content: practice_example_template).
MOST_TIPS = 5


class ExampleStepForm(StepForm):
    """One step of an example; it knows which example, once there is one."""

    def __init__(self, *args, example: PracticeExample | None = None, **kwargs):
        self.example = example
        super().__init__(*args, **kwargs)

    def in_use(self, *names: str) -> None:
        """Offer the terms that are in use, and those that the example has already."""
        for name in names:
            field = self.fields[name]
            chosen = self.values.get(name) or []
            field.queryset = field.queryset.model.objects.filter(Q(retired_on__isnull=True) | Q(pk__in=chosen))
            field.required = False


class WhatForm(ExampleStepForm):
    """What changed, who did it, and when."""

    enter_words = {"title": gettext_lazy("Enter the title"), "organisation": gettext_lazy("Choose the service")}

    class Meta:
        model = PracticeExample
        fields = ("title", "organisation", "year", "when_words")

    def prepare(self, user):
        """The bodies that the person writes for."""
        now = Organisation.objects.filter(pk=self.values.get("organisation"))
        bodies = self.fields["organisation"].queryset = (bodies_of(user) | now).order_by("name")
        self.fields["organisation"].empty_label = _("Choose one")
        if not self.values:
            self.initial |= {name: pk for name, pk in usual_of(user, bodies).items() if name == "organisation"}


class AboutForm(ExampleStepForm):
    """What it is about, for whom, and where."""

    class Meta:
        model = PracticeExample
        fields = ("topics", "audiences", "areas")
        widgets = {"topics": Checkboxes(), "audiences": Checkboxes(), "areas": Checkboxes()}

    def prepare(self, user):
        """The lists that are in use."""
        self.in_use(*self.fields)


class ListeningForm(ExampleStepForm):
    """What families said, and how they were asked."""

    issue = LongTextField(label=gettext_lazy("What was the problem, and who raised it?"), rows=3, required=False)
    who = LongTextField(
        label=gettext_lazy("Who was involved, and how many?"), rows=3, required=False,
        help_text=gettext_lazy("Say “fewer than 5” where a number is smaller than that. Name nobody."),
    )  # fmt: skip
    parents_said = LongTextField(
        label=gettext_lazy("What did parents and carers say?"), rows=3, required=False,
        help_text=gettext_lazy("Leave out whatever could tell who somebody is."),
    )  # fmt: skip

    class Meta:
        model = PracticeExample
        fields = (
            "level", "issue", "who", "methods", "method_words", "supports", "no_support_reason", "parents_said",
        )  # fmt: skip
        widgets = {"level": Radios(), "methods": Checkboxes(), "supports": Checkboxes()}
        labels = {
            "methods": gettext_lazy("How did you do it?"),
            "supports": gettext_lazy("What help did people get to take part?"),
            "no_support_reason": gettext_lazy("If there was no help, say why"),
        }

    def prepare(self, user):
        """No empty choice among the levels; the lists that are in use."""
        self.fields["level"].choices = ParticipationLevel.choices
        self.fields["level"].required = False
        self.in_use("methods", "supports")


class ChangeForm(ExampleStepForm):
    """What the service did, what changed because of it, and how anybody can know."""

    we_did = LongTextField(label=gettext_lazy("What did you do?"), rows=4, required=False)
    changed_families = LongTextField(
        label=gettext_lazy("What changed for families?"), rows=3, required=False,
        help_text=gettext_lazy("What is different for a family now? This stands first on the page."),
    )  # fmt: skip
    changed_service = LongTextField(label=gettext_lazy("What changed in the service?"), rows=3, required=False)
    changed_others = LongTextField(
        label=gettext_lazy("What changed for others?"), rows=2, required=False,
        help_text=gettext_lazy("Such as schools, partners, or other families."),
    )  # fmt: skip
    impact_evidence = LongTextField(
        label=gettext_lazy("How do you know?"), rows=3, required=False,
        help_text=gettext_lazy("Numbers before and after, what people said, what an inspection found."),
    )  # fmt: skip

    class Meta:
        model = PracticeExample
        fields = ("we_did", "changed_families", "changed_service", "changed_others", "impact_evidence")


class ParentsForm(ExampleStepForm):
    """What parents say about the change."""

    parents_asked = forms.ChoiceField(
        label=gettext_lazy("Did you ask parents about the change?"), choices=ParentsSay, widget=Radios()
    )
    parent_view = LongTextField(
        label=gettext_lazy("What do parents say about the change?"), rows=3, required=False,
        help_text=gettext_lazy("In their own words, if they said yes to that. No names."),
    )  # fmt: skip

    class Meta:
        model = PracticeExample
        fields = ("parents_asked", "parent_view")


class OthersForm(ExampleStepForm):
    """What somebody who wants to try it needs to know: cost, what was hard, tips."""

    cost = LongTextField(
        label=gettext_lazy("What did it cost in money and time?"), rows=2, required=False,
        help_text=gettext_lazy("A rough figure is fine."),
    )  # fmt: skip
    hard = LongTextField(label=gettext_lazy("What was hard, or did not work?"), rows=3, required=False)

    class Meta:
        model = PracticeExample
        fields = ("cost", "hard")

    def prepare(self, user):
        """Rows for five tips."""
        choices = [("", _("Choose one")), *places()]
        longest = Tip._meta.get_field("text").max_length
        for place in range(MOST_TIPS):
            self.fields[f"tip_{place}_text"] = forms.CharField(
                label=_("Tip, in one sentence"), max_length=longest, required=False
            )
            self.fields[f"tip_{place}_place"] = forms.ChoiceField(
                label=_("What it helps with"), choices=choices, required=False
            )
        self.beside = tuple(name for name in self.fields if name.startswith("tip_"))

    def initial_of(self, values):
        """The tips as the boxes of the page."""
        found = super().initial_of(values)
        for place, tip in enumerate(values.get(TIPS, [])[:MOST_TIPS]):
            found |= {f"tip_{place}_{name}": tip[name] for name in ("text", "place")}
        return found

    def lay_out(self):
        """One box of fields for each tip."""
        tips = [
            Fieldset(_("Tip %(number)d") % {"number": place + 1}, f"tip_{place}_text", f"tip_{place}_place")
            for place in range(MOST_TIPS)
        ]
        return Layout("cost", "hard", *tips)

    def clean(self):
        """A tip says what it helps with."""
        said = super().clean()
        for place in range(MOST_TIPS):
            text, helps = said.get(f"tip_{place}_text"), said.get(f"tip_{place}_place")
            if text and not helps:
                self.add_error(f"tip_{place}_place", _("Choose what this tip helps with"))
            if helps and not text:
                self.add_error(f"tip_{place}_text", _("Enter the tip, or choose nothing below it"))
        return said

    def plain_values(self) -> dict[str, Any]:
        """The tips as a list."""
        said = self.cleaned_data
        rows = [(said[f"tip_{place}_text"], said[f"tip_{place}_place"]) for place in range(MOST_TIPS)]
        return super().plain_values() | {TIPS: [plain_tip(text, helps) for text, helps in rows if text]}


class _Shortened(forms.ModelChoiceField):
    """A choice of records by the beginning of what they are called."""

    def label_from_instance(self, obj):
        return Truncator(str(obj)).chars(90)


class FromForm(ExampleStepForm):
    """What it came from, and whom to ask."""

    consultation = _Shortened(
        label=gettext_lazy("The consultation it came from"),
        queryset=Consultation.objects.none(),
        empty_label=gettext_lazy("None"),
        required=False,
    )
    entry = _Shortened(
        label=gettext_lazy("What it tells of in “You said, we did”"),
        queryset=FeedbackEntry.objects.none(),
        empty_label=gettext_lazy("None"),
        required=False,
        help_text=gettext_lazy("Then everybody can check that it happened."),
    )

    class Meta:
        model = PracticeExample
        fields = ("consultation", "entry", "contact_name", "contact_phone", "contact_email")

    def prepare(self, user):
        """What families can read of the same service."""
        body = self.example.organisation if self.example else None
        for name, model in (("consultation", Consultation), ("entry", FeedbackEntry)):
            rows = model.objects.published()
            own = Q(organisation__path__startswith=body.path) if body else Q(pk__in=[])
            rows = rows.filter(own | Q(pk=self.values.get(name))).defer("search")
            self.fields[name].queryset = rows.order_by("-published_at", "pk")


STEPS = {
    step.key: step
    for step in (
        Step(
            "what", gettext_lazy("What changed, and who did it"), WhatForm, WhatForm.Meta.fields,
            ("title", "organisation", "year"),
        ),
        Step("about", gettext_lazy("What it is about"), AboutForm, AboutForm.Meta.fields, AboutForm.Meta.fields),
        Step(
            "listening", gettext_lazy("How you listened"), ListeningForm, ListeningForm.Meta.fields,
            ("level", "issue", "who", "methods", "parents_said"),
        ),
        Step(
            "change", gettext_lazy("What you did, and what changed"), ChangeForm, ChangeForm.Meta.fields,
            ("we_did", "changed_families", "impact_evidence"),
        ),
        Step("parents", gettext_lazy("What parents say"), ParentsForm, ParentsForm.Meta.fields, ("parents_asked",)),
        Step(
            "others", gettext_lazy("For others who want to try it"), OthersForm, ("cost", "hard", TIPS),
            ("cost", "hard"),
        ),
        Step(
            "from", gettext_lazy("Where it comes from, and whom to ask"), FromForm, FromForm.Meta.fields,
            ("contact_name",),
        ),
    )
}  # fmt: skip


class TriedForm(HubForm, forms.Form):
    """How it went when another service tried it."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Your service"),
        queryset=Organisation.objects.none(),
        empty_label=gettext_lazy("Choose one"),
    )
    tried_on = DayField(label=gettext_lazy("When did you try it?"))
    how_it_went = forms.ChoiceField(label=gettext_lazy("How did it go?"), choices=HowItWent, widget=Radios())
    words = LongTextField(
        label=gettext_lazy("What happened, and why?"),
        rows=4,
        help_text=gettext_lazy("What did not work helps others as much as what did. Name no family."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    enter_words = {"organisation": gettext_lazy("Choose your service")}
    marks_optional = False

    def __init__(self, *args, user, example: PracticeExample, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = bodies_of(user).exclude(pk=example.organisation_id)
        self.fields["organisation"].queryset = bodies
        if not self.initial.get("organisation"):
            self.initial |= {name: pk for name, pk in usual_of(user, bodies).items() if name == "organisation"}
