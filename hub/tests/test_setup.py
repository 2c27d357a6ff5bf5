"""The set-up pages: each step writes what it asks for, says so in the list, and can be done in any order."""

import pytest
from django.core import management
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Membership, Organisation, Role
from accounts.tests.factories import MembershipFactory
from core.actions import open_hub
from core.dates import today
from core.facts import facts
from core.models import Area, Closure
from hub.setting_up import steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(client, capsys):
    """The first manager of an empty hub, signed in."""
    management.call_command("first_keeper", "keeper@example.org")
    assert "/desk/setup/" in capsys.readouterr().out
    membership = Membership.objects.get()
    client.force_login(membership.user)
    return membership


def done() -> set[str]:
    return {step.page for step in steps() if step.is_done}


def test_an_empty_hub_is_shut_from_its_first_keeper_on_and_nothing_is_done(keeper):
    assert Closure.objects.get().opened_on is None
    assert done() == set()


def test_the_first_keeper_finds_the_way_to_set_up_on_the_first_page_until_the_hub_is_open(client, keeper):
    page = client.get(reverse("desk")).content.decode()
    assert "Families cannot see the hub now" in page
    assert "Families thank you" not in page

    open_hub(by=keeper.user, on=today())

    page = client.get(reverse("desk")).content.decode()
    assert "Families cannot see the hub now" not in page
    assert "Families thank you" in page


def test_what_is_missing_while_the_hub_is_open_is_not_called_needed_before_opening(client, keeper):
    assert "Needed before opening" in client.get(reverse("setup")).content.decode()

    open_hub(by=keeper.user, on=today())

    page = client.get(reverse("setup")).content.decode()
    assert "Needed before opening" not in page
    assert "Missing" in page


def test_a_hub_that_holds_something_stays_open_when_it_gets_a_keeper():
    MembershipFactory(role=Role.CONTRIBUTOR)

    management.call_command("first_keeper", "keeper@example.org")

    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("setup-council", {"name": "Ask Northmarch", "council_name": "Northmarch Council"}),
        ("setup-contact", {"fis_name": "Families desk", "fis_phone": "01632 960 5", "fis_email": "fis@example.org"}),
        ("setup-safeguarding", {"children_services_name": "First contact", "children_services_phone": "01632 960 6"}),
        ("setup-privacy", {"privacy_name": "Data officer", "privacy_email": "dpo@example.org"}),
        ("setup-areas", {"labels": "North\nSouth"}),
        ("setup-organisations", {"lines": "Short breaks; Council service\nA forum; Parent carer forum or panel"}),
        ("setup-promise", {"name": "Alex Shaw, Director"}),
        ("setup-deputy", {"email": "second@example.org", "name": "Second"}),
        ("setup-sponsor", {"email": "director@example.org", "name": "Director"}),
    ],
)
def test_a_step_is_done_by_its_own_page_and_by_nothing_else(client, keeper, page, said):
    answer = client.post(reverse(page), said)

    assert (answer.status_code, answer.url) == (302, reverse("setup"))
    assert done() == {page}


def test_nobody_stands_in_for_themselves(client, keeper):
    answer = client.post(reverse("setup-deputy"), {"email": "KEEPER@example.org", "name": "Me again"})

    assert answer.status_code == 400
    assert "This is your own address." in answer.content.decode()
    assert "Me again" in answer.content.decode()
    assert Membership.objects.count() == 1


def test_the_councils_own_entries_are_called_what_the_set_up_pages_say(client, keeper):
    client.post(reverse("setup-council"), {"name": "Ask Northmarch", "council_name": "Northmarch Council"})
    contact = {"fis_name": "Families desk", "fis_phone": "01632 960 5", "fis_email": "fis@example.org"}
    client.post(reverse("setup-contact"), contact)

    service = Organisation.objects.get(name="Families desk")
    assert service.parent.name == "Northmarch Council"
    assert (service.phone, service.mailbox) == ("01632 960 5", "fis@example.org")
    assert facts().council_name == "Northmarch Council"


def test_areas_come_from_a_file_too_and_none_comes_twice(client, keeper):
    file = SimpleUploadedFile("areas.csv", "code,Name\n1,North\n2,West Vale\n".encode("utf-8-sig"))

    client.post(reverse("setup-areas"), {"labels": " north \nSouth", "file": file})
    client.post(reverse("setup-areas"), {"labels": "SOUTH\nEast"})

    assert list(Area.objects.values_list("label", "key")) == [
        *(("north", "north"), ("South", "south"), ("West Vale", "west-vale"), ("East", "east"))
    ]


@pytest.mark.parametrize("said", [{}, {"labels": "x" * 121}, {"labels": "\n".join(map(str, range(201)))}])
def test_what_is_no_list_of_areas_is_refused(client, keeper, said):
    assert client.post(reverse("setup-areas"), said).status_code == 400
    assert not Area.objects.exists()


def test_organisations_stand_below_what_their_line_names(client, keeper):
    council = keeper.organisation.parent
    lines = f"Children; Council service; {council.name}\nShort breaks; council service; children\nA forum; parent_forum"

    client.post(reverse("setup-organisations"), {"lines": lines})

    assert Organisation.objects.get(name="Short breaks").ancestor_ids[0] == council.pk
    assert Organisation.objects.get(name="A forum").parent is None


def test_one_wrong_line_adds_no_organisation_and_is_named(client, keeper):
    before = Organisation.objects.count()

    answer = client.post(
        reverse("setup-organisations"), {"lines": "Good; School or college\nBad; Castle\nWorse;;Nowhere"}
    )

    html = answer.content.decode()
    assert "Line 2: “Castle” is not a kind of body in the list" in html
    assert "Line 3: “Nowhere” is not in the hub" in html
    assert Organisation.objects.count() == before


def test_the_promise_keeps_its_first_day_and_gets_a_name(client, keeper):
    council = keeper.organisation.parent
    council.promise_accepted_on = today().replace(year=today().year - 1, day=1)
    council.save()

    client.post(reverse("setup-promise"), {"name": "Alex Shaw, Director"})

    now = Organisation.objects.get(pk=council.pk)
    assert now.promise_accepted_by == "Alex Shaw, Director"
    assert now.promise_accepted_on == council.promise_accepted_on


def test_only_who_manages_the_hub_names_keepers(client):
    client.force_login(MembershipFactory(role=Role.FIS_EDITOR).user)

    assert client.get(reverse("setup-deputy")).status_code == 403
    assert client.get(reverse("setup-areas")).status_code == 200
