"""Requests for help to take part, for tests: an interpreter for an open consultation unless said otherwise."""

import factory

from consultations.help.models import Asker, HelpKind, HelpRequest
from consultations.tests.factories import ConsultationFactory, days


class HelpRequestFactory(factory.django.DjangoModelFactory):
    """Asked four days ago, due in ten days. Traits for each stage, and `of_event` with an event given."""

    class Meta:
        model = HelpRequest

    class Params:
        late = factory.Trait(due_on=factory.LazyFunction(lambda: days(-3)))
        met = factory.Trait(met_on=factory.LazyFunction(lambda: days(-1)))
        met_late = factory.Trait(
            due_on=factory.LazyFunction(lambda: days(-3)), met_on=factory.LazyFunction(lambda: days(-1))
        )
        could_not = factory.Trait(could_not_on=factory.LazyFunction(lambda: days(-1)), why_not="nobody")

    consultation = factory.Maybe(
        "event", yes_declaration=None, no_declaration=factory.SubFactory(ConsultationFactory, open=True)
    )
    event = None
    kind = HelpKind.INTERPRETER
    asked_on = factory.LazyFunction(lambda: days(-4))
    due_on = factory.LazyFunction(lambda: days(10))


class AskerFactory(factory.django.DjangoModelFactory):
    """Somebody who wrote down how to reach them."""

    class Meta:
        model = Asker

    request = factory.SubFactory(HelpRequestFactory)
    name = "Amina Yusuf"
    reached_at = "amina@example.com"
    language = "Somali"
    words = "I can come after school."
