"""The network: nobody is shown who has not agreed, and nobody longer than they agreed to."""

import re

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core import retention, rights
from core.dates import today
from core.models import Area, Method
from practice.network import actions, limits
from practice.network.models import NetworkPerson
from practice.network.tests.factories import NetworkPersonFactory
from practice.tests.factories import PracticeExampleFactory

pytestmark = pytest.mark.django_db
PAGE, JOIN = "/practice/network/", "/practice/network/join/"


@pytest.fixture(autouse=True)
def fresh_counts():
    """Every test counts from nothing."""
    cache.clear()


@pytest.fixture
def fis(client):
    """Somebody of the Family Information Service, signed in."""
    member = MembershipFactory(role=Role.FIS_EDITOR)
    client.force_login(member.user)
    return member


def even(answer) -> str:
    return " ".join(answer.content.decode().split())


def typed(client, **facts) -> dict:
    mark = re.search(r'name="once" value="([^"]+)"', client.get(JOIN).content.decode())[1]
    said = {"name": "Kai", "role": "peer", "helps_with": "Your first meeting", "email": "kai@example.org"}
    return said | {"agrees": "on", "once": mark} | facts


def test_whoever_asks_to_join_is_shown_once_a_person_has_let_them_in(client):
    answer = client.post(JOIN, typed(client, phone="01632 960 888"), follow=True)
    assert "A person looks at it." in even(answer)
    assert not client.cookies
    assert "Kai" not in even(client.get(PAGE))

    person = NetworkPerson.objects.get()
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)
    assert "Asks to join the network" in even(client.get(reverse("consultations:checks")))
    client.post(reverse("practice:network-let-in", args=[person.pk]))
    client.logout()

    page = even(client.get(PAGE))
    assert "Kai" in page
    assert "kai@example.org" not in page
    assert "01632 960 888" not in page
    assert "puts you in touch" in page


def test_how_to_reach_somebody_is_shown_only_if_they_ticked_it(client):
    NetworkPersonFactory(shows_reach=True, email="yes@example.org")
    NetworkPersonFactory(shows_reach=False, email="no@example.org")

    page = even(client.get(PAGE))

    assert "yes@example.org" in page
    assert "no@example.org" not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"agrees": ""}, "Tick that we may show you, or do not join"),
        ({"name": ""}, "Enter your name"),
        ({"helps_with": ""}, "Say what you can help others with"),
        ({"email": "kai"}, "mail"),
    ],
)
def test_without_an_agreement_and_what_must_be_known_nobody_joins(client, wrong, words):
    answer = client.post(JOIN, typed(client, phone="01632 960 888", **wrong))

    assert answer.status_code == 400
    assert words in even(answer)
    assert "01632 960 888" in even(answer)
    assert not NetworkPerson.objects.exists()


def test_one_address_joins_once_and_nobody_learns_whose_it_is(client):
    NetworkPersonFactory(email="kai@example.org", name="Kai of old")

    answer = client.post(JOIN, typed(client, email="KAI@example.org"), follow=True)

    assert "A person looks at it." in even(answer)
    assert NetworkPerson.objects.get().name == "Kai of old"
    with pytest.raises(IntegrityError, match="network_once"), transaction.atomic():
        NetworkPersonFactory(email="Kai@Example.org")
    NetworkPerson.objects.update(left_on=today())
    client.post(JOIN, typed(client))
    assert NetworkPerson.objects.filter(left_on=None).count() == 1


def test_what_a_program_sends_is_not_kept_and_many_from_one_place_are_refused(client):
    client.post(JOIN, typed(client, website="https://spam.example"))
    assert not NetworkPerson.objects.exists()

    for number in range(limits.AN_HOUR_FROM_ONE_PLACE):
        assert client.post(JOIN, typed(client, email=f"k{number}@example.org")).status_code == 302
    assert client.post(JOIN, typed(client, email="last@example.org")).status_code == 429


def test_somebody_who_has_done_it_before_is_found_with_the_examples_of_services(client):
    method = Method.objects.create(key="drop_in", label="Drop-in", position=1)
    area = Area.objects.first() or Area.objects.create(key="melbridge", label="Melbridge", position=1)
    NetworkPersonFactory(name="Done it").methods.add(method)
    NetworkPersonFactory(name="Here").areas.add(area)
    example = PracticeExampleFactory(title="Drop-ins that work")
    example.methods.add(method)

    page = even(client.get(PAGE, {"method": "drop_in"}))
    assert "Done it" in page
    assert "Drop-ins that work" in page
    assert ">Here<" not in page
    assert "Here" in even(client.get(PAGE, {"area": area.key}))
    assert "Nobody matches all of that" in even(client.get(PAGE, {"role": "lead"}))
    assert "left it out" in even(client.get(PAGE, {"method": "nonsense"}))


@pytest.mark.parametrize(("field", "day"), [("agreed_until", -1), ("left_on", 0), ("shown_from", None)])
def test_nobody_is_shown_longer_than_they_agreed_to(client, field, day):
    NetworkPersonFactory(name="Kai", **{field: None if day is None else days(day)})

    assert "Kai" not in even(client.get(PAGE))


def test_whose_agreement_ran_out_is_asked_again(client, fis):
    person = NetworkPersonFactory(name="Kai", agreed_until=days(-1))
    assert "People in the network to ask again" in even(client.get("/desk/", {"show": "all"})) + even(
        client.get("/desk/")
    )
    assert "Kai" in even(client.get("/desk/network/", {"show": "over"}))

    client.post(reverse("practice:network-again", args=[person.pk]))

    assert "Kai" in even(client.get(PAGE))


def test_what_is_shown_is_put_right_and_somebody_is_taken_out(client, fis):
    person = NetworkPersonFactory(name="Kai")
    page = reverse("practice:desk-network-person", args=[person.pk])
    facts = {"name": "Kai R", "role": "lead", "helps_with": "Letters", "email": "kai@example.org"}
    client.post(page, facts)
    assert "Kai R" in even(client.get(PAGE))

    client.post(reverse("practice:network-take-out", args=[person.pk]))

    assert "Kai R" not in even(client.get(PAGE))
    assert "They are not shown." in even(client.get(page))
    assert "not in the network any more" in even(
        client.post(reverse("practice:network-let-in", args=[person.pk]), follow=True)
    )


@pytest.mark.parametrize("count", [1, 20])
def test_lists_take_as_many_questions_for_one_as_for_twenty(client, fis, django_assert_num_queries, count):
    method = Method.objects.create(key="drop_in", label="Drop-in", position=1)
    for person in NetworkPersonFactory.create_batch(count):
        person.methods.add(method)
    client.get("/help/")
    with django_assert_num_queries(7):
        client.get("/desk/network/")
    client.logout()
    client.get("/help/")
    with django_assert_num_queries(7):
        client.get(PAGE)


def test_the_database_keeps_what_somebody_must_have():
    person = NetworkPersonFactory()
    for wrong in ({"agreed_until": days(-90)}, {"name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            NetworkPerson.objects.filter(pk=person.pk).update(**wrong)


def test_who_left_is_forgotten_after_a_time():
    NetworkPersonFactory(left_on=days(-91))
    NetworkPersonFactory(agreed_until=days(-91), agreed_on=days(-800))
    stays = [NetworkPersonFactory(left_on=days(-90)), NetworkPersonFactory()]

    assert retention.let_go(timezone.now(), only=["network"]) == {"network": 2}

    assert set(NetworkPerson.objects.all()) == set(stays)


def test_whoever_asks_reads_what_is_held_and_is_erased():
    NetworkPersonFactory(email="Kai@example.org", name="Kai")
    assert rights.held_about("kai@example.org")[0].facts["name"] == "Kai"

    rights.erase("kai@example.org", by=MembershipFactory(role=Role.FIS_MANAGER).user, now=timezone.now())

    assert not NetworkPerson.objects.exists()


def test_letting_in_twice_says_so():
    person = NetworkPersonFactory(shown_from=None)
    member = MembershipFactory(role=Role.FIS_EDITOR)
    actions.let_in(person, by=member.user, on=today())

    with pytest.raises(ValidationError, match="a moment ago"):
        actions.let_in(person, by=member.user, on=today())
