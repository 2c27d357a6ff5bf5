"""How people get an account: the Family Information Service makes it. Nobody signs up alone."""

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up, with errors that say what to do."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Ask the Family Information Service to open it again."),
        "email_password_mismatch": _("Check your e-mail address and password. One of them is not right."),
        "incorrect_code": _("That code is not right. Check it, or ask for a new one."),
        "incorrect_password": _("That password is not right. Try again."),
        "enter_current_password": _("That is not the password you use now. Try again."),
        "too_many_login_attempts": _("You tried too often. Wait five minutes, or ask for a code by e-mail."),
        "rate_limited": _("You asked too often. Wait a few minutes, then try again."),
        "invalid_password_reset": _("This link has been used or is too old. Ask for a new one."),
    }

    def is_open_for_signup(self, request) -> bool:
        """Never: an account comes with a membership, and both are given by somebody."""
        return False
