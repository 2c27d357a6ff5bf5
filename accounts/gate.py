"""Gates: who may open staff pages, and with a second step; public pages open once; public forms while they are read."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_fis
from accounts.sessions import sign_in_again
from accounts.stages import upkeep
from core.dates import today
from core.opening import opening
from core.permissions import Permission
from core.standing import asked_once
from notices.links import PREFIX

# Spare codes alone are none: they are for the day on which the other is lost.
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_second_step(user) -> bool:
    """Whether somebody has to show a second time that it is them."""
    return settings.HUB_SECOND_STEP and is_fis(user)


class ReferrerForForms:
    """Middleware that lets a browser say where a form was sent from, on pages that have one for signed-in people.

    Public pages send `Referrer-Policy: no-referrer`. Under it a browser sends
    `Origin: null` with a form, even to its own site, which the check against
    forged forms must refuse. Signing in, the desk, and whatever page shows
    the sign-out button say `same-origin` instead: still nothing to others.
    So do the pages on which families ask for e-mails, tell us something, or say
    something of a toolkit, which set no cookie and ask where their forms come
    from instead.
    """

    prefixes = (
        *("/accounts/", "/desk/", "/admin/"),
        *("/alerts/", "/resources/", "/tell-us/write/", "/did-this-happen/", "/practice/network/join/", f"/{PREFIX}/"),
    )

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Name the policy before the general one does."""
        response = self.get_response(request)
        if request.path_info.startswith(self.prefixes) or settings.SESSION_COOKIE_NAME in request.COOKIES:
            response["Referrer-Policy"] = "same-origin"
        return response


class SecondStep:
    """Middleware that opens staff pages to those who look after the hub only once they have a second step at sign-in.

    They can read and change what every service has, so a password that
    somebody found out must not be enough. allauth asks for the second step
    whenever whoever has one signs in; this sees to it that they have one.
    """

    prefixes = ("/desk/", "/admin/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Send them to where it is turned on."""
        if not request.path_info.startswith(self.prefixes) or not must_have_second_step(request.user):
            return None
        return None if is_mfa_enabled(request.user, SECOND_STEPS) else redirect("mfa_index")


class DeskGate:
    """Middleware that lets nobody through to /desk/ whose view does not name a permission they hold.

    A view names it as `permission`, on the class or on the function. A view
    without one is closed to everybody, so that forgetting it opens nothing.
    Rules about one record are checked by the view when it has fetched it.
    """

    prefix = "/desk/"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Stop whoever may not see this staff page: visitors sign in, others are refused."""
        if not request.path_info.startswith(self.prefix):
            return None
        if not request.user.is_authenticated:
            return sign_in_again(request, view)
        named = getattr(getattr(view, "view_class", view), "permission", None)
        if named is None or not request.user.has_perm(Permission.USE_DESK):
            raise PermissionDenied
        # A permission about one record cannot be judged before the view has fetched it.
        if named in RECORD_PERMISSIONS or request.user.has_perm(named):
            return None
        raise PermissionDenied


RECORD_PERMISSIONS = frozenset(
    {
        Permission.SEE_CONSULTATION,
        Permission.EDIT_CONSULTATION,
        Permission.PUBLISH_CONSULTATION,
        Permission.PUBLISH_UNCHECKED,
        Permission.SEE_EVENT,
        Permission.EDIT_EVENT,
        Permission.PUBLISH_EVENT,
        Permission.SETTLE_HELP,
        Permission.SEE_EXAMPLE,
        Permission.EDIT_EXAMPLE,
        Permission.PUBLISH_EXAMPLE,
        Permission.EDIT_TRIED,
        Permission.EDIT_ADOPTION,
        Permission.WRITE_CHECK,
        Permission.EDIT_STORY,
        Permission.EDIT_INTENTION,
        Permission.EDIT_UMBRELLA,
        Permission.PUBLISH_UMBRELLA,
        Permission.WRITE_ANSWER,
        Permission.PUBLISH_ANSWER,
        Permission.WRITE_ENTRY,
        Permission.INVITE_PARENT,
        Permission.EDIT_RESOURCE,
        Permission.EDIT_ORGANISATION,
        Permission.MOVE_PEOPLE,
        Permission.NAME_OWNER,
        Permission.NAME_PROMISE_OWNER,
    }
)


class PublicGate:
    """Middleware that keeps families out until somebody who looks after the hub has opened it to the public.

    In place of every public page, feed, calendar and table stands a short one
    that says so. It answers 503: to search engines and other programs that
    means "not now, come back", so none of them keeps it, nor does our own page
    cache, which keeps answers of 200 only. Staff who are signed in see the pages
    as families will.

    What every page has to know of the hub is asked once for each request.
    """

    # What has to work meanwhile: signing in and the desk, what machines watch, and links in mails that were sent.
    always_open = (
        *("/desk/", "/admin/", "/accounts/", "/health/", "/hooks/", f"/{PREFIX}/", "/static/", "/theme.css"),
        *("/alerts/leave/", "/alerts/manage/"),
    )

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """The page, or that the hub is not open yet."""
        with asked_once():
            if request.path_info.startswith(self.always_open) or opening().is_open or self._is_staff(request):
                return self.get_response(request)
            # Its own Cache-Control: nobody keeps what ends at the press of a button.
            page = render(request, "not_open.html", {"opening": opening()}, status=503)
            add_never_cache_headers(page)
            page["X-Robots-Tag"] = "noindex"
            return page

    def _is_staff(self, request) -> bool:
        """Whether somebody from a service is signed in. Asks only when a session cookie came with the request."""
        return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.has_perm(Permission.USE_DESK)


class OpenWhileAttended:
    """A public page behind which families write to the hub: closed while nobody looks after it (DESIGN rule 12).

    Put it before the view it closes. In place of the page stands why it is
    closed and who can be reached instead, headed by `closed_title`. Whatever
    is sent all the same is refused and kept nowhere; whoever sent it sees
    their words once more, to copy them. It opens by itself.
    """

    closed_title = _("This form is closed")

    def dispatch(self, request, *args, **kwargs):
        """The page, or that it is closed."""
        if not upkeep(today()).is_unattended:
            return super().dispatch(request, *args, **kwargs)
        was_sent = request.method == "POST"
        said = {"title": self.closed_title, "was_sent": was_sent, "written": self._written() if was_sent else []}
        return render(request, "accounts/form_closed.html", said, status=503 if was_sent else 200)

    def _written(self) -> list[tuple[str, str]]:
        """What somebody typed into the boxes that they could see, each with its label."""
        if not hasattr(self, "get_form"):
            return []
        boxes = self.get_form().visible_fields()
        return [(box.label, box.data) for box in boxes if isinstance(box.data, str) and box.data.strip()]
