"""Signing in, in the hub's own form parts and words, which is allauth's work; and forms about people."""

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, Role
from accounts.rules import WRITING_ROLES, is_fis, paths_of, roles_of
from core.forms import HubForm, LongTextField, Radios


class PlainWords(HubForm):
    """No grey words inside boxes: they vanish when somebody types, and are too pale to read."""

    marks_optional = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(PlainWords, allauth_forms.LoginForm):
    """By e-mail address and password."""

    enter_words = {"login": _("Enter your e-mail address"), "password": _("Enter your password")}


class RequestLoginCodeForm(PlainWords, allauth_forms.RequestLoginCodeForm):
    """By a code that comes by e-mail."""

    enter_words = {"email": _("Enter your e-mail address")}


class CodeFromMailForm(RequestLoginCodeForm):
    """One press on a page that a mail's link opened: the address is the mail's, not typed. Its limits are the same."""


class ConfirmLoginCodeForm(PlainWords, allauth_forms.ConfirmLoginCodeForm):
    """The code from the e-mail."""

    enter_words = {"code": _("Enter the code from the e-mail")}


class ResetPasswordForm(PlainWords, allauth_forms.ResetPasswordForm):
    """For a forgotten password."""

    enter_words = {"email": _("Enter your e-mail address")}


class ResetPasswordKeyForm(PlainWords, allauth_forms.ResetPasswordKeyForm):
    """The new password, from the link in the e-mail."""

    enter_words = {"password1": _("Enter a new password"), "password2": _("Enter the new password again")}


class ChangePasswordForm(PlainWords, allauth_forms.ChangePasswordForm):
    """A new password for somebody who is signed in."""

    enter_words = {
        "oldpassword": _("Enter the password you use now"),
        "password1": _("Enter a new password"),
        "password2": _("Enter the new password again"),
    }


class SetPasswordForm(PlainWords, allauth_forms.SetPasswordForm):
    """A first password for somebody who signed in with a code."""

    enter_words = {"password1": _("Enter a new password"), "password2": _("Enter the new password again")}


class SecondStepForm(PlainWords, mfa_forms.AuthenticateForm):
    """The code at the second step: of the app, or a spare one."""

    enter_words = {"code": _("Enter the code")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")


class TurnOnAppForm(PlainWords, ActivateTOTPForm):
    """The first code of an app."""

    enter_words = {"code": _("Enter the code that the app shows")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows")


# People


class PressForm(HubForm, forms.Form):
    """One press."""


class SignInForm(HubForm, forms.Form):
    """What to do about somebody's way in."""

    SIGN_OUT, SECOND_STEP, INVITE = "sign_out", "second_step", "invite"

    what = forms.ChoiceField(
        label=_("What do you want to do?"),
        choices=[
            (SIGN_OUT, _("Sign them out everywhere")),
            (SECOND_STEP, _("Take their second step away")),
            (INVITE, _("Send the invitation again")),
        ],
        widget=Radios(
            hints={
                SIGN_OUT: _("On each phone and computer. They can sign in again."),
                SECOND_STEP: _("When they lost their phone and their spare codes. Ring them first: is it really them?"),
                INVITE: _("For somebody who has never signed in."),
            }
        ),
    )


class Takers(forms.ModelChoiceField):
    """One of the people who could answer for something."""

    def label_from_instance(self, membership) -> str:
        """Who, as what, and for whom."""
        return membership.staff_name


class HandOverForm(HubForm, forms.Form):
    """Who takes over what somebody answers for, and whether they leave."""

    STAYS, LEAVES = "stays", "leaves"

    to = Takers(
        label=_("Who takes over?"), queryset=Membership.objects.none(), empty_label=_("Choose somebody"), required=False
    )
    leaves = forms.ChoiceField(
        label=_("What about their role?"),
        choices=[(STAYS, _("They keep it")), (LEAVES, _("It ends today"))],
        widget=Radios(hints={LEAVES: _("They cannot sign in for this organisation any more.")}),
    )
    marks_optional = False

    def __init__(self, *args, takers, has_duties: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = takers
        if not has_duties:
            self.fields["to"].widget = forms.HiddenInput()
            self.fields["leaves"].choices = [(self.LEAVES, _("It ends today"))]
            self.fields["leaves"].initial = self.LEAVES


class AddressForm(HubForm, forms.Form):
    """Where somebody gets their messages."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("They sign in with it too."), max_length=254)


class PersonForm(HubForm, forms.Form):
    """Somebody new, and what they may do."""

    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("Their own, at work. Not a team's."), max_length=254
    )
    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("Families never see it, unless they agree."))
    organisation = forms.ModelChoiceField(
        label=_("Service or organisation"),
        queryset=Organisation.objects.filter(closed_on__isnull=True).order_by("name"),
        empty_label=_("Choose one"),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role, widget=Radios())
    job_title = forms.CharField(
        label=_("Job title (optional)"), max_length=120, required=False, help_text=_("Families see it.")
    )
    marks_optional = False


# Beside a record


class NoteForm(HubForm, forms.Form):
    """A note for the others on the staff."""

    text = LongTextField(
        label=_("Your note"),
        help_text=_("Staff who may change this read it. Families never do. Do not name a child."),
        max_words=300,
    )
    enter_words = {"text": _("Write the note")}
    marks_optional = False


class LabelForm(HubForm, forms.Form):
    """A label of the staff's own words."""

    words = forms.CharField(
        label=_("Add a label"),
        help_text=_("A word or two, such as “seldom heard”. The same label finds records again."),
        max_length=40,
        widget=forms.TextInput({"list": "labels-in-use", "autocomplete": "off"}),
    )
    enter_words = {"words": _("Enter the label")}
    marks_optional = False


# Bodies


class OrganisationForm(HubForm, forms.Form):
    """What families read of a body, and how they reach it."""

    marks_optional = False
    enter_words = {"name": _("Enter the name")}

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Its address on this site stays the same."))
    about = LongTextField(
        label=_("What it does for families (optional)"),
        help_text=_("One or two sentences, as you would say them to a parent."),
        max_words=150,
        required=False,
    )
    phone = forms.CharField(
        label=_("Phone number for families (optional)"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "class": "govuk-input--width-20"}),
    )
    website = forms.URLField(label=_("Its own website (optional)"), required=False, assume_scheme="https")
    mailbox = forms.EmailField(
        label=_("E-mail address of the team (optional)"),
        help_text=_("A shared one, not a person’s. Families do not see it. Reminders go there too."),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def bodies_of(user):
    """The organisations that the person may write for."""
    there = Organisation.objects.filter(closed_on__isnull=True).order_by("name")
    if is_fis(user):
        return there
    theirs = Q(pk__in=[])
    for path in paths_of(user):
        theirs |= Q(path__startswith=path)
    return there.filter(theirs)


def usual_of(user, bodies) -> dict[str, int]:
    """Whoever writes for one body only need not choose it, nor themselves: first values of a new record."""
    held = [membership for membership in roles_of(user) if membership.role in WRITING_ROLES]
    if len(held) != 1 or [body.pk for body in bodies] != [held[0].organisation_id]:
        return {}
    return {"organisation": held[0].organisation_id, "owner": held[0].pk}
