"""What waits for the Family Information Service about listings, and the number of those that wait too long."""

from datetime import date, datetime, time

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations import numbers, queues
from consultations.events.tests.factories import EventFactory
from consultations.tests.factories import ConsultationFactory
from core.models import HeldFor, ImportedRow
from core.numbers import Asking, Urgency

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def page_of_checks(monkeypatch):
    """A hub that has a page of what waits to be checked."""
    for module in (queues, numbers):
        monkeypatch.setattr(module, "checks_url", lambda: "/desk/checks/")


def sent(day: date) -> dict:
    return {"published_at": None, "submitted_at": timezone.make_aware(datetime.combine(day, time(9)))}


def asked(user, *, everyone=True) -> Asking:
    return Asking(user, FRIDAY, everyone, ())


@pytest.mark.parametrize(("day", "figure"), [(24, "1"), (25, "0")])
def test_a_listing_waits_too_long_from_the_third_working_day_on(day, figure):
    EventFactory(**sent(date(2026, 11, day)))
    fis = MembershipFactory(role=Role.FIS_EDITOR).user

    number = numbers.waiting_too_long(asked(fis))

    assert number.figure == figure
    assert number.urgency == (Urgency.TODAY if figure == "1" else Urgency.CALM)


def test_weekends_do_not_count():
    ConsultationFactory(**sent(date(2026, 11, 20)))
    fis = MembershipFactory(role=Role.FIS_EDITOR).user

    assert numbers.waiting_too_long(Asking(fis, date(2026, 11, 24), True, ())).figure == "0"


def test_a_service_sees_how_many_of_its_own_wait_and_a_board_none():
    member = MembershipFactory()
    ConsultationFactory(organisation=member.organisation, **sent(date(2026, 11, 2)))
    ConsultationFactory(**sent(date(2026, 11, 2)))

    assert numbers.waiting_too_long(asked(member.user, everyone=False)).figure == "1"
    assert numbers.waiting_too_long(asked(MembershipFactory(role=Role.BOARD_VIEWER).user)) is None


def test_a_hub_without_a_page_of_checks_says_nothing_of_them(monkeypatch):
    monkeypatch.setattr(numbers, "checks_url", lambda: "")
    monkeypatch.setattr(queues, "checks_url", lambda: "")
    ConsultationFactory(**sent(date(2026, 11, 2)))
    fis = MembershipFactory(role=Role.FIS_EDITOR).user

    assert numbers.waiting_too_long(asked(fis)) is None
    assert list(queues.listings_waiting(fis, FRIDAY, everyone=True)) == []


def test_what_waits_to_be_checked_is_one_row_for_those_who_check():
    ConsultationFactory(**sent(date(2026, 11, 26)))
    EventFactory(**sent(date(2026, 11, 24)))
    ConsultationFactory(**(sent(date(2026, 11, 2)) | {"returned_at": timezone.now()}))
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
