"""What staff type of a parent's story, and of the permission to use it."""

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import bodies_of
from accounts.models import Organisation
from core.dates import today
from core.forms import Checkboxes, DayField, HubForm, LongTextField, Radios
from core.models import Topic
from practice.stories.models import LONGEST, ParentStory, Use

YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
# A permission lasts two years unless somebody says otherwise (content: story_consent).
LASTS = relativedelta(years=2)


class StoryForm(HubForm, forms.Form):
    """One story, as families will read it."""

    enter_words = {
        "organisation": gettext_lazy("Choose the service that writes it down"),
        "title": gettext_lazy("Enter a title"),
        "display_name": gettext_lazy("Enter the name to show"),
    }

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Which service writes it down?"),
        queryset=Organisation.objects.none(),
        empty_label=gettext_lazy("Choose one"),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"), help_text=gettext_lazy("What it is about, in a few words."), max_length=200
    )
    display_name = forms.CharField(
        label=gettext_lazy("Name to show"),
        help_text=gettext_lazy("First name, a different name, or “a parent”."),
        max_length=80,
    )
    text = LongTextField(
        label=gettext_lazy("The story"),
        help_text=gettext_lazy(
            "In their words. No child’s name, school, exact age or rare condition: "
            "two details together can show whose child it is."
        ),
        max_length=LONGEST,
        rows=14,
        required=False,
    )
    what_changed = LongTextField(
        label=gettext_lazy("What is different now?"),
        help_text=gettext_lazy("What changed because they spoke up. Leave it empty if nothing has."),
        max_length=2000,
        rows=4,
        required=False,
    )
    topics = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What it is about"),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = bodies_of(user)
        self.fields["topics"].queryset = Topic.objects.order_by("position")

    @classmethod
    def first_values(cls, story: ParentStory) -> dict:
        """A story as it is."""
        names = ("organisation", "title", "display_name", "text", "what_changed", "version")
        return {name: getattr(story, name) for name in names} | {"topics": list(story.topics.all())}

    def facts(self) -> dict:
        """The fields of the story."""
        names = ("organisation", "title", "display_name", "text", "what_changed")
        return {name: self.cleaned_data[name] for name in names}


class ConsentForm(HubForm, forms.Form):
    """One parent's permission, as they gave it."""

    enter_words = {
        "storyteller_ref": gettext_lazy("Say who told it. Families never see it"),
        "uses": gettext_lazy("Choose where it can be used"),
        "includes_child": gettext_lazy("Say whether it mentions a child"),
        "others_named": gettext_lazy("Say whether it names or points to anyone else"),
    }

    storyteller_ref = forms.CharField(
        label=gettext_lazy("Who told it?"),
        help_text=gettext_lazy("Private. Only you and the Family Information Service see it, and no family ever does."),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Their e-mail"),
        help_text=gettext_lazy("To ask them again when the permission ends. Leave it empty if you ask in another way."),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    uses = forms.MultipleChoiceField(
        label=gettext_lazy("Where can it be used?"),
        help_text=gettext_lazy("Tell them first: printed copies and shared posts may not come back."),
        choices=Use,
        widget=Checkboxes(),
    )
    includes_child = forms.ChoiceField(
        label=gettext_lazy("Does it mention a child?"), choices=YES_NO, widget=Radios(inline=True)
    )
    child_view = LongTextField(
        label=gettext_lazy("If so: what does the child think about it?"), max_length=1000, rows=3, required=False
    )
    others_named = forms.ChoiceField(
        label=gettext_lazy("Does it name or point to anyone else?"), choices=YES_NO, widget=Radios(inline=True)
    )
    others_view = LongTextField(
        label=gettext_lazy("If so: what do they say about it?"), max_length=1000, rows=3, required=False
    )
    final_text_seen = forms.BooleanField(
        label=gettext_lazy("They have read and agreed the final version"),
        help_text=gettext_lazy("Without it nobody can publish it. If you change the text, ask them again."),
        required=False,
    )
    consent_on = DayField(label=gettext_lazy("When did they give it?"))
    expires_on = DayField(
        label=gettext_lazy("When does it end?"), help_text=gettext_lazy("Two years later, unless they say otherwise.")
    )

    @classmethod
    def first_values(cls) -> dict:
        """Today, and two years on."""
        return {"consent_on": today(), "expires_on": today() + LASTS}

    def clean_consent_on(self):
        """Not a day still to come."""
        day = self.cleaned_data["consent_on"]
        if day > today():
            raise ValidationError(_("They cannot have given it on a day still to come"))
        return day

    def clean(self):
        """Whoever is in it has a say."""
        said = super().clean()
        for name, view, words in (
            ("includes_child", "child_view", _("Say what the child thinks about it, or why you could not ask")),
            ("others_named", "others_view", _("Say what they say about it, or why you could not ask")),
        ):
            if said.get(name) == "yes" and not said.get(view, "").strip():
                self.add_error(view, ValidationError(words))
        return said

    def facts(self) -> dict:
        """The fields of the permission."""
        said = self.cleaned_data
        return {
            **{name: said[name] for name in ("storyteller_ref", "email", "uses", "final_text_seen")},
            **{name: said[name] for name in ("consent_on", "expires_on")},
            "includes_child": said["includes_child"] == "yes",
            "child_view": said["child_view"] if said["includes_child"] == "yes" else "",
            "others_named": said["others_named"] == "yes",
            "others_view": said["others_view"] if said["others_named"] == "yes" else "",
        }


class ReasonForm(HubForm, forms.Form):
    """What to change."""

    enter_words = {"reason": gettext_lazy("Say what to change")}

    reason = LongTextField(label=gettext_lazy("What has to change?"), max_length=1000, rows=4)
