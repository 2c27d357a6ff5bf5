"""Comments, and those who read them, for tests."""

from datetime import timedelta

import factory
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import MembershipFactory
from core.dates import today
from feedback.comments.models import About, Checker, Comment, HelpRoute, Kind, Who


class CommentFactory(factory.django.DjangoModelFactory):
    """What a parent told us, waiting to be read."""

    class Meta:
        model = Comment

    who = Who.PARENT
    about = About.SERVICE
    kind = Kind.BETTER
    text = "My son Kieran waits for a bus that never comes."
    heard_on = factory.LazyFunction(today)
    received_at = factory.LazyFunction(timezone.now)


class HelpRouteFactory(factory.django.DjangoModelFactory):
    """Somebody who helps with one child."""

    class Meta:
        model = HelpRoute

    name = "Plan team"
    what_for = "Questions about one child’s plan."
    phone = "01632 960 211"


class CheckerFactory(factory.django.DjangoModelFactory):
    """Somebody who has promised to read, a month ago."""

    class Meta:
        model = Checker

    membership = factory.SubFactory(MembershipFactory, role=Role.FIS_MANAGER)
    since = factory.LazyFunction(lambda: today() - timedelta(days=30))
