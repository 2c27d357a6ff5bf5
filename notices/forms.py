"""Forms about messages: when a reminder goes out, holding one back, and following something."""

from datetime import date, timedelta

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import next_working_day
from core.forms import Checkboxes, DayField, HubForm, LongTextField, OnceField, Radios
from notices.models import STAND_INS, TOLD, Cadence, Step
from notices.reasons import Reason

SIDES = (("before", gettext_lazy("Before")), ("after", gettext_lazy("After, or on the day")))
TURNS = tuple(f"chain_{number}" for number in range(1, len(STAND_INS) + 1))
TURN_WORDS = (
    gettext_lazy("First"),
    gettext_lazy("If they are missing"),
    gettext_lazy("If they are missing too"),
    gettext_lazy("Then"),
    gettext_lazy("Last"),
)


class TimingForm(HubForm, forms.Form):
    """When one reminder goes out, to whom, and what it asks for."""

    marks_optional = False

    days = forms.IntegerField(
        label=gettext_lazy("How many days"), min_value=0, max_value=3650, help_text=gettext_lazy("0 is the day itself.")
    )
    side = forms.ChoiceField(label=gettext_lazy("Before or after?"), choices=SIDES, widget=Radios())
    anchor = forms.ChoiceField(label=gettext_lazy("Counted from"), widget=Radios())
    repeat_every_days = forms.IntegerField(
        label=gettext_lazy("Again every so many days (optional)"),
        help_text=gettext_lazy("Leave it empty for once only."),
        min_value=7,
        max_value=365,
        required=False,
        error_messages={"min_value": gettext_lazy("Enter 7 or more: nobody reads a reminder that comes every day")},
    )
    recipients = forms.MultipleChoiceField(label=gettext_lazy("Who is told"), choices=TOLD, widget=Checkboxes())
    chain_1, chain_2, chain_3, chain_4, chain_5 = (
        forms.ChoiceField(
            label=words, choices=[("", gettext_lazy("Nobody")), *STAND_INS], required=False, widget=forms.Select()
        )
        for words in TURN_WORDS
    )
    text = LongTextField(
        label=gettext_lazy("What we ask for"),
        help_text=gettext_lazy("One or two short sentences. The mail says by itself what is owed, and since when."),
        max_length=300,
        rows=3,
    )
    urgent = forms.BooleanField(
        label=gettext_lazy("It goes out in a mail of its own"),
        help_text=gettext_lazy("Only for what cannot wait. Everything else comes in one mail a day."),
        required=False,
    )
    valid_from = DayField(
        label=gettext_lazy("From which day"),
        help_text=gettext_lazy("A day still to come. What was sent before it is not sent again."),
    )

    def __init__(self, *args, reason: Reason, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["anchor"].choices = [(name, capfirst(words)) for name, words in reason.anchors.items()]
        if len(reason.anchors) == 1:
            self.fields["anchor"].widget = forms.HiddenInput()
            self.fields["anchor"].initial = next(iter(reason.anchors))

    def lay_out(self):
        """When, to whom, who stands in, what."""
        return Layout(
            Fieldset(str(_("When it goes out")), "days", "side", "anchor", "repeat_every_days"),
            Fieldset(str(_("Who gets it")), "recipients"),
            Fieldset(str(_("Who stands in when the owner is missing, or nobody else is there")), *TURNS),
            Fieldset(str(_("What it says")), "text", "urgent"),
            Fieldset(str(_("When the change begins")), "valid_from"),
        )

    @classmethod
    def initial_of(cls, step: Step, on: date) -> dict:
        """A step as the form shows it, to change from the next working day on."""
        chain = {turn: role for turn, role in zip(TURNS, step.chain, strict=False)}
        return chain | {
            "days": abs(step.offset_days),
            "side": "before" if step.offset_days < 0 else "after",
            "anchor": step.anchor,
            "repeat_every_days": step.repeat_every_days,
            "recipients": step.recipients,
            "text": step.text,
            "urgent": step.urgent,
            "valid_from": next_working_day(on + timedelta(days=1)),
        }

    def clean(self):
        """Nobody stands in twice; gaps in the chain close up."""
        said = super().clean()
        chain = [said[turn] for turn in TURNS if said.get(turn)]
        if len(set(chain)) < len(chain):
            self.add_error(TURNS[0], ValidationError(_("Name each person who stands in only once")))
        said["chain"] = chain
        return said

    def timing(self) -> dict:
        """The fields of the step, once valid."""
        said = self.cleaned_data
        return {
            "offset_days": -said["days"] if said["side"] == "before" else said["days"],
            **{
                name: said[name]
                for name in ("anchor", "repeat_every_days", "recipients", "chain", "text", "urgent", "valid_from")
            },
        }


class HoldForm(HubForm, forms.Form):
    """Why messages about one thing are held back, and for how long."""

    why = LongTextField(
        label=gettext_lazy("Why do you hold them back?"),
        help_text=gettext_lazy("Such as “The owner is on leave after a death. We spoke on the phone.”"),
        max_length=300,
        rows=3,
        required=False,
    )
    until = DayField(
        label=gettext_lazy("Up to which day?"),
        help_text=gettext_lazy("At most four weeks. After that the latest reminder goes out by itself."),
        required=False,
    )
    marks_optional = False


# What families follow


class AddressForm(HubForm, forms.Form):
    """An e-mail address, and nothing else about anybody. It needs no session, so it sets no cookie.

    `website` stands where only a program sees it. What is typed there is not read, and neither is the rest.
    """

    marks_optional = False

    address = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("We use it for these e-mails only. You do not need an account."),
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        max_length=254,
        error_messages={"required": gettext_lazy("Enter your e-mail address")},
    )
    once = OnceField()
    website = forms.CharField(required=False)

    def lay_out(self):
        """What a person sees."""
        return Layout("address")

    @property
    def is_from_a_program(self) -> bool:
        """Whether something was typed where no person could."""
        return bool(self.cleaned_data["website"])


class FollowForm(AddressForm):
    """Following something: to which address, and how often. `beyond` names what may be followed besides."""

    enter_words = {"cadence": gettext_lazy("Choose how often you want e-mails")}

    cadence = forms.ChoiceField(
        label=gettext_lazy("How often do you want e-mails?"),
        help_text=gettext_lazy("Answers and changed dates never wait. We tell you of them at once."),
        initial=Cadence.WEEK,
        widget=Radios(),
    )
    besides = forms.BooleanField(required=False)

    def __init__(self, *args, beyond: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cadence"].choices = cadence_choices()
        self.beyond = beyond
        self.fields["besides"].label = _("Also tell me about these: %(what)s") % {"what": beyond}

    def lay_out(self):
        """What a person sees; the tick only where there is something to tick."""
        return Layout("address", "cadence", *(["besides"] if self.beyond else []))


class CadenceForm(HubForm, forms.Form):
    """How often somebody wants e-mails, for all that they follow."""

    enter_words = {"cadence": gettext_lazy("Choose how often you want e-mails")}
    marks_optional = False

    cadence = forms.ChoiceField(
        label=gettext_lazy("How often do you want e-mails?"),
        help_text=gettext_lazy("Answers and changed dates never wait. We tell you of them at once."),
        widget=Radios(),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cadence"].choices = cadence_choices()


def cadence_choices() -> list[tuple[str, str]]:
    """How often, in words, with the day of this site."""
    day = WEEKDAYS[settings.HUB_DIGEST_DAY]
    week = _("Once a week, on %(day)s") % {"day": day}
    return [(each.value, week if each == Cadence.WEEK else str(each.label)) for each in reversed(Cadence)]
