"""Intentions and umbrella plans for tests."""

from datetime import date

import factory
from django.utils import timezone

from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.plan.models import HowSure, Intention, Umbrella
from consultations.tests.around import term
from core.models import Area, Audience, Topic


class IntentionFactory(factory.django.DjangoModelFactory):
    """A likely ask in March 2026; `among` gives the keys of its groups, areas and topics."""

    class Meta:
        model = Intention
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Nursery hours, idea {n}")
    organisation = factory.SubFactory(OrganisationFactory)
    owner = factory.LazyAttribute(lambda o: MembershipFactory(organisation=o.organisation))
    starts_on = date(2026, 3, 2)
    ends_on = date(2026, 3, 29)
    how_sure = HowSure.LIKELY

    @factory.post_generation
    def among(self, create, extracted, **kwargs):
        """Whom it asks, where and about what: three lists of keys."""
        if create and extracted:
            reach(self, *extracted)


class UmbrellaFactory(factory.django.DjangoModelFactory):
    """A published plan."""

    class Meta:
        model = Umbrella
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Family hubs plan {n}")
    slug = factory.Sequence(lambda n: f"family-hubs-plan-{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    owner = factory.LazyAttribute(lambda o: MembershipFactory(organisation=o.organisation))
    summary = "Where families meet us, and when."
    published_at = factory.LazyFunction(timezone.now)


def reach(ask, audiences: str = "dads", areas: str = "melbridge", topics: str = "") -> None:
    """Say whom an ask reaches, where and about what: keys with spaces between."""
    ask.audiences.set(term(Audience, key) for key in audiences.split())
    ask.areas.set(term(Area, key) for key in areas.split())
    ask.topics.set(term(Topic, key) for key in topics.split())
