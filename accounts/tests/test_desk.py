"""The staff page about who looks after the hub."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership, Organisation, Role
from accounts.tests.factories import MembershipFactory, UserFactory, last_looked_after_on
from core.dates import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    """The one manager of a hub that was looked after yesterday."""
    return last_looked_after_on(today() - timedelta(days=1))


def left_alone(manager, days: int) -> None:
    """Nobody has signed in for so many days."""
    type(manager.user).objects.update(
        last_login=manager.user.last_login - timedelta(days=days - 1),
        date_joined=manager.user.date_joined - timedelta(days=days),
    )


def opens(client, by) -> str:
    """The page as somebody sees it, whose cookie is older than the absence."""
    seen = by.last_login
    client.force_login(by)
    type(by).objects.filter(pk=by.pk).update(last_login=seen)
    answer = client.get(reverse("accounts:keepers"))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def sponsor(manager):
    """Who leads the hub's council."""
    return Membership.objects.get(role=Role.LEAD).user


def test_it_says_who_looks_after_the_hub_and_who_is_told(client, manager, sponsor):
    gone = MembershipFactory(role=Role.FIS_EDITOR, ended_on=today())
    elsewhere = MembershipFactory(role=Role.LEAD)

    html = opens(client, sponsor)

    assert "was last here on" in html
    assert html.index("keeper@example.org") < html.index("Looks after it") < html.index("sponsor@example.org")
    assert gone.user.email not in html
    assert elsewhere.user.email not in html
    assert "Nobody from the" not in html


def test_to_the_sponsor_of_a_hub_left_alone_it_says_what_to_do(client, manager, sponsor):
    left_alone(manager, 35)

    html = opens(client, sponsor)

    assert "Nobody from the Family Information Service has signed in since" in html
    assert "and its forms will close" in html
    assert "ask them to sign in" in html


def test_when_nobody_is_left_it_says_how_somebody_is_named(client, manager, sponsor):
    left_alone(manager, 60)
    Membership.objects.filter(pk=manager.pk).update(ended_on=today())

    html = opens(client, sponsor)

    assert "Nobody from the Family Information Service has an account now" in html
    assert "manage.py first_keeper ADDRESS" in html
    assert "ask them to sign in" not in html
    assert "keeper@example.org" not in html


def test_without_a_sponsor_it_says_that_nobody_is_told(client, manager):
    assert "so nobody is told" not in opens(client, manager.user)
    Membership.objects.filter(role=Role.LEAD).update(ended_on=today())
    assert "so nobody is told" in opens(client, manager.user)


def test_an_empty_hub_shows_a_superuser_what_is_missing(client):
    html = opens(client, UserFactory(is_superuser=True))

    assert "has an account now" in html
    assert "so nobody is told" in html
    assert "<table" not in html


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_takes_the_same_queries_however_many_people(client, manager, django_assert_num_queries, count):
    for _each in range(count - 1):
        MembershipFactory(role=Role.FIS_EDITOR, organisation=manager.organisation)
    opens(client, manager.user)

    # the person, their memberships; is there a service, a sponsor; how many, the rows; the hub's upkeep
    with django_assert_num_queries(7):
        client.get(reverse("accounts:keepers"))


def test_a_long_list_comes_in_pages(client, manager):
    for _each in range(20):
        MembershipFactory(role=Role.FIS_EDITOR)
    opens(client, manager.user)

    assert len(client.get(reverse("accounts:keepers")).context["keepers"]) == 20
    assert len(client.get(reverse("accounts:keepers") + "?page=2").context["keepers"]) == 2
    assert Organisation.objects.filter(is_keeper=True).exists()
