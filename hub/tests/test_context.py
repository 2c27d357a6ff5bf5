"""What every page knows, and that a family's visit asks for no session."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from feedback.tests.factories import FeedbackEntryFactory
from hub.context import Site

pytestmark = pytest.mark.django_db


class Untouchable:
    """A request's `user` that nobody may ask about."""

    def __getattr__(self, name):
        raise AssertionError(f"a public page asked for user.{name}")


class Lead:
    """Somebody who is signed in."""

    is_authenticated = True


def site(path="/", user=None, **cookies):
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.user = user or Untouchable()
    return Site(request)


def test_a_visit_without_a_session_cookie_asks_for_nobody():
    here = site()

    assert here.signed_in is None
    assert not here.may_have_messages
    assert here.menu == []
    assert "Sign in for staff" in [link.text for link in here.footer]


def test_another_cookie_asks_for_nobody_either():
    here = site(csrftoken="x")

    assert here.signed_in is None
    assert not here.may_have_messages


def test_who_is_signed_in_finds_the_way_to_the_desk(settings):
    here = site(user=Lead(), **{settings.SESSION_COOKIE_NAME: "x"})

    assert here.signed_in
    assert "Your desk" in [link.text for link in here.menu]
    assert "Sign in for staff" not in [link.text for link in here.footer]


def test_a_session_of_nobody_is_not_signed_in(settings):
    assert site(user=AnonymousUser(), **{settings.SESSION_COOKIE_NAME: "x"}).signed_in is None


def test_a_section_is_in_the_menu_once_families_find_something_in_it():
    ConsultationFactory()
    drafted = EventFactory(published_at=None)
    assert [link.text for link in site().menu] == ["Have your say"]

    drafted.published_at = drafted.created_at
    drafted.save()
    FeedbackEntryFactory()

    assert [link.text for link in site().menu] == ["Have your say", "Events", "You said, we did"]


@pytest.mark.parametrize(("path", "here"), [("/consultations/", True), ("/consultations/x/", True), ("/help/", False)])
def test_the_menu_says_where_one_is(path, here):
    ConsultationFactory()

    link = site(path).menu[0]

    assert link.here is here


def test_a_page_s_own_address_leaves_out_what_was_filtered(settings):
    settings.HUB_BASE_URL = "https://families.example.org"

    assert site("/consultations/?stage=late").canonical == "https://families.example.org/consultations/"


def test_the_page_for_our_own_fault_needs_nothing(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }

    html = render_to_string("500.html")

    assert "This is our fault, not yours" in html
    assert '<main id="main"' in html
