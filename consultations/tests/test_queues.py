"""What waits for the Family Information Service about listings, and the number of those that wait too long."""

from datetime import date, datetime, time

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations import numbers, queues
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from consultations.writing.models import Check
from core.models import HeldFor, ImportedRow
from core.numbers import Asking, Urgency

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 27)


def sent(day: date, factory=ConsultationFactory, **facts) -> Check:
    record = factory(draft=True)
    name = "event" if factory is EventFactory else "consultation"
    return Check.objects.create(sent_at=timezone.make_aware(datetime.combine(day, time(9))), **{name: record}, **facts)


def asked(user, *, everyone=True) -> Asking:
    return Asking(user, FRIDAY, everyone, ())


@pytest.mark.parametrize(("day", "figure"), [(24, "1"), (25, "0")])
def test_a_listing_waits_too_long_from_the_third_working_day_on(day, figure):
    sent(date(2026, 11, day), EventFactory)
    fis = MembershipFactory(role=Role.FIS_EDITOR).user

    number = numbers.waiting_too_long(asked(fis))

    assert number.figure == figure
    assert number.urgency == (Urgency.TODAY if figure == "1" else Urgency.CALM)


def test_weekends_do_not_count():
    sent(date(2026, 11, 20))
    fis = MembershipFactory(role=Role.FIS_EDITOR).user

    assert numbers.waiting_too_long(Asking(fis, date(2026, 11, 24), True, ())).figure == "0"


@pytest.mark.parametrize("role", [Role.LEAD, Role.CONTRIBUTOR, Role.BOARD_VIEWER])
def test_only_those_who_check_are_told_how_much_waits(role):
    sent(date(2026, 11, 2))

    assert numbers.waiting_too_long(asked(MembershipFactory(role=role).user)) is None


def test_the_number_leads_to_just_those_that_wait_too_long(client):
    late, soon = sent(date(2026, 11, 2)), sent(FRIDAY)
    fis = MembershipFactory(role=Role.FIS_EDITOR).user

    with time_machine.travel("2026-11-27T12:00:00+00:00", tick=False):
        client.force_login(fis)
        text = client.get(numbers.waiting_too_long(asked(fis)).url).content.decode()

    assert late.record.title in text
    assert soon.record.title not in text


def test_what_waits_to_be_checked_is_one_row_for_those_who_check():
    sent(date(2026, 11, 26))
    sent(date(2026, 11, 24), EventFactory)
    sent(date(2026, 11, 2), decision="returned", reason="No", decided_at=timezone.now())
    fis, lead = MembershipFactory(role=Role.FIS_EDITOR).user, MembershipFactory(role=Role.LEAD).user

    (row,) = queues.listings_waiting(fis, FRIDAY, everyone=True)

    assert (row.words, row.due_on, row.button_url) == ("2 wait", date(2026, 11, 26), "/desk/checks/")
    assert list(queues.listings_waiting(lead, FRIDAY, everyone=True)) == []


def test_imported_rows_wait_for_those_who_look_after_the_hub_only():
    ImportedRow.objects.create(
        kind="consultations", reference="r", source_hash="x", row={}, held_for=HeldFor.NEEDS_DATES
    )
    organisation = OrganisationFactory()

    for role, count in ((Role.FIS_MANAGER, 1), (Role.LEAD, 0), (Role.BOARD_VIEWER, 0)):
        user = MembershipFactory(role=role, organisation=organisation).user
        assert len(list(queues.listings_waiting(user, FRIDAY, everyone=True))) == count
