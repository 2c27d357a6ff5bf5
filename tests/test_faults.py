"""Chasing survives what happens to programs, servers and clocks. Real processes, really broken.

Each test is one fault. Nothing that was owed may be lost, and a mail may come
twice only where nobody can know whether it was taken
(docs/decisions/0007-at-least-once.md).
"""

import email
import os
import random
import signal
import sys
from collections import defaultdict
from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, User
from accounts.tests.factories import OrganisationFactory, last_looked_after_on
from consultations.models import Consultation
from consultations.tests.factories import ConsultationFactory
from core.dates import next_working_day
from notices import ledger
from notices.models import Fault, Mail, Notice
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
    yield one_hub
    assert not one_hub.tells_on(("example.org", "Larch")), "No log names anybody, or what they are asked about"


def closed_yesterday(hub: Running, count: int, name: str = "owner", *, mailbox: str = "", **dates) -> list[str]:
    """So many consultations closed yesterday, each with an owner of its own. Gives the owners' addresses."""
    service = OrganisationFactory(name=f"Short breaks of {name}", promising=True, mailbox=mailbox)
    users = User.objects.bulk_create(
        User(email=f"{name}{number}@example.org", name=f"Jo Larch {number}") for number in range(count)
    )
    owners = Membership.objects.bulk_create(
        Membership(user=user, organisation=service, role=Role.CONTRIBUTOR, started_on=date(2020, 1, 1))
        for user in users
    )
    dates = {"opens_on": hub.day - 200 * DAY, "closes_on": hub.day - DAY} | dates
    like = ConsultationFactory.build(organisation=service, owner=owners[0], **dates)
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


@pytest.mark.parametrize("how", ["gone", "silent"])
def test_a_mail_server_that_is_away_for_hours_costs_nothing_but_time_and_is_complained_of(hub, how):
    owners = closed_yesterday(hub, 30)
    lay_down(hub)
    if how == "gone":
        hub.kill("sink")
    else:
        hub.sink.behaves(silent=True)
    hub.send()
    assert counted("server_away") == 1
    assert not Mail.objects.exclude(claimed_until=None, attempts=0).exists()

    hub.turn_clock(timedelta(hours=6))
    wait_until(lambda: hub.ready()["scheduler"].startswith("Last ran") and counted("server_away") > 1, says=hub.tells)
    assert hub.ready()["messages"] == "The oldest has waited 6 hours. Look at the mail server and the Celery worker."
    assert not hub.ready()["ready"]

    hub.mend()
    hub.let_time_go_by(lambda: is_sent(hub))
    goes_once(hub, owners)
    hub.gets_ready()


def test_a_mail_server_that_drops_the_line_after_the_mail_is_sent_the_same_one_ever_more_seldom(hub):
    closed_yesterday(hub, 1)
    lay_down(hub)
    hub.sink.behaves(drops=True)
    hub.send()
    for number, minutes in enumerate((15, 15, 45), start=1):
        assert hub.sink.count() == number
        hub.send(minutes - 5)
        assert hub.sink.count() == number, "Not before its time"
        hub.send(10)
    assert not Notice.objects.sent().exists()

    hub.sink.behaves()
    hub.let_time_go_by(lambda: is_sent(hub), minutes=135)

    (ids,) = taken_by_address(hub).values()
    assert len(ids) == 5
    assert len(set(ids)) == 1
    assert not Fault.objects.exists()


def test_a_mail_server_that_knows_no_such_address_keeps_no_other_waiting_and_others_are_told(hub):
    keeper = last_looked_after_on(hub.day)
    owners = closed_yesterday(hub, 20, mailbox="team@example.org")
    unknown = owners[::10]
    hub.sink.behaves(refuses=unknown)
    lay_down(hub)
    hub.send()
    assert sorted(taken_by_address(hub)) == sorted(set(owners) - set(unknown))
    for minutes in (10, 20):
        assert not Fault.objects.exists()
        hub.send(minutes)

    faults = Fault.objects.open().filter(kind=Fault.Kind.ADDRESS)
    assert sorted(faults.values_list("address", flat=True)) == sorted(unknown)
    hub.owe()
    hub.let_time_go_by(lambda: is_sent(hub))
    told = {address: ids for address, ids in taken_by_address(hub).items() if address not in owners}
    assert set(told) == {"team@example.org", keeper.user.email}
    assert hub.sink.count() == len(owners) - len(unknown) + 2
    assert [mail["text"].count("Larch House") for mail in hub.sink.taken() if mail["to"] == "team@example.org"] == [2]


def test_a_full_disk_shows_no_half_a_mail_and_marks_none_as_sent(hub):
    hub.stop("worker")
    hub.start("worker", EMAIL_URL="")
    outbox = hub.data / "outbox"
    owners = closed_yesterday(hub, 20)
    lay_down(hub)
    hub.limit_files("worker", 1000)
    hub.send()
    assert counted("server_away") == 1
    assert not Notice.objects.sent().exists()
    assert list(outbox.iterdir()) == []

    hub.limit_files("worker", -1)
    hub.send()

    assert is_sent(hub)
    assert Notice.objects.sent().count() == len(owners)
    written = [email.message_from_bytes(file.read_bytes())["To"] for file in outbox.iterdir()]
    assert sorted(written) == sorted(owners)


def test_a_clock_that_is_set_back_and_forward_loses_nothing_and_repeats_nothing(hub):
    owners = closed_yesterday(hub, 30)
    lay_down(hub)
    hub.sink.behaves(holds_at=10)
    hub.next_turn()
    hub.sink.has_taken(10, says=hub.tells)
    hub.turn_clock(-timedelta(hours=1))
    hub.sink.behaves()
    wait_until(lambda: is_sent(hub), says=hub.tells)

    runs = counted("runs")
    more = closed_yesterday(hub, 3, "later")
    hub.owe()
    assert counted("runs") > runs, "It does not wait until the clock has come round again"
    hub.gets_ready()
    hub.turn_clock(timedelta(hours=1))
    hub.send()
    hub.let_time_go_by(lambda: is_sent(hub))

    goes_once(hub, owners + more)
    hub.gets_ready()


def test_after_a_week_without_any_run_each_gets_one_mail_with_the_latest_step_only(hub):
    due = next_working_day(hub.day + 6 * DAY)
    owners = closed_yesterday(hub, 10, closes_on=due - 84 * DAY, response_due_on=due, first_due_on=due)
    hub.kill("beat")
    hub.turn_clock_to(next_working_day(due + DAY), 10)
    assert not hub.ready()["ready"]
    assert hub.ready()["scheduler"].endswith("Look at the Celery worker and Celery beat.")
    assert hub.ready()["chasing"].startswith("Nobody has written down what is owed for ")

    with hub.once_more("passes"):
        hub.start("beat")
    hub.let_time_go_by(lambda: is_sent(hub))
    hub.send()

    goes_once(hub, owners)
    assert set(Notice.objects.filter(role="owner").values_list("step", flat=True)) == {"late_1"}
    hub.gets_ready()


def test_what_the_desk_sends_now_can_be_followed_through_the_logs(hub):
    keeper = last_looked_after_on(hub.day)
    closed_yesterday(hub, 1)
    weekend = hub.day + (5 - hub.day.weekday()) % 7 * DAY
    hub.turn_clock_to(weekend, 10)
    lay_down(hub)
    (notice,) = Notice.objects.waiting()
    session = hub.sign_in(keeper.user)

    answer = hub.post(reverse("notices:steer", args=[notice.reason, notice.about_id]), "do=send", session=session)

    assert answer.status == 302
    hub.sink.has_taken(1, says=hub.tells)
    (request,) = {line["request_id"] for line in hub.said("web") if "/steer/" in line.get("request", "")}
    wait_until(lambda: lines_of_request(hub, request, "task_succeeded"), says=hub.tells)
    (done,) = lines_of_request(hub, request, "notices_sent")
    assert done["mails"] == 1
    task = [line for line in hub.said("worker") if line.get("task_id") == done["task_id"]]
    assert len(task) > 1
    assert all(line["request_id"] == request for line in task)


def lines_of_request(hub: Running, request: str, event: str) -> list[dict]:
    """What the worker logged of an event that a request to the website led to."""
    return [line for line in hub.said("worker") if line.get("request_id") == request and line["event"] == event]
