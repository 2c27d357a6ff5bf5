"""Events for tests: a weekly drop-in in an invented hall unless a trait says otherwise."""

from datetime import date, time

import factory
from django.utils import timezone

from accounts.tests.factories import MembershipFactory, OrganisationFactory
from consultations.events.models import Attendance, Booking, Event, EventKind, Repeats
from core.models import SchoolTerm


class EventFactory(factory.django.DjangoModelFactory):
    """A published drop-in, every Tuesday from 6 January 2026, 10am to 11:30am."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    class Params:
        once = factory.Trait(repeats=Repeats.ONCE, until=factory.SelfAttribute("first_day"))
        second_friday = factory.Trait(
            repeats=Repeats.MONTHLY_WEEKDAY, first_day=date(2026, 1, 9), week_of_month=2, kind=EventKind.FORUM
        )
        online = factory.Trait(
            attendance=Attendance.ONLINE, venue="", address="", postcode="", online_url="https://meet.example.org/a"
        )
        draft = factory.Trait(published_at=None)
        found = factory.Trait(source_url="https://example.org/a-page", owner=None, contact_name="", summary="")

    title = factory.Sequence(lambda n: f"Drop-in, group {n}")
    slug = factory.Sequence(lambda n: f"drop-in-{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    owner = factory.LazyAttribute(lambda o: MembershipFactory(organisation=o.organisation))
    kind = EventKind.DROP_IN
    summary = "Come and talk to us over a cup of tea."
    first_day = date(2026, 1, 6)
    starts_at = time(10, 0)
    ends_at = time(11, 30)
    repeats = Repeats.WEEKLY
    attendance = Attendance.IN_PERSON
    venue = "Larch Hall"
    address = "Mill Lane, Larchford"
    postcode = "WM1 1AA"
    booking = Booking.NONE
    contact_name = "Family hubs team"
    contact_phone = "01632 960 115"
    contact_email = "hubs@example.org"
    published_at = factory.LazyFunction(timezone.now)


class SchoolTermFactory(factory.django.DjangoModelFactory):
    """The first half of a spring term."""

    class Meta:
        model = SchoolTerm

    name = factory.Sequence(lambda n: f"Term {n}")
    starts_on = date(2026, 1, 5)
    ends_on = date(2026, 2, 13)


def school_year_2026() -> None:
    """The half terms of 2026, as a council in England might have them."""
    for name, starts_on, ends_on in (
        ("Spring 1", date(2026, 1, 5), date(2026, 2, 13)),
        ("Spring 2", date(2026, 2, 23), date(2026, 3, 27)),
        ("Summer 1", date(2026, 4, 13), date(2026, 5, 22)),
        ("Summer 2", date(2026, 6, 1), date(2026, 7, 22)),
        ("Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
        ("Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    ):
        SchoolTermFactory(name=name, starts_on=starts_on, ends_on=ends_on)
