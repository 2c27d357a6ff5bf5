"""Counts of help for the reports: by service and kind, and never of a few families (DESIGN rule 9)."""

from collections import Counter
from datetime import date
from itertools import product

import pytest
import time_machine
from django.urls import reverse

from accounts.tests.factories import OrganisationFactory
from consultations.help.counts import FEW, help_asked, together
from consultations.help.models import HelpRequest
from consultations.tests.factories import ConsultationFactory

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@pytest.fixture(autouse=True)
def one_day():
    """The quarter is over since a week."""
    with time_machine.travel("2026-04-07 12:00", tick=False):
        yield


def asked(service: str, *many: tuple[int, dict]) -> None:
    """So many requests to a service, with these facts."""
    consultation = ConsultationFactory(organisation=OrganisationFactory(name=service))
    made = {"consultation": consultation, "kind": "interpreter", "asked_on": date(2026, 2, 2)}
    made["due_on"] = date(2026, 2, 16)
    for count, facts in many:
        HelpRequest.objects.bulk_create(HelpRequest(**made | facts) for _number in range(count))


MET, MET_LATE = {"met_on": date(2026, 2, 16)}, {"met_on": date(2026, 2, 17)}
COULD_NOT = {"could_not_on": date(2026, 2, 10), "why_not": "money"}


@pytest.mark.django_db
def test_it_counts_what_was_asked_in_these_days_and_how_it_stood_on_the_last():
    asked("Parks", (9, MET), (6, MET_LATE), (5, COULD_NOT), (5, {}), (7, {"met_on": date(2026, 4, 1)}))
    asked("Zoo", (5, MET | {"kind": "costs"}))
    asked("Later", (9, {"asked_on": date(2026, 4, 1)} | {"due_on": date(2026, 4, 9)}))

    found = help_asked(FIRST, LAST)

    assert found.words == "37 families asked for help to take part."
    assert found.services == [["Parks", 32, 9, 6, 5, 12], ["Zoo", 5, 5, 0, 0, 0]]
    assert found.kinds == [["An interpreter", 32, 9, 6, 5, 12], ["Help with costs", 5, 5, 0, 0, 0]]


@pytest.mark.django_db
def test_few_families_are_not_counted():
    assert help_asked(FIRST, LAST).words == "No family asked."
    asked("Parks", (4, MET))

    found = help_asked(FIRST, LAST)

    assert found.words == "Fewer than 5 families asked for help to take part."
    assert (found.services, found.kinds) == ([], [])


@pytest.mark.django_db
def test_where_a_part_is_of_few_families_no_table_shows_parts():
    asked("Parks", (9, MET), (1, COULD_NOT))
    asked("Zoo", (9, MET))

    found = help_asked(FIRST, LAST)

    assert [line[:2] for line in found.services] == [["Parks", 10], ["Zoo", 9]]
    cells = {cell for line in (*found.services, *found.kinds) for cell in line[2:]}
    assert cells == {"not shown: few families"}


@pytest.mark.parametrize("totals", list(product((0, 1, 4, 5, 9), repeat=3)))
def test_no_line_is_of_few_and_none_can_be_worked_out(totals):
    counts = {name: Counter(met=total) for name, total in zip("ABC", totals, strict=True) if total}
    if sum(totals) < FEW:
        return

    lines = together(counts, "others")

    assert sum(line.total() for line in lines.values()) == sum(totals)
    assert all(line.total() >= FEW for line in lines.values())
    # A line of few stands together with another one: what is left when the others are taken away is never one alone.
    hidden = {name: total.total() for name, total in counts.items() if name not in lines}
    assert not any(total < FEW for name, total in counts.items() if name in lines for total in [total.total()])
    assert len(hidden) != 1


@pytest.mark.django_db
def test_everybody_can_download_the_counts_of_the_quarters_that_are_over(client):
    asked("Parks", (6, MET))
    asked("Zoo", (2, MET | {"asked_on": date(2025, 11, 3)}))
    asked("Now", (9, {"asked_on": date(2026, 4, 2), "due_on": date(2026, 4, 9)}))

    answer = client.get(reverse("consultations:help-counts-csv"))
    lines = b"".join(answer.streaming_content).decode().splitlines()

    assert lines[1:] == [
        "2026-01-01,2026-03-31,service,Parks,6,6,0,0,0",
        "2026-01-01,2026-03-31,kind,An interpreter,6,6,0,0,0",
        "2025-10-01,2025-12-31,all,All services,Fewer than 5 families asked for help to take part.,,,,",
    ]
