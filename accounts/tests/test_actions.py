"""What is done with organisations and people."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from accounts import actions
from accounts.models import Organisation, OrganisationKind, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
ON = date(2027, 4, 8)


def test_a_new_body_has_its_place_and_an_address_made_from_its_name():
    council = OrganisationFactory()

    service = actions.add_organisation(
        by=UserFactory(), name="Children's Therapies", kind=OrganisationKind.COUNCIL_SERVICE, parent=council
    )

    assert service.slug == "childrens-therapies"
    assert service.path == f"{council.path}{service.pk}."


@pytest.mark.parametrize(
    ("name", "slug"), [("Therapies", "therapies-2"), ("Терапія", "organisation"), ("!!!", "organisation")]
)
def test_an_address_is_never_taken_twice_and_never_empty(name, slug):
    OrganisationFactory(slug="therapies")

    assert actions.free_slug(name) == slug


def test_a_promise_needs_the_name_of_who_made_it():
    organisation = OrganisationFactory()

    with pytest.raises(ValidationError, match="Enter who accepted the promise"):
        actions.accept_promise(organisation, by=UserFactory(), name="  ", on=ON)

    assert Organisation.objects.get(pk=organisation.pk).promise_accepted_on is None


def test_joining_again_after_leaving_makes_the_promise_hold():
    organisation = OrganisationFactory(promising=True, promise_left_on=date(2026, 1, 1))

    actions.accept_promise(organisation, by=UserFactory(), name="Director", on=ON)

    assert organisation.promise_holder() == organisation


def test_the_same_role_cannot_be_given_twice_but_again_after_it_ended():
    user, organisation = UserFactory(), OrganisationFactory()
    MembershipFactory(user=user, organisation=organisation, role=Role.LEAD, ended_on=date(2026, 1, 1))
    given = {"by": UserFactory(), "user": user, "organisation": organisation, "role": Role.LEAD, "on": ON}

    actions.add_membership(**given)

    with pytest.raises(ValidationError):
        actions.add_membership(**given)


def test_the_history_says_who_did_what():
    by = UserFactory()
    organisation = OrganisationFactory()

    actions.accept_promise(organisation, by=by, name="Director", on=ON)

    history = apps.get_model("accounts", "OrganisationHistory")
    newest = history.objects.filter(pgh_obj_id=organisation.pk).latest("pgh_id")
    assert newest.pgh_context.metadata == {"by": by.pk, "did": "accepted the promise"}
    assert newest.promise_accepted_by == "Director"


def test_the_history_keeps_no_addresses_and_catches_bulk_changes():
    organisation = OrganisationFactory()
    history = apps.get_model("accounts", "OrganisationHistory")
    before = history.objects.filter(pgh_obj_id=organisation.pk).count()

    Organisation.objects.filter(pk=organisation.pk).update(about="Now it says more.")

    assert history.objects.filter(pgh_obj_id=organisation.pk).count() == before + 1
    assert {"mailbox", "phone"}.isdisjoint(field.name for field in history._meta.fields)
