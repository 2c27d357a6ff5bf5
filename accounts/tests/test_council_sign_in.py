"""Signing in with the council's own identity provider: only whom the hub knows, and nothing that it says is kept."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

ISSUER = "https://id.example.org"
APP = {
    "provider_id": "council",
    "name": "your Northmarch account",
    "client_id": "hub",
    "secret": "a secret of the hub",
    "settings": {"server_url": ISSUER, "verified_email": ["northmarch.example"], "oauth_pkce_enabled": True},
}


class Answer:
    """What the identity provider answers."""

    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, **said):
        self.said = said
        self.text = json.dumps(said)

    def raise_for_status(self):
        """It is well."""

    def json(self):
        """What it says."""
        return self.said


class Provider:
    """An identity provider in the place of the network."""

    def __init__(self, **claims):
        self.claims = claims
        self.asked = []

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        return False

    def _answer(self, url, **how):
        self.asked.append((url, how))
        if url.endswith("openid-configuration"):
            pages = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
            return Answer(issuer=ISSUER, userinfo_endpoint=f"{ISSUER}/me", jwks_uri=f"{ISSUER}/keys", **pages)
        if url.endswith("token_endpoint"):
            return Answer(access_token="x", token_type="Bearer")
        return Answer(sub="1", **self.claims)

    def get(self, url, **how):
        """A page of it."""
        return self._answer(url, **how)

    def request(self, method, url, **how):
        """The same by its method."""
        return self._answer(url, **how)


@pytest.fixture
def sign_in(client, settings, monkeypatch):
    """Go to the provider and come back as whoever it says."""
    settings.COUNCIL_SIGN_IN = APP
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [APP]}}

    def _sign_in(**claims):
        provider = Provider(**claims)
        monkeypatch.setattr("accounts.adapter.CouncilSignInAdapter.get_requests_session", lambda self: provider)
        there = client.get(reverse("openid_connect_login", args=["council"]) + "?next=/desk/people/")
        sent = parse_qs(urlsplit(there.url).query)
        assert there.url.startswith(f"{ISSUER}/authorization_endpoint")
        assert sent["code_challenge"]
        back = {"code": "a code", "state": sent["state"][0]}
        return client.get(reverse("openid_connect_callback", args=["council"]), back)

    return _sign_in


def test_whom_the_hub_knows_by_address_comes_in_and_goes_where_they_wanted(client, sign_in):
    member = MembershipFactory(user=UserFactory(email="lee@northmarch.example"))

    answer = sign_in(email="Lee@Northmarch.example", name="Lee")

    assert answer.url == "/desk/people/"
    assert client.session["_auth_user_id"] == str(member.user.pk)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@northmarch.example"},
        # An address that is not the council's, and that the provider has not checked.
        {"email": "known@elsewhere.example"},
        {"email": "closed@northmarch.example"},
        {},
    ],
)
def test_nobody_else_comes_in_or_gets_an_account(client, sign_in, claims):
    MembershipFactory(user=UserFactory(email="known@elsewhere.example"))
    MembershipFactory(user=UserFactory(email="closed@northmarch.example", is_active=False))

    sign_in(**claims)

    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 2


def test_the_second_step_is_asked_for_here_too(client, sign_in):
    member = MembershipFactory(user=UserFactory(email="lee@northmarch.example"))
    TOTP.activate(member.user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

    assert sign_in(email="lee@northmarch.example").url == reverse("mfa_authenticate")


def test_a_provider_that_refuses_leads_back_to_the_usual_ways_in(client, sign_in):
    sign_in()
    refused = client.get(reverse("openid_connect_callback", args=["council"]), {"error": "server_error"}, follow=True)

    assert "did not work" in refused.content.decode()


def test_the_way_there_is_on_the_page_only_where_the_council_has_one(client, settings):
    assert "Sign in with your" not in client.get(reverse("account_login")).content.decode()
    assert client.get(reverse("openid_connect_login", args=["council"])).status_code == 404
    settings.COUNCIL_SIGN_IN = APP

    assert "Sign in with your Northmarch account" in client.get(reverse("account_login")).content.decode()
