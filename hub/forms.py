"""The forms of the hub's own desk pages."""

from django import forms
from django.utils.translation import gettext_lazy

from core.forms import HubForm, LongTextField
from core.models import Synonym


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
