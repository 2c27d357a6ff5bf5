"""The number of the one-minute screen that is made of pledges."""

import pytest

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core.dates import today
from core.numbers import Asking, Urgency
from standards.numbers import adopted
from standards.tests.factories import AdoptionFactory

pytestmark = pytest.mark.django_db


def asking(member, *, everyone=False) -> Asking:
    """Somebody looks at the screen today."""
    return Asking(member.user, today(), everyone, [])


def test_it_counts_what_stands_and_says_what_is_due_and_lapsed():
    fis = MembershipFactory(role=Role.FIS_EDITOR)
    assert adopted(asking(fis, everyone=True)) is None
    AdoptionFactory(checked=True)
    AdoptionFactory(ended_on=today(), ended_reason="It closed.")
    assert adopted(asking(fis, everyone=True)).urgency == Urgency.CALM

    AdoptionFactory(adopted_on=days(-200), renew_by=days(-1))
    AdoptionFactory(adopted_on=days(-400), renew_by=days(-200))

    number = adopted(asking(fis, everyone=True))
    assert (number.figure, number.worst, number.urgency) == ("3", "1 due, 1 lapsed", Urgency.SOON)


def test_a_service_counts_its_own():
    lead = MembershipFactory(role=Role.LEAD)
    AdoptionFactory()
    assert adopted(asking(lead)) is None

    AdoptionFactory(organisation=lead.organisation)
    assert adopted(asking(lead)).text == "has adopted the standard"
