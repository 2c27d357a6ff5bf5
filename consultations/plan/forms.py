"""What staff type about the forward plan: intentions, clashes, umbrella plans, weeks before elections."""

import re

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Takers, bodies_of, usual_of
from accounts.models import Membership, Organisation
from accounts.rules import WRITING_ROLES
from consultations.models import Consultation
from consultations.plan.models import Choice, HowSure, Intention, Umbrella
from consultations.stages import Stage
from core.dates import today
from core.forms import Checkboxes, DayField, HubForm, LongTextField, Radios
from core.models import PreElectionPeriod

# So many consultations stand as tick boxes; others are named by their address.
TICKED = 60


class OfABody(HubForm, forms.ModelForm):
    """What names a body that the person writes for, and somebody there who looks after it."""

    owner = Takers(
        label=gettext_lazy("Who looks after it"),
        queryset=Membership.objects.none(),
        empty_label=gettext_lazy("Choose one"),
        help_text=gettext_lazy("Other services ask this person. Families do not see the name."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args, user, **kwargs):
        instance = kwargs.get("instance")
        if instance is not None and instance.pk:
            kwargs["initial"] = {"version": instance.version} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        bodies = bodies_of(user)
        if instance is not None and instance.pk:
            bodies = (bodies | Organisation.objects.filter(pk=instance.organisation_id)).order_by("name")
        self.fields["organisation"].queryset = bodies
        self.fields["organisation"].empty_label = _("Choose one")
        takers = Membership.objects.active().filter(organisation__in=bodies, role__in=WRITING_ROLES)
        self.fields["owner"].queryset = takers.select_related("user", "organisation").order_by(
            "organisation__path", "user__name", "pk"
        )
        if instance is None or not instance.pk:
            self.initial |= usual_of(user, bodies)


class IntentionForm(OfABody):
    """What a service means to ask, whom, where and when."""

    # What is not said of the families, nobody can be warned of.
    enter_words = {
        "audiences": gettext_lazy("Choose at least one group that it is for"),
        "areas": gettext_lazy("Choose at least one area"),
    }

    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    notes = LongTextField(
        label=gettext_lazy("Notes for staff"),
        required=False,
        rows=3,
        help_text=gettext_lazy("Every service reads them. Families do not."),
    )

    class Meta:
        model = Intention
        fields = (
            "title", "organisation", "owner", "audiences", "areas", "topics", "starts_on", "ends_on", "how_sure",
            "notes", "consultation",
        )  # fmt: skip
        widgets = {
            "audiences": Checkboxes(),
            "areas": Checkboxes(),
            "topics": Checkboxes(),
            "how_sure": Radios(),
        }

    LISTS = ("audiences", "areas", "topics")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["how_sure"].choices = HowSure.choices
        for name in self.LISTS:
            field = self.fields[name]
            field.queryset = field.queryset.filter(
                Q(retired_on__isnull=True) | Q(pk__in=self.initial_ids(name)),
            )
        self.fields["audiences"].required = self.fields["areas"].required = True
        self.fields["audiences"].label = _("Who it is for")
        self.fields["areas"].label = _("Where")
        self.fields["topics"].label = _("What it is about")
        if self.instance.pk:
            self.fields["consultation"].queryset = self._could_have_become(user)
            self.fields["consultation"].label = _("Its consultation, once there is one")
            self.fields["consultation"].help_text = _("From then on the dates of the consultation count.")
            self.fields["consultation"].empty_label = _("There is none yet")
        else:
            del self.fields["consultation"]

    def initial_ids(self, name: str) -> list[int]:
        """The terms that are chosen already; one of them may be out of use by now."""
        return [each.pk for each in self.initial.get(name) or []]

    def _could_have_become(self, user):
        """Consultations of the same body with dates, the newest first."""
        theirs = Consultation.objects.visible_to(user).filter(
            organisation=self.instance.organisation_id, opens_on__isnull=False, closes_on__isnull=False
        )
        own = Q(pk=self.instance.consultation_id) if self.instance.consultation_id else Q(pk__in=[])
        newest = theirs.order_by("-pk").values("pk")[:TICKED]
        return Consultation.objects.filter(Q(pk__in=newest) | own).defer("search").order_by("-pk")

    def lay_out(self):
        """What, who for, when."""
        became = ("consultation",) if "consultation" in self.fields else ()
        return Layout(
            Fieldset(_("What and who"), "title", "organisation", "owner"),
            Fieldset(_("When"), "starts_on", "ends_on", "how_sure"),
            Fieldset(_("Which families"), "audiences", "areas", "topics"),
            Fieldset(_("More"), "notes", *became),
            "version",
        )

    def lists(self) -> dict:
        """The rows of each list that were ticked."""
        return {name: self.cleaned_data[name] for name in self.LISTS}


class DecisionForm(HubForm, forms.Form):
    """What to do about one clash."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What will you do?"),
        choices=Choice.choices,
        widget=Radios(
            hints={
                Choice.JOIN.value: gettext_lazy("One ask instead of two. Speak with the other service first."),
                Choice.MOVE.value: gettext_lazy("Enter the new first and last day below."),
                Choice.GO_AHEAD.value: gettext_lazy("Say why below. The other service reads it."),
            }
        ),
    )
    reason = LongTextField(
        label=gettext_lazy("Why?"),
        max_length=500,
        rows=3,
        required=False,
        help_text=gettext_lazy("You need it to go ahead. One or two sentences."),
    )
    starts_on = DayField(label=gettext_lazy("New first day"), required=False)
    ends_on = DayField(label=gettext_lazy("New last day"), required=False)
    marks_optional = False

    def clean(self):
        """What each choice needs."""
        said = super().clean()
        if said.get("choice") == Choice.GO_AHEAD and not (said.get("reason") or "").strip():
            self.add_error("reason", _("Say why you go ahead. The other service will read it"))
        if said.get("choice") == Choice.MOVE:
            for name, words in (("starts_on", _("Enter the new first day")), ("ends_on", _("Enter the new last day"))):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return said


class PlainForm(HubForm, forms.Form):
    """Nothing to type: the button does it."""


class ByAddress(LongTextField):
    """Consultations named by the addresses of their pages, one on each line."""

    def clean(self, value):
        """The published consultations, in the order in which they were named."""
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        slugs = [_slug_in(line) for line in lines]
        found = {each.slug: each for each in Consultation.objects.published().filter(slug__in=slugs).defer("search")}
        for line, slug in zip(lines, slugs, strict=True):
            if slug not in found:
                raise forms.ValidationError(
                    _("We do not know the consultation “%(line)s”. Copy its address from the browser."),
                    params={"line": line[:100]},
                )
        return list(found.values())


def _slug_in(line: str) -> str:
    named = re.search(r"/consultations/([-\w]+)", line)
    return named[1] if named else line[:120]


def _others_field():
    return ByAddress(
        label=gettext_lazy("Others, by their address"),
        required=False,
        rows=3,
        help_text=gettext_lazy("One on each line. Copy it from the page of the consultation."),
    )


class ConsultationTicks(forms.ModelMultipleChoiceField):
    """Consultations to tick, each with whose it is."""

    widget = Checkboxes

    def label_from_instance(self, consultation) -> str:
        """Its title, and who asks."""
        return f"{consultation.title} ({consultation.organisation.name})"


def to_tick(user, chosen: list[int], without: int | None = None):
    """What may be ticked: what is chosen already, then the newest that have not closed and that the person may see."""
    ahead = Consultation.objects.visible_to(user).in_stage(Stage.OPEN, Stage.FORTHCOMING, on=today())
    newest = list(ahead.exclude(pk=without).order_by("-pk").values_list("pk", flat=True)[:TICKED])
    rows = Consultation.objects.kept().filter(pk__in=[*chosen, *newest])
    return rows.select_related("organisation").defer("search").order_by("title", "pk")


class UmbrellaForm(OfABody):
    """A plan, and what belongs to it."""

    summary = LongTextField(
        label=gettext_lazy("What it is about"),
        required=False,
        max_words=80,
        rows=4,
        help_text=gettext_lazy("Families read it. Two or three sentences."),
    )
    consultations = ConsultationTicks(
        label=gettext_lazy("Its consultations"), queryset=Consultation.objects.none(), required=False
    )
    others = _others_field()
    intentions = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What you mean to ask for it"),
        queryset=Intention.objects.none(),
        widget=Checkboxes(),
        required=False,
        help_text=gettext_lazy("Families do not see these until there is a consultation."),
    )
    related = forms.BooleanField(
        label=gettext_lazy("Show these consultations beside each other"),
        required=False,
        help_text=gettext_lazy("The page of each one then names the others."),
    )

    class Meta:
        model = Umbrella
        fields = ("title", "organisation", "owner", "summary")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        has = list(self.instance.consultations.values_list("pk", flat=True)) if self.instance.pk else []
        means = list(self.instance.intentions.values_list("pk", flat=True)) if self.instance.pk else []
        self.fields["consultations"].queryset = to_tick(user, has)
        self.fields["consultations"].initial = has
        ahead = Intention.objects.kept().changeable_by(user).filter(umbrella=None, ends_on__gte=today())
        newest = list(ahead.order_by("-pk").values_list("pk", flat=True)[:TICKED])
        self.fields["intentions"].queryset = Intention.objects.kept().filter(pk__in=[*means, *newest])
        self.fields["intentions"].initial = means

    def lay_out(self):
        """What it is, then what belongs to it."""
        return Layout(
            Fieldset(_("The plan"), "title", "organisation", "owner", "summary"),
            Fieldset(_("What belongs to it"), "consultations", "others", "intentions", "related"),
            "version",
        )

    def chosen(self) -> list[Consultation]:
        """The consultations that were ticked or named."""
        return [*self.cleaned_data["consultations"], *self.cleaned_data["others"]]


class RelatedForm(HubForm, forms.Form):
    """Which consultations belong with one."""

    consultations = ConsultationTicks(
        label=gettext_lazy("Tick those that belong with it"), queryset=Consultation.objects.none(), required=False
    )
    others = _others_field()

    def __init__(self, *args, user, consultation, **kwargs):
        super().__init__(*args, **kwargs)
        has = list(consultation.related.values_list("pk", flat=True))
        self.fields["consultations"].queryset = to_tick(user, has, consultation.pk)
        self.fields["consultations"].initial = has

    def chosen(self) -> list[Consultation]:
        """The consultations that were ticked or named."""
        return [*self.cleaned_data["consultations"], *self.cleaned_data["others"]]


class PreElectionForm(HubForm, forms.ModelForm):
    """The weeks before one election."""

    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"), help_text=gettext_lazy("Usually the day of the election."))
    marks_optional = False

    class Meta:
        model = PreElectionPeriod
        fields = ("name", "starts_on", "ends_on")
