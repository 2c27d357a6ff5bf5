"""The forms of the hub's own desk pages."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DayField, HubForm, LongTextField
from core.models import Synonym, Topic


class SynonymForm(HubForm, forms.Form):
    """Words and phrases that mean the same to a parent."""

    words = LongTextField(
        label=gettext_lazy("Words and phrases that mean the same"),
        help_text=gettext_lazy("Put each on its own line. A search for one also finds pages that say another."),
        max_length=2000,
        rows=6,
    )

    def clean_words(self) -> list[str]:
        """One word or phrase for each line."""
        return [line.strip() for line in self.cleaned_data["words"].splitlines() if line.strip()]


class NewSynonymForm(SynonymForm):
    """The same for words that join a group that is there, or make a new one."""

    group = forms.ModelChoiceField(
        label=gettext_lazy("Add them to"),
        queryset=Synonym.objects.in_use(),
        empty_label=gettext_lazy("A new group"),
        required=False,
    )


class IssueReportForm(HubForm, forms.Form):
    """The words to the board, and which report this person knew to be the newest."""

    asks = LongTextField(
        label=gettext_lazy("What do you ask the board to do?"),
        help_text=gettext_lazy("It stands at the end of the report. Leave it empty if you ask for nothing."),
        max_length=3000,
        required=False,
        rows=6,
    )
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=1000)


class EvidencePackForm(HubForm, forms.Form):
    """Which answers and which part of the log go into the pack."""

    first = DayField(label=gettext_lazy("First day"), help_text=gettext_lazy("For example, 1 4 2026"))
    last = DayField(label=gettext_lazy("Last day"))
    topics = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Which topics?"),
        help_text=gettext_lazy("Leave all boxes empty to have everything."),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["topics"].queryset = Topic.objects.in_use()

    def clean_last(self):
        """The last day, which does not come before the first."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data["last"]
        if first and last and last < first:
            raise ValidationError(_("The last day must not come before the first"))
        return last
