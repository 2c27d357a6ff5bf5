"""From a link in a mail, by one press and a code, straight to the form."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import MembershipFactory, UserFactory
from core.dates import today
from notices.links import link_from
from notices.models import Mail

pytestmark = pytest.mark.django_db

FORM = "/desk/log/"


def link_to(address: str, target: str = FORM, **facts) -> str:
    """The path of a link in a mail to somebody."""
    mail = Mail.objects.create(recipient_hash=uuid4().hex, address=address, day=today(), **facts)
    return "/" + link_from(mail.pk, target).split("/", 3)[3]


@pytest.fixture
def owner():
    """Somebody who may use the desk."""
    # Another one each time: how often a code may be asked for is counted by address, across tests too.
    return MembershipFactory(user=UserFactory(email=f"o-{uuid4().hex}@example.org")).user


def test_one_press_and_a_code_open_the_form(client, owner, mailoutbox):
    link = link_to(owner.email, f"{FORM}?page=2")

    page = client.get(link)
    assert "We send a code to o•••@example.org" in page.content.decode()
    assert owner.email not in page.content.decode()
    assert mailoutbox == []

    confirm = client.post(link)
    code = re.search(r"^([A-Z0-9-]{6,9})$", mailoutbox[0].body, re.MULTILINE).group(1)
    assert mailoutbox[0].to == [owner.email]

    # The page of the code carries where to go on.
    asked = client.get(confirm.url).content.decode()
    onward = re.search(r'name="next" value="([^"]*)"', asked)[1]
    assert client.post(reverse("account_confirm_login_code"), {"code": code, "next": onward}).url == f"{FORM}?page=2"


def test_following_the_link_does_nothing_and_is_not_kept(client, owner, mailoutbox):
    page = client.get(link_to(owner.email))

    assert mailoutbox == []
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_whoever_is_signed_in_goes_straight_on(client, owner):
    link = link_to("somebody@example.org", f"{FORM}?page=2")
    client.force_login(owner)

    assert client.get(link).url == f"{FORM}?page=2"


def test_a_teams_mailbox_signs_in_with_an_address_of_its_own(client, mailoutbox):
    link = link_to("team@example.org")

    page = client.get(link).content.decode()
    assert "which nobody signs in with" in page
    assert f"{reverse('account_login')}?next=%2Fdesk%2Flog%2F" in page

    client.post(link)
    assert mailoutbox == []


def test_an_account_that_was_closed_gets_no_code(client, owner, mailoutbox):
    link = link_to(owner.email)
    owner.is_active = False
    owner.save()

    assert "which nobody signs in with" in client.get(link).content.decode()
    client.post(link)
    assert mailoutbox == []


def test_a_link_that_is_not_ours_or_is_old_leads_to_the_usual_way_in(client, owner, mailoutbox):
    good = link_to(owner.email)
    old = link_to(owner.email, made_at=timezone.now() - timedelta(days=91))
    erased = link_to("")
    forged = good.replace("/go/", "/go/x")
    turned = good.replace("/desk/log/", "/desk/")

    for link in (old, erased, forged, turned):
        for answer in (client.get(link), client.post(link)):
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("account_login")), link
    assert mailoutbox == []


@pytest.mark.parametrize("target", ["/", "//evil.example/desk/", "/accounts/logout/", "/deskx/"])
def test_a_link_leads_nowhere_but_to_the_desk(client, owner, target):
    for link in (link_to(owner.email, target), f"/go/x{target}"):
        assert client.get(link).status_code == 404


def test_who_asks_too_often_is_told_so(client, owner, mailoutbox):
    link = link_to(owner.email)
    answers = [client.post(link) for _each in range(5)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 429]
    assert "You tried too often" in answers[-1].content.decode()
    assert len(mailoutbox) == 3
