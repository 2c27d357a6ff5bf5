"""The promise about the month calendar, and how it is measured."""

import random
import time
from datetime import date, timedelta
from datetime import time as clock

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from consultations.events.models import Attendance, Event, EventDate, EventKind, EventSupport, Repeats
from consultations.events.recurrence import day_in_month
from consultations.models import SupportState
from core import versions
from core.dates import today
from core.models import AccessSupport, Area, Audience, SchoolTerm, Topic
from hub.bench import load
from hub.bench.measures import Asked, Result, measure
from hub.bench.servers import get, serving

SERIES = 2_000
# How many months are asked for, each built anew: the content version moves in between.
TIMES = 60
MOST = 200


@measure("events-month")
def events_month(asked: Asked) -> list[Result]:
    """A month of 2,000 recurring series, without any page or block kept; this month, and one that is four years off."""
    _hold_series(SERIES)
    day = today()
    near = reverse("events:month", args=[day.year, day.month])
    far = reverse("events:month", args=[day.year + 4, day.month])
    with serving("hub.bench.uncached", near) as hub:
        for _each_process in range(10):
            get(hub + near, **load.HEADERS)
        took = {
            name: sorted(_milliseconds(hub + address) for _each in range(TIMES))
            for name, address in (("near", near), ("far", far))
        }
    p95 = {name: times[int(TIMES * 0.95)] for name, times in took.items()}
    middle = {name: times[TIMES // 2] for name, times in took.items()}
    grows = middle["far"] / middle["near"]
    words = f"{p95['near']:.0f} ms (half of them within {middle['near']:.0f} ms)"
    return [
        Result(
            f"A month of {SERIES:,} recurring series, built anew, p95", f"at most {MOST} ms", words, p95["near"] <= MOST
        ),
        Result("A month four years off, beside this one", "at most 1.50", f"{grows:.2f}", grows <= 1.5),
    ]


def _milliseconds(url: str) -> float:
    versions.move()
    begins = time.perf_counter()
    get(url, **load.HEADERS)
    return (time.perf_counter() - begins) * 1000


def _hold_series(number: int) -> None:
    """So many published series of one body: weekly, fortnightly and monthly ones, half of them in term time only."""
    if Event.objects.count() >= number:
        return
    chance = random.Random(2009)
    body = Organisation.objects.create(name="A service with many groups", slug="many-groups", kind="council_service")
    person = User.objects.create(email="many-groups@example.org")
    owner = Membership.objects.create(user=person, organisation=body, role=Role.LEAD, started_on=date(2020, 1, 1))
    events = [_series(chance, each, body, owner) for each in range(number)]
    Event.objects.bulk_create(events)
    for name, model in (("area", Area), ("audience", Audience), ("topic", Topic)):
        terms = [
            model.objects.get_or_create(key=f"bench-{each}", defaults={"label": f"{name} {each}"})[0].pk
            for each in range(10)
        ]
        through = getattr(Event, f"{name}s").through
        through.objects.bulk_create(
            through(event_id=event.pk, **{f"{name}_id": term}) for event in events for term in chance.sample(terms, 2)
        )
    helps = [
        AccessSupport.objects.get_or_create(key=f"bench-{each}", defaults={"label": f"Help {each}"})[0]
        for each in range(8)
    ]
    EventSupport.objects.bulk_create(
        EventSupport(event=event, kind=kind, state=SupportState.THERE)
        for event in events
        for kind in chance.sample(helps, 3)
    )
    EventDate.objects.bulk_create(
        EventDate(
            event=event,
            day=today() + timedelta(days=chance.randint(0, 60)),
            change="cancelled",
            reason="The hall is closed.",
            changed_on=today(),
        )
        for event in events[: number // 5]
    )
    for step in range(-1, 6):
        SchoolTerm.objects.create(
            name=f"Year {step}", starts_on=date(today().year + step, 1, 5), ends_on=date(today().year + step, 12, 18)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _series(chance: random.Random, number: int, body: Organisation, owner: Membership) -> Event:
    repeats = chance.choice([Repeats.WEEKLY, Repeats.WEEKLY, Repeats.FORTNIGHTLY, Repeats.MONTHLY_WEEKDAY])
    first_day = today() - timedelta(days=chance.randint(0, 700))
    week = None
    if repeats == Repeats.MONTHLY_WEEKDAY:
        week = chance.choice([1, 2, 3, 4, -1])
        first_day = first_day.replace(day=day_in_month(first_day.year, first_day.month, first_day.weekday(), week))
    hour = chance.randint(8, 19)
    return Event(
        title=f"Group {number}: come and talk to us",
        slug=f"group-{number}",
        organisation=body,
        owner=owner,
        kind=chance.choice(EventKind.values),
        summary="Tea, toys and somebody who can answer questions.",
        first_day=first_day,
        repeats=repeats,
        week_of_month=week,
        starts_at=clock(hour),
        ends_at=clock(hour + 2),
        term_time_only=chance.random() < 0.5,
        attendance=Attendance.IN_PERSON,
        venue="A hall",
        contact_name="The team",
        published_at=timezone.now(),
    )
