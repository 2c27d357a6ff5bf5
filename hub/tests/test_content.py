"""The default content, the first keeper and the demo county: what turns an empty database into a hub."""

import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Membership, Organisation, OrganisationKind, Role, User
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation
from consultations.stages import Stage, days_late, stage_words
from core.dates import is_working_day, today
from core.models import AccessSupport, Audience, Format, Method, Synonym, Topic
from hub.content.load import load_content, load_synonyms, load_terms
from hub.demo import is_loaded
from hub.demo.load import load

pytestmark = pytest.mark.django_db


def run(*arguments) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


# The lists


def test_a_new_hub_gets_words_that_mean_the_same_and_keeps_what_staff_made_of_them():
    added = load_synonyms()
    Synonym.objects.filter(key="send").update(words=["SEND", "SEN"])
    Synonym.objects.filter(key="camhs").update(retired_on=date(2026, 1, 1))

    assert added > 20
    assert load_synonyms() == 0
    assert Synonym.objects.get(key="send").words == ["SEND", "SEN"]
    assert not Synonym.objects.in_use().filter(key="camhs").exists()


def test_a_new_hub_gets_every_list():
    added = load_terms()

    assert added == {
        "topics": 25,
        "audiences": 19,
        "methods": 18,
        "access_support": 18,
        "formats": 11,
        "helps_with": 10,
    }
    assert [model.objects.count() for model in (Topic, Audience, Method, AccessSupport, Format)] == [25, 19, 18, 18, 11]


def test_loading_again_adds_nothing_and_says_so():
    run("load_content")

    assert set(load_content().values()) == {0}
    assert run("load_content") == "All default content is there already.\n"


def test_what_staff_changed_stays_as_they_left_it():
    load_terms()
    Topic.objects.filter(key="send").update(label="SEND and inclusion", position=1)
    Topic.objects.filter(key="planning").update(retired_on="2026-01-01")
    Topic.objects.filter(key="libraries").delete()

    assert load_terms()["topics"] == 1

    assert Topic.objects.get(key="send").label == "SEND and inclusion"
    assert not Topic.objects.in_use().filter(key="planning").exists()
    assert Topic.objects.filter(key="libraries").exists()


def test_long_labels_have_a_short_one_for_filters():
    load_terms()

    assert Topic.objects.get(key="send").name == "SEND"
    long = [
        term.label
        for model in (Topic, Audience, Method, AccessSupport, Format)
        for term in model.objects.all()
        if len(term.name) > 40
    ]
    assert long == []


@pytest.mark.parametrize(
    ("key", "offline", "without_voice"),
    [
        ("online_survey", False, True),
        ("paper_form", True, True),
        ("email_letter", True, True),
        ("phone", True, False),
        ("drop_in", True, True),
        ("online_meeting", False, False),
    ],
)
def test_a_method_says_whether_it_needs_the_internet_or_a_call(key, offline, without_voice):
    load_terms()

    method = Method.objects.get(key=key)

    assert (method.offline, method.without_voice) == (offline, without_voice)


# The first keeper


def link_in(printed: str) -> str:
    """The path of the printed link."""
    return re.search(r"https?://[^/\s]+(/\S+)", printed)[1]


def test_the_first_keeper_looks_after_the_councils_hub(settings):
    settings.HUB_COUNCIL_NAME = "Northmarch Council"

    run("first_keeper", "Keeper@Example.org")

    keeper = Membership.objects.get()
    assert keeper.user.email == "keeper@example.org"
    assert keeper.role == Role.FIS_MANAGER
    assert keeper.organisation.name == settings.HUB_FIS_NAME
    council = keeper.organisation.parent
    assert council.is_keeper
    assert council.name == "Northmarch Council"
    assert keeper.organisation.promise_holder() == council


def test_the_printed_link_signs_in_once(client):
    link = link_in(run("first_keeper", "keeper@example.org"))

    page = client.get(link, follow=True)
    chosen = {"password1": "three-calm-otters", "password2": "three-calm-otters"}
    client.post(page.redirect_chain[-1][0], chosen)

    assert client.login(email="keeper@example.org", password="three-calm-otters")
    client.logout()
    again = client.get(link, follow=True)
    assert not again.redirect_chain
    assert again.context["token_fail"]


def test_a_hub_with_a_manager_makes_no_second_one():
    MembershipFactory(role=Role.FIS_MANAGER)

    with pytest.raises(CommandError, match="has a Family Information Service manager already"):
        run("first_keeper", "second@example.org")

    assert not User.objects.filter(email="second@example.org").exists()


def test_a_council_that_an_import_brought_becomes_the_keeper(settings):
    council = OrganisationFactory(name=settings.HUB_COUNCIL_NAME, kind=OrganisationKind.COUNCIL, parent=None)

    run("first_keeper", "keeper@example.org")

    assert Organisation.objects.get(is_keeper=True) == council
    assert Organisation.objects.count() == 2


def test_a_wrong_address_is_refused():
    with pytest.raises(CommandError, match="is not an e-mail address"):
        run("first_keeper", "not an address")


def test_there_is_a_way_back_in(client):
    """The refusal sends people to the page where they choose a new password."""
    assert client.get(reverse("account_reset_password")).status_code == 200


# The demo county

SOME_DAYS = [
    pytest.param(date(2026, 11, 23), id="a Monday"),
    pytest.param(date(2028, 2, 29), id="the leap day"),
    pytest.param(date(2026, 12, 25), id="Christmas Day"),
    pytest.param(date(2027, 3, 28), id="the day the clocks go forward"),
    pytest.param(date(2026, 10, 25), id="the day the clocks go back"),
    pytest.param(date(2027, 5, 31), id="a bank holiday Monday"),
]


@pytest.fixture
def quick_passwords(settings):
    """Hashing is slow on purpose, and not what is tested."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.mark.usefixtures("quick_passwords")
@pytest.mark.parametrize("day", SOME_DAYS)
def test_every_stage_is_there_on_whatever_day_it_is_loaded(day):
    load(on=day)

    shown = list(Consultation.objects.published().with_stage(on=day))
    for stage in Stage:
        assert sum(each.stage_then == stage for each in shown) >= 2, stage
    assert sorted(days_late(each, day) for each in shown if each.stage_then == Stage.LATE) == [1, 5, 12, 34, 57, 120]
    said = " / ".join(stage_words(each, day) for each in shown)
    for words in ("Closes today, 5pm", "Closes tomorrow, 11:59pm", "Always open", "Planned for ", "No answer yet"):
        assert words in said
    assert not [each.title for each in shown if each.decision_on and not is_working_day(each.decision_on)]


@pytest.mark.usefixtures("quick_passwords")
def test_it_loads_in_few_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(4140):
        load(on=today())


@pytest.mark.usefixtures("quick_passwords")
def test_the_command_prints_one_line_an_account_and_then_refuses():
    out = StringIO()
    assert not is_loaded()
    call_command("load_demo", stdout=out)
    assert is_loaded()
    lines = out.getvalue().splitlines()
    assert re.fullmatch(r"Short breaks lead: short-breaks-lead@demo\.example [a-z2-9]{4}(-[a-z2-9]{4}){2}", lines[0])
    assert len(lines) == 7

    with pytest.raises(CommandError, match="This hub is not empty, so the demo was not loaded"):
        call_command("load_demo", stdout=out)


@pytest.mark.usefixtures("quick_passwords")
def test_a_hub_in_use_is_left_alone():
    OrganisationFactory()
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("load_demo", stdout=out)
    call_command("load_demo", "--if-empty", stdout=out)

    assert out.getvalue() == ""
    assert Organisation.objects.count() == 1
    assert not is_loaded()
