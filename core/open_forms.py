"""Forms that anybody may send without a session: where they were sent from, and how often, kept as counts only."""

from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR = 60 * 60


def refuse_other_sites(request: HttpRequest) -> None:
    """Refuse what another site sends in a visitor's name. Raises PermissionDenied."""
    said = request.headers.get("Origin")
    ours = {"{0.scheme}://{0.netloc}".format(urlsplit(settings.HUB_BASE_URL)), request.build_absolute_uri("/")[:-1]}
    if said is not None and said not in ours:
        raise PermissionDenied


def place_of(request: HttpRequest) -> str:
    """A keyed hash of the place a request came from: a family, or a library behind one address."""
    return salted_hmac("notices.limits", get_adapter().get_client_ip(request)).hexdigest()[:20]


def counted(key: str, *, lasts: int) -> int:
    """Count one more under a key for so many seconds, and say how many that makes."""
    cache.add(key, 0, timeout=lasts)
    return cache.incr(key)
