"""The promise about the form on which families tell us something while it is attacked, and how it is measured."""

import itertools
import re
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Organisation, Role, User
from core.dates import today
from feedback.comments import limits
from feedback.comments.actions import name_checkers, note_reading
from feedback.comments.models import Comment
from feedback.models import FeedbackEntry
from hub.bench import county
from hub.bench.measures import Asked, Result, measure
from hub.bench.servers import serving

FORM = "/tell-us/write/"
A_MINUTE = 1_000
ATTACKERS = 16
PARENTS = 4
# How long somebody looks at the page before they send it, in seconds.
LOOKS_FOR = 3.0
MARK = re.compile(r'name="once" value="([^"]+)"')
BAD = (
    "<script>alert(1)</script>",
    "'; DROP TABLE feedback_comment; --",
    "Turned \u202e round and \u200b empty",
    " ".join(f"https://{n}.example.com" for n in range(50)),
    "x" * 1024 * 1024,
    "Cheap loans, no questions asked",
)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere: the answer itself is what counts."""

    def redirect_request(self, *args, **kwargs):
        return None


_ask = urllib.request.build_opener(_Stay)


@measure("tellus")
def tell_us(asked: Asked) -> list[Result]:
    """Parents who send the form while others send it 1,000 times a minute and more, from one address and from many."""
    county.hold(200)
    reader = _reader()
    before = FeedbackEntry.objects.count()
    Comment.objects.all().delete()
    cache.clear()
    over, sent, answers, waits = threading.Event(), itertools.count(), [], []
    with serving("hub.wsgi") as address:
        began = time.perf_counter()
        crowd = [threading.Thread(target=_attack, args=(address, n, over, sent)) for n in range(ATTACKERS)]
        crowd += [threading.Thread(target=_parent, args=(address, n, over, answers, waits)) for n in range(PARENTS)]
        for each in crowd:
            each.start()
        time.sleep(max(asked.seconds, 3 * LOOKS_FOR))
        over.set()
        for each in crowd:
            each.join()
        a_minute = next(sent) / (time.perf_counter() - began) * 60
    arrived = Comment.objects.to_read().filter(text__startswith="Parent ").count()
    others = Comment.objects.to_read().exclude(text__startswith="Parent ").count()
    folded, slowest = Comment.objects.folded().count(), statistics.quantiles(waits, n=20)[-1] * 1000
    browser = Client()
    browser.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    began = time.perf_counter()
    page = browser.get(reverse("feedback:comments"), headers={"Host": "localhost"})
    queue = (time.perf_counter() - began) * 1000
    published = FeedbackEntry.objects.count() - before
    most = limits.AN_HOUR_SUSPICIOUS + limits.AN_HOUR_IN_A_FLOOD
    return [
        Result("Posts to the form in a minute", f"{A_MINUTE:,} or more", f"{a_minute:,.0f}", a_minute >= A_MINUTE),
        Result(
            "Parents who got through meanwhile, into plain sight",
            "all",
            f"{arrived} of {len(answers)}, p95 {slowest:.0f} ms",
            bool(answers) and arrived == len(answers) == answers.count(302),
        ),
        Result("Of the attack, in plain sight", "none", f"{others}", others == 0),
        Result("Of the attack, folded up", f"at most {most}", f"{folded}", folded <= most),
        Result("Published", "nothing", f"{published}", not published),
        Result("The list after it", "opens", f"{page.status_code}, {queue:.0f} ms", page.status_code == 200),
    ]


def _reader() -> User:
    """Somebody who reads what comes in."""
    user, _made = User.objects.get_or_create(email="reader@example.org")
    body = Organisation.objects.order_by("pk").first()
    member, _made = Membership.objects.get_or_create(
        user=user, organisation=body, role=Role.FIS_MANAGER, ended_on=None, defaults={"started_on": today()}
    )
    name_checkers(by=user, on=today(), memberships=[member])
    note_reading(by=user, on=today())
    return user


def _post(address: str, place: str, **facts) -> int:
    said = {"who": "parent", "about": "service", "kind": "better", "part": ""} | facts
    asked = urllib.request.Request(
        address + FORM, urllib.parse.urlencode(said).encode(), headers={"X-Forwarded-For": place}
    )
    try:
        return _ask.open(asked, timeout=30).status
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:  # the server closed the line on what was too long
        return 0


def _mark(address: str, place: str) -> str:
    asked = urllib.request.Request(address + FORM, headers={"X-Forwarded-For": place})
    return MARK.search(_ask.open(asked, timeout=30).read().decode())[1]


def _attack(address: str, number: int, over: threading.Event, sent) -> None:
    """One half from one address, the other half each time from another; each with a fresh mark, at once."""
    for turn in itertools.count():
        if over.is_set():
            return
        place = "192.0.2.1" if number % 2 else f"198.51.{number}.{turn % 250}"
        words = BAD[turn % len(BAD)]
        _post(address, place, once=_mark(address, place), text=words if len(words) > 1000 else f"{words} {turn}")
        next(sent)


def _parent(address: str, number: int, over: threading.Event, answers: list, waits: list) -> None:
    """Opens the page, writes, sends; then the next parent does."""
    for turn in itertools.count():
        place = f"203.0.{number}.{turn % 250}"
        mark = _mark(address, place)
        if over.wait(LOOKS_FOR):
            return
        began = time.perf_counter()
        answers.append(_post(address, place, once=mark, text=f"Parent {number}, point {turn}: there is no bus."))
        waits.append(time.perf_counter() - began)
