"""What families ask for so that they can take part, and, in a table apart, who asked."""

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach, roles_of
from consultations.events.models import DateChangeKind, Event, EventDate
from consultations.help.stages import OPEN, TIMELINE, HelpStage
from consultations.models import Consultation
from consultations.stages import Stage
from core.constraints import in_order, needs, not_blank
from core.dates import today
from core.history import tracked


class HelpKind(models.TextChoices):
    """What a family needs."""

    FORMAT = "format", _("Another format")
    INTERPRETER = "interpreter", _("An interpreter")
    CHILDCARE = "childcare", _("Childcare")
    COSTS = "costs", _("Help with costs")
    OTHER = "other", _("Something else")


class WhyNot(models.TextChoices):
    """Why a request could not be met."""

    NOBODY = "nobody", _("Nobody could do it in time")
    MONEY = "money", _("There is no money for it")
    NO_REPLY = "no_reply", _("We could not reach the person")
    NO_NEED = "no_need", _("The person does not need it any more")
    OTHER = "other", _("Another reason")


# Sent or paid to somebody, so they must be reached. Other help can simply be there when an event begins.
REPLY_NEEDED = (HelpKind.FORMAT, HelpKind.COSTS)


def needs_reply(kind: str, *, is_event: bool) -> bool:
    """Whether the person who asks must say how to be reached."""
    return kind in REPLY_NEEDED or not is_event


def takes_place(on=None) -> Q:
    """Conditions true of requests about what is on the site, and neither stopped nor cancelled."""
    off = EventDate.objects.filter(
        event=OuterRef("event"), day=OuterRef("day"), change__in=(DateChangeKind.CANCELLED, DateChangeKind.SKIPPED)
    )
    goes_on = [stage for stage in Stage if stage != Stage.WITHDRAWN]
    asks = Consultation.objects.published().in_stage(*goes_on, on=on).filter(pk=OuterRef("consultation"))
    events = Event.objects.published().filter(cancelled_on__isnull=True, pk=OuterRef("event"))
    return (Exists(asks) | Exists(events)) & ~Exists(off)


class HelpRequestQuerySet(models.QuerySet):
    """Reads of requests."""

    def in_stage(self, *stages: HelpStage, on=None):
        """Those in any of `stages` on a day."""
        return self.filter(TIMELINE.within_any(stages, on or today()))

    def waiting(self, on=None):
        """Those that somebody still has to settle: of what takes place."""
        return self.in_stage(*OPEN, on=on).filter(takes_place(on))

    def with_whether_off(self, on=None):
        """Each with whether what it is about takes place after all, as `takes_place`."""
        return self.annotate(takes_place=ExpressionWrapper(takes_place(on), output_field=models.BooleanField()))

    def within_reach(self, user):
        """Those of the bodies that the person writes for, and of what they own."""
        return self.filter(
            Q(consultation__isnull=False) & reach(user, "consultation__organisation")
            | Q(event__isnull=False) & reach(user, "event__organisation")
            | self.owned(user)
        )

    @staticmethod
    def owned(user) -> Q:
        """Conditions true of those about what the person owns or deputises for."""
        held = [membership.pk for membership in roles_of(user)]
        return (
            Q(consultation__owner__in=held)
            | Q(consultation__deputy__in=held)
            | Q(event__owner__in=held)
            | Q(event__deputy__in=held)
        )

    def with_record(self):
        """With what a list says of each, in the same query."""
        names = [f"{what}__{role}" for what in ("consultation", "event") for role in ("organisation", "owner__user")]
        return self.select_related(*names, "format").defer("consultation__search", "event__search")


@tracked(name="HelpRequestHistory", exclude=("met_late_on",))
class HelpRequest(models.Model):
    """Something a family needs to take part in one consultation, or on one date of an event.

    It says nothing about who asked, so it stays for the reports. `day` is the
    date of a series by its rule, `last_day` the closing day or the day of the
    event as it was when they asked.
    """

    consultation = models.ForeignKey(
        Consultation, null=True, blank=True, on_delete=models.CASCADE, related_name="help_requests"
    )
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.CASCADE, related_name="help_requests")
    day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    kind = models.CharField(_("what is needed"), max_length=20, choices=HelpKind)
    format = models.ForeignKey("core.Format", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField(_("asked"))
    due_on = models.DateField(_("due"))
    met_on = models.DateField(_("met"), null=True, blank=True)
    could_not_on = models.DateField(null=True, blank=True)
    why_not = models.CharField(_("why it could not be met"), max_length=20, choices=WhyNot, blank=True)
    met_late_on = models.GeneratedField(
        expression=Case(When(met_on__gt=F("due_on"), then=F("met_on")), output_field=models.DateField()),
        output_field=models.DateField(null=True),
        db_persist=True,
    )

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            # What is still to be settled is asked for on every desk, and by the ledger each night.
            models.Index(
                "due_on",
                name="helprequest_open",
                condition=Q(met_on__isnull=True, could_not_on__isnull=True),
            ),
            models.Index("asked_on", name="helprequest_asked"),
        ]
        constraints = [
            needs(
                Q(event__isnull=True),
                Q(consultation__isnull=False),
                name="helprequest_is_about_something",
                message=_("Say what it is about"),
            ),
            needs(
                Q(event__isnull=False),
                Q(consultation__isnull=True) & Q(day__isnull=False) & Q(last_day__isnull=False),
                name="helprequest_of_event_has_a_date",
                message=_("Choose the date you want to come on"),
            ),
            needs(
                Q(consultation__isnull=False),
                Q(day__isnull=True),
                name="helprequest_of_consultation_has_no_date",
                message=_("Only an event has a date"),
            ),
            needs(
                ~Q(kind=HelpKind.FORMAT),
                Q(format__isnull=True),
                name="helprequest_only_format_has_a_format",
                message=_("Only another format has a format"),
            ),
            in_order(
                "asked_on",
                "due_on",
                name="helprequest_due_after_asking",
                message=_("It cannot be due before it was asked"),
            ),
            in_order(
                "asked_on", "met_on", name="helprequest_met_after_asking", message=_("Choose a day after it was asked")
            ),
            in_order(
                "asked_on",
                "could_not_on",
                name="helprequest_could_not_after_asking",
                message=_("Choose a day after it was asked"),
            ),
            needs(
                Q(met_on__isnull=False),
                Q(could_not_on__isnull=True),
                name="helprequest_is_met_or_not",
                message=_("It is met, or it could not be met: not both"),
            ),
            needs(
                Q(could_not_on__isnull=False),
                ~Q(why_not=""),
                name="helprequest_says_why_not",
                message=_("Choose why it could not be met"),
            ),
            needs(
                Q(could_not_on__isnull=True),
                Q(why_not=""),
                name="helprequest_why_not_only_then",
                message=_("Only what could not be met has a reason for it"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.record}"

    def get_absolute_url(self) -> str:
        """Its page on the desk."""
        return reverse("consultations:help-request", args=[self.pk])

    @property
    def record(self) -> Consultation | Event:
        """What they want to take part in."""
        return self.consultation or self.event  # type: ignore[return-value]

    @property
    def stage(self) -> HelpStage:
        """How far it has got today."""
        return HelpStage(TIMELINE.of(self, today()))

    @property
    def is_settled(self) -> bool:
        """Whether somebody said what became of it."""
        return self.met_on is not None or self.could_not_on is not None

    @property
    def owner_url(self) -> str:
        """Where somebody else is named to answer for it."""
        name = "consultations:owner" if self.consultation_id else "events:edit"
        return reverse(name, args=[self.record.slug])

    # Whose it is: the rules ask a record.
    organisation = property(lambda self: self.record.organisation)
    owner_id = property(lambda self: self.record.owner_id)
    deputy_id = property(lambda self: self.record.deputy_id)


class Asker(models.Model):
    """Who asked for help and how to reach them, in their own words; and what the service wrote about them.

    Apart from the request, without a history, and gone some days after it is
    over (consultations/help/retention.py). Somebody who only wants the help to
    be there leaves no row.
    """

    request = models.OneToOneField(HelpRequest, on_delete=models.CASCADE, related_name="asker")
    name = models.CharField(_("name"), max_length=100, blank=True)
    reached_at = models.CharField(_("e-mail or phone"), max_length=254, blank=True)
    language = models.CharField(_("language"), max_length=60, blank=True)
    words = models.TextField(_("what would help"), max_length=1000, blank=True)
    note = models.CharField(_("what the service wrote about it"), max_length=300, blank=True)

    class Meta:
        constraints = [
            needs(
                Q(),
                not_blank("name")
                | not_blank("reached_at")
                | not_blank("language")
                | not_blank("words")
                | not_blank("note"),
                name="asker_says_something",
                message=_("There is nothing to keep"),
            ),
        ]

    def __str__(self) -> str:
        return f"Who asked for request {self.request_id}"
