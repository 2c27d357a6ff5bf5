"""Staff addresses are closed unless their view says who may pass."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from django.views import View

from accounts.gate import RECORD_PERMISSIONS, DeskGate
from accounts.tests.people import EVERYBODY, People
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
    request.user = user
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
        Permission.ADD_PEOPLE,
    }

    assert set(Permission) - RECORD_PERMISSIONS == about_all
