"""What somebody says of themselves who wants to join the network."""

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from core.forms import HubForm, OnceField, Radios
from core.models import Area, Method
from feedback.comments.forms import CleanCharField
from practice.network.models import NetworkPerson, NetworkRole

FIELDS = ("name", "role", "organisation", "helps_with", "email", "phone", "shows_reach")


class PersonForm(HubForm, forms.Form):
    """What is shown of somebody."""

    enter_words = {
        "name": gettext_lazy("Enter your name"),
        "role": gettext_lazy("Choose what you are"),
        "helps_with": gettext_lazy("Say what you can help others with"),
        "email": gettext_lazy("Enter your e-mail address"),
    }

    name = CleanCharField(label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    role = forms.ChoiceField(label=gettext_lazy("What are you?"), choices=NetworkRole, widget=Radios())
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Service or group"),
        queryset=Organisation.objects.none(),
        empty_label=gettext_lazy("None of these"),
        required=False,
    )
    areas = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Where?"),
        queryset=Area.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    methods = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What have you done before?"),
        help_text=gettext_lazy("Others look for somebody who has done it."),
        queryset=Method.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    helps_with = CleanCharField(
        label=gettext_lazy("What can you help others with?"),
        help_text=gettext_lazy("Such as “How to ask dads”, or “Easy read”."),
        max_length=300,
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    phone = CleanCharField(
        label=gettext_lazy("Phone"), max_length=40, required=False, widget=forms.TextInput({"autocomplete": "tel"})
    )
    shows_reach = forms.BooleanField(
        label=gettext_lazy("Show my e-mail and phone on the page"),
        help_text=gettext_lazy("If not, people ask the Family Information Service to put them in touch with you."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(closed_on=None).order_by("name")
        self.fields["areas"].queryset = Area.objects.order_by("position")
        self.fields["methods"].queryset = Method.objects.order_by("position")

    @classmethod
    def first_values(cls, person: NetworkPerson) -> dict:
        """Somebody as they are."""
        lists = {"areas": list(person.areas.all()), "methods": list(person.methods.all())}
        return {name: getattr(person, name) for name in FIELDS} | lists

    def facts(self) -> dict:
        """The fields of the person."""
        return {name: self.cleaned_data[name] for name in FIELDS}


class JoinForm(PersonForm):
    """The same from the public, with an agreement. `website` stands where only a program sees it."""

    enter_words = PersonForm.enter_words | {"agrees": gettext_lazy("Tick that we may show you, or do not join")}

    agrees = forms.BooleanField(
        label=gettext_lazy("You may show me in the network for two years"),
        help_text=gettext_lazy("You can leave at any time. We ask you again when the two years are over."),
    )
    once = OnceField()
    website = forms.CharField(required=False)

    def lay_out(self):
        """What a person sees."""
        return Layout(
            *("name", "role", "organisation", "areas", "methods", "helps_with", "email", "phone"),
            *("shows_reach", "agrees"),
        )
