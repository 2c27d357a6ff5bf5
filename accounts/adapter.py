"""How people get an account: the Family Information Service makes it. Nobody signs up alone."""

from typing import NamedTuple
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from core.facts import comes_from, facts

log = structlog.get_logger(__name__)


class Hub(NamedTuple):
    """The hub as its mails about signing in name it."""

    name: str
    domain: str
    council: str


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

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link to a new password, on the hub's own address: whoever asks for the mail may lie about the host."""
        return settings.HUB_BASE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def get_from_email(self) -> str:
        """The address that all the hub's mail comes from, under the name that the hub has now."""
        return comes_from()

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send a mail about signing in. It names the hub as it is set up, not as the request called it."""
        hub = Hub(facts().name, settings.HUB_BASE_URL, facts().council_name)
        super().send_mail(template_prefix, email, context | {"current_site": hub})


class CouncilSignInAdapter(DefaultSocialAccountAdapter):
    """Sign-in by the council's own identity provider, for people whom the hub knows by their address."""

    def is_open_for_signup(self, request, sociallogin) -> bool:
        """Never: whom the hub does not know gets no account by signing in."""
        return False

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None) -> None:
        """Back to the usual ways in. Why it failed goes to the log, by its kind only."""
        log.error("council_sign_in_failed", fault=type(exception).__name__ if exception else str(error))
        messages.error(request, _("Signing in with your council account did not work. Try again, or sign in here."))
        raise ImmediateHttpResponse(redirect("account_login"))


class SecondStepAdapter(DefaultMFAAdapter):
    """The second step at sign-in, with passkeys that have plain names. An app and a phone call it what the hub does."""

    def get_totp_issuer(self) -> str:
        """What the app on somebody's phone calls the hub."""
        return facts().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a phone or computer calls the hub that a passkey is for."""
        return super().get_public_key_credential_rp_entity() | {"name": facts().name}

    def generate_authenticator_name(self, user, type) -> str:
        """What a new passkey is called, unless its owner says otherwise."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}
