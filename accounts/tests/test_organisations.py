"""The tree of organisations, and the promise that reaches down it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.forms import bodies_of, usual_of
from accounts.models import Membership, Organisation, OrganisationKind, Role, User
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
ON = date(2027, 4, 8)


def path_of(organisation) -> str:
    """Where the database says it stands."""
    return Organisation.objects.values_list("path", flat=True).get(pk=organisation.pk)


def test_the_database_keeps_each_place_in_the_tree():
    council = OrganisationFactory()
    service = OrganisationFactory(parent=council)
    team = OrganisationFactory(parent=service)

    assert path_of(team) == f"{council.pk}.{service.pk}.{team.pk}."
    assert team.ancestor_ids == [council.pk, service.pk, team.pk]


def test_moving_a_body_moves_everything_below_it():
    old, new = OrganisationFactory(), OrganisationFactory()
    service = OrganisationFactory(parent=old)
    team = OrganisationFactory(parent=service)

    Organisation.objects.filter(pk=service.pk).update(parent=new)

    assert path_of(service) == f"{new.pk}.{service.pk}."
    assert path_of(team) == f"{new.pk}.{service.pk}.{team.pk}."
    assert set(Organisation.objects.within(new)) == {new, service, team}
    assert set(Organisation.objects.within(old)) == {old}


def test_a_bulk_load_has_its_places_too():
    council = OrganisationFactory()
    Organisation.objects.bulk_create(
        [Organisation(name=f"Bulk {n}", slug=f"bulk-{n}", kind=OrganisationKind.SCHOOL, parent=council) for n in (1, 2)]
    )

    assert Organisation.objects.within(council).count() == 3


def test_a_body_cannot_be_moved_below_itself():
    council = OrganisationFactory()
    service = OrganisationFactory(parent=council)
    council.parent = service

    with pytest.raises(ValidationError, match="cannot be part of itself"):
        council.full_clean()
    with pytest.raises(DatabaseError), transaction.atomic():
        council.save()


def test_the_promise_of_a_body_above_counts_and_the_nearest_one_holds():
    council = OrganisationFactory(promising=True)
    service = OrganisationFactory(parent=council)
    team = OrganisationFactory(parent=service, promising=True)

    assert service.promise_holder() == council
    assert team.promise_holder() == team


def test_a_promise_reaches_neither_the_body_above_nor_the_one_beside():
    council = OrganisationFactory()
    service = OrganisationFactory(parent=council, promising=True)
    beside = OrganisationFactory(parent=council)

    assert service.promise_holder() == service
    assert council.promise_holder() is None
    assert beside.promise_holder() is None


def test_a_promise_that_was_left_holds_no_more():
    left = OrganisationFactory(promising=True, promise_left_on=date(2026, 1, 1))

    assert left.promise_holder() is None
    assert left not in Organisation.objects.promising()


def test_the_leads_are_those_of_the_nearest_body_that_has_one():
    council = OrganisationFactory()
    service = OrganisationFactory(parent=council)
    team = OrganisationFactory(parent=service)
    above = MembershipFactory(organisation=council, role=Role.LEAD)
    first = MembershipFactory(organisation=service, role=Role.LEAD)
    second = MembershipFactory(organisation=service, role=Role.LEAD)
    MembershipFactory(organisation=team, role=Role.LEAD, ended_on=ON)
    MembershipFactory(organisation=team, role=Role.LEAD, user=UserFactory(is_active=False))
    MembershipFactory(organisation=team, role=Role.CONTRIBUTOR)

    assert list(Membership.objects.leads_of(team)) == [first, second]
    assert list(Membership.objects.leads_of(council)) == [above]


def test_a_body_without_any_lead_has_none():
    assert not Membership.objects.leads_of(OrganisationFactory()).exists()


@pytest.mark.parametrize(
    ("agreed", "title", "shown"),
    [
        (False, "Short breaks manager", "Short breaks manager"),
        (True, "Short breaks manager", "Person A, Short breaks manager"),
        (False, "", "Lead"),
    ],
)
def test_families_see_a_name_only_if_the_person_agreed(agreed, title, shown):
    membership = MembershipFactory(
        user=UserFactory(name="Person A"), role=Role.LEAD, job_title=title, name_may_be_shown=agreed
    )

    assert membership.public_name == shown


def test_whoever_writes_for_one_body_finds_it_and_themselves_filled_in():
    member = MembershipFactory(role=Role.CONTRIBUTOR)
    filled = {"organisation": member.organisation_id, "owner": member.pk}
    assert usual_of(member.user, bodies_of(member.user)) == filled

    # With a team below it, or a second role, there is something to choose.
    team = OrganisationFactory(parent=member.organisation)
    assert usual_of(member.user, bodies_of(member.user)) == {}
    team.delete()
    MembershipFactory(user=member.user, role=Role.CONTRIBUTOR)
    assert usual_of(User.objects.get(pk=member.user_id), bodies_of(member.user)) == {}
    assert usual_of(UserFactory(), Organisation.objects.none()) == {}
