"""What has to be done before families can use a new hub: steps in any order, each with its own small page.

Whether a step is done is read from what is there, and never stored: it can be
left and taken up again on another day, by somebody else, or from elsewhere on
the desk.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from consultations.events.models import Event
from consultations.models import Consultation
from core.models import Area, HubFacts, SchoolTerm

# Who promised in the council's name before a person has (manage.py first_keeper).
WHEN_SET_UP = "when it set up this hub"


@dataclass(frozen=True)
class Step:
    """One thing to do. `lacks` says what is missing, where the hub cannot be opened without it."""

    title: str | Promise
    text: str | Promise
    page: str
    is_done: bool
    lacks: str | Promise = ""

    @property
    def url(self) -> str:
        """Where it is done."""
        return reverse(self.page)


def steps() -> list[Step]:
    """Every step, in the order in which most people take them. Eight queries."""
    stated = HubFacts.objects.first() or HubFacts()
    # A hub that families reach cannot be started without these facts in its environment (hub/settings.py).
    given = settings.HUB_FACTS_ARE_OWN
    council = Organisation.objects.filter(is_keeper=True).first()
    people = Membership.objects.active().aggregate(
        keepers=Count("user", filter=Q(pk__in=Membership.objects.of_fis()), distinct=True),
        sponsors=Count("user", filter=Q(pk__in=Membership.objects.of_sponsors()), distinct=True),
    )
    bodies = Organisation.objects.filter(closed_on=None)[:3].count()
    promised = council is not None and council.promise_left_on is None and bool(council.promise_accepted_by)
    is_listed = Consultation.objects.published().exists() or Event.objects.published().exists()
    return [
        Step(
            _("The names of the site and the council"),
            _("They stand at the top of every page and in every e-mail."),
            "setup-council",
            bool(stated.council_name) or given,
        ),
        Step(
            _("How families reach you"),
            _("The phone number and e-mail address at the foot of every page."),
            "setup-contact",
            bool(stated.fis_phone and stated.fis_email) or given,
            _("Say how families reach you"),
        ),
        Step(
            _("Who to ring about a child"),
            _("The number for somebody who is worried about a child."),
            "setup-safeguarding",
            bool(stated.children_services_phone) or given,
            _("Say who to ring about a child"),
        ),
        Step(
            _("Who answers for privacy"),
            _("Whom families ask what the council knows about them."),
            "setup-privacy",
            bool(stated.privacy_email),
            _("Say who answers for privacy"),
        ),
        Step(
            _("The parts of the county"),
            _("Each consultation and event says which areas it is for."),
            "setup-areas",
            Area.objects.in_use().exists(),
        ),
        Step(
            _("School terms"),
            _("Groups that meet in term time follow them."),
            "events:terms",
            SchoolTerm.objects.exists(),
        ),
        Step(
            _("Services and organisations"),
            _("Those that will ask families, or answer them."),
            "setup-organisations",
            bodies > 2,
        ),
        Step(
            _("The council’s promise to answer"),
            _("Somebody promises by name that families get an answer."),
            "setup-promise",
            promised and not council.promise_accepted_by.endswith(WHEN_SET_UP),
        ),
        Step(
            _("A second person who looks after the hub"),
            _("So that it is not left alone when you are away."),
            "setup-deputy",
            people["keepers"] > 1,
        ),
        Step(
            _("A director who stands behind it"),
            _("They are told when nobody looks after the hub."),
            "setup-sponsor",
            people["sponsors"] > 0,
        ),
        Step(
            _("The first listing"),
            _("Publish one consultation or one event, so that families find something."),
            "consultations:add",
            is_listed,
            _("Publish one consultation or one event"),
        ),
    ]


def missing_to_open() -> list[Step]:
    """The steps without which the hub cannot be opened to the public, and that are not done."""
    return [step for step in steps() if step.lacks and not step.is_done]
