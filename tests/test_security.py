"""What every page owes a family: no cookie, nothing from elsewhere, nothing that runs by surprise."""

import re

import pytest
from django.urls import get_resolver, reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, UserFactory
from consultations.tests.around import complete
from consultations.tests.factories import ConsultationFactory
from core.public_forms import FromHere
from feedback.tests.factories import FeedbackEntryFactory, HoldingNoteFactory, ResponseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> list[str]:
    """The public pages, with something on each."""
    late = complete(ConsultationFactory(late=True))
    HoldingNoteFactory(consultation=late)
    answer = ResponseFactory()
    FeedbackEntryFactory(
        response=answer, consultation=answer.consultation, organisation=answer.consultation.organisation
    )
    entry = FeedbackEntryFactory()
    open_one = complete(ConsultationFactory(open=True))
    records = [late, answer.consultation, entry, open_one, late.organisation]
    names = ["home", "consultations:find", "consultations:planned", "consultations:feed", "consultations:csv"]
    names += ["feedback:log", "feedback:log-feed", "help", "privacy", "accessibility", "tell-us", "robots"]
    return [
        *(reverse(name) for name in names),
        *(record.get_absolute_url() for record in records),
        "/consultations/?q=x",
    ]


def text_of(response) -> str:
    """The body, streamed or not."""
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


def test_a_familys_visit_leaves_no_cookie_behind(client, pages):
    for address in [*pages, "/no-such-page/"]:
        response = client.get(address)

        assert not response.cookies, address
        assert "Cookie" not in response.get("Vary", ""), address
    assert not client.cookies


@pytest.mark.parametrize(
    "cookie",
    ["sessionid=nonsense", "csrftoken=0123456789abcdef0123456789abcdef; messages=y", "_ga=GA1.2.3", "sessionid="],
)
def test_a_strange_cookie_breaks_nothing_and_is_not_answered_with_one(client, pages, cookie):
    for address in pages:
        response = client.get(address, headers={"cookie": cookie})

        assert response.status_code == 200, address
        assert not {name for name in response.cookies if response.cookies[name].value}, address


def test_every_page_has_the_strict_headers(client, pages):
    for address in [*pages, "/no-such-page/", reverse("account_login")]:
        response = client.get(address)

        # A form's own page must tell itself where it came from, or its press is refused; nobody else learns of it.
        assert response["Referrer-Policy"] == ("same-origin" if "login" in address else "no-referrer"), address
        assert response["X-Content-Type-Options"] == "nosniff", address
        assert response["X-Frame-Options"] == "DENY", address
        policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["img-src"] == policy["font-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert not re.search(r"unsafe|\*|http|data:|nonce", response["Content-Security-Policy"])


def test_no_page_loads_anything_from_another_host(client, pages):
    for address in [*pages, reverse("account_login")]:
        response = client.get(address)
        if "html" not in response["Content-Type"]:
            continue
        html = text_of(response)
        for loaded in re.findall(r'<(?:script|img|iframe|source|video|audio|embed)[^>]*\bsrc="([^"]*)"', html):
            assert loaded.startswith("/static/"), (address, loaded)
        for rel, link in re.findall(r'<link rel="([^"]*)"[^>]*href="([^"]*)"', html):
            assert rel in ("canonical", "alternate", "search") or link.startswith(("/static/", "/theme.css")), (
                address,
                link,
            )


def test_no_page_has_inline_script_or_style(client, pages):
    for address in [*pages, reverse("account_login"), "/no-such-page/"]:
        html = text_of(client.get(address))

        # Facts for search engines are data: no browser runs them.
        assert not re.search(r'<script(?![^>]*\bsrc=)(?! type="application/ld\+json">)', html), address
        assert "<style" not in html, address
        assert not re.search(r"<[a-z][^>]*\s(style|on[a-z]+)=", html), address
        assert "javascript:" not in html, address


def test_the_desk_is_never_kept_by_a_shared_cache(client):
    client.force_login(MembershipFactory(role=Role.LEAD).user, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(reverse("desk"))

    assert response.status_code == 200
    assert "Cookie" in response["Vary"] or "no-store" in response.get("Cache-Control", "")


def test_signing_in_asks_for_a_token_of_the_page_itself(db):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)

    assert strict.post(reverse("account_login"), {"login": "a@example.org", "password": "x"}).status_code == 403


def test_nobody_signs_up_alone(client):
    response = client.post(reverse("account_signup"), {"email": "new@example.org", "password1": "long and unusual 77"})

    assert b"new@example.org" not in response.content or response.status_code != 302
    from accounts.models import User

    assert not User.objects.filter(email="new@example.org").exists()


def test_a_person_who_left_is_out_at_once(client):
    membership = MembershipFactory(role=Role.LEAD)
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("desk")).status_code == 200

    membership.ended_on = membership.started_on
    membership.save()

    assert client.get(reverse("desk")).status_code == 403


def test_a_closed_account_is_out_at_once(client):
    membership = MembershipFactory(role=Role.LEAD)
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")

    membership.user.is_active = False
    membership.user.save()

    assert client.get(reverse("desk")).status_code == 302


def test_a_host_that_is_not_ours_is_refused(client):
    assert client.get("/", headers={"host": "evil.example.org"}).status_code == 400


@pytest.mark.parametrize("ask", ["account_reset_password", "account_request_login_code"])
def test_a_mail_about_signing_in_names_the_hub_and_not_the_host_that_was_asked(client, mailoutbox, settings, ask):
    settings.HUB_BASE_URL = "https://hub.example.org"
    person = MembershipFactory().user

    client.post(reverse(ask), {"email": person.email}, headers={"host": "127.0.0.1:7777"})

    (mail,) = mailoutbox
    assert "https://hub.example.org" in mail.body
    assert "127.0.0.1" not in mail.body + mail.subject


def test_nobody_can_make_the_hub_write_to_strangers(client, mailoutbox):
    for ask in ("account_reset_password", "account_request_login_code"):
        client.post(reverse(ask), {"email": "stranger@example.com"})

    assert not mailoutbox


@pytest.mark.parametrize("feed", ["consultations:feed", "feedback:log-feed"])
def test_a_feed_says_the_same_addresses_whatever_the_host_that_was_asked(client, settings, feed):
    settings.HUB_BASE_URL = "https://hub.example.org"
    FeedbackEntryFactory()

    text = text_of(client.get(reverse(feed), headers={"host": "127.0.0.1:7777"}))

    assert f"https://hub.example.org{reverse(feed)}" in text
    assert "127.0.0.1" not in text


def test_the_admin_is_for_superusers_only(client):
    lead = MembershipFactory(role=Role.FIS_MANAGER, user__is_staff=True)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == f"{reverse('account_login')}?next=/admin/"

    client.force_login(lead.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/", follow=True).status_code == 403

    lead.user.is_superuser = True
    lead.user.save()
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/", follow=True).redirect_chain[-1][0] == "/admin/"


def test_the_admin_takes_no_password_of_its_own(client):
    """Nothing would limit how often somebody tries there, nor ask for a second step."""
    superuser = UserFactory(is_staff=True, is_superuser=True)
    superuser.set_password("correct horse battery")
    superuser.save()

    tried = client.post("/admin/login/", {"username": superuser.email, "password": "correct horse battery"})

    assert tried.url.startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_every_public_form_can_be_sent_without_a_cookie():
    patterns = [pattern for pattern in _flat(get_resolver().url_patterns) if _is_public_form(pattern)]

    assert len(patterns) > 8
    for pattern in patterns:
        assert pattern.callback.csrf_exempt, pattern.name


def _flat(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _flat(pattern.url_patterns)
        else:
            yield pattern


def _is_public_form(pattern) -> bool:
    view = getattr(pattern.callback, "view_class", None)
    return isinstance(view, type) and issubclass(view, FromHere)
