"""Answers and log entries for tests."""

from datetime import date

import factory
from django.utils import timezone

from accounts.tests.factories import OrganisationFactory
from consultations.tests.factories import ConsultationFactory, days
from feedback.models import (
    AnswerState,
    FeedbackEntry,
    HeardFrom,
    HoldingNote,
    IssuedReport,
    ReportKind,
    Response,
    StandingReport,
)


class ResponseFactory(factory.django.DjangoModelFactory):
    """The published answer to a consultation."""

    class Meta:
        model = Response

    consultation = factory.SubFactory(ConsultationFactory, responded=True)
    in_short = "You asked for one phone number. It opens next month."
    we_asked = "How to run the booking line."
    who = "Parent carers from all districts."
    missing = "We heard from few dads, and will visit two groups."
    decided_by = "Cabinet"
    link_to_views = "The line opens until 6pm because parents asked."
    what_next = "The line opens next month."
    contact_name = "Short breaks lead"
    contact_phone = "01632 960 114"
    contact_email = "short.breaks@example.org"
    formats = "Easy read on request."
    published_at = factory.LazyFunction(timezone.now)


class FeedbackEntryFactory(factory.django.DjangoModelFactory):
    """A published entry of the log, said at an event and done; traits for the other answers."""

    class Meta:
        model = FeedbackEntry

    class Params:
        promised = factory.Trait(
            answer=AnswerState.WILL_DO,
            owner_role="Therapies manager",
            due_on=factory.LazyFunction(lambda: days(30)),
            done_on=None,
            what_changed="",
        )
        overdue = factory.Trait(
            answer=AnswerState.WILL_DO,
            owner_role="Therapies manager",
            due_on=factory.LazyFunction(lambda: days(-9)),
            done_on=None,
            what_changed="",
        )
        refused = factory.Trait(answer=AnswerState.CANNOT, we_did="We cannot hire more therapists this year.")

    organisation = factory.SubFactory(OrganisationFactory, promising=True)
    heard_from = HeardFrom.EVENT
    theme = "Waiting times"
    you_said = "Nobody tells us how long the wait is."
    answer = AnswerState.DONE
    we_did = "Your place in the queue is in each letter."
    done_on = factory.LazyFunction(lambda: days(-20))
    what_changed = "Every letter says your place in the queue."
    published_at = factory.LazyFunction(timezone.now)


class HoldingNoteFactory(factory.django.DjangoModelFactory):
    """A published holding note."""

    class Meta:
        model = HoldingNote

    consultation = factory.SubFactory(ConsultationFactory, late=True)
    reason = "The decision meeting moved."
    new_date = factory.LazyFunction(lambda: days(14))
    contact = "Short breaks lead"
    published_at = factory.LazyFunction(timezone.now)


class StandingReportFactory(factory.django.DjangoModelFactory):
    """A published report of a standing opportunity, a month old."""

    class Meta:
        model = StandingReport

    consultation = factory.SubFactory(ConsultationFactory, standing=True)
    reported_on = factory.LazyFunction(lambda: days(-30))
    due_on = factory.LazyFunction(lambda: days(-20))
    you_said = "Groups are all in the morning."
    what_changed = "Two groups now meet at 5pm."
    took_part = 23
    next_on = factory.LazyAttribute(lambda o: o.consultation.next_report_on)
    published_at = factory.LazyFunction(timezone.now)


class IssuedReportFactory(factory.django.DjangoModelFactory):
    """A report for boards about the first three months of 2026, with nothing in it."""

    class Meta:
        model = IssuedReport

    kind = ReportKind.BOARD
    starts_on = date(2026, 1, 1)
    ends_on = date(2026, 3, 31)
    number = factory.Sequence(lambda number: number + 1)
    content = factory.LazyFunction(lambda: {"title": "Report for boards", "made_on": "", "sections": [], "asks": ""})
    issued_at = factory.LazyFunction(timezone.now)
