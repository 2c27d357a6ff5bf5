"""Consultations for tests, with a trait for each stage."""

from datetime import timedelta

import factory
from django.utils import timezone

from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.models import Consultation, Outcome, ParticipationLevel, RecordKind
from core.dates import next_working_day, today


def days(count: int):
    """The day `count` days from today; negative ones are past."""
    return today() + timedelta(days=count)


def worked_out(facts: dict) -> dict:
    """The facts of a case, its days worked out now: cases are listed before midnight and may be tried after it."""
    return {name: fact() if callable(fact) else fact for name, fact in facts.items()}


class ConsultationFactory(factory.django.DjangoModelFactory):
    """A published consultation of a service that has promised to answer; open unless a trait says otherwise."""

    class Meta:
        model = Consultation
        skip_postgeneration_save = True

    class Params:
        forthcoming = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(10)), closes_on=factory.LazyFunction(lambda: days(60))
        )
        open = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-10)), closes_on=factory.LazyFunction(lambda: days(20))
        )
        awaiting = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-60)), closes_on=factory.LazyFunction(lambda: days(-20))
        )
        late = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-200)), closes_on=factory.LazyFunction(lambda: days(-120))
        )
        responded = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-200)),
            closes_on=factory.LazyFunction(lambda: days(-120)),
            responded_on=factory.LazyFunction(lambda: days(-50)),
        )
        closed = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-60)),
            closes_on=factory.LazyFunction(lambda: days(-20)),
            level=ParticipationLevel.INFORMATION,
        )
        withdrawn = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-30)),
            closes_on=factory.LazyFunction(lambda: days(20)),
            withdrawn_on=factory.LazyFunction(lambda: days(-5)),
            withdrawn_reason="The money is no longer there.",
            withdrawn_views="We passed the 40 views we had to the next round.",
        )
        standing = factory.Trait(
            opens_on=factory.LazyFunction(lambda: days(-100)),
            closes_on=None,
            next_report_on=factory.LazyFunction(lambda: days(80)),
        )
        past = factory.Trait(
            record=RecordKind.PAST,
            opens_on=None,
            closes_on=factory.LazyFunction(lambda: days(-900)),
            level="",
            owner=None,
            source_url="https://example.org/have-your-say",
            outcome=Outcome.NOT_LOOKED,
        )
        draft = factory.Trait(published_at=None)

    title = factory.Sequence(lambda n: f"Short breaks, round {n}")
    slug = factory.Sequence(lambda n: f"short-breaks-{n}")
    organisation = factory.SubFactory(OrganisationFactory, promising=True)
    owner = factory.LazyAttribute(lambda o: MembershipFactory(organisation=o.organisation))
    summary = "We have less money for short breaks. Tell us what helps your family most."
    can_change = "Which breaks we pay for first."
    cannot_change = "The total, which was set in February."
    level = ParticipationLevel.CONSULTATION
    decided_by = "Cabinet"
    contact_name = "Short breaks lead"
    contact_phone = "01632 960 114"
    contact_email = "short.breaks@example.org"
    opens_on = factory.LazyFunction(lambda: days(-10))
    closes_on = factory.LazyFunction(lambda: days(20))
    published_at = factory.LazyFunction(timezone.now)

    @factory.lazy_attribute
    def answer_owed_from(self):
        """The day after closing, where an answer is owed."""
        owes = self.level not in ("", ParticipationLevel.INFORMATION) and self.record != RecordKind.PAST
        return self.closes_on + timedelta(days=1) if self.closes_on and owes else None

    @factory.lazy_attribute
    def response_due_on(self):
        """84 days after closing, where the service has promised."""
        if not self.answer_owed_from or not self.organisation.promise_accepted_on:
            return None
        return next_working_day(self.closes_on + timedelta(days=84))

    @factory.lazy_attribute
    def first_due_on(self):
        """The date first published."""
        return self.response_due_on

    record = RecordKind.LIVE
