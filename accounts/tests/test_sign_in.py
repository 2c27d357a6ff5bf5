"""Signing in: by password, by code, in plain words, and never by signing up."""

import re

import pytest
from django.urls import reverse

from accounts.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase"


@pytest.fixture
def lead():
    membership = MembershipFactory()
    membership.user.set_password(PASSWORD)
    membership.user.save()
    return membership.user


def test_a_password_opens_the_desk(client, lead):
    answer = client.post(reverse("account_login"), {"login": lead.email, "password": PASSWORD})

    assert answer.status_code == 302
    assert answer.url == "/desk/"


def test_a_code_by_email_opens_the_desk(client, lead, mailoutbox):
    client.post(reverse("account_request_login_code"), {"email": lead.email})
    code = re.search(r"^([A-Z0-9-]{6,9})$", mailoutbox[0].body, re.MULTILINE).group(1)

    answer = client.post(reverse("account_confirm_login_code"), {"code": code})

    assert answer.url == "/desk/"


def test_a_code_for_nobody_is_asked_for_in_the_same_words(client, lead):
    known = client.post(reverse("account_request_login_code"), {"email": lead.email})
    unknown = client.post(reverse("account_request_login_code"), {"email": "nobody@example.org"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Enter your e-mail address"),
        ({"login": "lead@example.org"}, "Enter your password"),
        ({"login": "lead@example.org", "password": "wrong"}, "One of them is not right."),
    ],
)
def test_what_is_wrong_is_said_plainly(client, typed, words):
    assert words in client.post(reverse("account_login"), typed).content.decode()


def test_nobody_signs_up_alone(client):
    assert b"<form" not in client.get(reverse("account_signup")).content.split(b"<main")[1]


def test_too_many_wrong_passwords_are_stopped(client, lead):
    for _ in range(6):
        answer = client.post(reverse("account_login"), {"login": lead.email, "password": "wrong"})

    assert answer.status_code == 429 or "You tried too often" in answer.content.decode()


def test_a_link_to_choose_a_password_signs_in_once_and_says_so_when_spent(client, lead, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": lead.email})
    link = re.search(r"https?://\S+/key/\S+", mailoutbox[0].body).group(0)
    path = "/" + link.split("/", 3)[3]

    page = client.get(path, follow=True)
    new = {"password1": "three other odd words", "password2": "three other odd words"}
    answer = client.post(page.request["PATH_INFO"], new)

    assert "Choose a password" in page.content.decode()
    assert answer.url == "/desk/"
    client.logout()
    assert "This link does not work any more" in client.get(path, follow=True).content.decode()
