"""A simulated year that nobody looks after, and one in which things break: the longest of all tests."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.db import transaction

from hub.demo.load import constraints_left_to_the_database
from hub.simulation import year
from hub.simulation.county import draw
from hub.simulation.verdicts import verdicts
from hub.simulation.year import Year
from hub.tests.simulated import in_memory, keeps_its_promises, live  # noqa: F401 - a fixture among them

DAY = timedelta(days=1)


@pytest.mark.usefixtures("in_memory")
def test_the_sponsor_and_families_hear_that_nobody_looks_after_the_hub(monkeypatch):
    monkeypatch.setattr(year, "AWAY_FROM", (1, 2))
    record = live(1, date(2026, 3, 20), fis_away=True)

    keeps_its_promises(record)
    assert record.away == (date(2026, 1, 2), date(2026, 3, 12))
    # Last there on 31 December: 35 days later the sponsor is told, and once a week after that.
    assert "its sponsor was told 6 times, first on 2026-02-04" in verdicts(record)[-1].says


@pytest.mark.usefixtures("in_memory")
def test_the_passes_that_are_left_out_change_nothing():
    """At every hour of five days, a weekend among them, in which somebody vanishes."""
    until = date(2025, 12, 8)
    hours = [until - number * DAY for number in range(5)]

    quick, slow = sent_while_things_break(until, ((), hours))

    assert quick == slow
    assert any(day in hours and "fault_found" in steps for day, _who, steps, *_rest in quick)


def sent_while_things_break(until: date, ways) -> Iterator[list[tuple]]:
    """What was sent in a county in which things break soon, for each way to live its last days; all is undone."""
    county = draw(2026, 2, most=2)
    county.people["minds-manager"].leaves_on, county.people["minds-manager"].says_so = date(2025, 12, 4), False
    county.people["trust-manager"].bounces_from = date(2025, 11, 20)
    parts_on = min(day for hourly in ways for day in hourly)
    with transaction.atomic(), constraints_left_to_the_database():
        before = Year(county, chasing=True)
        before.live(parts_on - DAY)
        for hourly in ways:
            with transaction.atomic():
                year = deepcopy(before)
                year.hourly = hourly
                for number in range((until - parts_on).days + 1):
                    year.live_through(parts_on + number * DAY)
                transaction.set_rollback(True)
            assert year.record.lies == []
            yield sorted(
                (
                    each.day,
                    each.who,
                    sorted(said.step for said in each.said),
                    each.subject,
                    sorted(map(repr, each.said)),
                )
                for each in year.record.sent
            )
        transaction.set_rollback(True)
