"""Pledges and checks for tests."""

from datetime import date

import factory
from django.utils import timezone

from accounts.models import OrganisationKind
from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.tests.factories import days
from core.dates import today
from standards.actions import CHECK_LASTS, FIRST_CHECK_WITHIN, LAPSES_AFTER, asked_in
from standards.defaults import load_standard
from standards.models import (
    Adoption,
    Agrees,
    ClaimAnswer,
    Evidence,
    EvidenceKind,
    Judgement,
    PlannedAction,
    Rating,
    SelfCheck,
    Standard,
    WordsState,
)


class AdoptionFactory(factory.django.DjangoModelFactory):
    """A service adopted the standard last week, and has not checked itself yet."""

    class Meta:
        model = Adoption

    class Params:
        checked = factory.Trait(
            checked_on=factory.LazyFunction(lambda: days(-3)),
            renew_by=factory.LazyFunction(lambda: days(-3) + CHECK_LASTS),
        )

    organisation = factory.SubFactory(OrganisationFactory)
    owner = factory.LazyAttribute(lambda o: MembershipFactory(organisation=o.organisation))
    scope = "The whole service"
    signed_by = "Director of children’s services"
    lead = "Participation team"
    adopted_on = factory.LazyFunction(lambda: days(-7))
    renew_by = factory.LazyAttribute(lambda o: o.adopted_on + FIRST_CHECK_WITHIN)
    lapses_on = factory.LazyAttribute(lambda o: o.renew_by + LAPSES_AFTER)


class ClaimAnswerFactory(factory.django.DjangoModelFactory):
    """A forum does not agree to a claim in a published check, in words that wait to be read."""

    class Meta:
        model = ClaimAnswer

    judgement = factory.LazyFunction(lambda: published().judgements.first())
    forum = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.PARENT_FORUM)
    agrees = Agrees.NO
    words = "We never saw it."
    words_state = WordsState.WAITING
    told_on = factory.LazyFunction(today)
    sent_at = factory.LazyFunction(timezone.now)


class PlannedActionFactory(factory.django.DjangoModelFactory):
    """Something that a service plans to do in two months about a statement."""

    class Meta:
        model = PlannedAction

    adoption = factory.SubFactory(AdoptionFactory)
    indicator = factory.LazyFunction(lambda: the_standard().strands.first().indicators.first())
    gap = "Nobody finds our promise"
    action = "We put it on the first page."
    owner = factory.SelfAttribute("adoption.owner")
    due_on = factory.LazyFunction(lambda: days(60))
    priority = "high"
    parent_role = "The forum reads it first."


def the_standard() -> Standard:
    """The version that a hub starts with."""
    load_standard(on=today())
    return Standard.objects.get(version=1)


def begun(adoption: Adoption | None = None, **facts) -> SelfCheck:
    """A check that was begun today."""
    adoption = adoption or AdoptionFactory()
    return SelfCheck.objects.create(adoption=adoption, standard=the_standard(), begun_on=today(), **facts)


def said_of_all(check: SelfCheck, rating: str = Rating.IN_PLACE, *, on: date | None = None, **others: str) -> None:
    """Say this of every statement, shown by a note of a day; `others` say something else by key, with _ for -."""
    for indicator in asked_in(check):
        its = others.get(indicator.key.replace("-", "_"), rating)
        judgement = Judgement.objects.create(check_of=check, indicator=indicator, rating=its, words="Because.")
        Evidence.objects.create(
            judgement=judgement, kind=EvidenceKind.NOTE, title="Minutes of the board", happened_on=on or today()
        )


def published(adoption: Adoption | None = None, rating: str = Rating.IN_PLACE, **others: str) -> SelfCheck:
    """A check of all statements that families read since today."""
    check = begun(adoption or AdoptionFactory(checked=True))
    said_of_all(check, rating, **others)
    SelfCheck.objects.filter(pk=check.pk).update(published_on=today())
    check.refresh_from_db()
    return check
