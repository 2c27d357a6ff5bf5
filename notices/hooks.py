"""Addresses that mail services and the council's own mail server call when a mail came back.

No browser comes here and nobody is signed in: whoever calls proves itself by
a signature, a password or a token, and each address is closed until the hub
was told which. docs/how-messages-are-sent.md says how to call ours.
"""

import hmac
import json
import time
from collections.abc import Callable
from functools import wraps

import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notices.bounces import Bounce, Fate, code_in, fate_of, mail_in, record

log = structlog.get_logger(__name__)

LARGEST_NEWS = 64 * 1024
LARGEST_BATCH = 1024 * 1024  # mail services send many at once
A_MINUTE = 300  # calls from one machine
# How far apart the clocks may be, in seconds. A call that is repeated within it says what is known already.
PATIENCE = 5 * 60


class NotUnderstood(ValueError):
    """What is wrong with a call, in words for whoever set it up."""


def hook(largest: int, is_open: Callable[[], object]):
    """Makes a view into an address for other programs: POST only, never too much, never too often."""

    def _hook(view):
        # No session and no cookie stand behind a call, so there is nothing that a forged form could use.
        @csrf_exempt
        @never_cache
        @require_POST
        @wraps(view)
        def _view(request: HttpRequest, **kwargs) -> HttpResponse:
            if not is_open():
                raise Http404
            if _is_too_often(request):
                return _says(429, "You called too often. Wait a minute.", headers={"Retry-After": "60"})
            if int(request.META.get("CONTENT_LENGTH") or 0) > largest:
                return _says(413, f"That is more than {largest // 1024} kB.")
            try:
                return view(request, **kwargs)
            except NotUnderstood as problem:
                log.warning("hook_not_understood", hook=view.__name__)
                return _says(400, str(problem))

        return _view

    return _hook


def _says(status: int, words: str, **kwargs) -> JsonResponse:
    return JsonResponse({"says": words}, status=status, **kwargs)


def _refused(hook_name: str) -> JsonResponse:
    log.warning("hook_refused", hook=hook_name)
    return _says(403, "The signature, password or token is not right, or too old.")


def _is_too_often(request: HttpRequest) -> bool:
    """Counts the calls of a machine within a minute. Only a hash of its address is kept, for two minutes."""
    who = salted_hmac("notices.hooks", get_adapter().get_client_ip(request)).hexdigest()[:20]
    key = f"hooks:{who}:{int(time.time()) // 60}"
    cache.add(key, 0, timeout=120)
    return cache.incr(key) > A_MINUTE


# --- Our own: signed with a secret that both sides know


@hook(LARGEST_NEWS, lambda: settings.BOUNCE_WEBHOOK_SECRET)
def bounces(request: HttpRequest) -> HttpResponse:
    """News of one mail, in the words of a delivery report (RFC 3464).

    `X-Hub-Signature` is the HMAC-SHA256 of `X-Hub-Timestamp`, a full stop and
    the body, in hexadecimal.
    """
    if not _is_signed(request):
        return _refused("bounces")
    news = _read_json(request)
    if not all(isinstance(news.get(name, ""), str) for name in ("message_id", "recipient", "action", "status")):
        raise NotUnderstood("Each value must be text.")
    mail = mail_in(news.get("message_id", ""))
    if mail is None:
        raise NotUnderstood('"message_id" must be the Message-ID of a mail that the hub sent.')
    code = code_in(news.get("status", ""))
    fate = fate_of(news.get("action", ""), code)
    if fate is None:
        raise NotUnderstood('"action" must be "failed" or "delayed".')
    if not news.get("recipient"):
        raise NotUnderstood('"recipient" must be the address that the mail did not reach.')
    verdict = record(Bounce(mail, fate, code, (news["recipient"],)), source="webhook", now=timezone.now())
    return JsonResponse({"verdict": verdict.value})


def _is_signed(request: HttpRequest) -> bool:
    """Whether the caller knows the secret, and signed this just now."""
    moment = request.headers.get("X-Hub-Timestamp", "")
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 12):
        return False
    signed = f"{moment}.".encode() + request.body
    ours = hmac.new(settings.BOUNCE_WEBHOOK_SECRET.encode(), signed, "sha256").hexdigest()
    fresh = abs(timezone.now().timestamp() - int(moment)) <= PATIENCE
    return constant_time_compare(request.headers.get("X-Hub-Signature", ""), ours) and fresh


def _read_json(request: HttpRequest) -> dict:
    try:
        news = json.loads(request.body)
    except (ValueError, RecursionError):
        news = None
    if not isinstance(news, dict):
        raise NotUnderstood("The body must be JSON: one object.")
    return news


# --- GOV.UK Notify: a token that was typed in there

NOTIFY_SAYS = {
    "permanent-failure": Fate.DEAD,
    "temporary-failure": Fate.LOST,  # Notify has tried for days by then, and tries no more
    "technical-failure": Fate.LOST,
}


@hook(LARGEST_NEWS, lambda: settings.NOTIFY_CALLBACK_TOKEN)
def notify(request: HttpRequest) -> HttpResponse:
    """What became of a mail that GOV.UK Notify took; `reference` is the mail's number."""
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.NOTIFY_CALLBACK_TOKEN}"):
        return _refused("notify")
    news = _read_json(request)
    mail = mail_in(str(news.get("reference") or ""))
    fate = NOTIFY_SAYS.get(str(news.get("status")))
    # A code to sign in with has no number; nobody is reminded by it.
    if mail and fate:
        to = str(news.get("to") or "")
        bounce = Bounce(mail, fate, news["status"], (to,) if to else ())
        record(bounce, source="notify", now=timezone.now())
    return HttpResponse(status=204)


# --- Services of django-anymail: a password in the address that was typed in there, and some sign besides


def _anymail_name() -> str:
    """What django-anymail calls the service that mail leaves by; empty when it is none of its own."""
    package, _dot, rest = settings.EMAIL_BACKEND.partition(".backends.")
    return rest.partition(".")[0] if package == "anymail" else ""


@hook(LARGEST_BATCH, lambda: _anymail_name() and settings.ANYMAIL.get("WEBHOOK_SECRET"))
def anymail(request: HttpRequest, service: str) -> HttpResponse:
    """What a mail service tells: django-anymail checks and reads it, and notices/mail_services.py hears of it.

    Only the service that mail leaves by may call, and only about mail that left.
    """
    if service != _anymail_name():
        raise Http404
    try:
        listener = resolve(f"/{service}/tracking/", urlconf="anymail.urls")
    except Resolver404:
        raise Http404 from None
    try:
        return listener.func(request)
    except SuspiciousOperation:
        return _refused(service)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, ImproperlyConfigured) as problem:
        # It knew the password, but what it said has another shape than it should.
        raise NotUnderstood(f"{service} said something else than it should.") from problem
