"""What a parent reviewer says of the claims in a check, five minutes on a phone; and reading their words."""

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy

from core.forms import HubForm, LongTextField, Radios
from feedback.comments.forms import CleanCharField
from standards.models import Agrees, ClaimAnswer, Judgement


class ClaimsForm(HubForm, forms.Form):
    """For each claim: do parents agree? None has to be answered."""

    def __init__(self, *args, claims: list[Judgement], answers: dict[int, ClaimAnswer], **kwargs):
        super().__init__(*args, **kwargs)
        self.claims = claims
        for each in claims:
            before = answers.get(each.pk)
            self.fields[f"agrees_{each.pk}"] = forms.ChoiceField(
                label=gettext_lazy("Do parents agree?"),
                help_text=each.indicator.parent_check,
                choices=Agrees,
                widget=Radios(),
                required=False,
                initial=before.agrees if before else None,
            )
            self.fields[f"words_{each.pk}"] = CleanCharField(
                label=gettext_lazy("In their words"),
                help_text=gettext_lazy("No names of children or families. Somebody reads it first."),
                max_length=1000,
                widget=forms.Textarea({"rows": 2}),
                required=False,
                initial=before.words if before else "",
            )

    marks_optional = False

    def lay_out(self):
        """A group for each claim, under what the service says."""
        return Layout(
            *(Fieldset(each.indicator.statement, f"agrees_{each.pk}", f"words_{each.pk}") for each in self.claims)
        )

    def said(self) -> dict[int, tuple[str, str]]:
        """What was said, by claim."""
        typed = self.cleaned_data
        return {each.pk: (typed[f"agrees_{each.pk}"], typed[f"words_{each.pk}"]) for each in self.claims}


class ReadWordsForm(HubForm, forms.Form):
    """The words as families will read them."""

    enter_words = {"words": gettext_lazy("Enter what families may read, or leave the words out")}

    words = LongTextField(
        label=gettext_lazy("What families may read"),
        help_text=gettext_lazy("Take out whatever shows whose child it is."),
        max_length=1000,
        rows=4,
    )
