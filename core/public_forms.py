"""What every form has in common that anybody may send without an account and without a cookie.

Its page carries a signed, timed mark (core.forms.OnceField) and asks where it
was sent from. How often it is sent is counted without keeping who sends it.
"""

from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

HOUR = 60 * 60


def is_sent_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site sent this form in a visitor's name."""
    said = request.headers.get("Origin")
    ours = {"{0.scheme}://{0.netloc}".format(urlsplit(settings.HUB_BASE_URL)), request.build_absolute_uri("/")[:-1]}
    return said is not None and said not in ours


class FromHere:
    """A view whose form needs no session: it stands before Django's class."""

    @classmethod
    def as_view(cls, **initkwargs):
        """The view, excused from Django's check, which needs a cookie; whichever class has the last `dispatch`."""
        return csrf_exempt(never_cache(super().as_view(**initkwargs)))  # type: ignore[misc]

    def dispatch(self, request, *args, **kwargs):
        """Refuse what another site sends."""
        if request.method == "POST" and is_sent_from_elsewhere(request):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


def place_of(request: HttpRequest, *, salt: str) -> str:
    """Where a request comes from, as a keyed hash: the same place gives the same one, and nobody can read it back."""
    return salted_hmac(salt, get_adapter().get_client_ip(request)).hexdigest()[:20]


def count(key: str, lasts: int) -> int:
    """Count one more under a key, and say how many there are by now. The count ends after `lasts` seconds."""
    cache.add(key, 0, timeout=lasts)
    return cache.incr(key)
