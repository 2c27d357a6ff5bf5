"""Who is told of an example on its way to families, and when that ends."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from notices import ledger
from notices.defaults import load_steps
from notices.models import Notice
from practice import actions
from practice.tests.factories import PracticeExampleFactory, with_lists

pytestmark = pytest.mark.django_db

# A Monday.
SENT_ON = date(2026, 3, 2)


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


@pytest.fixture
def sent():
    """An example that was sent on a Monday."""
    load_steps()
    service = OrganisationFactory()
    writer = MembershipFactory(organisation=service).user
    example = with_lists(PracticeExampleFactory(draft=True, organisation=service))
    return actions.submit(example, by=writer, now=at(SENT_ON))


@pytest.fixture
def editor():
    return MembershipFactory(role=Role.FIS_EDITOR).user


def owed(reason: str, day: date) -> list[str]:
    """To whom something is owed for a reason by a day."""
    ledger.owe(day, at(day))
    return sorted(Notice.objects.filter(reason=reason, sent_at=None, dropped_at=None).values_list("address", flat=True))


def test_who_checks_is_told_after_two_days_and_no_more_once_it_is_decided(sent, editor):
    assert owed("example-waits", SENT_ON + timedelta(days=1)) == []
    assert owed("example-waits", SENT_ON + timedelta(days=2)) == [editor.email]

    actions.approve(sent, by=editor, on=SENT_ON + timedelta(days=3), now=at(SENT_ON + timedelta(days=3)))
    Notice.objects.all().delete()
    assert owed("example-waits", SENT_ON + timedelta(days=10)) == []


def test_whoever_wrote_it_is_told_that_it_came_back_once_until_they_send_it_again(sent, editor):
    actions.send_back(sent, by=editor, reason="How many?", now=at(SENT_ON))
    assert owed("example-returned", SENT_ON) == [sent.sent_by.email]
    assert owed("example-returned", SENT_ON) == [sent.sent_by.email]

    Notice.objects.all().delete()
    actions.submit(sent.example, by=sent.sent_by, now=at(SENT_ON + timedelta(days=1)))
    assert owed("example-returned", SENT_ON + timedelta(days=1)) == []
