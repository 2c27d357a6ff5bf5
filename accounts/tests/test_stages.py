"""Whether anybody looks after the hub: counted in UK days from the last sign-in of those who do."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Membership, Organisation, Role, User
from accounts.stages import Attendance, Upkeep, last_looked_after, upkeep
from accounts.tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    UserFactory,
    last_looked_after_on,
    signs_in,
)
from core.dates import today

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SEEN = date(2026, 5, 3)
NEVER = date(2020, 1, 1)


@pytest.mark.parametrize("seen", [SEEN, date(2026, 2, 20), date(2026, 9, 15), date(2027, 12, 25)])
@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (0, Attendance.ATTENDED),
        (34, Attendance.ATTENDED),
        (35, Attendance.NEGLECTED),
        (59, Attendance.NEGLECTED),
        (60, Attendance.UNATTENDED),
        (3650, Attendance.UNATTENDED),
    ],
)
def test_the_sponsor_has_to_see_to_it_from_day_35_and_families_are_told_from_day_60(seen, days, stage):
    hub = Upkeep(seen, seen + days * DAY)

    assert hub.stage == stage
    assert hub.is_neglected is (days >= 35)
    assert hub.is_unattended is (days >= 60)
    assert hub.unattended_from == seen + 60 * DAY


# Which day it counts from


def test_it_is_the_latest_sign_in_of_anybody_from_the_service():
    last_looked_after_on(SEEN)
    signs_in(MembershipFactory(role=Role.FIS_EDITOR).user, datetime(2026, 5, 20, 9, tzinfo=UTC))
    signs_in(MembershipFactory(role=Role.FIS_EDITOR).user, datetime(2026, 4, 1, 9, tzinfo=UTC))

    assert last_looked_after() == date(2026, 5, 20)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),  # winter time, its last evening
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),  # midnight, summer time
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),  # winter time again
    ],
)
def test_a_sign_in_counts_on_its_day_in_the_uk(moment, day):
    manager = last_looked_after_on(date(2026, 1, 5))
    signs_in(manager.user, moment)

    assert last_looked_after() == day


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.FIS_EDITOR, Role.FIS_MANAGER)])
def test_nobody_elses_sign_in_counts(role):
    manager = last_looked_after_on(SEEN)
    signs_in(MembershipFactory(role=role).user, datetime(2026, 11, 1, 9, tzinfo=UTC))
    signs_in(
        MembershipFactory(role=role, organisation=manager.organisation).user,
        datetime(2026, 11, 1, 9, tzinfo=UTC),
    )

    assert last_looked_after() == SEEN


def test_a_superusers_sign_in_does_not_count():
    last_looked_after_on(SEEN)
    signs_in(UserFactory(is_superuser=True), datetime(2026, 11, 1, 9, tzinfo=UTC))

    assert last_looked_after() == SEEN


def test_a_leaver_who_signs_in_for_another_body_counts_until_they_left():
    manager = last_looked_after_on(SEEN)
    Membership.objects.filter(pk=manager.pk).update(ended_on=date(2026, 6, 10))
    MembershipFactory(user=manager.user, role=Role.LEAD)
    signs_in(manager.user, datetime(2026, 11, 1, 9, tzinfo=UTC))

    assert last_looked_after() == date(2026, 6, 10)


def test_a_leaver_who_never_came_back_counts_at_their_last_sign_in():
    manager = last_looked_after_on(SEEN)
    Membership.objects.filter(pk=manager.pk).update(ended_on=date(2026, 6, 10))

    assert last_looked_after() == SEEN


def test_a_closed_account_counts_as_long_as_it_was_used():
    manager = last_looked_after_on(SEEN)
    User.objects.filter(pk=manager.user_id).update(is_active=False)

    assert last_looked_after() == SEEN


def test_a_sign_in_from_before_the_role_does_not_count():
    last_looked_after_on(SEEN)
    later = MembershipFactory(role=Role.FIS_EDITOR, started_on=date(2026, 9, 1))
    signs_in(later.user, datetime(2026, 8, 31, 9, tzinfo=UTC))
    assert last_looked_after() == SEEN

    signs_in(later.user, datetime(2026, 9, 1, 9, tzinfo=UTC))
    assert last_looked_after() == date(2026, 9, 1)


def test_a_new_hub_is_looked_after_although_nobody_has_signed_in():
    MembershipFactory(role=Role.FIS_MANAGER, started_on=NEVER)

    assert last_looked_after() == today()
    assert upkeep(today() + 34 * DAY).stage == Attendance.ATTENDED
    assert upkeep(today() + 35 * DAY).stage == Attendance.NEGLECTED


def test_somebody_who_had_an_account_long_before_has_the_same_time_to_come():
    manager = MembershipFactory(role=Role.FIS_MANAGER, started_on=date(2026, 5, 1))
    User.objects.update(date_joined=datetime(2021, 1, 1, tzinfo=UTC))

    assert last_looked_after() == manager.started_on


def test_naming_one_more_person_is_no_sign_in():
    last_looked_after_on(SEEN)
    MembershipFactory(role=Role.FIS_MANAGER, started_on=date(2026, 11, 1))

    assert last_looked_after() == SEEN


def test_a_hub_that_nobody_was_ever_named_for_counts_from_its_council():
    assert last_looked_after() is None
    assert upkeep(today()).stage == Attendance.ATTENDED

    OrganisationFactory(is_keeper=True)
    Organisation.objects.update(created_at=datetime(2026, 4, 30, 23, 30, tzinfo=UTC))
    signs_in(UserFactory(is_superuser=True), datetime(2026, 11, 1, 9, tzinfo=UTC))

    assert last_looked_after() == date(2026, 5, 1)


def test_it_is_one_query_however_many_people(django_assert_num_queries):
    last_looked_after_on(SEEN)
    for _each in range(20):
        MembershipFactory(role=Role.FIS_EDITOR)

    with django_assert_num_queries(1):
        last_looked_after()
