"""What the database refuses, however it is written."""

from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint
from django.utils import timezone

from accounts.models import Membership, Note, Organisation, RecordLabel, Role, User, Watch
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory

EVENT = {"kind": "event", "record_id": 1}


def _promise_without_a_name():
    Organisation.objects.filter(pk=OrganisationFactory().pk).update(promise_accepted_on=date(2027, 1, 1))


def _left_before_joining():
    organisation = OrganisationFactory(promising=True)
    Organisation.objects.filter(pk=organisation.pk).update(promise_left_on=date(2019, 1, 1))


def _two_keepers():
    OrganisationFactory(is_keeper=True)
    OrganisationFactory(is_keeper=True)


def _same_name_twice():
    OrganisationFactory(name="Short breaks")
    OrganisationFactory(name="Short breaks")


def _same_address_twice():
    UserFactory(email="lead@example.org")
    User.objects.bulk_create([User(email="LEAD@example.org")])


def _same_role_twice():
    first = MembershipFactory(role=Role.LEAD)
    MembershipFactory(user=first.user, organisation=first.organisation, role=Role.LEAD)


def _ends_before_it_starts():
    Membership.objects.filter(pk=MembershipFactory().pk).update(ended_on=date(2019, 1, 1))


BROKEN = {
    "organisation_promise_has_a_name": _promise_without_a_name,
    "organisation_joins_before_it_leaves": _left_before_joining,
    "organisation_one_keeper": _two_keepers,
    "organisation_name_once": _same_name_twice,
    "user_email_once": _same_address_twice,
    "user_erased_is_closed": lambda: User.objects.filter(pk=UserFactory().pk).update(erased_at=timezone.now()),
    "membership_once": _same_role_twice,
    "membership_in_order": _ends_before_it_starts,
    "watch_once": lambda: [Watch.objects.create(user=each, **EVENT) for each in [UserFactory()] * 2],
    "note_says_something": lambda: Note.objects.create(text=" ", **EVENT),
    "recordlabel_once": lambda: [RecordLabel.objects.create(words="send", **EVENT) for _twice in range(2)],
    "recordlabel_is_plain": lambda: RecordLabel.objects.create(words="Seldom/heard", **EVENT),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name]()


def test_every_constraint_is_broken_here_once():
    named = {
        constraint.name
        for model in apps.get_app_config("accounts").get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, (CheckConstraint, UniqueConstraint))
    }

    assert named == set(BROKEN)


@pytest.mark.django_db
def test_the_same_name_may_stand_below_two_bodies():
    OrganisationFactory(name="Transport", parent=OrganisationFactory())
    OrganisationFactory(name="Transport", parent=OrganisationFactory())
