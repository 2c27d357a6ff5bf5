"""How long somebody stays signed in: some hours without use, some days at most; and what they typed when it ended."""

from datetime import datetime
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.rules import is_fis

# What a session holds: when they signed in, and about when they last used the staff pages. In seconds.
SIGNED_IN_AT, USED_AT = "signed_in_at", "used_at"
# So often at most is it written down that a session is used.
NOTED_EVERY = 5 * 60
# What is sent along with a form and was typed by nobody.
NOT_TYPED = ("csrfmiddlewaretoken", "do", "version")


@receiver(user_logged_in, dispatch_uid="accounts.sessions.begin")
def begin(sender, request, **kwargs) -> None:
    """Both times run from the sign-in."""
    request.session[SIGNED_IN_AT] = request.session[USED_AT] = timezone.now().timestamp()


class SessionEnds:
    """Middleware that signs out whoever has not used the staff pages for hours, or signed in too long ago.

    A session without both times is over too. Public pages are no use of it:
    a phone that shows one all day keeps nobody signed in.
    """

    prefixes = ("/desk/", "/admin/", "/accounts/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Asks only when a session cookie came with the request."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            now = timezone.now()
            if has_ended(request, now):
                logout(request)
            elif request.path_info.startswith(self.prefixes):
                _note_use(request.session, now)
        return self.get_response(request)


def has_ended(request: HttpRequest, now: datetime) -> bool:
    """Whether the session of somebody who is signed in is over. It ends sooner for those who look after the hub."""
    seconds = now.timestamp()
    # One that does not say when it began, or was used, is over.
    since = seconds - request.session.get(SIGNED_IN_AT, 0)
    unused = seconds - request.session.get(USED_AT, 0)
    if unused > settings.STAFF_IDLE_AGE or since > settings.SESSION_COOKIE_AGE:
        return True
    return since > settings.FIS_SESSION_AGE and is_fis(request.user)


def _note_use(session, now: datetime) -> None:
    seconds = now.timestamp()
    if seconds - session[USED_AT] >= NOTED_EVERY:
        session[USED_AT] = seconds


# --- Signing in again


def sign_in_again(request: HttpRequest, view) -> HttpResponse:
    """The way to sign in, and back to the page they were on. What was typed is shown once more: nothing was kept."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else _came_from(request)
    to_login = redirect_to_login(back, settings.LOGIN_URL)
    written = typed_words(request, getattr(view, "view_class", view))
    if not written:
        return to_login
    said = {"sign_in_url": to_login.url, "written": written}
    page = render(request, "accounts/signed_out.html", said, status=403)
    add_never_cache_headers(page)
    return page


def _came_from(request: HttpRequest) -> str:
    """The staff page that a form was sent from; some addresses only take forms."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host() or not came.path.startswith("/desk/"):
        return request.get_full_path()
    return f"{came.path}?{came.query}" if came.query else came.path


def typed_words(request: HttpRequest, view=None) -> list[tuple[str, str]]:
    """What somebody typed into a form that was not taken, with its labels where the view's form says them."""
    fields = getattr(getattr(view, "form_class", None), "base_fields", {})
    found = []
    for name, values in request.POST.lists():
        field = fields.get(name)
        if name in NOT_TYPED or (field is not None and isinstance(field.widget, forms.HiddenInput)):
            continue
        label = field.label if field is not None and field.label else ""
        found += [(label, words) for words in values if any(letter.isalpha() for letter in words)]
    return found


def form_not_taken(request: HttpRequest, reason: str = "") -> HttpResponse:
    """In place of a form whose safety mark is missing or old, as it is after another sign-in in the same browser.

    What was typed is shown if it was sent from a page of the hub: another
    site cannot put words on this one.
    """
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    return render(request, "403_csrf.html", {"written": typed_words(request) if is_ours else []}, status=403)
