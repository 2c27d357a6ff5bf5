"""What families say of toolkits and links, and what staff type about them."""

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import bodies_of
from accounts.rules import is_fis
from core.forms import Checkboxes, HubForm, LongTextField, OnceField, Radios
from core.models import Topic
from practice.resources.models import Cost, HelpsWith, Reader, Resource, ResourceFormat, ResourceKind

# For so many seconds the buttons on a page work: pages may be kept for a day.
TWO_DAYS = 2 * 24 * 60 * 60


def web_page(**kwargs) -> forms.URLField:
    """The address of a web page, and of nothing else."""
    field = forms.URLField(assume_scheme="https", max_length=500, **kwargs)
    field.validators = [each for each in field.validators if not isinstance(each, URLValidator)]
    field.validators.append(URLValidator(schemes=["http", "https"]))
    return field


# --- From families


class UsefulForm(forms.Form):
    """Yes or no, from one of two buttons."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    mark = OnceField(lasts=TWO_DAYS)


class SuggestForm(HubForm, forms.Form):
    """An address that belongs in the list. It asks for no name, needs no session and sets no cookie.

    `website` stands where only a program sees it. What is typed there is not read, and neither is the rest.
    """

    enter_words = {
        "url": gettext_lazy("Enter the web address of the page"),
        "title": gettext_lazy("Enter what it is called"),
    }

    url = web_page(
        label=gettext_lazy("Web address"),
        help_text=gettext_lazy("Copy it from the top of your browser. It begins with https://"),
    )
    title = forms.CharField(label=gettext_lazy("What is it called?"), max_length=200)
    why = LongTextField(
        label=gettext_lazy("How does it help?"),
        help_text=gettext_lazy("A sentence or two. Please leave out names, and anything about one family."),
        max_words=60,
        max_length=600,
        rows=4,
        required=False,
    )
    once = OnceField()
    website = forms.CharField(required=False)

    def lay_out(self):
        """What a person sees."""
        return Layout("url", "title", "why")

    @property
    def is_from_a_program(self) -> bool:
        """Whether something was typed where no person could."""
        return bool(self.cleaned_data["website"])


# --- From staff


class ResourceForm(HubForm, forms.ModelForm):
    """One toolkit or link: all that families read about it."""

    enter_words = {"kind": gettext_lazy("Choose what kind of thing it is")}

    url = web_page(label=gettext_lazy("Web address"))
    summary = LongTextField(
        label=gettext_lazy("What is it?"),
        help_text=gettext_lazy("In plain words: what is in it, and when somebody would use it."),
        max_words=80,
        rows=4,
        required=False,
    )
    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("Who is it for?"), choices=Reader.choices, widget=Checkboxes(), required=False
    )
    helps_with = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What does it help with?"),
        queryset=HelpsWith.objects.in_use(),
        widget=Checkboxes(),
        required=False,
    )
    topics = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Is it about one kind of service?"),
        help_text=gettext_lazy("Leave them empty if it is about all."),
        queryset=Topic.objects.in_use(),
        widget=Checkboxes(),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    class Meta:
        model = Resource
        fields = (
            "title", "url", "publisher", "summary", "kind", "audiences", "helps_with", "topics", "format", "language",
            "cost", "dated", "organisation",
        )  # fmt: skip
        widgets = {"kind": Radios()}

    LISTS = ("topics", "helps_with")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = bodies_of(user)
        self.fields["organisation"].label = _("Which service puts it forward?")
        self.fields["organisation"].queryset = bodies
        self.fields["organisation"].required = not is_fis(user)
        self.fields["organisation"].empty_label = _("Nobody: it is the hub’s own") if is_fis(user) else _("Choose one")
        self.fields["kind"].choices = ResourceKind.choices
        self.fields["format"].choices = [("", ResourceFormat.UNKNOWN.label), *_known(ResourceFormat)]
        self.fields["cost"].choices = [("", Cost.UNKNOWN.label), *_known(Cost)]
        self.fields["dated"].help_text = _("As it says on it, such as 2021 or March 2024.")
        only = None if is_fis(user) else list(bodies[:2])
        if only and len(only) == 1 and not self.initial.get("organisation"):
            self.initial["organisation"] = only[0].pk

    def lay_out(self):
        """The questions in the order in which somebody who has the page open can answer them."""
        return Layout(
            Fieldset(_("What it is"), "title", "url", "publisher", "summary", "kind"),
            Fieldset(_("Who and what it helps"), "audiences", "helps_with", "topics"),
            Fieldset(_("More about it"), "format", "language", "cost", "dated", "organisation"),
            "version",
        )

    def _post_clean(self):
        """The action checks it."""

    def facts(self) -> dict:
        """What was typed, by field."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name not in self.LISTS}

    def lists(self) -> dict:
        """The rows that were ticked, by list."""
        return {name: self.cleaned_data[name] for name in self.LISTS}


def _known(choices) -> list[tuple[str, str]]:
    return [(value, label) for value, label in choices.choices if value]


class BackForm(HubForm, forms.Form):
    """What whoever put it forward has to change."""

    reason = LongTextField(
        label=gettext_lazy("What should they change?"), rows=4, help_text=gettext_lazy("They read it as you write it.")
    )
    marks_optional = False


class DeclineForm(HubForm, forms.Form):
    """Why a suggestion is not listed."""

    reason = forms.CharField(
        label=gettext_lazy("Why not?"),
        max_length=300,
        help_text=gettext_lazy("Only colleagues read it: nobody knows who suggested this."),
    )
    marks_optional = False


class PressForm(HubForm, forms.Form):
    """Nothing to type: one press."""
