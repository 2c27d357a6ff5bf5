"""The forward plan: intentions, the weeks in which families are asked, decisions about clashes, umbrella plans."""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import reach, roles_of
from core.constraints import in_order, needs, not_blank
from core.history import tracked
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet

# What was removed can be put back for so long.
UNDO_WITHIN = timedelta(days=30)


class HowSure(models.TextChoices):
    """How sure a service is that it will ask."""

    IDEA = "idea", _("An idea")
    LIKELY = "likely", _("Likely")
    CERTAIN = "certain", _("Certain")


class IntentionQuerySet(models.QuerySet):
    """Reads of what services mean to ask."""

    def kept(self):
        """Those that nobody has removed."""
        return self.filter(removed_at__isnull=True)

    def removed_since(self, moment):
        """Those that were removed after a moment."""
        return self.filter(removed_at__gte=moment)

    def changeable_by(self, user):
        """Those of the bodies that the person writes for, and those that they own."""
        held = [membership.pk for membership in roles_of(user)]
        return self.filter(reach(user) | Q(owner__in=held))


@tracked(name="IntentionHistory", exclude=("notes",))
class Intention(models.Model):
    """Something that a service means to ask families, before anything of it is public.

    All agencies see each other's intentions. From the day there is a
    consultation for it, the dates of that count, and no longer these weeks.
    """

    title = models.CharField(_("what you mean to ask"), max_length=250)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    audiences = models.ManyToManyField("core.Audience", blank=True, related_name="+")
    areas = models.ManyToManyField("core.Area", blank=True, related_name="+")
    topics = models.ManyToManyField("core.Topic", blank=True, related_name="+")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    how_sure = models.CharField(_("how sure you are"), max_length=10, choices=HowSure, default=HowSure.LIKELY)
    notes = models.TextField(_("notes for staff"), blank=True)
    consultation = models.OneToOneField(
        "consultations.Consultation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    joins = models.ForeignKey(
        "consultations.Consultation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        help_text=_("The consultation of another service that asks for it too."),
    )
    umbrella = models.ForeignKey(
        "consultations.Umbrella", null=True, blank=True, on_delete=models.SET_NULL, related_name="intentions"
    )
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = IntentionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "title", "pk"]
        indexes = [models.Index("starts_on", "title", "id", name="intention_by_day")]
        constraints = [
            needs(Q(), not_blank("title"), name="intention_has_a_title", message=_("Enter what you mean to ask")),
            in_order(
                "starts_on",
                "ends_on",
                name="intention_starts_before_it_ends",
                message=_("The last day must be on or after the first day"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


def exactly_one(one: str, other: str, *, name: str) -> models.CheckConstraint:
    """Either the one or the other is named, and never both."""
    return models.CheckConstraint(
        condition=Q(**{f"{one}__isnull": True, f"{other}__isnull": False})
        | Q(**{f"{one}__isnull": False, f"{other}__isnull": True}),
        name=name,
        violation_error_message=_("Name one consultation or one intention, not both"),
    )


class WindowQuerySet(models.QuerySet):
    """Reads of the weeks in which families are asked."""

    def between(self, first: date, last: date):
        """Those with a day from `first` to `last`."""
        return self.filter(weeks__overlap=(first, last + timedelta(days=1)))

    def public(self):
        """Those that families can read of."""
        return self.filter(is_public=True)

    def for_plan(self):
        """With what the plan shows of each, in one query, and without the long texts."""
        return self.select_related(
            "consultation__organisation",
            "consultation__owner__user",
            "intention__organisation",
            "intention__owner__user",
        ).only(
            *("consultation_id", "intention_id", "weeks", "is_public", "audiences", "areas", "topics"),
            *(f"consultation__{name}" for name in _OF_A_CONSULTATION),
            *("intention__title", "intention__how_sure", "intention__starts_on", "intention__ends_on"),
            *(
                f"{ask}__{name}"
                for ask in ("consultation", "intention")
                for name in ("organisation__name", "organisation__slug", "organisation__path", "owner__user__name")
            ),
            *("consultation__owner__user__email", "intention__owner__user__email"),
            *("consultation__owner__user__erased_at", "intention__owner__user__erased_at"),
        )


# What a stage is made of and said with, who answers, and where its page is.
_OF_A_CONSULTATION = (
    *("title", "slug", "record", "planned_for", "opens_on", "closes_on", "closes_at", "answer_owed_from"),
    *("response_due_on", "responded_on", "withdrawn_on", "next_report_on", "published_at", "deputy_id"),
)


class Window(models.Model):
    """The weeks in which one ask reaches families, and which families: of an intention, or of a consultation.

    The database keeps these rows by triggers, so that an import or the admin
    cannot leave one wrong (docs/decisions/0011). An ask that was stopped,
    taken off or thrown away has none, and neither has one without a first or
    a last day: a panel that is always open asks in no weeks of its own.
    The lists hold the ids of terms, in order.
    """

    consultation = models.OneToOneField(
        "consultations.Consultation", null=True, on_delete=models.CASCADE, related_name="+"
    )
    intention = models.OneToOneField(Intention, null=True, on_delete=models.CASCADE, related_name="+")
    weeks = DateRangeField()
    is_public = models.BooleanField(default=False)
    audiences = ArrayField(models.BigIntegerField(), default=list)
    areas = ArrayField(models.BigIntegerField(), default=list)
    topics = ArrayField(models.BigIntegerField(), default=list)

    objects = WindowQuerySet.as_manager()

    class Meta:
        indexes = [GistIndex(fields=["weeks"], name="window_weeks")]
        constraints = [exactly_one("consultation", "intention", name="window_is_of_one_ask")]

    def __str__(self) -> str:
        return f"{self.ask}, {self.starts_on} to {self.ends_on}"

    @property
    def ask(self):
        """The consultation or the intention."""
        return self.consultation or self.intention

    @property
    def starts_on(self) -> date:
        """The first day."""
        return self.weeks.lower

    @property
    def ends_on(self) -> date:
        """The last day, which counts in full."""
        return self.weeks.upper - timedelta(days=1)


class Choice(models.TextChoices):
    """What a planner does about a clash."""

    JOIN = "join", _("Ask together")
    MOVE = "move", _("Move to other weeks")
    GO_AHEAD = "go_ahead", _("Go ahead all the same")


class ClashDecisionQuerySet(models.QuerySet):
    """Reads of decisions about clashes."""

    def concerning(self, user):
        """Those about an ask of the bodies that the person writes for, or one that they own."""
        held = [membership.pk for membership in roles_of(user)]
        found = Q(pk__in=[])
        for side in ("consultation", "intention", "other_consultation", "other_intention"):
            found |= reach(user, f"{side}__organisation") | Q(**{f"{side}__owner__in": held})
        return self.filter(found)

    def for_list(self):
        """With both asks and their bodies, in one query."""
        sides = ("consultation", "intention", "other_consultation", "other_intention")
        return self.select_related(*(f"{side}__organisation" for side in sides), "decided_by").defer(
            "consultation__search", "other_consultation__search"
        )


class ClashDecision(models.Model):
    """What a planner chose to do about two asks that fall on the same families in the same weeks, and why.

    Both owners see it. It stays as it was made: who thinks again makes another one,
    and the newest about a pair counts, whoever of the two made it.
    """

    consultation = models.ForeignKey(
        "consultations.Consultation", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    intention = models.ForeignKey(Intention, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    other_consultation = models.ForeignKey(
        "consultations.Consultation", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    other_intention = models.ForeignKey(Intention, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    choice = models.CharField(_("what you do"), max_length=10, choices=Choice)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    days = models.PositiveSmallIntegerField(help_text=_("On how many days both asked when it was decided."))
    was_starts_on = models.DateField(null=True, blank=True)
    was_ends_on = models.DateField(null=True, blank=True)
    now_starts_on = models.DateField(_("new first day"), null=True, blank=True)
    now_ends_on = models.DateField(_("new last day"), null=True, blank=True)
    decided_on = models.DateField()
    decided_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = ClashDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            exactly_one("consultation", "intention", name="decision_is_about_one_ask"),
            exactly_one("other_consultation", "other_intention", name="decision_is_about_one_other"),
            needs(
                Q(choice=Choice.GO_AHEAD),
                not_blank("reason"),
                name="decision_to_go_ahead_has_a_reason",
                message=_("Say why you go ahead. The other service will read it"),
            ),
            needs(
                Q(choice=Choice.MOVE),
                Q(now_starts_on__isnull=False, now_ends_on__isnull=False),
                name="decision_to_move_has_weeks",
                message=_("Enter the new first and last day"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ask} / {self.other}: {self.get_choice_display()}"

    @property
    def ask(self):
        """What the planner was planning."""
        return self.consultation or self.intention

    @property
    def other(self):
        """What it falls together with."""
        return self.other_consultation or self.other_intention


class UmbrellaQuerySet(PublishableQuerySet):
    """Reads of umbrella plans."""

    def changeable_by(self, user):
        """Those of the bodies that the person writes for, and those that they own."""
        held = [membership.pk for membership in roles_of(user)]
        return self.kept().filter(reach(user) | Q(owner__in=held))


@tracked(name="UmbrellaHistory")
class Umbrella(Publishable):
    """A plan that several consultations belong to, with one page and one timeline for families."""

    title = models.CharField(_("name of the plan"), max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    summary = models.TextField(_("what it is about"), blank=True)
    consultations = models.ManyToManyField("consultations.Consultation", blank=True, related_name="+")

    objects = UmbrellaQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        indexes = [models.Index(F("published_at").desc(), "id", name="umbrella_newest", condition=PUBLISHED)]
        constraints = [
            needs(Q(), not_blank("title"), name="umbrella_has_a_title", message=_("Enter the name of the plan")),
            needs(
                PUBLISHED,
                not_blank("summary"),
                name="umbrella_published_says_what_it_is",
                message=_("Say what it is about before families see it"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its public page."""
        return reverse("plan:umbrella", args=[self.slug])
