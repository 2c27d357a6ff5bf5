"""Organisations and people for tests, and a hub that was last looked after on a day."""

from datetime import date, datetime, time

import factory
from django.utils import timezone

from accounts.models import Membership, Organisation, OrganisationKind, Role, User


class OrganisationFactory(factory.django.DjangoModelFactory):
    """A council service. Traits: `promising` has joined the promise; `volunteer` is a parent carer forum."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    class Params:
        promising = factory.Trait(promise_accepted_on=date(2020, 1, 1), promise_accepted_by="Director, in a meeting")
        volunteer = factory.Trait(kind=OrganisationKind.PARENT_FORUM)

    name = factory.Sequence(lambda n: f"Service {n}")
    slug = factory.Sequence(lambda n: f"service-{n}")
    kind = OrganisationKind.COUNCIL_SERVICE
    mailbox = factory.LazyAttribute(lambda o: f"{o.slug}@example.org")
    phone = "01632 960 100"

    @factory.post_generation
    def path_from_database(self, create, extracted, **kwargs):
        """The database works out where it stands in the tree."""
        if create:
            self.refresh_from_db()


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody who can sign in, known by role and not by name."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    """A contributor of a council service."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.CONTRIBUTOR
    job_title = "Service manager"
    started_on = date(2020, 1, 1)


def last_looked_after_on(day: date) -> Membership:
    """A hub with a council, a sponsor and one manager, who last signed in at noon on a day. Gives the manager."""
    council = OrganisationFactory(name="The hub's council", kind=OrganisationKind.COUNCIL, is_keeper=True)
    sponsor = UserFactory(email="sponsor@example.org", name="The sponsor")
    MembershipFactory(user=sponsor, organisation=council, role=Role.LEAD, job_title="Director")
    manager = MembershipFactory(
        user=UserFactory(email="keeper@example.org", name="The keeper"),
        organisation=OrganisationFactory(name="Family Information Service", parent=council),
        role=Role.FIS_MANAGER,
    )
    signs_in(manager.user, timezone.make_aware(datetime.combine(day, time(12))))
    return manager


def signs_in(user: User, at: datetime) -> None:
    """Somebody signed in at a moment, with an account that is as old as that at least."""
    User.objects.filter(pk=user.pk).update(last_login=at, date_joined=min(at, user.date_joined))
    user.refresh_from_db()
