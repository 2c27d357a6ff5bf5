"""A new hub is shut to families until it is opened, whole, and can be shut again."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from core import actions as core_actions
from core.dates import today
from core.models import Closure, HubFacts
from hub.actions import open_to_the_public
from hub.tests.test_pages import Process

pytestmark = pytest.mark.django_db


@pytest.fixture
def shut():
    """A hub that was just made."""
    core_actions.shut_new_hub(on=today())


@pytest.fixture
def ready_to_open():
    """All that opening needs."""
    core_actions.state_facts(
        by=None,
        fis_phone="01632 960 001",
        fis_email="fis@example.org",
        children_services_phone="01632 960 002",
        privacy_email="dpo@example.org",
    )
    EventFactory()


def test_families_find_a_page_that_says_opens_soon_and_how_to_reach_us(client, shut, settings):
    answer = client.get("/consultations/")

    html = answer.content.decode()
    assert answer.status_code == 503
    assert "This site opens soon" in html
    assert settings.HUB_FIS_PHONE in html
    assert "noindex" in html
    assert answer["X-Robots-Tag"] == "noindex"
    assert 'href="/events/"' not in html
    assert not answer.cookies


def test_staff_read_public_pages_and_are_told_that_families_do_not(client, shut):
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    html = client.get("/").content.decode()

    assert "Families do not see this page yet." in html
    assert reverse("setup") in html


def test_who_has_left_is_a_visitor_again(client, shut):
    member = MembershipFactory()
    client.force_login(member.user)
    member.ended_on = today()
    member.save()

    assert client.get("/").status_code == 503


def test_signing_in_and_the_desk_work_while_it_is_shut(client, shut):
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/health/live").status_code == 200
    assert client.get("/desk/").status_code == 302
    assert client.get("/admin/").status_code == 302
    assert client.get("/theme.css").status_code == 200
    assert client.get(reverse("notices:leave", args=["x" * 65])).status_code != 503


def test_it_opens_only_when_families_find_contacts_and_something_to_read(shut):
    with pytest.raises(ValidationError) as refused:
        open_to_the_public(by=None, on=today())

    assert refused.value.messages == [
        "Say how families reach you",
        "Say who to ring about a child",
        "Say who answers for privacy",
        "Publish one consultation or one event",
    ]
    assert Closure.objects.filter(opened_on=None).exists()


def test_a_manager_opens_it_with_a_press_and_the_day_is_kept(client, shut, ready_to_open):
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)

    client.post(reverse("setup-open"))

    assert Closure.objects.get().opened_on == today()
    assert "The hub is open to the public since" in client.get(reverse("setup")).content.decode()
    client.logout()
    assert client.get("/").status_code == 200


def test_a_press_too_early_says_what_is_missing(client, shut):
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)

    answer = client.post(reverse("setup-open"))

    assert answer.status_code == 400
    assert f'href="{reverse("setup-privacy")}"' in answer.content.decode()


def test_closing_it_again_needs_a_reason_which_families_read(client):
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)

    refused = client.post(reverse("setup-close"), {"reason": " "})
    client.post(reverse("setup-close"), {"reason": "We are moving house."})
    client.logout()

    assert refused.status_code == 400
    html = client.get("/").content.decode()
    assert "This site is closed for now" in html
    assert "We are moving house." in html


def test_an_editor_sets_up_but_does_not_open(client, shut, ready_to_open):
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    assert client.get(reverse("setup")).status_code == 200
    assert client.post(reverse("setup-open")).status_code == 403


def test_shutting_a_new_hub_twice_or_after_it_was_opened_changes_nothing(shut):
    core_actions.open_hub(by=None, on=today())

    core_actions.shut_new_hub(on=today())

    assert not Closure.objects.filter(opened_on=None).exists()


def test_a_kept_page_never_outlives_the_closing(transactional_db):
    ConsultationFactory(title="Short breaks in Westmarch", open=True)
    process = Process()
    assert b"Short breaks" in process.get().body
    assert b"Short breaks" in process.get().body

    core_actions.close_hub(by=None, on=today(), reason="A fault.")
    shut = [process.get(), process.get()]
    core_actions.open_hub(by=None, on=today())

    assert [each.status for each in shut] == [503, 503]
    assert all(b"Short breaks" not in each.body for each in shut)
    assert "no-store" in shut[0].headers["Cache-Control"]
    assert process.get().status == 200


def test_what_the_council_says_stands_on_pages_before_the_environment(client, settings):
    settings.HUB_FIS_PHONE = "01632 960 111"
    assert "01632 960 111" in client.get("/help/").content.decode()

    core_actions.state_facts(by=None, fis_phone="01632 960 222", privacy_name="data officer", privacy_email="d@a.org")

    assert "01632 960 222" in client.get("/help/").content.decode()
    assert "Ask the council’s data officer" in client.get("/privacy/").content.decode()
    assert HubFacts.objects.count() == 1


def test_the_first_page_of_set_up_asks_as_much_however_much_is_there(client, django_assert_max_num_queries):
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    OrganisationFactory.create_batch(20)

    with django_assert_max_num_queries(14):
        client.get(reverse("setup"))
