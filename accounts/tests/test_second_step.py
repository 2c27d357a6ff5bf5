"""Who looks after the hub needs a second step; sessions end; whoever is added is invited."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import Membership, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from core.dates import today
from notices import ledger, post
from notices.defaults import load_steps

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now() -> str:
    """The code that an app with SECRET shows now."""
    return format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))


@pytest.fixture
def editor():
    """Somebody from the Family Information Service, with a password."""
    membership = MembershipFactory(role=Role.FIS_EDITOR)
    membership.user.set_password(PASSWORD)
    membership.user.save()
    return membership.user


@pytest.fixture
def in_earnest(settings):
    """A hub that families reach."""
    settings.HUB_SECOND_STEP = True


@pytest.mark.parametrize("page", ["desk", "accounts:people", "admin:index"])
def test_the_desk_stays_shut_to_who_looks_after_the_hub_without_a_second_step(client, editor, in_earnest, page):
    client.force_login(editor if page != "admin:index" else UserFactory(is_superuser=True))

    shut = client.get(reverse(page))

    assert (shut.status_code, shut.url) == (302, reverse("mfa_index"))
    assert "Turn on a second step to go on" in client.get(shut.url).content.decode()


def test_spare_codes_alone_are_no_second_step(client, editor, in_earnest):
    RecoveryCodes.activate(editor)
    client.force_login(editor)

    assert client.get(reverse("desk")).status_code == 302


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.LEAD, Role.BOARD_VIEWER])
def test_for_others_it_is_their_own_choice(client, in_earnest, role):
    client.force_login(MembershipFactory(role=role).user)

    assert client.get(reverse("desk")).status_code == 200
    assert client.get(reverse("mfa_index")).status_code == 200


def test_with_an_app_a_password_is_half_the_way_and_a_code_the_rest(client, editor, in_earnest):
    TOTP.activate(editor, SECRET)

    half = client.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})
    assert half.url == reverse("mfa_authenticate")
    assert client.get(reverse("desk")).url.startswith(reverse("account_login"))
    assert "Type the code that the app" in client.get(half.url).content.decode()
    wrong = client.post(half.url, {"code": ""})
    assert "Enter the code" in wrong.content.decode()
    client.post(half.url, {"code": code_now()})

    assert client.get(reverse("desk")).status_code == 200


def test_a_code_by_email_asks_for_the_second_step_too(client, editor, mailoutbox):
    TOTP.activate(editor, SECRET)
    client.post(reverse("account_request_login_code"), {"email": editor.email})
    code = re.search(r"^([A-Z0-9-]{6,9})$", mailoutbox[0].body, re.MULTILINE).group(1)

    answer = client.post(reverse("account_confirm_login_code"), {"code": code})

    assert answer.url == reverse("mfa_authenticate")


def test_a_spare_code_lets_one_in_once(editor):
    TOTP.activate(editor, SECRET)
    spare = RecoveryCodes.activate(editor).get_unused_codes()[0]

    def tries():
        client = Client()
        client.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": spare})
        return client.get(reverse("desk")).status_code

    assert [tries(), tries()] == [200, 302]


def test_the_pages_of_the_second_step_speak_plainly(client, editor):
    client.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})

    again = client.get(reverse("mfa_add_webauthn"), follow=True)
    assert "Is it you?" in again.content.decode()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    passkey = client.get(reverse("mfa_add_webauthn")).content.decode()
    assert "A passkey is kept on your phone" in passkey
    assert "passkeys.js" in passkey
    turn_on = client.get(reverse("mfa_activate_totp"))
    secret = re.search(r'hub-key">([A-Z2-7]+)<', turn_on.content.decode()).group(1)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    spare = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True).content.decode()
    assert "Your spare codes" in spare
    assert "10 codes of 10 are left" in spare
    assert Authenticator.objects.filter(user=editor, type=Authenticator.Type.TOTP).exists()
    for page in ("mfa_index", "mfa_generate_recovery_codes", "mfa_deactivate_totp", "mfa_list_webauthn"):
        assert client.get(reverse(page)).status_code == 200


# Sessions


def test_signing_out_everywhere_ends_every_session(editor):
    here, elsewhere = Client(), Client()
    for each in (here, elsewhere):
        each.force_login(editor)

    assert here.post(reverse("accounts:sign-out-everywhere")).url == reverse("account_login")

    assert [each.get(reverse("desk")).status_code for each in (here, elsewhere)] == [302, 302]
    here.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})
    assert here.get(reverse("desk")).status_code == 200


def test_another_password_ends_the_sessions_elsewhere_and_not_this_one(editor):
    here, elsewhere = Client(), Client()
    for each in (here, elsewhere):
        each.force_login(editor)
    new = {"oldpassword": PASSWORD, "password1": "three other odd words", "password2": "three other odd words"}

    here.post(reverse("account_change_password"), new)

    assert [each.get(reverse("desk")).status_code for each in (here, elsewhere)] == [200, 302]


# Helping others


@pytest.fixture
def manager(client):
    """Somebody who manages the hub, signed in."""
    membership = MembershipFactory(role=Role.FIS_MANAGER)
    client.force_login(membership.user)
    return membership


def test_who_manages_the_hub_helps_somebody_who_lost_their_phone(client, manager, editor):
    TOTP.activate(editor, SECRET)
    theirs = Client()
    theirs.force_login(editor)

    client.post(reverse("accounts:sign-in-of", args=[editor.memberships.get().pk]), {"what": "second_step"})

    assert not Authenticator.objects.filter(user=editor).exists()
    assert theirs.get(reverse("desk")).status_code == 302


def test_nobody_weakens_the_sign_in_of_a_superuser(client, manager):
    theirs = MembershipFactory(user=UserFactory(is_superuser=True))
    TOTP.activate(theirs.user, SECRET)

    refused = client.post(reverse("accounts:sign-in-of", args=[theirs.pk]), {"what": "second_step"})

    assert refused.status_code == 403
    assert Authenticator.objects.filter(user=theirs.user).exists()


# Invitations


@pytest.fixture
def invited(client, manager):
    """Somebody who was just added on the desk."""
    body = OrganisationFactory()
    said = {"email": "new@example.org", "name": "New", "organisation": body.pk, "role": Role.LEAD}
    assert client.post(reverse("accounts:person-add"), said).status_code == 302
    client.logout()
    return Membership.objects.get(user__email="new@example.org")


@pytest.fixture
def messages_go(mailoutbox):
    """Lay down what is owed a number of days from now, send it, and give the mails that went then."""
    load_steps()

    def _go(days: int = 0) -> list:
        before = len(mailoutbox)
        now = timezone.now() + timedelta(days=days)
        ledger.owe(today() + timedelta(days=days), now)
        post.send(today() + timedelta(days=days), now, at_once=True)
        return [mail for mail in mailoutbox[before:] if mail.to == ["new@example.org"]]

    return _go


def test_whoever_is_added_gets_a_link_that_leads_to_a_password_of_their_own(client, invited, messages_go, mailoutbox):
    mail = messages_go()[0]
    assert "Lead for" in mail.body
    link = re.search(r"https?://[^/]+(/go/\S+/desk/account/welcome/)", mail.body).group(1)

    assert client.get(link).status_code == 200
    assert not client.session.get("_auth_user_id")
    client.post(link)
    code = re.search(r"^([A-Z0-9-]{6,9})$", mailoutbox[-1].body, re.MULTILINE).group(1)
    client.post(f"{reverse('account_confirm_login_code')}?next=/desk/account/welcome/", {"code": code}, follow=True)
    assert "Choose a password" in client.get(reverse("accounts:welcome")).content.decode()
    client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})

    assert client.login(email="new@example.org", password=PASSWORD)


def test_an_invitation_goes_once_more_after_a_week_and_never_after_a_sign_in(invited, messages_go):
    assert [len(messages_go(days)) for days in (0, 1, 7, 30)] == [1, 0, 1, 0]

    actions.invite(invited, by=None, on=today() + timedelta(days=40))
    invited.user.last_login = timezone.now()
    invited.user.save()

    assert messages_go(40) == []


def test_whoever_has_signed_in_before_is_not_invited(client, manager):
    known = MembershipFactory()
    known.user.last_login = timezone.now()
    known.user.save()

    answer = client.post(reverse("accounts:sign-in-of", args=[known.pk]), {"what": "invite"})

    assert answer.status_code == 400
    assert "They have signed in before" in answer.content.decode()
