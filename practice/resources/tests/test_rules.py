"""Who may do what with toolkits and links: every person, against drafts and published ones, and at every staff page."""

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.people import EVERYBODY, People
from core.permissions import Permission
from practice.resources.tests.factories import ResourceFactory, SuggestionFactory
from practice.resources.urls import urlpatterns

pytestmark = pytest.mark.django_db

FIS = {"FIS editor", "FIS manager", "superuser"}
WRITERS = {"contributor", "lead", "lead of the body above"} | FIS
ANYWHERE = {
    "contributor elsewhere", "lead elsewhere", "lead of a body below", "contributor", "lead", "lead of the body above",
    "sponsor of the hub",
} | FIS  # fmt: skip
TABLE = {
    (Permission.ADD_RESOURCE, ""): ANYWHERE,
    (Permission.EDIT_RESOURCE, "draft"): WRITERS,
    (Permission.EDIT_RESOURCE, "sent"): WRITERS,
    (Permission.EDIT_RESOURCE, "published"): FIS,
    (Permission.EDIT_RESOURCE, "of nobody"): FIS,
    (Permission.PUBLISH_RESOURCE, ""): FIS,
    (Permission.CHECK_SUGGESTIONS, ""): FIS,
}


def record(people: People, state: str):
    """One of the service, in a state."""
    traits = {"draft": {"draft": True}, "sent": {"sent": True}}.get(state, {})
    organisation = None if state == "of nobody" else people.service
    return ResourceFactory(organisation=organisation, **traits | ({"draft": True} if not organisation else {}))


@pytest.mark.parametrize("permission", sorted({permission for permission, _state in TABLE}))
def test_the_permission_has_a_rule(permission):
    assert rules.perm_exists(permission)


@pytest.mark.parametrize(("permission", "state"), TABLE)
def test_only_these_people_may(permission, state):
    people = People()
    thing = (record(people, state),) if state else ()

    assert {name for name in EVERYBODY if people.who(name).has_perm(permission, *thing)} == TABLE[permission, state]


# --- Each staff page, asked by each person in each state

STATES = {
    "draft": {"published_at": None},
    "sent": {"published_at": None, "submitted_at": timezone.now()},
    "returned": {"published_at": None, "returned_at": timezone.now(), "returned_reason": "Say more."},
    "published": {},
    "archived": {"archived_at": timezone.now()},
    "thrown away": {"published_at": None, "deleted_at": timezone.now()},
}
OF_THE_HUB = ("publish", "send-back", "archive")
OF_THROWN_AWAY = ("desk-resource", "bring-back")
ASKED = ("nobody", "contributor elsewhere", "board viewer", "parent reviewer", "contributor", "lead", "FIS editor")


def outcome(browser, method, url) -> str:
    """Whether a page opens, or takes a form: yes, no, gone. Whatever was done is undone."""
    undo = transaction.savepoint()
    answer = getattr(browser, method)(url)
    transaction.savepoint_rollback(undo)
    if answer.status_code == 404:
        return "gone"
    sent_away = answer.status_code == 302 and answer.url.startswith(reverse("account_login"))
    return "no" if answer.status_code == 403 or sent_away else "yes"


def test_who_may_open_and_send_each_staff_page_about_one_in_each_state():
    people, wrong = People(), []
    browsers = {}
    for who in ASKED:
        browsers[who], person = Client(), people.who(who)
        if not isinstance(person, AnonymousUser):
            browsers[who].force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    pages = [each for each in urlpatterns if str(each.pattern).startswith("desk/resources/<slug:slug>/")]
    assert len(pages) > 8

    for state, dates in STATES.items():
        resource = ResourceFactory(organisation=people.service, **dates)
        for page in pages:
            if "number" in page.pattern.converters:
                continue
            url = reverse(f"resources:{page.name}", args=[resource.slug])
            for who, browser in browsers.items():
                may = who == "FIS editor" or (
                    who in ("contributor", "lead") and state not in ("published", "archived")
                    and page.name not in OF_THE_HUB
                )  # fmt: skip
                is_gone = state == "thrown away" and page.name not in OF_THROWN_AWAY
                for method in ("get", "post"):
                    if method == "post" and page.name in ("desk-resource", "history"):
                        continue
                    found = outcome(browser, method, url)
                    expected = ("gone",) if may and is_gone else ("yes",) if may else ("no", "gone")
                    if found not in expected:
                        wrong.append(f"{state:<12} {who:<22} {method:<5} {found:<5} {page.name}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", ["suggestions", "accept", "decline", "take-up-again"])
def test_what_people_suggest_is_for_the_family_information_service(page):
    people, suggestion = People(), SuggestionFactory()
    url = reverse(f"resources:{page}", args=[] if page == "suggestions" else [suggestion.pk])
    for who in ASKED:
        browser, person = Client(), people.who(who)
        if not isinstance(person, AnonymousUser):
            browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert outcome(browser, "get", url) == ("yes" if who == "FIS editor" else "no"), who


def test_families_read_what_is_published_and_its_people_what_is_not():
    people = People()
    for state, dates in STATES.items():
        resource = ResourceFactory(organisation=people.service, **dates)
        for who in ASKED:
            browser, person = Client(), people.who(who)
            if not isinstance(person, AnonymousUser):
                browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
            may = state == "published" or (state != "thrown away" and who in ("contributor", "lead", "FIS editor"))
            answer = browser.get(resource.get_absolute_url())
            assert answer.status_code == (200 if may else 404), (state, who)
