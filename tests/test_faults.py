"""Chasing survives what happens to programs, servers and clocks. Real processes, really broken.

Each test is one fault. Nothing that was owed may be lost, and a mail may come
twice only where nobody can know whether it was taken
(docs/decisions/0007-at-least-once.md).
"""

import os
import random
import signal
import sys
from collections import defaultdict
from datetime import date, timedelta

import pytest

from accounts.models import Membership, Role, User
from accounts.tests.factories import OrganisationFactory
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.dates import next_working_day
from notices import ledger
from notices.models import Fault, Notice
from tests.running import FIRST_DAY, Running, counted, running, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")

DAY = timedelta(days=1)
# Minutes until the first turn at which a lease of 15 has surely run out.
LEASE = 20


@pytest.fixture(scope="module")
def one_hub(django_db_setup, django_db_blocker):
    """The processes, started once for all of these tests."""
    with django_db_blocker.unblock(), running() as hub:
        yield hub


@pytest.fixture
def hub(one_hub):
    """An empty hub at two minutes to nine, on a working day of its own."""
    one_hub.begin_anew(next_working_day(max(one_hub.day + DAY, FIRST_DAY)))
    return one_hub


def closed_yesterday(hub: Running, count: int, name: str = "owner") -> list[str]:
    """So many consultations closed yesterday, each with an owner of its own. Gives the owners' addresses."""
    service = OrganisationFactory(name=f"Short breaks of {name}", promising=True)
    users = User.objects.bulk_create(
        User(email=f"{name}{number}@example.org", name=f"Jo Larch {number}") for number in range(count)
    )
    owners = Membership.objects.bulk_create(
        Membership(user=user, organisation=service, role=Role.CONTRIBUTOR, started_on=date(2020, 1, 1))
        for user in users
    )
    like = ConsultationFactory.build(
        organisation=service, owner=owners[0], opens_on=hub.day - 60 * DAY, closes_on=hub.day - DAY
    )
    facts = {
        field.name: getattr(like, field.name) for field in Consultation._meta.concrete_fields if not field.generated
    }
    facts.pop("id")
    Consultation.objects.bulk_create(
        Consultation(**facts | {"slug": f"{name}-{n}", "title": f"Respite at Larch House {n}", "owner": owner})
        for n, owner in enumerate(owners)
    )
    return [user.email for user in users]


def lay_down(hub: Running) -> None:
    """Write down what is owed now."""
    ledger.owe(hub.day, hub.now)


def taken_by_address(hub: Running) -> dict[str, list[str]]:
    """The Message-IDs that the mail server took, for each address."""
    taken = defaultdict(list)
    for mail in hub.sink.taken():
        taken[mail["to"]].append(mail["id"])
    return taken


def goes_once_or_twice(hub: Running, owners: list[str], *, repeats: int) -> None:
    """Assert that each owner got a mail, and that no more than so many got it twice, under the same Message-ID."""
    taken = taken_by_address(hub)
    assert set(taken) == set(owners)
    assert all(len(set(ids)) == 1 for ids in taken.values())
    assert hub.sink.count() - len(owners) <= repeats


def goes_once(hub: Running, owners: list[str]) -> None:
    """Assert that each owner got one mail."""
    goes_once_or_twice(hub, owners, repeats=0)


def is_sent(hub: Running) -> bool:
    """Whether nothing waits any more."""
    return not Notice.objects.waiting().exists()


def test_a_sender_killed_ten_times_loses_nothing_and_repeats_at_most_the_one_open_mail(hub):
    owners = closed_yesterday(hub, 500)
    lay_down(hub)
    chance = random.Random()
    kills = 10
    for kill in range(kills):
        goal = hub.sink.count() + chance.randint(1, 45)
        if kill % 3 == 0:
            # The mail server has it, and has not said so yet: the one moment that can repeat a mail.
            hub.sink.behaves(holds_at=goal)
        hub.next_turn(LEASE)
        hub.sink.has_taken(goal, says=hub.tells)
        if kill % 5 == 4:
            hub.kill("worker")
            hub.start("worker")
        else:
            for child in hub.children("worker"):
                os.kill(child, signal.SIGKILL)
        hub.sink.behaves()

    hub.let_time_go_by(lambda: is_sent(hub), minutes=LEASE)

    goes_once_or_twice(hub, owners, repeats=kills)
    assert hub.sink.count() > len(owners), "Those that were held when their sender was killed come again"
    assert Notice.objects.sent().count() == len(owners)
    assert not Fault.objects.exists()


def test_two_schedulers_and_two_workers_at_once_send_everything_once(hub):
    hub.start("second worker")
    hub.start("second beat")
    wait_until(lambda: counted("passes") >= 2, says=hub.tells)
    owners = closed_yesterday(hub, 200)

    hub.let_time_go_by(lambda: hub.sink.count() >= len(owners))
    hub.send()

    goes_once(hub, owners)


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_the_queue_goes_away_while_mails_are_sent_and_the_timetable_goes_on_without_help(hub, killed):
    there = {name: hub.processes[name] for name in ("worker", "beat")}
    owners = closed_yesterday(hub, 40)
    lay_down(hub)
    hub.sink.behaves(holds_at=20)
    hub.next_turn()
    hub.sink.has_taken(20, says=hub.tells)

    hub.queue_stops(killed=killed)
    hub.sink.behaves()
    wait_until(lambda: is_sent(hub), says=hub.tells)
    later = closed_yesterday(hub, 3, "later")
    hub.turn_clock(timedelta(hours=1))
    assert not hub.ready()["ready"]
    assert hub.ready()["queue"] == "Does not answer (OperationalError)."
    hub.queue_starts()
    hub.let_time_go_by(lambda: hub.sink.count() >= len(owners + later), minutes=20)
    hub.send()

    goes_once(hub, owners + later)
    hub.gets_ready()
    assert all(hub.runs(name) and hub.processes[name] is process for name, process in there.items())


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_the_database_goes_away_while_mails_are_sent_and_comes_back(hub, killed):
    owners = closed_yesterday(hub, 120)
    lay_down(hub)
    hub.sink.behaves(holds_at=40)
    hub.next_turn()
    hub.sink.has_taken(40, says=hub.tells)

    hub.database_stops(killed=killed)
    hub.sink.behaves()
    says = hub.ready()
    assert (says["ready"], says["database"]) == (False, "Does not answer (OperationalError).")
    wait_until(lambda: "OperationalError" in hub.words("worker"), says=hub.tells)
    hub.database_starts()
    assert Notice.objects.sent().count() == 39
    hub.let_time_go_by(lambda: not Notice.objects.waiting().exists(), minutes=LEASE)

    taken = taken_by_address(hub)
    assert set(taken) == set(owners)
    assert sorted(len(ids) for ids in taken.values()) == [1] * 119 + [2]
    assert all(len(set(ids)) == 1 for ids in taken.values())
    hub.gets_ready()
