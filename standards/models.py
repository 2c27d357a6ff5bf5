"""The standard that organisations adopt: what good looks like, in seven strands and three levels."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from core.constraints import needs, not_blank


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
