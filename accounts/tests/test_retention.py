"""Who has left keeps no name here; who still has a role does."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actions import erase_account
from accounts.models import Membership, User, Watch
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from core import retention, rights

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def leaver(days_ago: int, **facts) -> Membership:
    """Somebody whose role ended so many days ago."""
    return MembershipFactory(ended_on=TODAY() - timedelta(days=days_ago), **facts)


def let_go() -> int:
    return retention.let_go(timezone.now(), only=["accounts"])["accounts"]


def test_two_years_after_the_last_role_name_and_address_go_and_what_they_did_stays():
    role = leaver(731, name_may_be_shown=True, job_title="Short breaks lead")

    assert let_go() == 1

    role = Membership.objects.get(pk=role.pk)
    assert str(role.user) == "Somebody who has left"
    assert (role.user.name, role.user.email) == ("", f"erased-{role.user_id}@example.invalid")
    assert role.public_name == "Short breaks lead"
    assert not role.user.is_active


def test_nobody_is_erased_twice_and_nobody_before_the_time():
    leaver(731)
    leaver(729)

    assert [let_go(), let_go()] == [1, 0]


def test_who_has_another_role_keeps_the_account():
    role = leaver(731)
    MembershipFactory(user=role.user)

    assert let_go() == 0


def test_who_was_never_given_a_role_and_who_runs_the_server_are_left_alone():
    UserFactory()
    leaver(731, user=UserFactory(is_superuser=True))

    assert let_go() == 0


def test_everything_that_named_the_account_goes_with_it():
    role = leaver(1)
    user = role.user
    EmailAddress.objects.create(user=user, email=user.email)
    Watch.objects.create(user=user, kind="consultation", record_id=1)
    LogEntry.objects.create(
        user=UserFactory(), content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk),
        object_repr=user.email, action_flag=CHANGE,
    )  # fmt: skip
    old = user.email

    erase_account(user, by=None, now=timezone.now())

    assert not EmailAddress.objects.exists()
    assert not Watch.objects.exists()
    assert not LogEntry.objects.filter(object_repr__contains=old).exists()
    assert not user.has_usable_password()


def test_an_account_with_a_role_is_not_erased():
    role = MembershipFactory()

    with pytest.raises(ValidationError, match="still have a role"):
        erase_account(role.user, by=None, now=timezone.now())
    with pytest.raises(ValidationError, match="End it first"):
        rights.erase(role.user.email, by=None, now=timezone.now())

    assert User.objects.get(pk=role.user_id).erased_at is None


def test_sign_ins_that_ended_go_the_next_night():
    now = timezone.now()
    for key, hours in (("over", -1), ("open", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(hours=hours))

    retention.let_go(now, only=["sessions"])

    assert [each.session_key for each in Session.objects.all()] == ["open"]


def test_a_copy_tells_of_the_account_its_roles_and_the_mailbox_of_a_service():
    role = MembershipFactory(user=UserFactory(email="lead@example.org", name="The lead"), started_on=date(2021, 5, 3))
    OrganisationFactory(name="Short breaks", mailbox="lead@example.org")

    held = rights.held_about("LEAD@example.org")

    assert [each.what for each in held] == ["Staff account", "Role", "Mailbox of a service"]
    assert held[1].facts["for"] == role.organisation.name
    assert held[2].url, "it is changed on its own page"
