"""What staff type of something that they plan, and of how it ended."""

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms import Takers, bodies_of
from accounts.models import Membership
from accounts.rules import WRITING_ROLES
from core.forms import DayField, HubForm, LongTextField, Radios
from standards.models import PlannedAction, Priority

FIELDS = ("gap", "action", "owner", "due_on", "priority", "parent_role", "resources", "barriers")


class PlannedForm(HubForm, forms.Form):
    """One planned action, as the register shows it."""

    enter_words = {
        "gap": gettext_lazy("Say what needs to get better"),
        "action": gettext_lazy("Say what you will do"),
        "owner": gettext_lazy("Choose who will do it"),
        "priority": gettext_lazy("Choose how soon"),
        "parent_role": gettext_lazy("Say how parents and carers are part of it"),
    }

    gap = forms.CharField(label=gettext_lazy("What needs to get better?"), max_length=300)
    action = LongTextField(label=gettext_lazy("What will you do?"), rows=3)
    owner = Takers(
        label=gettext_lazy("Who will do it?"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        help_text=gettext_lazy("We remind them. Families do not read the name."),
    )
    due_on = DayField(label=gettext_lazy("By when?"))
    priority = forms.ChoiceField(label=gettext_lazy("How soon?"), choices=Priority, widget=Radios())
    parent_role = forms.CharField(label=gettext_lazy("How are parents and carers part of it?"), max_length=300)
    resources = forms.CharField(
        label=gettext_lazy("What does it need: money, time, people?"), max_length=300, required=False
    )
    barriers = forms.CharField(
        label=gettext_lazy("What could get in the way, and what do you do about it?"), max_length=300, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        takers = Membership.objects.active().filter(organisation__in=bodies_of(user), role__in=WRITING_ROLES)
        takers = takers.select_related("user", "organisation").order_by("organisation__path", "user__name", "pk")
        self.fields["owner"].queryset = takers

    @staticmethod
    def first_values(planned: PlannedAction) -> dict:
        """As it stands."""
        return {name: getattr(planned, name) for name in (*FIELDS, "version")}

    def facts(self) -> dict:
        """Its columns."""
        return {name: self.cleaned_data[name] for name in FIELDS}


class OutcomeForm(HubForm, forms.Form):
    """What came of something that was planned."""

    enter_words = {
        "ended": gettext_lazy("Choose how it ended"),
        "outcome": gettext_lazy("Say what came of it, or why it was dropped"),
    }

    ended = forms.ChoiceField(
        label=gettext_lazy("How did it end?"),
        choices=[("done", gettext_lazy("It is done")), ("dropped", gettext_lazy("It was dropped"))],
        widget=Radios(),
    )
    outcome = LongTextField(
        label=gettext_lazy("What came of it, or why was it dropped?"),
        help_text=gettext_lazy("Families read it."),
        rows=3,
    )
