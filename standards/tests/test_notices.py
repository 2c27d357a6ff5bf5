"""Who is reminded of the yearly check, when, and when that stops; and who takes it over."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from consultations.tests.factories import days
from core.dates import today
from core.duties import duties_of, hand_over
from notices import ledger
from notices.defaults import load_steps
from notices.models import Notice
from standards.actions import LAPSES_AFTER, end_adoption
from standards.models import Adoption
from standards.tests.factories import AdoptionFactory

pytestmark = pytest.mark.django_db


def owed(adoption) -> list[str]:
    """The steps that its owner is owed today."""
    load_steps()
    ledger.owe(today(), timezone.now())
    found = Notice.objects.filter(reason="standard-check-due", address=adoption.owner.user.email)
    return [notice.step for notice in found]


@pytest.mark.parametrize(
    ("due_in", "step"), [(57, None), (56, "check_56"), (14, "check_14"), (-1, "check_over"), (-64, "lapsing")]
)
def test_a_check_is_asked_for_eight_weeks_ahead_and_again(due_in, step):
    due = days(due_in)
    adoption = AdoptionFactory(
        adopted_on=due - datetime.timedelta(days=180), renew_by=due, lapses_on=due + datetime.timedelta(days=92)
    )

    assert owed(adoption) == ([step] if step else [])


def test_nobody_is_asked_once_the_pledge_has_ended():
    adoption = AdoptionFactory(adopted_on=days(-200), renew_by=days(-1), lapses_on=days(-1) + LAPSES_AFTER)
    end_adoption(adoption, by=None, on=today(), reason="We are merged.")

    assert owed(adoption) == []


def test_who_leaves_hands_the_pledge_over():
    adoption = AdoptionFactory()
    heir = MembershipFactory(organisation=adoption.organisation, role=Role.CONTRIBUTOR)
    (duty,) = duties_of(adoption.owner_id, today())
    assert duty.title == adoption.organisation.name

    assert hand_over(adoption.owner_id, heir.pk, by=None, on=today()) == 1

    assert Adoption.objects.get().owner == heir
    assert duties_of(adoption.owner_id, today()) == []
