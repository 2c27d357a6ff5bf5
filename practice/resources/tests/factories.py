"""Toolkits and links for tests: a guide for parents that families see unless a trait says otherwise."""

import factory
from django.utils import timezone

from accounts.tests.factories import OrganisationFactory
from core.dates import today
from core.models import Link
from practice.resources.actions import reference_of
from practice.resources.models import HelpsWith, Reader, Resource, ResourceKind, Suggestion


class HelpsWithFactory(factory.django.DjangoModelFactory):
    """Something that toolkits help to do."""

    class Meta:
        model = HelpsWith

    key = factory.Sequence(lambda n: f"helps-{n}")
    label = factory.Sequence(lambda n: f"Do thing {n}")


class ResourceFactory(factory.django.DjangoModelFactory):
    """A published guide for parents."""

    class Meta:
        model = Resource
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(published_at=None)
        sent = factory.Trait(published_at=None, submitted_at=factory.LazyFunction(timezone.now))
        found = factory.Trait(
            source_url="https://elsewhere.example.org/list", source_read_on=factory.LazyFunction(today)
        )

    title = factory.Sequence(lambda n: f"Guide, part {n}")
    slug = factory.Sequence(lambda n: f"guide-{n}")
    url = factory.Sequence(lambda n: f"https://guides.example.org/{n}")
    reference = factory.LazyAttribute(lambda o: reference_of(o.url))
    summary = "How to tell a service what you think."
    kind = ResourceKind.GUIDANCE
    audiences = factory.LazyFunction(lambda: [Reader.PARENTS.value])
    publisher = "A charity"
    organisation = factory.SubFactory(OrganisationFactory)
    published_at = factory.LazyFunction(timezone.now)


class SuggestionFactory(factory.django.DjangoModelFactory):
    """An address that somebody suggested a moment ago."""

    class Meta:
        model = Suggestion

    url = factory.Sequence(lambda n: f"https://suggested.example.org/{n}")
    reference = factory.LazyAttribute(lambda o: reference_of(o.url))
    title = factory.Sequence(lambda n: f"Suggested {n}")
    why = "It helped us."
    made_at = factory.LazyFunction(timezone.now)


def link_of(resource: Resource, *, works: bool = True, bad_days: int = 0) -> Link:
    """What became of its link when it was last tried: it works, or it failed on so many days (three are broken)."""
    bad_days = bad_days or (0 if works else 3)
    return Link.objects.create(
        url=resource.url,
        checked_at=timezone.now(),
        code=200 if not bad_days else 404,
        bad_days=bad_days,
        last_bad_on=today() if bad_days else None,
        broken_since=today() if bad_days >= 3 else None,
    )
