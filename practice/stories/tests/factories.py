"""Parents' stories and permissions for tests."""

import factory
from dateutil.relativedelta import relativedelta
from django.utils import timezone

from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import days
from core.dates import today
from practice.stories.models import ParentStory, StoryConsent, Use


class ParentStoryFactory(factory.django.DjangoModelFactory):
    """A story that is published; without a permission nobody reads it."""

    class Meta:
        model = ParentStory

    title = factory.Sequence(lambda n: f"They rang me back, {n}")
    slug = factory.Sequence(lambda n: f"they-rang-me-back-{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    owner = factory.SubFactory(MembershipFactory, organisation=factory.SelfAttribute("..organisation"))
    display_name = "A dad"
    text = "I stopped filling in forms. Then a man rang and asked: would six do?"
    published_at = factory.LazyFunction(timezone.now)


class StoryConsentFactory(factory.django.DjangoModelFactory):
    """A permission of a month ago for the text as it stands, for two years."""

    class Meta:
        model = StoryConsent

    story = factory.SubFactory(ParentStoryFactory)
    storyteller_ref = "Kieran’s dad"
    email = "dad@example.org"
    uses = factory.LazyFunction(lambda: [Use.THIS_HUB])
    includes_child = False
    others_named = False
    final_text_seen = True
    agreed_text = factory.LazyAttribute(lambda o: ParentStory.objects.get(pk=o.story.pk).text_mark)
    consent_on = factory.LazyFunction(lambda: days(-30))
    expires_on = factory.LazyFunction(lambda: today() + relativedelta(years=2))


def story(**facts) -> ParentStory:
    """A story that families read; `until` is the last day of its permission."""
    consent = {"expires_on": facts.pop("until")} if "until" in facts else {}
    made = ParentStoryFactory(**facts)
    StoryConsentFactory(story=made, **consent)
    return ParentStory.objects.get(pk=made.pk)
