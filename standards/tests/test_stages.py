"""The state of a pledge on each boundary day, of one, counted and filtered."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from standards.models import Adoption
from standards.stages import ADOPTIONS, AdoptionStage
from standards.tests.factories import AdoptionFactory

pytestmark = pytest.mark.django_db

ON = date(2026, 3, 2)
DUE, LAPSES = date(2026, 9, 2), date(2026, 12, 2)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "day", "stage"),
    [
        ({}, ON, "adopted"),
        ({}, DUE, "adopted"),
        ({}, DUE + DAY, "due"),
        ({}, LAPSES, "due"),
        ({}, LAPSES + DAY, "lapsed"),
        ({"checked_on": ON + DAY}, ON + DAY, "current"),
        ({"checked_on": ON + DAY}, DUE, "current"),
        ({"checked_on": ON + DAY}, DUE + DAY, "due"),
        ({"ended_on": DUE, "ended_reason": "The service closed."}, DUE, "ended"),
        ({"ended_on": DUE, "ended_reason": "The service closed."}, DUE - DAY, "adopted"),
    ],
)
def test_the_state_follows_from_the_dates(facts, day, stage):
    adoption = AdoptionFactory(adopted_on=ON, **facts)

    assert (adoption.renew_by, adoption.lapses_on) == (DUE, LAPSES)
    assert ADOPTIONS.of(adoption, day) == stage
    assert Adoption.objects.annotate(state=ADOPTIONS.case(day)).get().state == stage
    found = {each for each in AdoptionStage if Adoption.objects.filter(ADOPTIONS.within(each, day)).exists()}
    assert found == {stage}


def test_a_result_lasts_twelve_months_and_lapses_three_months_later():
    assert (DUE + relativedelta(months=3)) - DUE == LAPSES - DUE
