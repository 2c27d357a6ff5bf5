"""A sign-in ends: hours after its last use, after some days at most, and with the role. What was typed is shown."""

from datetime import timedelta

import pytest
from allauth.core.context import request_context
from allauth.mfa.adapter import get_adapter
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from core.actions import state_facts
from core.dates import today

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase"
LOGIN = reverse("account_login")
PEOPLE = reverse("accounts:people")


@pytest.fixture
def later(time_machine):
    """Goes on in time, from now."""
    began = timezone.now()
    time_machine.move_to(began, tick=False)
    return lambda **passed: time_machine.move_to(began + timedelta(**passed), tick=False)


def signed_in(role: str = Role.LEAD, client: Client | None = None) -> Client:
    """Somebody's browser, just signed in."""
    client = client or Client()
    client.force_login(MembershipFactory(role=role).user)
    return client


def is_in(client: Client) -> bool:
    """Whether the desk opens."""
    return client.get(reverse("desk")).status_code == 200


# When it ends


def test_a_sign_in_ends_eight_hours_after_its_last_use(later):
    browser = signed_in()
    for hours in (7, 14, 21):
        later(hours=hours)
        assert is_in(browser)

    later(hours=29, minutes=1)

    assert not is_in(browser)


def test_use_is_written_down_every_five_minutes_at_most(later):
    browser = signed_in()
    before = dict(browser.session)
    later(minutes=4)
    browser.get(reverse("desk"))
    assert dict(browser.session) == before

    later(minutes=5)
    browser.get(reverse("desk"))

    assert dict(browser.session) != before


def test_looking_at_public_pages_keeps_nobody_signed_in(later):
    browser = signed_in()
    for hours in (3, 6, 8):
        later(hours=hours)
        assert "sessionid" not in browser.get("/consultations/").cookies
    later(hours=8, minutes=1)

    assert not is_in(browser)


def test_a_public_page_knows_nobody_whose_sign_in_has_ended(later):
    browser = signed_in()
    sign_out = reverse("account_logout").encode()
    assert sign_out in browser.get("/help/").content

    later(hours=9)

    assert sign_out not in browser.get("/help/").content


@pytest.mark.parametrize(
    ("role", "lasts"),
    [
        (Role.FIS_MANAGER, timedelta(hours=12)),
        (Role.FIS_EDITOR, timedelta(hours=12)),
        (Role.LEAD, timedelta(days=14)),
        (Role.CONTRIBUTOR, timedelta(days=14)),
        (Role.BOARD_VIEWER, timedelta(days=14)),
    ],
)
def test_however_much_it_is_used_a_sign_in_ends_and_sooner_for_who_looks_after_the_hub(later, role, lasts):
    browser = signed_in(role)
    passed = timedelta()
    while passed < lasts:
        later(seconds=passed.total_seconds())
        assert is_in(browser), passed
        passed += timedelta(hours=6)
    later(seconds=lasts.total_seconds())
    assert is_in(browser)

    later(seconds=lasts.total_seconds() + 1)

    assert not is_in(browser)


def test_a_session_that_does_not_say_when_it_began_is_over():
    """One from before the hub wrote that down."""
    browser = signed_in()
    session = browser.session
    del session["signed_in_at"]
    session.save()

    assert not is_in(browser)


def test_the_admin_of_superusers_closes_too(later):
    membership = MembershipFactory()
    membership.user.is_superuser = membership.user.is_staff = True
    membership.user.save()
    browser = Client()
    browser.force_login(membership.user)
    assert browser.get(reverse("admin:index")).status_code == 200

    later(hours=9)

    assert browser.get(reverse("admin:index")).status_code == 302


# With the role


def test_who_loses_a_role_is_signed_out_on_every_computer_and_nobody_else_is():
    leaver, stays = MembershipFactory(), MembershipFactory()
    computers = [Client(), Client()]
    other = Client()
    for computer in computers:
        computer.force_login(leaver.user)
    other.force_login(stays.user)

    actions.end_membership(leaver, by=stays.user, on=today())

    assert [computer.get(reverse("desk")).status_code for computer in computers] == [302, 302]
    assert not any(computer.session.get("_auth_user_id") for computer in computers)
    assert is_in(other)


def test_who_keeps_another_role_signs_in_again_and_does_that_one_only():
    leaver = MembershipFactory(role=Role.LEAD)
    MembershipFactory(user=leaver.user, role=Role.BOARD_VIEWER)
    browser = Client()
    browser.force_login(leaver.user)

    actions.end_membership(leaver, by=None, on=today())

    assert not is_in(browser)
    leaver.user.refresh_from_db()
    browser.force_login(leaver.user)
    assert is_in(browser)
    assert browser.get(PEOPLE).status_code == 403


# Back again


def test_signing_in_again_leads_back_to_the_page(later):
    membership = MembershipFactory()
    membership.user.set_password(PASSWORD)
    membership.user.save()
    browser = Client()
    browser.force_login(membership.user)
    later(hours=9)

    away = browser.get(f"{PEOPLE}?q=breaks")
    back = browser.post(away.url, {"login": membership.user.email, "password": PASSWORD, "next": f"{PEOPLE}?q=breaks"})

    assert away.url == f"{LOGIN}?next={PEOPLE}%3Fq%3Dbreaks"
    assert back.url == f"{PEOPLE}?q=breaks"


def test_a_form_without_words_leads_back_to_the_page_it_stood_on(later):
    """Its own address may take forms only."""
    browser = signed_in(Role.FIS_EDITOR)
    later(hours=9)

    away = browser.post(reverse("accounts:watching"), {"do": "x"}, HTTP_REFERER=f"http://testserver{PEOPLE}?page=2")
    elsewhere = browser.post(reverse("accounts:watching"), {"do": "x"}, HTTP_REFERER="http://example.org/desk/")

    assert away.url == f"{LOGIN}?next={PEOPLE}%3Fpage%3D2"
    assert elsewhere.url == f"{LOGIN}?next={reverse('accounts:watching')}"


def test_what_was_typed_is_shown_once_more_and_not_kept(later):
    browser = signed_in(Role.FIS_MANAGER)
    typed = {"email": "new@example.org", "name": "Sam <b>Reed</b>", "job_title": "", "csrfmiddlewaretoken": "abcdef"}
    later(hours=9)

    shown = browser.post(reverse("accounts:person-add"), typed)

    html = shown.content.decode()
    assert shown.status_code == 403
    assert "no-store" in shown["Cache-Control"]
    assert "Sam &lt;b&gt;Reed&lt;/b&gt;" in html
    assert "new@example.org" in html
    assert "abcdef" not in html
    assert f'href="{LOGIN}?next={reverse("accounts:person-add")}"' in html


def test_the_answer_to_families_is_shown_once_more_too(later):
    browser = signed_in(Role.CONTRIBUTOR)
    later(hours=9)

    shown = browser.post(
        reverse("feedback:answer", args=["short-breaks"]),
        {"summary": "We keep the beds.\nAll of them.", "theme-0-said": "Weekends", "version": "x3", "do": "save"},
    )

    html = shown.content.decode()
    assert "We keep the beds.<br>All of them." in html
    assert "Weekends" in html
    assert "x3" not in html


def test_a_form_left_open_across_another_sign_in_shows_what_was_typed():
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    typed = {"name": "Sam Reed", "csrfmiddlewaretoken": "x" * 64}

    ours = browser.post(reverse("accounts:person-add"), typed, HTTP_ORIGIN="http://testserver")
    others = browser.post(reverse("accounts:person-add"), typed, HTTP_ORIGIN="http://example.org")

    assert (ours.status_code, others.status_code) == (403, 403)
    assert b"Sam Reed" in ours.content
    assert b"Please send the form again" in others.content
    assert b"Sam Reed" not in others.content


# What its mails call the hub


def test_mails_about_signing_in_carry_the_names_that_count_when_they_are_sent(client, mailoutbox):
    membership = MembershipFactory(organisation=OrganisationFactory())
    state_facts(
        by=None,
        **{"name": "Ask Northmarch", "council_name": "Northmarch Council", "fis_name": "Northmarch families"},
    )

    client.post(reverse("account_request_login_code"), {"email": membership.user.email})
    client.post(reverse("account_reset_password"), {"email": membership.user.email})

    assert len(mailoutbox) == 2
    for mail in mailoutbox:
        assert "Ask Northmarch\nNorthmarch Council\n" in mail.body
        assert mail.from_email == "Northmarch families <have-your-say@westmarch.example>"
        assert "Westmarch" not in mail.body


def test_a_sender_that_the_council_named_otherwise_stays(settings, mailoutbox, client):
    settings.DEFAULT_FROM_EMAIL = "Have your say <hub@example.org>"
    state_facts(by=None, fis_name="Northmarch families")

    client.post(reverse("account_request_login_code"), {"email": MembershipFactory().user.email})

    assert mailoutbox[0].from_email == "Have your say <hub@example.org>"


def test_an_app_and_a_passkey_on_the_phone_get_the_name_that_counts(rf):
    state_facts(by=None, name="Ask Northmarch")
    membership = MembershipFactory()

    with request_context(rf.get("/")):
        assert "issuer=Ask%20Northmarch" in get_adapter().build_totp_url(membership.user, "SECRET")
        assert get_adapter().get_public_key_credential_rp_entity() == {"id": "testserver", "name": "Ask Northmarch"}
