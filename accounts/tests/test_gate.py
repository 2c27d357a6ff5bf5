"""Staff addresses are closed unless their view says who may pass; public forms while nobody reads them."""

from datetime import timedelta

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from django.views import View
from django.views.generic import FormView

from accounts.gate import RECORD_PERMISSIONS, DeskGate, OpenWhileAttended
from accounts.tests.factories import last_looked_after_on
from accounts.tests.people import EVERYBODY, People
from core.dates import today
from core.permissions import Permission

pytestmark = pytest.mark.django_db


class Forgotten(View):
    """A staff page whose author forgot to say who may pass."""


class ForBoards(View):
    """A staff page for those who see everything."""

    permission = Permission.SEE_ALL_DESKS


class AboutOneAnswer(View):
    """A staff page about one record, which the view itself checks."""

    permission = Permission.WRITE_ANSWER


def for_messages(request):
    """A staff page that is a function."""


for_messages.permission = Permission.SEE_MESSAGES


def passes(user, view, path="/desk/somewhere/"):
    """What the gate does: True, False, or the address to sign in at."""
    request = RequestFactory().get(path)
    request.user, request.session = user, {}
    try:
        answer = DeskGate(lambda request: HttpResponse()).process_view(request, view, (), {})
    except PermissionDenied:
        return False
    return True if answer is None else answer.url


@pytest.mark.parametrize("name", [name for name in EVERYBODY if name != "nobody"])
def test_a_view_without_a_permission_is_closed_to_everybody(name):
    assert passes(People().who(name), Forgotten.as_view()) is False


@pytest.mark.parametrize("view", [Forgotten.as_view(), ForBoards.as_view(), AboutOneAnswer.as_view(), for_messages])
def test_a_visitor_is_asked_to_sign_in_and_comes_back(view):
    assert passes(AnonymousUser(), view, "/desk/x/?a=b") == "/accounts/login/?next=/desk/x/%3Fa%3Db"


@pytest.mark.parametrize("name", [name for name in EVERYBODY if name != "nobody"])
@pytest.mark.parametrize(
    ("view", "allowed"),
    [
        (ForBoards.as_view(), {"FIS editor", "FIS manager", "board viewer", "superuser"}),
        (for_messages, {"FIS editor", "FIS manager", "superuser"}),
        (
            AboutOneAnswer.as_view(),
            set(EVERYBODY)
            - {"nobody", "owner who left", "FIS manager who left", "lead who left"}
            - {"lead whose account is closed", "superuser whose account is closed"},
        ),
    ],
)
def test_only_who_holds_the_permission_passes(view, allowed, name):
    assert passes(People().who(name), view) is (name in allowed)


@pytest.mark.parametrize("path", ["/", "/consultations/", "/deskilling/"])
def test_public_addresses_are_open_to_anybody(path):
    assert passes(AnonymousUser(), Forgotten.as_view(), path) is True


def test_every_permission_about_one_record_is_judged_by_its_view():
    """One that asks for a record must not be judged at the gate, where there is none yet."""
    about_all = {
        *(Permission.USE_DESK, Permission.SEE_ALL_DESKS, Permission.CHECK_IMPORTS, Permission.SEE_MESSAGES),
        *(Permission.EDIT_TIMINGS, Permission.STEER_MESSAGES, Permission.SEE_FAULTS, Permission.SEE_PEOPLE),
        *(Permission.ADD_PEOPLE, Permission.SEE_KEEPERS, Permission.ADD_EVENT, Permission.EDIT_TERMS),
        *(Permission.EDIT_SEARCH_WORDS, Permission.EDIT_SOURCES, Permission.ADD_CONSULTATION, Permission.CHECK_LISTING),
        *(Permission.ADD_INTENTION, Permission.ADD_EXAMPLE),
        *(Permission.SET_UP_HUB, Permission.OPEN_HUB),
        *(Permission.READ_BOARD_REPORTS, Permission.ISSUE_BOARD_REPORTS),
        Permission.MAKE_EVIDENCE_PACK,
        *(Permission.ERASE_NOTES, Permission.ANSWER_RIGHTS),
        *(Permission.ADD_RESOURCE, Permission.PUBLISH_RESOURCE, Permission.CHECK_SUGGESTIONS),
        *(Permission.CHECK_COMMENTS, Permission.ADD_COMMENT, Permission.NAME_CHECKERS),
        *(Permission.CHECK_PROMISE, Permission.ADOPT_STANDARD, Permission.ANSWER_CLAIMS),
        *(Permission.ADD_STORY, Permission.PUBLISH_STORY, Permission.KEEP_NETWORK),
    }

    assert set(Permission) - RECORD_PERMISSIONS == about_all


# Public forms


class WhatFamiliesThink(forms.Form):
    """A public form with a box, a choice and something that nobody sees."""

    words = forms.CharField(label="What do you think?")
    name = forms.CharField(label="Your name", required=False)
    token = forms.CharField(widget=forms.HiddenInput)


class PublicForm(OpenWhileAttended, FormView):
    """A form for families that keeps nothing."""

    form_class = WhatFamiliesThink

    def get(self, request):
        """The form."""
        return HttpResponse("The form")

    def form_valid(self, form):
        """Something is kept."""
        return HttpResponse("Kept")


SENT = {"words": "The bus <b>never</b> comes.\nNever.", "token": "signed"}


def answer(method: str, **sent):
    """What the form answers."""
    return PublicForm.as_view()(getattr(RequestFactory(), method)("/", sent))


@pytest.mark.parametrize("days", [0, 34, 35, 59])
def test_a_public_form_is_open_as_long_as_somebody_reads_it(days):
    last_looked_after_on(today() - timedelta(days=days))

    assert answer("get").content == b"The form"
    assert answer("post", **SENT).content == b"Kept"


def test_from_day_60_a_public_form_says_that_it_is_closed_and_who_can_be_reached(settings):
    settings.HUB_COUNCIL_PHONE = "01632 960 777"
    last_looked_after_on(today() - timedelta(days=60))

    shown = answer("get")

    assert shown.status_code == 200
    html = shown.content.decode()
    assert "<h1>This form is closed</h1>" in html
    assert "so nobody would read what you send" in html
    assert "Call 01632 960 777." in html
    assert "Is a child in danger now? Call 999." in html
    assert "<form" not in html.split("<main")[1]
    assert "did not arrive" not in html


def test_what_is_sent_to_a_closed_form_is_refused_and_shown_once_more_to_copy():
    last_looked_after_on(today() - timedelta(days=60))

    refused = answer("post", **SENT)

    assert refused.status_code == 503
    html = refused.content.decode()
    assert "What you sent did not arrive" in html
    assert "<h3>What do you think?</h3>" in html
    assert "The bus &lt;b&gt;never&lt;/b&gt; comes." in html
    assert "Your name" not in html  # left empty
    assert "signed" not in html
