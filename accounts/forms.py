"""Signing in, in the hub's own form parts and words. What the forms do is allauth's."""

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext_lazy as _

from core.forms import HubForm


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
