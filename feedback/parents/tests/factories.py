"""Parent checks for tests."""

import factory

from accounts.models import OrganisationKind, Role
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import days
from feedback.parents.models import Months, ParentCheck, Verdict
from feedback.tests.factories import FeedbackEntryFactory


def reviewer(**facts):
    """A parent reviewer of a forum of their own."""
    forum = facts.pop("forum", None) or OrganisationFactory(kind=OrganisationKind.PARENT_FORUM)
    return MembershipFactory(organisation=forum, role=Role.PARENT_REVIEWER, **facts)


def done(months: int = 4, **facts):
    """Something that a service called done so many months ago."""
    return FeedbackEntryFactory(done_on=days(-31 * months), **facts)


class ParentCheckFactory(factory.django.DjangoModelFactory):
    """A forum asked 12 parents last week, and 9 of them say that it happened."""

    class Meta:
        model = ParentCheck

    entry = factory.SubFactory(FeedbackEntryFactory, done_on=factory.LazyFunction(lambda: days(-124)))
    months = Months.THREE
    forum = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.PARENT_FORUM)
    chosen_on = factory.LazyFunction(lambda: days(-10))
    look_by = factory.LazyFunction(lambda: days(32))
    verdict = Verdict.YES
    asked = 12
    agreed = 9
    told_on = factory.LazyFunction(lambda: days(-7))
