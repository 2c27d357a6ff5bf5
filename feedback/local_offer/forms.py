"""What staff type for the report of the local offer."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DayField, HubForm, Radios
from feedback.models import LeftOut, LocalOfferPart


class DaysForm(HubForm, forms.Form):
    """Which days the report is about."""

    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))

    def clean(self):
        """The first comes before the last."""
        said = super().clean()
        first, last = said.get("first"), said.get("last")
        if first and last and last <= first:
            raise ValidationError({"last": [_("The last day must come after the first")]})
        return said


class PublishForm(HubForm, forms.Form):
    """Which report about these days this person knew to be the newest."""

    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1000)


class SortForm(HubForm, forms.Form):
    """Which part of the local offer a comment is about, and whether the report leaves it out."""

    enter_words = {"part": gettext_lazy("Choose what the comment is about")}

    part = forms.ChoiceField(
        label=gettext_lazy("What is the comment about?"), choices=LocalOfferPart.choices, widget=Radios()
    )
    left_out = forms.ChoiceField(
        label=gettext_lazy("Is it left out of the report?"),
        choices=[("", gettext_lazy("No, it is in the report")), *LeftOut.choices],
        help_text=gettext_lazy("The report says only how many were left out for each reason."),
        widget=Radios(),
        required=False,
    )
