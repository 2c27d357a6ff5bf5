"""A simulated year keeps its promises, each of which it could break, and leaves nothing behind."""

import contextlib
import os
import signal
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Organisation
from accounts.tests.factories import OrganisationFactory
from consultations.freshness import contacts_to_check
from feedback import notices
from hub.demo.load import constraints_left_to_the_database
from hub.management.commands import simulate_year
from hub.simulation import database
from hub.simulation.county import MANNERS, draw
from hub.simulation.founding import MEMORY, NotThrownAway
from hub.simulation.record import FIS, SERVICE, Owed, Record, Said, Sent
from hub.simulation.tables import WIDTH
from hub.simulation.verdicts import MOST_TASKS, verdicts
from hub.simulation.year import Year
from hub.tests.simulated import in_memory, keeps_its_promises, live  # noqa: F401 - a fixture among them

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


# --- The verdicts


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.usefixtures("in_memory")
def test_chasing_keeps_its_promises(seed):
    keeps_its_promises(live(seed, date(2026, 2, 13)))


@pytest.mark.usefixtures("in_memory")
def test_nobody_has_to_be_reminded_in_the_year_to_check_a_contact():
    """The year knows what families are owed and no other task, so it ends in an error when it meets one."""
    year = Year(draw(2026, 2, most=2), chasing=False)
    with constraints_left_to_the_database():
        year.live(year.county.starts_on)
    last = year.county.ends_on

    assert contacts_to_check().filter(review_by__lte=last).exists()
    year.acts.check_listings(year.keeper, last - DAY)
    assert not contacts_to_check().filter(review_by__lte=last).exists()


# --- Each can be broken


@pytest.mark.usefixtures("in_memory")
def test_a_mail_that_says_what_is_not_so_is_found(monkeypatch):
    monkeypatch.setattr(notices, "_answer_words", lambda consultation, day: "Answer due today")
    monkeypatch.setattr(notices, "families_waiting", lambda count: "1,000 families are waiting.")

    lies = " ".join(live(1, date(2025, 11, 7)).lies)

    assert "it says “Answer due today”" in lies
    assert "it says “1,000 families are waiting.”" in lies


ASKED = Said("answer-owed", "late_1", 0, "ask-1", MONDAY, "owner")


def sent(day: date = MONDAY, said: tuple[Said, ...] = (ASKED,)) -> Sent:
    """A mail to one manager."""
    return Sent(day, "jo", False, True, "Subject", "Text", said)


def quiet(**facts) -> Record:
    """A year in which nothing happened but what is said here."""
    return Record(2026, 1, True, date(2025, 10, 1), date(2026, 12, 31), **facts)


BROKEN = [
    (0, {"sent": [sent(said=()), sent(said=())]}, "jo got 2 on 2026-03-02"),
    (0, {"sent": [sent(MONDAY - DAY)]}, "jo got one on 2026-03-01, a day off"),
    (0, {"sent": [sent(date(2026, 5, 4))]}, "jo got one on 2026-05-04, a day off"),
    (
        1,
        {"tasks": {(MONDAY, FIS, SERVICE): {f"thing {number}" for number in range(MOST_TASKS + 1)}}},
        "21 in the week of 2026-03-02",
    ),
    (2, {"owed": [Owed("answer", "Parks", MONDAY, MONDAY, None)]}, "“Parks”, due 2026-03-02: nobody was told"),
    (
        2,
        {"owed": [Owed("answer", "Parks", MONDAY, MONDAY, None, [MONDAY - DAY, MONDAY + 9 * DAY])]},
        "“Parks”, due 2026-03-02: the first was told once it was late on 2026-03-11",
    ),
    (3, {"lies": ["2026-03-02, to jo: it says “Answer due today”"]}, "it says “Answer due today”"),
    (4, {"sent": [sent(), sent(MONDAY + DAY)]}, "jo heard 2 times of ask-1: answer-owed, late_1 0"),
    (5, {"away": (MONDAY, MONDAY + 70 * DAY)}, "Its sponsor was not told in the week before 2026-04-06"),
    (
        5,
        {"away": (MONDAY, MONDAY + 70 * DAY), "unattended": ["2026-05-01: families read the contrary"]},
        "the contrary",
    ),
]


@pytest.mark.parametrize(("place", "facts", "words"), BROKEN)
def test_a_broken_promise_is_named(place, facts, words):
    found = verdicts(quiet(**facts))

    assert [each.holds for each in found].index(False) == place
    assert sum(not each.holds for each in found) == 1
    assert words in " ".join(" ".join(found[place].lines()).split())
    assert max(len(line) for each in found for line in each.lines()) <= WIDTH


def test_nothing_is_broken_where_nothing_happened():
    assert all(each.holds for each in verdicts(quiet()))


def test_the_command_ends_with_1_when_a_promise_was_broken(monkeypatch):
    monkeypatch.setattr(simulate_year, "throw_away", contextlib.nullcontext)
    monkeypatch.setattr(simulate_year.Command, "live_unchased", lambda *_args: quiet())
    monkeypatch.setattr(Year, "live", lambda *_args: quiet(lies=["it says what is not so"]))
    out = StringIO()

    with pytest.raises(CommandError, match="Chasing broke 1 of its promises") as ended:
        call_command("simulate_year", stdout=out)

    assert ended.value.returncode == 1
    assert "BROKEN Nothing untrue was mailed" in out.getvalue()
    assert "it says what is not so" in out.getvalue()


# --- Where it happens


@pytest.fixture
def own(django_db_setup, django_db_blocker):
    """The hub's own database, outside any transaction, with one organisation in it."""
    with django_db_blocker.unblock():
        organisation = OrganisationFactory(name="Of the hub itself")
        yield connection.settings_dict["NAME"]
        organisation.delete()
        connection.close()


def simulated() -> list[str]:
    """The databases of simulated years that there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [database.PREFIX])
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def unmigrated(monkeypatch):
    """A throw-away database without tables, which is there at once."""
    monkeypatch.setattr(database, "call_command", lambda *_args, **_facts: None)


@pytest.mark.usefixtures("unmigrated")
@pytest.mark.parametrize("end", [None, RuntimeError, KeyboardInterrupt, signal.SIGTERM])
def test_the_database_is_gone_however_the_year_ends(own, end):
    how = contextlib.nullcontext() if end is None else pytest.raises(SystemExit if end == signal.SIGTERM else end)
    with how, database.throw_away() as name:
        assert simulated() == [name] == [connection.settings_dict["NAME"]]
        if end == signal.SIGTERM:
            os.kill(os.getpid(), signal.SIGTERM)
        elif end is not None:
            raise end

    assert simulated() == []
    assert connection.settings_dict["NAME"] == own
    assert Organisation.objects.get().name == "Of the hub itself"


@pytest.mark.usefixtures("unmigrated")
def test_what_a_killed_year_left_behind_is_dropped_by_the_next(own):
    left = f"{database.PREFIX}1_left"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{left}"')
    with database.throw_away() as name:
        assert simulated() == [name]


@pytest.mark.usefixtures("own")
def test_it_says_who_may_not_make_a_database_and_how_that_is_mended(monkeypatch):
    own_params = connection.get_connection_params()
    # A user who may read everything and make nothing.
    params = own_params | {"options": "-c role=pg_monitor"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: params)

    with pytest.raises(CommandError, match=r'“pg_monitor” may not make one.*ALTER ROLE "pg_monitor" CREATEDB'):
        call_command("simulate_year")

    monkeypatch.undo()
    assert simulated() == []


def test_a_hub_in_use_is_never_lived_in(db, settings):
    settings.EMAIL_BACKEND = MEMORY
    OrganisationFactory()

    with pytest.raises(NotThrownAway, match="empty database"):
        Year(draw(2026, 1), chasing=True).live()


def test_mail_that_would_leave_stops_it(db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    with pytest.raises(NotThrownAway, match="must stay in memory"):
        Year(draw(2026, 1), chasing=True).live()


@pytest.mark.usefixtures("own")
def test_a_week_is_lived_and_printed_and_the_hub_keeps_what_it_had(mailoutbox):
    out = StringIO()
    call_command("simulate_year", "--weeks", "1", "--without-chasing", stdout=out)

    assert "60 consultations of 12 organisations" in out.getvalue()
    assert "Answers by 2026-01-07" in out.getvalue()
    assert simulated() == []
    assert Organisation.objects.get().name == "Of the hub itself"


# --- The county


def test_the_same_seed_draws_the_same_county_and_another_one_another():
    assert draw(2026, 1) == draw(2026, 1)
    assert draw(2026, 1) != draw(2026, 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_county_has_60_consultations_12_organisations_and_everybody_the_issue_names(seed):
    county = draw(2026, seed)
    asks = [each for each in county.asks if each.of_the_year and each.kind != "past"]
    people = county.people.values()

    assert len(asks) == 60
    assert len({each.body.key for each in asks}) == 12
    assert {each.kind for each in asks} == {"asks", "tells", "panels"}
    assert {each.manner for each in people} == set(MANNERS)
    assert sum(each.moves is not None for each in asks) == 6
    assert sum(each.stops_on is not None for each in asks) == 3
    assert sum(each.is_taken_back for each in asks) == 1
    assert sum(each.leaves_on is not None for each in people) == 2
    assert sum(each.bounces_from is not None for each in people) == 2
    assert sum(each.on_leave is not None for each in people) == 1
