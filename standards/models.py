"""The standard that organisations adopt: what good looks like, in seven strands and three levels."""

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.constraints import in_order, needs, not_blank
from core.dates import today
from core.history import tracked
from feedback.parents.models import WordsState
from standards.stages import ADOPTIONS, AdoptionStage


class Level(models.TextChoices):
    """How far involving families has got, the first step first."""

    EMERGING = "emerging", _("First steps")
    ESTABLISHED = "established", _("Normal for us")
    ADVANCED = "advanced", _("Sharing decisions")


class Rating(models.TextChoices):
    """What is said of a statement: by the service itself, and with what parents say of it."""

    NOT_YET = "not_yet", _("Not yet")
    STARTED = "started", _("Started")
    IN_PLACE = "in_place", _("We do this")
    PARENTS_AGREE = "parents_agree", _("We do this and parents agree")
    PARENTS_DISAGREE = "parents_disagree", _("We say yes, parents say no")
    NOT_APPLICABLE = "not_applicable", _("Does not apply")


class Part(models.TextChoices):
    """The other way to look at the seven strands: the parts of a whole system."""

    CULTURE = "culture", _("Culture: what we believe")
    STRUCTURE = "structure", _("Structure: how we are set up")
    PRACTICE = "practice", _("Practice: what we do")
    REVIEW = "review", _("Review: how we know it works")


class EvidenceKind(models.TextChoices):
    """What can show that a statement is true. All but a note are records of this hub."""

    ORGANISATION = "organisation_profile", _("The organisation’s page")
    ADOPTION = "adoption", _("A body that adopted the standard")
    SELF_CHECK = "self_assessment", _("A published self-check")
    CONSULTATION = "consultation", _("A consultation")
    RESPONSE = "response", _("A published answer")
    ENTRY = "feedback_entry", _("An entry in “You said, we did”")
    EVENT = "event", _("An event")
    EXAMPLE = "practice_example", _("A good practice example")
    STORY = "parent_story", _("A parent’s story")
    CONSENT = "consent_record", _("A permission for a story")
    RESOURCE = "resource", _("A toolkit or link")
    CHECKLIST = "publishing_checklist", _("A completed checklist")
    REPORT = "board_report", _("A board report")
    NOTE = "note", _("A note about something elsewhere")


class StandardQuerySet(models.QuerySet):
    """Reads of versions of the standard."""

    def published(self):
        """Those that organisations can check themselves against."""
        return self.filter(published_on__isnull=False)

    def newest(self):
        """The one that counts now, with everything in it; None in a hub that has none."""
        return self.published().whole().order_by("-version").first()

    def whole(self):
        """With their strands and statements: two queries more."""
        strands = Strand.objects.prefetch_related("indicators")
        return self.prefetch_related(Prefetch("strands", strands))


class Standard(models.Model):
    """One version of the standard. Once it is published its words stay: checks were made on them."""

    version = models.PositiveSmallIntegerField(_("version"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    about = models.TextField(_("what it is"))
    who_for = models.TextField(_("who it is for"))
    commitment = models.TextField(_("what a body promises that adopts it"))
    published_on = models.DateField(_("published on"), null=True, blank=True)

    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            needs(Q(), not_blank("title"), name="standard_has_a_title", message=_("Enter a title")),
            needs(Q(), Q(version__gte=1), name="standard_version_begins_at_one", message=_("Versions begin at 1")),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.version}"


class Strand(models.Model):
    """One of the seven things that must be right in an organisation for families to have a say."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="strands")
    key = models.SlugField(max_length=30)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=100)
    plain_title = models.CharField(_("title in plain words"), max_length=100)
    about = models.TextField(_("about"))
    parts = ArrayField(models.CharField(max_length=20, choices=Part), default=list)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("standard", "key", name="strand_once"),
            models.UniqueConstraint("standard", "position", name="strand_in_its_place"),
        ]

    def __str__(self) -> str:
        return self.plain_title


class Indicator(models.Model):
    """One statement of the standard: what an organisation at its level can say of itself, and what shows that."""

    strand = models.ForeignKey(Strand, on_delete=models.CASCADE, related_name="indicators")
    key = models.SlugField(max_length=40)
    level = models.CharField(_("level"), max_length=20, choices=Level)
    position = models.PositiveSmallIntegerField()
    statement = models.TextField(_("statement"))
    parent_check = models.TextField(_("what parents are asked"))
    good_evidence = models.TextField(_("what shows it"))
    not_enough = models.TextField(_("what is not enough"))
    evidence_kinds = ArrayField(models.CharField(max_length=30, choices=EvidenceKind), default=list)
    signal = models.TextField(_("what the hub works out by itself"), blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("strand", "key", name="indicator_once"),
            models.UniqueConstraint(F("strand"), F("position"), name="indicator_in_its_place"),
        ]

    def __str__(self) -> str:
        return self.statement


class AdoptionQuerySet(models.QuerySet):
    """Reads of who has adopted the standard."""

    def standing(self):
        """Those that were not ended."""
        return self.filter(ended_on__isnull=True)

    def for_register(self):
        """With the organisation, in the order of the alphabet."""
        return self.select_related("organisation").order_by("organisation__name", "pk")


# So long after a check is published, or after adopting without one, the next is due; so long after that it lapses.
CHECK_LASTS = relativedelta(months=12)
FIRST_CHECK_WITHIN = relativedelta(months=6)
LAPSES_AFTER = relativedelta(months=3)


@tracked(name="AdoptionHistory")
class Adoption(models.Model):
    """A public pledge: an organisation works towards the standard, and checks itself every year.

    Its state (adopted, current, due, lapsed, ended) follows from its dates (standards/stages.py).
    """

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(_("what this covers"), max_length=200)
    signed_by = models.CharField(_("senior person who has agreed to this"), max_length=150)
    lead = models.CharField(_("who leads on it: role or team"), max_length=150)
    owner = models.ForeignKey(
        "accounts.Membership", verbose_name=_("who is reminded"), on_delete=models.PROTECT, related_name="+"
    )
    adopted_on = models.DateField(_("adopted on"))
    checked_on = models.DateField(_("last check published on"), null=True, blank=True, editable=False)
    renew_by = models.DateField(_("next check due"))
    lapses_on = models.DateField(_("lapses on"), editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_reason = models.TextField(_("why it ended"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "pk"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                condition=Q(ended_on=None),
                name="adoption_once",
                violation_error_message=_("This organisation has adopted the standard already"),
            ),
            needs(
                Q(),
                not_blank("scope") & not_blank("signed_by") & not_blank("lead"),
                name="adoption_says_who_and_what",
                message=_("Say what it covers, who has agreed to it, and who leads on it"),
            ),
            in_order("adopted_on", "renew_by", name="adoption_in_order", message=_("The check comes after adopting")),
            in_order("renew_by", "lapses_on", name="adoption_lapses_later", message=_("It lapses after it is due")),
            needs(
                Q(ended_on__isnull=False),
                not_blank("ended_reason"),
                name="adoption_ended_with_a_reason",
                message=_("Say why it ends. Families read it"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}"

    def get_absolute_url(self) -> str:
        """Its page in the register."""
        return reverse("standards:of-organisation", args=[self.organisation.slug])

    @property
    def stage(self) -> AdoptionStage:
        """Its state today."""
        return AdoptionStage(ADOPTIONS.of(self, today()))


class SelfCheckQuerySet(models.QuerySet):
    """Reads of self-checks."""

    def published(self):
        """Those that families read, the newest first."""
        return self.filter(published_on__isnull=False, is_private=False).order_by("-published_on", "-pk")

    def going_on(self):
        """Those that are not finished."""
        return self.filter(published_on__isnull=True)


class SelfCheck(models.Model):
    """One time that an organisation looks at itself, on one version of the standard."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="checks")
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+")
    first_steps_only = models.BooleanField(_("only the statements of the first level"), default=False)
    begun_on = models.DateField(_("begun on"))
    published_on = models.DateField(_("finished on"), null=True, blank=True)
    is_private = models.BooleanField(_("only for ourselves"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SelfCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_on", "-pk"]
        constraints = [
            models.UniqueConstraint("adoption", condition=Q(published_on=None), name="selfcheck_one_at_a_time"),
            in_order("begun_on", "published_on", name="selfcheck_in_order", message=_("It ends after it began")),
        ]

    def __str__(self) -> str:
        return f"{self.adoption}, {self.begun_on}"


class Judgement(models.Model):
    """What an organisation says of one statement in one check, with what shows it."""

    check_of = models.ForeignKey(SelfCheck, on_delete=models.CASCADE, related_name="judgements")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    rating = models.CharField(_("rating"), max_length=20, choices=Rating)
    words = models.TextField(_("in your words"), blank=True)
    differs = models.TextField(_("why the records say something else"), blank=True)
    record = models.JSONField(default=dict, blank=True, help_text=_("What the hub's records said when it was saved."))
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    said_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("check_of", "indicator", name="judgement_once"),
            needs(
                Q(rating=Rating.NOT_APPLICABLE),
                not_blank("words"),
                name="judgement_not_applicable_says_why",
                message=_("Say why this cannot apply to you. Families read it"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.key}: {self.get_rating_display()}"


class Evidence(models.Model):
    """One thing that shows a statement: a record of this hub, or a note about something elsewhere.

    It is as old as `happened_on` says, and counts for 24 months (content.yaml, evidence_rules).
    """

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=30, choices=EvidenceKind)
    record_id = models.BigIntegerField(null=True, blank=True)
    title = models.CharField(_("what it is"), max_length=300)
    happened_on = models.DateField(_("since when, or when it happened"))

    class Meta:
        ordering = ["-happened_on", "pk"]
        constraints = [
            models.UniqueConstraint("judgement", "kind", "record_id", name="evidence_once"),
            needs(Q(), not_blank("title"), name="evidence_says_what_it_is", message=_("Say what it is")),
            needs(
                ~Q(kind=EvidenceKind.NOTE),
                Q(record_id__isnull=False),
                name="evidence_names_its_record",
                message=_("Choose the record"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Agrees(models.TextChoices):
    """What parents say of a claim."""

    YES = "yes", _("Yes, we agree")
    NO = "no", _("No, we do not agree")
    UNSURE = "unsure", _("We cannot say")


class ClaimAnswerQuerySet(models.QuerySet):
    """Reads of what parents say of claims."""

    def words_to_read(self):
        """Those whose words wait for a person to read them, the longest waiting first."""
        return self.filter(words_state=WordsState.WAITING).order_by("sent_at", "pk")


# Its words are in no history: they go when they are left out (DESIGN rule 15).
@tracked(name="ClaimAnswerHistory", exclude=("words",))
class ClaimAnswer(models.Model):
    """What a forum says of one claim in a published check. It may change its mind; the newest counts."""

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="answers")
    forum = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    agrees = models.CharField(_("what parents say"), max_length=10, choices=Agrees)
    words = models.TextField(_("in their words"), blank=True, max_length=1000)
    words_state = models.CharField(max_length=10, choices=WordsState, blank=True, default=WordsState.NONE)
    told_on = models.DateField()
    told_by = models.ForeignKey(
        "accounts.Membership", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = ClaimAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["told_on", "pk"]
        constraints = [
            models.UniqueConstraint("judgement", "forum", name="claimanswer_once"),
            needs(
                Q(words_state__in=(WordsState.WAITING, WordsState.SHOWN)),
                not_blank("words") & Q(sent_at__isnull=False),
                name="claimanswer_waits_with_words",
                message=_("Words that wait must say something"),
            ),
            needs(
                Q(words_state__in=(WordsState.NONE, WordsState.LEFT_OUT)),
                Q(words=""),
                name="claimanswer_keeps_no_other_words",
                message=_("Words that are not shown are not kept"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forum}: {self.get_agrees_display()}"

    @property
    def title(self) -> str:
        """What it is about, in lists."""
        return self.judgement.indicator.statement

    @property
    def sent_by(self):
        """Who sent it to be read."""
        return self.told_by.user if self.told_by else ""

    @property
    def organisation(self):
        """Whose claim it is."""
        return self.judgement.check_of.adoption.organisation


class Priority(models.TextChoices):
    """How soon something must be done."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class PlannedActionQuerySet(models.QuerySet):
    """Reads of what is planned."""

    def open(self):
        """Those that are neither done nor dropped."""
        return self.filter(done_on__isnull=True, dropped_on__isnull=True)

    def in_order(self):
        """What is to be done first, first; what is done comes last."""
        return self.order_by(F("done_on").asc(nulls_first=True), "due_on", "pk")


@tracked(name="PlannedActionHistory")
class PlannedAction(models.Model):
    """What an organisation will do about one statement that is not in place. Families read it in the register.

    It belongs to the pledge, not to one check: it goes on until it is done or dropped.
    """

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="plan")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    gap = models.CharField(_("what needs to get better"), max_length=300)
    action = models.TextField(_("what you will do"))
    owner = models.ForeignKey(
        "accounts.Membership", verbose_name=_("who will do it"), on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(_("by when"))
    priority = models.CharField(_("how soon"), max_length=10, choices=Priority)
    resources = models.CharField(_("what it needs: money, time, people"), max_length=300, blank=True)
    barriers = models.CharField(_("what could get in the way, and what you do about it"), max_length=300, blank=True)
    parent_role = models.CharField(_("how parents and carers are part of it"), max_length=300)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    dropped_on = models.DateField(_("dropped on"), null=True, blank=True)
    outcome = models.TextField(_("what came of it, or why it was dropped"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PlannedActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            needs(
                Q(),
                not_blank("gap") & not_blank("action") & not_blank("parent_role"),
                name="planned_says_what",
                message=_("Say what needs to get better, what you will do, and how parents are part of it"),
            ),
            needs(
                Q(done_on__isnull=False) | Q(dropped_on__isnull=False),
                not_blank("outcome") & ~Q(done_on__isnull=False, dropped_on__isnull=False),
                name="planned_ends_with_words",
                message=_("Say what came of it, or why it was dropped"),
            ),
        ]

    def __str__(self) -> str:
        return self.gap

    @property
    def organisation(self):
        """Whose plan it is in."""
        return self.adoption.organisation

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_on is None and self.dropped_on is None
