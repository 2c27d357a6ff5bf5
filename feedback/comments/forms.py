"""What families type to tell us something, what staff type of what they heard, and what is decided about it."""

import time
from datetime import date
from urllib.parse import urlsplit

from crispy_forms.layout import HTML, Fieldset, Layout
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Organisation
from consultations.events.models import Event
from consultations.models import Consultation
from core.dates import today
from core.forms import Checkboxes, DayField, HubForm, LongTextField, OnceField, Radios
from core.models import Topic
from feedback.comments import limits
from feedback.comments.models import LONGEST, About, Comment, HelpRoute, Kind, Suspicion, Who
from feedback.models import FeedbackEntry, HeardFrom, LeftOut, LocalOfferPart

SAFEGUARDING = HTML('{% include "comments/_safeguarding.html" %}')
# Of the ways in which families say something, those by which staff hear it.
HEARD = (HeardFrom.EVENT, HeardFrom.CALL, HeardFrom.FORUM, HeardFrom.COMPLAINT)
PARTS = [(part.value, part.label) for part in LocalOfferPart if part != LocalOfferPart.NOT]
KIND_HINTS = {Kind.MISSING: gettext_lazy("We keep a public list of what is missing, with the answers.")}


class CleanTextField(LongTextField):
    """Text that anybody may have typed: what nobody sees is taken out of it first."""

    def to_python(self, value):
        return limits.without_hidden(super().to_python(value))


class CleanCharField(forms.CharField):
    """The same of one line."""

    def to_python(self, value):
        return " ".join(limits.without_hidden(super().to_python(value) or "").split())


class TellForm(HubForm, forms.Form):
    """One thing that somebody wants to tell us."""

    enter_words = {
        "who": gettext_lazy("Choose who you are"),
        "about": gettext_lazy("Choose what it is about"),
        "kind": gettext_lazy("Choose what kind of thing it is"),
        "text": gettext_lazy("Write what you want to tell us"),
    }

    who = forms.ChoiceField(label=gettext_lazy("Who are you?"), choices=Who, widget=Radios())
    about = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=About, widget=Radios())
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Which service or organisation?"),
        help_text=gettext_lazy("Leave it if you do not know. We find out who can answer."),
        queryset=Organisation.objects.none(),
        empty_label=gettext_lazy("I do not know"),
        required=False,
    )
    part = forms.ChoiceField(
        label=gettext_lazy("If it is about the local offer: which part?"),
        choices=[*PARTS, ("", gettext_lazy("It is not about the local offer, or I do not know"))],
        widget=Radios(),
        required=False,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What do you want to say?"), choices=Kind, widget=Radios(hints=KIND_HINTS)
    )
    text = CleanTextField(
        label=gettext_lazy("Tell us"),
        help_text=gettext_lazy("A few sentences are enough. Families only ever read it after a person has checked it."),
        max_length=LONGEST,
        rows=7,
    )
    name = CleanCharField(
        label=gettext_lazy("Your name"),
        help_text=gettext_lazy("We never publish it."),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("We use it only to reply to you about this."),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    wants_news = forms.BooleanField(
        label=gettext_lazy("E-mail me when it is answered"),
        help_text=gettext_lazy("We send one e-mail with a button first. Nothing else comes before you press it."),
        required=False,
    )
    once = OnceField()
    website = forms.CharField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(closed_on=None).order_by("name")

    def lay_out(self):
        """What a person sees; what must not be written stands above each box for words."""
        return Layout(
            *("who", "about", "organisation", "part", "kind"),
            SAFEGUARDING,
            "text",
            Fieldset(str(_("If you want to hear back (optional)")), SAFEGUARDING, "name", "email", "wants_news"),
        )

    def clean(self):
        """News needs an address."""
        said = super().clean()
        if said.get("wants_news") and not said.get("email") and "email" not in self.errors:
            self.add_error("email", ValidationError(_("Enter your e-mail address, or untick “E-mail me”")))
        return said

    @property
    def seconds(self) -> float:
        """For how long the page was open before it was sent."""
        _mark, stamp, _signature = self.data["once"].rsplit(":", 2)
        return time.time() - signing.b62_decode(stamp)

    def looks_like(self) -> Suspicion | None:
        """Why it may not come from a person; None when nothing speaks against it. Once it is valid."""
        typed = f"{self.data.get('text', '')}{self.data.get('name', '')}"
        return limits.looks_like(
            self.cleaned_data["text"],
            hidden=limits.had_hidden(typed),
            trap=bool(self.cleaned_data["website"]),
            seconds=self.seconds,
        )

    def facts(self) -> dict:
        """The fields of the comment."""
        names = ("who", "about", "organisation", "part", "kind", "text", "name", "email")
        facts = {name: self.cleaned_data[name] for name in names}
        if facts["about"] != About.LOCAL_OFFER:
            facts["part"] = ""
        return facts


class HeardForm(HubForm, forms.Form):
    """One thing that staff heard families say."""

    enter_words = {
        "heard_from": gettext_lazy("Choose how you heard it"),
        "about": gettext_lazy("Choose what it is about"),
        "kind": gettext_lazy("Choose what kind of thing it is"),
        "text": gettext_lazy("Write what they said"),
    }

    heard_from = forms.ChoiceField(
        label=gettext_lazy("How did you hear it?"),
        choices=[(each.value, each.label) for each in HEARD],
        widget=Radios(),
    )
    heard_on = DayField(label=gettext_lazy("When they said it"))
    people = forms.IntegerField(
        label=gettext_lazy("How many people said it?"),
        help_text=gettext_lazy("Families never read a number from 1 to 4."),
        min_value=1,
        max_value=100_000,
        initial=1,
    )
    who = forms.ChoiceField(label=gettext_lazy("Who said it?"), choices=Who, widget=Radios(), initial=Who.PARENT)
    about = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=About, widget=Radios())
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Which service or organisation?"),
        queryset=Organisation.objects.none(),
        empty_label=gettext_lazy("Not known"),
        required=False,
    )
    part = forms.ChoiceField(
        label=gettext_lazy("If it is about the local offer: which part?"),
        choices=[*PARTS, ("", gettext_lazy("It is not about the local offer, or not known"))],
        widget=Radios(),
        required=False,
    )
    kind = forms.ChoiceField(label=gettext_lazy("What did they say?"), choices=Kind, widget=Radios(hints=KIND_HINTS))
    text = CleanTextField(
        label=gettext_lazy("What they said"),
        help_text=gettext_lazy("In their words as far as you can, without names."),
        max_length=LONGEST,
        rows=6,
    )
    page = forms.CharField(
        label=gettext_lazy("The page of the event or consultation"),
        help_text=gettext_lazy("If they said it there. Copy the address of its page on this site."),
        max_length=400,
        required=False,
    )
    once = OnceField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(closed_on=None).order_by("name")

    def lay_out(self):
        """How and when, then what."""
        return Layout(
            *("heard_from", "heard_on", "people", "who", "about", "organisation", "part", "kind"),
            SAFEGUARDING,
            *("text", "page"),
        )

    def clean_heard_on(self) -> date:
        """Not a day still to come."""
        day = self.cleaned_data["heard_on"]
        if day > today():
            raise ValidationError(_("They cannot have said it on a day still to come"))
        return day

    def clean_page(self) -> Consultation | Event | None:
        """The record whose page it is."""
        typed = self.cleaned_data["page"].strip()
        if not typed:
            return None
        try:
            found = resolve(urlsplit(typed).path)
        except (Resolver404, ValueError):
            found = None
        model: dict[str, type[Consultation] | type[Event]] = {
            "consultations:detail": Consultation,
            "events:detail": Event,
        }
        kind = model.get(found.view_name) if found else None
        record = kind.objects.kept().filter(slug=found.kwargs["slug"]).first() if found and kind else None
        if record is None:
            raise ValidationError(_("This is no page of an event or a consultation on this site"))
        return record

    def facts(self) -> dict:
        """The fields of the comment."""
        facts = {name: value for name, value in self.cleaned_data.items() if name not in ("once", "page")}
        record = self.cleaned_data["page"]
        if facts["about"] != About.LOCAL_OFFER:
            facts["part"] = ""
        return facts | {
            "event": record if isinstance(record, Event) else None,
            "consultation": record if isinstance(record, Consultation) else None,
        }


# What is decided


class PassOnForm(HubForm, forms.Form):
    """What families will read of it, and who answers."""

    enter_words = {
        "theme": gettext_lazy("Name the point in a few words"),
        "you_said": gettext_lazy("Write what families may read"),
        "topics": gettext_lazy("Choose what it is about"),
        "part": gettext_lazy("Choose whether it is about the local offer"),
    }

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Who answers"), queryset=Organisation.objects.none(), empty_label=gettext_lazy("Choose one")
    )
    theme = forms.CharField(
        label=gettext_lazy("The point in a few words"),
        help_text=gettext_lazy("Such as “Waiting times”."),
        max_length=200,
    )
    you_said = LongTextField(
        label=gettext_lazy("What families may read"),
        help_text=gettext_lazy(
            "Take out names, schools, ages, dates and whatever else says whose child it is. Keep what they ask for."
        ),
        max_length=LONGEST,
        rows=7,
    )
    is_gap = forms.BooleanField(
        label=gettext_lazy("It says that something is missing"),
        help_text=gettext_lazy("It then stands in the public list of what is missing."),
        required=False,
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Is it about the local offer?"), choices=LocalOfferPart, widget=Radios()
    )
    topics = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What it is about"), queryset=Topic.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(closed_on=None).order_by("name")
        self.fields["topics"].queryset = Topic.objects.in_use()

    def lay_out(self):
        """The words stand first: they are what the original stands beside."""
        return Layout("you_said", "theme", "organisation", "topics", "part", "is_gap")

    @classmethod
    def first_values(cls, comment: Comment) -> dict:
        """What the comment says by itself."""
        return {
            "organisation": comment.organisation_id,
            "you_said": comment.text,
            "is_gap": comment.kind == Kind.MISSING,
            "part": comment.part or (LocalOfferPart.NOT if comment.about != About.LOCAL_OFFER else ""),
        }


class Points(forms.ModelChoiceField):
    """One of the points in the log."""

    def label_from_instance(self, entry: FeedbackEntry) -> str:
        """The point, and who answers it."""
        return f"{entry} ({entry.organisation.name})"


class MergeForm(HubForm, forms.Form):
    """Which point it repeats."""

    enter_words = {"entry": gettext_lazy("Choose the point that says the same")}

    entry = Points(
        label=gettext_lazy("Which point says the same?"), queryset=FeedbackEntry.objects.none(), widget=Radios()
    )

    def __init__(self, *args, points, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["entry"].queryset = points
        self.fields["entry"].empty_label = None


class ReferForm(HubForm, forms.Form):
    """Who was told that somebody may not be safe."""

    enter_words = {"referred_to": gettext_lazy("Say who you told")}

    referred_to = forms.CharField(
        label=gettext_lazy("Who did you tell?"),
        help_text=gettext_lazy("A team, such as “Children’s services”. No names, and nothing of what it says."),
        max_length=200,
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I have told them, and they have all they need"),
        help_text=gettext_lazy("What was written is erased now. Nobody can read it here again."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sure"].error_messages["required"] = _("Tell them first. Then tick the box")


class RouteChoice(forms.ModelMultipleChoiceField):
    """Some of those who help."""

    def label_from_instance(self, route: HelpRoute) -> str:
        """Who, and with what."""
        return f"{route.name}: {route.what_for}"


class HelpForm(HubForm, forms.Form):
    """Who can sort out the support of one person."""

    enter_words = {"routes": gettext_lazy("Choose who can help them")}

    routes = RouteChoice(
        label=gettext_lazy("Who can help them?"), queryset=HelpRoute.objects.none(), widget=Checkboxes()
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["routes"].queryset = HelpRoute.objects.in_use()


class LeaveOutForm(HubForm, forms.Form):
    """Why it is not published."""

    NOT_OURS, PROGRAM = "not_ours", "program"
    enter_words = {"why": gettext_lazy("Choose the reason")}

    why = forms.ChoiceField(
        label=gettext_lazy("Why is it not published?"),
        help_text=gettext_lazy("Only how many there were for each reason is ever published."),
        choices=[
            *LeftOut.choices,
            (NOT_OURS, gettext_lazy("It is not about anything that the services here can answer")),
            (PROGRAM, gettext_lazy("No person sent it")),
        ],
        widget=Radios(),
    )


# Who reads, and who helps


class Readers(forms.ModelMultipleChoiceField):
    """Some of those who look after the hub."""

    def label_from_instance(self, membership: Membership) -> str:
        """Who, as what, and for whom."""
        return membership.staff_name


class CheckersForm(HubForm, forms.Form):
    """Who reads what families tell us."""

    checkers = Readers(
        label=gettext_lazy("Who reads it?"),
        help_text=gettext_lazy("Two or more, so that somebody is there. Without anybody the form is off."),
        queryset=Membership.objects.none(),
        widget=Checkboxes(),
        required=False,
    )
    marks_optional = False

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["checkers"].queryset = members


class RouteForm(HubForm, forms.ModelForm):
    """Somebody who helps with the support of one child."""

    what_for = LongTextField(
        label=gettext_lazy("What they help with"),
        help_text=gettext_lazy("One sentence, in words that a parent uses."),
        max_length=300,
        rows=2,
    )
    url = forms.URLField(label=gettext_lazy("Website"), max_length=500, required=False, assume_scheme="https")

    class Meta:
        model = HelpRoute
        fields = ("name", "what_for", "phone", "email", "url", "position")
        help_texts = {"position": gettext_lazy("1 stands first.")}
