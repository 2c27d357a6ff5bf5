"""People of the network for tests."""

import factory
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from consultations.tests.factories import days
from core.dates import today
from practice.network.models import NetworkPerson, NetworkRole


class NetworkPersonFactory(factory.django.DjangoModelFactory):
    """A champion who is shown, but not how to reach them."""

    class Meta:
        model = NetworkPerson

    name = factory.Sequence(lambda n: f"Champion {n}")
    role = NetworkRole.CHAMPION
    helps_with = "How to ask dads"
    email = factory.Sequence(lambda n: f"champion{n}@example.org")
    asked_at = factory.LazyFunction(timezone.now)
    agreed_on = factory.LazyFunction(lambda: days(-30))
    agreed_until = factory.LazyFunction(lambda: today() + relativedelta(years=2))
    shown_from = factory.LazyFunction(lambda: days(-29))
