"""A hub that nobody looks after says so to families, and to staff; and stops as soon as somebody signs in."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
from accounts.tests.factories import MembershipFactory, UserFactory, last_looked_after_on, signs_in
from consultations.tests.factories import ConsultationFactory
from core.dates import short_day_words, today
from feedback.tests.factories import FeedbackEntryFactory
from hub.tests.test_pages import UK, process  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BANNER = 'class="hub-unattended"'
PUBLIC = (
    *("/", "/consultations/", "/consultations/planned/", "/you-said-we-did/", "/help/", "/privacy/"),
    *("/accessibility/", "/tell-us/", "/no/such/page/"),
)


def even(response) -> str:
    """A page with its white space made even."""
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def manager(db):
    """The manager of a hub that nobody has looked after for 60 days."""
    return last_looked_after_on(today() - 60 * DAY)


def seen(manager, days: int) -> None:
    """The manager was last seen so many days ago."""
    signs_in(manager.user, timezone.now() - timedelta(days=days))


# What families see


def test_every_public_page_says_since_when_and_whom_to_reach(client, manager, settings):
    settings.HUB_COUNCIL_PHONE, settings.HUB_COUNCIL_EMAIL = "01632 960 777", "council@example.org"
    records = [ConsultationFactory(**{trait: True}) for trait in ("open", "late", "awaiting", "responded")]
    entry = FeedbackEntryFactory(consultation=records[3])
    addresses = [each.get_absolute_url() for each in (*records, entry, records[0].organisation)]

    for address in (*PUBLIC, *addresses):
        html = even(client.get(address))
        assert html.count(BANNER) == 1, address
        assert f"Nobody has looked after this site since {short_day_words(today() - 60 * DAY)}." in html
        assert re.search(r"You can reach Westmarch County Council on (<[^>]*>)?01632 960 777", html)
        assert "mailto:council@example.org" in html
        assert "Looked after by" not in html


@pytest.mark.parametrize("days", [0, 34, 35, 59])
def test_no_public_page_says_so_before(client, manager, days):
    seen(manager, days)

    for address in PUBLIC:
        html = even(client.get(address))
        assert BANNER not in html
        assert "Looked after by the Family Information Service." in html


def test_a_hub_that_was_just_set_up_is_looked_after(client):
    MembershipFactory(role=Role.FIS_MANAGER)

    assert BANNER not in even(client.get("/"))


def test_a_superuser_does_not_look_after_the_hub(client, manager):
    client.force_login(UserFactory(is_superuser=True))
    client.logout()

    assert BANNER in even(client.get("/"))


def test_a_public_page_still_sets_no_cookie(client, manager):
    assert not client.get("/").cookies


def test_tell_us_is_closed_and_promises_nothing(client, manager):
    html = even(client.get("/tell-us/"))
    assert "Nobody can put things right here now" in html
    assert "we will look" not in html
    assert client.post("/tell-us/").status_code == 503

    seen(manager, 0)
    assert "tell us, and we will look" in even(client.get("/tell-us/"))


def test_signing_in_stays_open(client, manager):
    answer = client.get(reverse("account_login"))

    assert answer.status_code == 200
    assert BANNER not in even(answer)
    assert "<form" in even(answer).split("<main")[1]


# Numbers that may not be true any more


@pytest.fixture
def waiting(manager):
    """Two late answers and one that is due."""
    for trait in ("late", "late", "awaiting", "open"):
        ConsultationFactory(**{trait: True})


def test_the_home_page_does_not_know_who_still_waits(client, manager, waiting):
    section = re.search(r'<section[^>]*aria-labelledby="waiting".*?</section>', even(client.get("/"))).group()
    assert "Still waiting for an answer? We do not know" in section
    assert "An answer may have been published elsewhere since." in section
    assert not re.search(r"\b3\b", re.sub(r"<[^>]*>|\d+ days late \(was due [^)]*\)|due by [\w ]*", "", section))

    seen(manager, 59)
    assert "All 3 waiting" in even(client.get("/"))


@pytest.mark.parametrize("trait", ["late", "awaiting"])
def test_the_box_of_an_owed_answer_says_that_it_may_be_out_elsewhere(client, manager, trait):
    record = ConsultationFactory(**{trait: True})

    main = even(client.get(record.get_absolute_url())).split("<main")[1]
    assert "An answer may have been published elsewhere since." in main
    due = short_day_words(record.response_due_on)
    assert ("days late." in main) is (trait == "late")
    assert due in main

    seen(manager, 59)
    assert "An answer may have been" not in even(client.get(record.get_absolute_url()))


def test_a_list_that_finds_nothing_sends_nobody_to_an_empty_desk(client, manager, settings):
    settings.HUB_COUNCIL_PHONE = "01632 960 777"
    ConsultationFactory()

    assert "ask Westmarch County Council on 01632 960 777" in even(client.get("/consultations/?q=nothing+like+it"))
    seen(manager, 59)
    assert "ask the Family Information Service on" in even(client.get("/consultations/?q=nothing+like+it"))


@pytest.mark.parametrize(("address", "most"), [("/", 12), ("/consultations/", 12), ("late", 11), ("/tell-us/", 2)])
def test_a_page_asks_no_more_while_nobody_looks_after_the_hub(
    client, manager, waiting, address, most, django_assert_max_num_queries
):
    if address == "late":
        address = ConsultationFactory(late=True).get_absolute_url()

    with django_assert_max_num_queries(most):
        client.get(address)


@pytest.mark.parametrize("trait", ["open", "responded", "withdrawn", "past"])
def test_nothing_is_added_where_no_answer_is_owed(client, manager, trait):
    record = ConsultationFactory(**{trait: True})

    assert "An answer may have been" not in even(client.get(record.get_absolute_url()))


# At once


def code_in(mailoutbox) -> str:
    """The code that came by e-mail."""
    return re.search(r"^([A-Z0-9-]{6,9})$", mailoutbox[-1].body, re.MULTILINE).group(1)


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_by_code_ends_it_on_the_very_next_request(client, process, mailoutbox):  # noqa: F811
    manager = last_looked_after_on(today() - 60 * DAY)
    assert BANNER.encode() in process.get("/").body
    assert BANNER.encode() in process.get("/").body
    assert process.asked == 1

    client.post(reverse("account_request_login_code"), {"email": manager.user.email})
    client.post(reverse("account_confirm_login_code"), {"code": code_in(mailoutbox)})

    assert BANNER.encode() not in process.get("/").body
    assert User.objects.get(pk=manager.user_id).last_login.date() == timezone.now().date()


@pytest.mark.django_db(transaction=True)
def test_choosing_a_new_password_ends_it_too(client, process, mailoutbox):  # noqa: F811
    manager = last_looked_after_on(today() - 60 * DAY)
    assert BANNER.encode() in process.get("/").body

    client.post(reverse("account_reset_password"), {"email": manager.user.email})
    path = "/" + re.search(r"https?://\S+/key/\S+", mailoutbox[-1].body).group().split("/", 3)[3]
    page = client.get(path, follow=True)
    new = {"password1": "three other odd words", "password2": "three other odd words"}
    client.post(page.request["PATH_INFO"], new)

    assert BANNER.encode() not in process.get("/").body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last", [datetime(2026, 5, 3, 12, tzinfo=UK), datetime(2026, 9, 15, 12, tzinfo=UK)])
def test_a_kept_page_changes_at_midnight_in_the_uk_without_a_write(process, last):  # noqa: F811
    """Once in summer time throughout, once across the change to winter time."""
    with time_machine.travel(last, tick=False):
        last_looked_after_on(last.date())
    midnight = datetime.combine(last.date() + 60 * DAY, datetime.min.time(), tzinfo=UK)

    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        assert BANNER.encode() not in process.get("/").body
    with time_machine.travel(midnight, tick=False):
        assert BANNER.encode() in process.get("/").body
    assert process.asked == 2


@pytest.mark.django_db(transaction=True)
def test_a_closed_form_is_kept_like_any_page_and_opens_again(process):  # noqa: F811
    manager = last_looked_after_on(today() - 60 * DAY)
    for _each in range(2):
        assert b"Nobody can put things right here now" in process.get("/tell-us/").body
    assert process.asked == 1

    seen(manager, 0)
    assert b"tell us, and we will look" in process.get("/tell-us/").body


@pytest.mark.django_db(transaction=True)
def test_pages_of_one_version_ask_only_once(process, django_assert_num_queries):  # noqa: F811
    last_looked_after_on(today())
    process.get("/help/")

    with django_assert_num_queries(0):
        process.get("/privacy/")
    assert process.asked == 2


# What staff see


@pytest.fixture
def contributor(manager):
    """Somebody of another service."""
    return MembershipFactory(role=Role.CONTRIBUTOR).user


def desk(client, user) -> str:
    """The front page of the desk, for somebody whose own sign-in is as old as it was."""
    last = user.last_login
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(last_login=last)
    return even(client.get("/desk/"))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (34, ""),
        (35, "families will read that nobody looks after this site"),
        (59, "families will read that nobody looks after this site"),
        (60, "Families now read on every page that nobody looks after this site."),
    ],
)
def test_the_desk_tells_everybody_from_day_35(client, manager, contributor, days, words):
    seen(manager, days)

    html = desk(client, contributor)

    assert ("Nobody from the Family Information Service has signed in since" in html) is bool(words)
    assert words in html
    assert BANNER not in html


def test_it_names_the_day_on_which_families_are_told(client, manager, contributor):
    seen(manager, 35)

    assert f"From {short_day_words(today() + 25 * DAY)} families will read" in desk(client, contributor)


def test_who_can_see_to_it_finds_the_page_and_others_whom_to_call(client, manager, contributor):
    sponsor = Membership.objects.get(role=Role.LEAD).user

    assert "/desk/keepers/" in desk(client, sponsor)
    html = desk(client, contributor)
    assert "/desk/keepers/" not in html
    assert "Please tell the Family Information Service" in html


def test_a_manager_who_signs_in_sees_none_of_it(client, manager):
    client.force_login(manager.user)

    assert "has signed in since" not in even(client.get("/desk/"))
