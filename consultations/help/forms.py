"""Forms of help to take part: what a family needs, and what became of it."""

import re

from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultations.help.models import HelpKind, WhyNot, needs_reply
from core.dates import today
from core.forms import DayField, HubForm, LongTextField, OnceField, Radios
from core.models import Format

NOTICE = HTML('{% include "components/safeguarding.html" %}')
# What the page says already, and what nobody asks for as another format of it.
NOT_OTHER_FORMATS = ("web", "full_document")
IN_ANOTHER_LANGUAGE = "translation"

ANYTHING_ELSE = gettext_lazy("Is there anything else we should know?")
# What is asked in a sentence for each kind, with a hint, and whether something has to be written there.
WORDS = {
    HelpKind.FORMAT: (ANYTHING_ELSE, "", False),
    HelpKind.INTERPRETER: (ANYTHING_ELSE, "", False),
    HelpKind.CHILDCARE: (
        gettext_lazy("How many children are there, and how old are they?"),
        gettext_lazy("Please leave out their names."),
        True,
    ),
    HelpKind.COSTS: (
        gettext_lazy("What would cost you money?"),
        gettext_lazy("Such as the bus, or somebody who looks after your children."),
        True,
    ),
    HelpKind.OTHER: (
        gettext_lazy("What would help you to take part?"),
        gettext_lazy("Such as a quiet room, or somebody to come with you."),
        True,
    ),
}


class HelpForm(HubForm, forms.Form):
    """What a family needs, in as few boxes as there can be; and how to reach them, where they must be reached.

    It needs no session, so it sets no cookie. `website` stands where only a
    program sees it. `dates` are those of an event, as values and words; a
    consultation has none.
    """

    day = forms.ChoiceField(label=gettext_lazy("Which date do you want to come to?"), widget=Radios())
    format = forms.ModelChoiceField(
        Format.objects.none(),
        label=gettext_lazy("Which format do you need?"),
        to_field_name="key",
        empty_label=None,
        widget=Radios(),
    )
    language = forms.CharField(
        label=gettext_lazy("Which language do you need?"),
        help_text=gettext_lazy("Such as Polish, Urdu or British Sign Language."),
        max_length=60,
    )
    words = LongTextField(max_length=1000, rows=4)
    reached_at = forms.CharField(
        label=gettext_lazy("How can we reach you?"),
        help_text=gettext_lazy("An e-mail address or a phone number. We use it for this and nothing else."),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter an e-mail address or a phone number")},
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        help_text=gettext_lazy("A first name is enough."),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
    )
    once = OnceField()
    website = forms.CharField(required=False)

    def __init__(self, *args, kind: HelpKind, dates: list[tuple[str, str]], is_event: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        if len(dates) > 1:
            self.fields["day"].choices = dates
        else:
            del self.fields["day"]
        if kind == HelpKind.FORMAT:
            self.fields["format"].queryset = Format.objects.in_use().exclude(key__in=NOT_OTHER_FORMATS)
            self.fields["language"].required = False
            self.fields["language"].help_text = _("Only if you need another language.")
        else:
            del self.fields["format"]
        if kind not in (HelpKind.FORMAT, HelpKind.INTERPRETER):
            del self.fields["language"]
        words = self.fields["words"]
        words.label, words.help_text, words.required = WORDS[kind]
        words.error_messages["required"] = _("Answer the question “%(label)s”") % {"label": words.label}
        if not needs_reply(kind, is_event=is_event):
            self.fields["reached_at"].required = False
            self.fields["reached_at"].help_text = _(
                "An e-mail address or a phone number. Leave it empty if you need no reply."
            )

    def lay_out(self):
        """What a person sees; the notice stands above the box in which people write freely."""
        first = [name for name in ("day", "format", "language") if name in self.fields]
        return Layout(*first, NOTICE, "words", "reached_at", "name")

    @property
    def is_from_a_program(self) -> bool:
        """Whether something was typed where no person could."""
        return bool(self.cleaned_data["website"])

    def clean_reached_at(self):
        """An e-mail address, or a number that can be rung."""
        said = self.cleaned_data["reached_at"]
        is_number = re.fullmatch(r"[0-9+() .-]+", said) and 7 <= len(re.sub(r"\D", "", said)) <= 15
        if said and not is_number:
            try:
                validate_email(said)
            except ValidationError:
                raise ValidationError(
                    _("Enter an e-mail address, like name@example.com, or a phone number in figures")
                ) from None
        return said

    def clean(self):
        """Another language is one that is named."""
        said = super().clean()
        chosen = said.get("format")
        if chosen is not None and chosen.key == IN_ANOTHER_LANGUAGE and not said.get("language"):
            self.add_error("language", _("Enter the language you need"))
        return said

    def asker(self) -> dict[str, str]:
        """Who asked and what they wrote, once valid."""
        return {name: self.cleaned_data.get(name, "").strip() for name in ("name", "reached_at", "language", "words")}


class WhyNotForm(HubForm, forms.Form):
    """Why a request could not be met."""

    why_not = forms.ChoiceField(label=gettext_lazy("Why could it not be met?"), choices=WhyNot, widget=Radios())
    note = LongTextField(
        label=gettext_lazy("What you did, and what you told the person"),
        help_text=gettext_lazy("For your service only. It is deleted together with who asked."),
        max_length=300,
        rows=3,
        required=False,
    )


class MetOnForm(HubForm, forms.Form):
    """The day on which the help was there, where that was not today."""

    marks_optional = False

    met_on = DayField(label=gettext_lazy("On which day was the help there?"))

    def clean_met_on(self):
        """A day that is not to come."""
        day = self.cleaned_data["met_on"]
        if day > today():
            raise ValidationError(_("Choose today or an earlier day"))
        return day
