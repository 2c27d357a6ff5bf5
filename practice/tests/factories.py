"""Good practice examples for tests, with everything that the template asks for."""

from datetime import date

import factory
from django.utils import timezone

from accounts.tests.factories import OrganisationFactory
from consultations.models import ParticipationLevel
from consultations.tests.factories import days
from core.models import AccessSupport, Area, Audience, Method, Topic
from practice.models import HowItWent, PracticeExample, Tip, Tried


class PracticeExampleFactory(factory.django.DjangoModelFactory):
    """A published example of a service; `draft` is not published, `found` is as another page told it."""

    class Meta:
        model = PracticeExample
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(published_at=None, review_by=None, checked_on=None)
        found = factory.Trait(
            source_url="https://example.org/a-page",
            source_read_on=date(2026, 11, 22),
            review_by=None,
            checked_on=None,
            **dict.fromkeys(("issue", "who", "parents_said", "we_did", "impact_evidence", "cost", "hard"), ""),
            contact_name="",
        )

    title = factory.Sequence(lambda n: f"Bookings take one call, {n}")
    slug = factory.Sequence(lambda n: f"bookings-take-one-call-{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    year = 2025
    level = ParticipationLevel.PARTICIPATION
    issue = "Each kind of break had a form of its own. The forum raised it."
    who = "31 parent carers and 4 staff."
    parents_said = "Ask us once."
    we_did = "We made one form with six parents."
    changed_families = "A booking takes one call."
    impact_evidence = "Calls fell from five to one."
    cost = "About £2,000 and ten days of work."
    hard = "Two teams wanted to keep their form."
    contact_name = "Short breaks lead"
    contact_phone = "01632 960 114"
    published_at = factory.LazyFunction(timezone.now)
    checked_on = factory.LazyFunction(lambda: days(0))
    review_by = factory.LazyFunction(lambda: days(365))


class TipFactory(factory.django.DjangoModelFactory):
    """A tip beside the step that says when."""

    class Meta:
        model = Tip

    example = factory.SubFactory(PracticeExampleFactory)
    text = "Ask in the autumn."
    place = "step:when"
    position = factory.Sequence(lambda n: n)


class TriedFactory(factory.django.DjangoModelFactory):
    """Another service tried it a month ago, and it worked."""

    class Meta:
        model = Tried

    example = factory.SubFactory(PracticeExampleFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    tried_on = factory.LazyFunction(lambda: days(-30))
    how_it_went = HowItWent.WORKED
    words = "It took a month, and parents like it."


def with_lists(example: PracticeExample) -> PracticeExample:
    """The example, findable under one term of each list."""
    for name, model, key in (
        ("topics", Topic, "short_breaks"),
        ("audiences", Audience, "parent_carers_send"),
        ("areas", Area, "everywhere"),
        ("methods", Method, "panel_forum"),
        ("supports", AccessSupport, "creche"),
    ):
        term, _made = model.objects.get_or_create(key=key, defaults={"label": key.replace("_", " ").capitalize()})
        getattr(example, name).add(term)
    return example
