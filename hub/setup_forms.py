"""The forms of the set-up pages: each asks for one thing."""

import csv
import io

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import Body
from accounts.models import OrganisationKind
from core.forms import HubForm, LongTextField

LARGEST_LIST = 100_000


class CouncilForm(HubForm, forms.Form):
    """What the site and the council are called."""

    name = forms.CharField(
        label=gettext_lazy("Name of the site"),
        max_length=100,
        help_text=gettext_lazy("Such as “Westmarch families: have your say”."),
    )
    council_name = forms.CharField(label=gettext_lazy("Name of the council"), max_length=150)


class ContactForm(HubForm, forms.Form):
    """How families reach the service that looks after the hub, and the council."""

    fis_name = forms.CharField(label=gettext_lazy("Name of your service"), max_length=150)
    fis_phone = forms.CharField(label=gettext_lazy("Phone number for families"), max_length=40)
    fis_email = forms.EmailField(
        label=gettext_lazy("E-mail address for families"), help_text=gettext_lazy("Your team’s, not your own.")
    )
    council_phone = forms.CharField(
        label=gettext_lazy("Phone number of the council (optional)"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Families see it when nobody looks after the hub."),
    )
    council_email = forms.EmailField(label=gettext_lazy("E-mail address of the council (optional)"), required=False)
    marks_optional = False


class SafeguardingForm(HubForm, forms.Form):
    """Who to ring about a worry for a child."""

    children_services_name = forms.CharField(
        label=gettext_lazy("Who do people ring about a child?"),
        max_length=150,
        help_text=gettext_lazy("The name of the team, such as “Westmarch Children’s Services”."),
    )
    children_services_phone = forms.CharField(label=gettext_lazy("Its phone number"), max_length=40)


class PrivacyForm(HubForm, forms.Form):
    """Whom families ask what the council knows about them."""

    privacy_name = forms.CharField(
        label=gettext_lazy("Who answers for privacy?"),
        max_length=150,
        help_text=gettext_lazy("The role or the team, such as “Data protection officer”."),
    )
    privacy_email = forms.EmailField(label=gettext_lazy("E-mail address"))
    privacy_phone = forms.CharField(label=gettext_lazy("Phone number (optional)"), max_length=40, required=False)
    complaints_url = forms.URLField(
        label=gettext_lazy("Web page for complaints about it (optional)"), required=False, assume_scheme="https"
    )
    marks_optional = False


class AreasForm(HubForm, forms.Form):
    """Parts of the county, pasted or from a file."""

    labels = LongTextField(
        label=gettext_lazy("Names of areas (optional)"),
        help_text=gettext_lazy("Put each on its own line. Names that are there already are not added again."),
        max_length=20_000,
        rows=8,
        required=False,
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file (optional)"),
        help_text=gettext_lazy("One area on each line. The column is called “name” or “area”, or is the first one."),
        required=False,
    )
    marks_optional = False

    def clean_labels(self) -> list[str]:
        """One name for each line."""
        return self.cleaned_data["labels"].splitlines()

    def clean_file(self) -> list[str]:
        """The names in the file."""
        upload = self.cleaned_data["file"]
        if upload is None:
            return []
        if upload.size > LARGEST_LIST:
            raise ValidationError(_("The file is too large. It can hold 100 kB at most"))
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not a CSV file in UTF-8. Save it again as “CSV UTF-8”")) from None
        rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
        if not rows:
            return []
        heads = [cell.strip().casefold() for cell in rows[0]]
        column = next((heads.index(name) for name in ("name", "area") if name in heads), None)
        if column is None:
            return [row[0] for row in rows]
        return [row[column] for row in rows[1:] if len(row) > column]


class OrganisationsForm(HubForm, forms.Form):
    """Bodies, each on a line with its kind and what it is part of."""

    lines = LongTextField(
        label=gettext_lazy("Services and organisations"),
        help_text=gettext_lazy(
            "Put each on its own line: name; kind; what it is part of. Such as “Short breaks; Council service; "
            "Westmarch County Council”. Leave the last part out for a body of its own."
        ),
        max_length=20_000,
        rows=10,
    )

    def clean_lines(self) -> list[Body]:
        """What stands on each line."""
        bodies = []
        for line in self.cleaned_data["lines"].splitlines():
            if line.strip():
                name, kind, parent, *_more = [" ".join(part.split()) for part in f"{line};;".split(";")]
                bodies.append(Body(name, kind or OrganisationKind.COUNCIL_SERVICE, parent))
        return bodies


class PromiseForm(HubForm, forms.Form):
    """Who promises in the council's name."""

    name = forms.CharField(
        label=gettext_lazy("Who promises it?"),
        max_length=200,
        help_text=gettext_lazy("Name and role, such as “Alex Shaw, Director of Children’s Services”. Families see it."),
    )


class KeeperForm(HubForm, forms.Form):
    """Somebody who gets a role in looking after the hub."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Their own, at work. Not a team's."),
        max_length=254,
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=150, help_text=gettext_lazy("Families never see it, unless they agree.")
    )
    job_title = forms.CharField(
        label=gettext_lazy("Job title (optional)"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Families see it."),
    )
    marks_optional = False


class OpenForm(HubForm, forms.Form):
    """One press."""


class CloseForm(HubForm, forms.Form):
    """Why families cannot come in for a while."""

    reason = LongTextField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("Families read this in place of every page."),
        max_length=300,
        rows=3,
    )
