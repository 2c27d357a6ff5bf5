"""The page on which the manager of the Family Information Service shows, gives out and erases what is held."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.factories import MembershipFactory, UserFactory
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from core import retention
from core.models import Forgotten
from notices.ledger import hash_of
from notices.models import Subscription

pytestmark = pytest.mark.django_db
ADDRESS = "parent@example.org"


@pytest.fixture
def manager(client):
    """The manager, signed in."""
    client.force_login(MembershipFactory(role=Role.FIS_MANAGER).user)
    return client


@pytest.fixture
def followed():
    """A consultation that the address follows."""
    consultation = ConsultationFactory(open=True, title="Short breaks")
    return Subscription.objects.create(
        follows="consultation", about_id=consultation.pk, address=ADDRESS, recipient_hash=hash_of(ADDRESS),
        made_at=timezone.now(), confirmed_at=timezone.now(),
    )  # fmt: skip


def send(client, **typed):
    return client.post(reverse("rights"), {"address": ADDRESS, **typed})


def test_the_page_shows_what_an_address_follows(manager, followed):
    page = send(manager)

    assert "Short breaks" in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")


def test_the_copy_is_a_table_of_the_same(manager, followed):
    copy = send(manager, do="copy")

    lines = list(csv.reader(io.StringIO(b"".join(copy).decode().lstrip("\ufeff"))))
    assert lines[0] == ["what", "since", "part", "says"]
    assert [line[2:] for line in lines[1:]] == [["follows", lines[1][3]], ["how often", "Once a week"]]
    assert "Short breaks" in lines[1][3]


def test_it_is_erased_when_somebody_says_that_they_mean_it(manager, followed):
    not_sure = send(manager, do="erase")
    assert followed.__class__.objects.get().address == ADDRESS
    assert "Confirm" in not_sure.content.decode() or "Tick" in not_sure.content.decode()

    done = manager.post(reverse("rights"), {"address": ADDRESS, "do": "erase", "sure": "on"}, follow=True)

    assert "1 thing is erased." in done.content.decode()
    assert Subscription.objects.get().address == ""
    assert Forgotten.objects.values_list("what", "rows").get() == (retention.ASKED_FOR, 1)
    assert ADDRESS not in done.content.decode(), "the next page does not carry it on"


def test_who_has_a_role_is_erased_only_after_it_ended(manager):
    person = MembershipFactory(user=UserFactory(email=ADDRESS))

    page = send(manager, do="erase", sure="on").content.decode()

    assert "End it first" in page
    assert User.objects.get(pk=person.user_id).email == ADDRESS


def test_the_contact_of_a_service_is_shown_with_where_it_is_changed_and_stays(manager):
    asked = ConsultationFactory(open=True, title="Asked", contact_email=ADDRESS)
    EventFactory(title="Coffee", contact_email=ADDRESS)

    page = send(manager).content.decode()
    send(manager, do="erase", sure="on")

    assert "Asked" in page
    assert "Coffee" in page
    asked.refresh_from_db()
    assert asked.contact_email == ADDRESS


def test_nothing_held_is_said_and_a_wrong_address_is_kept_to_be_mended(manager):
    assert "We hold nothing about this address" in send(manager).content.decode()

    wrong = manager.post(reverse("rights"), {"address": "parent at example"}).content.decode()
    assert "parent at example" in wrong
    assert "Error: " in wrong


@pytest.mark.parametrize("role", [Role.FIS_EDITOR, Role.LEAD, Role.CONTRIBUTOR, Role.BOARD_VIEWER])
def test_it_is_for_the_manager_alone(client, role):
    client.force_login(MembershipFactory(role=role).user)

    assert client.get(reverse("rights")).status_code == 403
    assert send(client, do="copy").status_code == 403


def test_the_address_is_in_no_log(manager, followed, capfd, caplog):
    send(manager)
    send(manager, do="erase", sure="on")

    assert ADDRESS not in caplog.text
    assert ADDRESS not in "".join(capfd.readouterr())


@pytest.mark.parametrize("count", [1, 20])
def test_the_days_take_the_same_queries_however_many(manager, django_assert_num_queries, count):
    for number in range(count):
        Forgotten.objects.create(day=timezone.localdate() - timedelta(days=number), what="mails", rows=3)

    # The person, their roles; what went lately, how many days, the days; how the hub stands.
    with django_assert_num_queries(6):
        page = manager.get(reverse("kept"))
    assert page.content.decode().count('data-label="How many"') == count


def test_families_read_how_long_each_thing_is_kept(client):
    page = client.get(reverse("privacy")).content.decode()

    for kind in retention.keepings():
        assert str(kind.what) in page
        assert kind.words in page
