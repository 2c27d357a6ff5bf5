"""Good practice: what a service did with families, what changed because of it, and who else has tried it."""

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import forgets_what_is_beside
from accounts.rules import reach
from consultations.models import ParticipationLevel
from core.checking import Sent
from core.constraints import in_order, needs, not_blank
from core.history import track_lists, tracked
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet
from core.vocabulary import keeps_words
from practice.network.models import NetworkPerson
from practice.resources.models import HelpsWith, Resource, Suggestion, Votes
from practice.stories.models import ParentStory, StoryConsent

__all__ = [
    "ExampleCheck",
    "HelpsWith",
    "HowItWent",
    "NetworkPerson",
    "ParentStory",
    "ParentsSay",
    "PracticeExample",
    "Resource",
    "StoryConsent",
    "Suggestion",
    "Tip",
    "Tried",
    "Votes",
]


class ParentsSay(models.TextChoices):
    """Whether parents were asked about the change (content: parent_check_states)."""

    NOT_ASKED = "not_asked", _("We have not asked them yet")
    ASKED = "asked", _("We asked them")
    AGREED = "agreed", _("We asked them, and they agree that it happened")


class PracticeExampleQuerySet(PublishableQuerySet):
    """Reads of examples, in the words of the council."""

    def visible_to(self, user):
        """What this person may see: the public's, and the drafts of the bodies they write for."""
        return self.kept().filter(PUBLISHED | reach(user))

    def of(self, organisation):
        """Those of an organisation and of everything below it."""
        return self.filter(organisation__path__startswith=organisation.path)

    def ours(self):
        """Those that a service wrote here, and not only found on another page."""
        return self.filter(source_url="")

    def for_cards(self):
        """With what a card in a list shows, in one query, and without the long texts."""
        tries = Tried.objects.shown().order_by().filter(example=OuterRef("pk")).values("example")
        return (
            self.select_related("organisation")
            .annotate(tries_count=tries.annotate(count=models.Count("pk")).values("count"))
            .only(*CARD_FIELDS)
        )

    def for_page(self):
        """With what its own page shows, in a fixed number of queries."""

        def labels(name, column):
            through = getattr(PracticeExample, name).through
            rows = through.objects.filter(practiceexample=OuterRef("pk")).order_by(f"{column}__position")
            return ArraySubquery(rows.values(f"{column}__label"))

        lists = {"topics": "topic", "audiences": "audience", "areas": "area"}
        lists |= {"methods": "method", "supports": "accesssupport"}
        return (
            self.select_related("organisation", "consultation", "entry")
            .prefetch_related("tips", Prefetch("tries", Tried.objects.shown().select_related("organisation")))
            .annotate(**{f"{name[:-1]}_labels": labels(name, column) for name, column in lists.items()})
            .defer("search", "consultation__search", "entry__search")
        )


CARD_FIELDS = (
    "title",
    "slug",
    "changed_families",
    "level",
    "year",
    "place",
    "source_url",
    "published_at",
    "changed_at",
    "organisation__name",
    "organisation__slug",
    "organisation__kind",
)

# What a service writes here: all of it is said before it is published. One found elsewhere is shown as it was found.
_OURS_AND_PUBLISHED = Q(source_url="") & PUBLISHED
MUST_SAY = ("issue", "who", "parents_said", "we_did", "changed_families", "impact_evidence", "cost", "hard")


@tracked(
    name="PracticeExampleHistory",
    # What parents say stands in their own words; addresses go when the row goes (DESIGN rule 15).
    exclude=("search", "contact_email", "contact_phone", "parents_said", "parent_view"),
)
class PracticeExample(Publishable):
    """What one service did with families: what it heard, what it did, and what changed because of it.

    One that a service writes here has every part that the template asks for
    before it is published. One found on another page says where, and that
    nobody here has checked it.
    """

    title = models.CharField(_("title"), max_length=250, help_text=_("Say what changed, not the name of the project."))
    slug = models.SlugField(max_length=120, unique=True)
    reference = models.CharField(
        max_length=200, blank=True, help_text=_("The source's own reference; an import finds its row by it.")
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", verbose_name=_("service"), on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("year it happened"), null=True, blank=True)
    when_words = models.CharField(
        _("when in that year"), max_length=80, blank=True, help_text=_("Such as “March to June”.")
    )
    language = models.CharField(_("language of the text"), max_length=10, default="en-GB")
    topics = models.ManyToManyField("core.Topic", verbose_name=_("topics"), blank=True, related_name="+")
    audiences = models.ManyToManyField("core.Audience", verbose_name=_("for whom"), blank=True, related_name="+")
    areas = models.ManyToManyField("core.Area", verbose_name=_("areas"), blank=True, related_name="+")

    # Listening
    level = models.CharField(_("how much say families had"), max_length=20, choices=ParticipationLevel, blank=True)
    issue = models.TextField(_("what the problem was, and who raised it"), blank=True)
    who = models.TextField(_("who was involved, and how many"), blank=True)
    methods = models.ManyToManyField("core.Method", verbose_name=_("how you listened"), blank=True, related_name="+")
    method_words = models.CharField(_("more about how you listened"), max_length=300, blank=True)
    supports = models.ManyToManyField(
        "core.AccessSupport", verbose_name=_("help to take part"), blank=True, related_name="+"
    )
    no_support_reason = models.CharField(_("why there was no help to take part"), max_length=300, blank=True)
    parents_said = models.TextField(_("what parents and carers said"), blank=True)

    # Action, and change: for those involved, for the organisation, for others
    we_did = models.TextField(_("what you did"), blank=True)
    changed_families = models.TextField(_("what changed for families"), blank=True)
    changed_service = models.TextField(_("what changed in the service"), blank=True)
    changed_others = models.TextField(_("what changed for others"), blank=True)
    impact_evidence = models.TextField(_("how you know"), blank=True)
    parents_asked = models.CharField(
        _("did you ask parents about the change?"), max_length=10, choices=ParentsSay, default=ParentsSay.NOT_ASKED
    )
    parent_view = models.TextField(_("what parents say about the change"), blank=True)

    # For whoever wants to try it
    cost = models.TextField(_("what it cost in money and time"), blank=True)
    hard = models.TextField(_("what was hard, or did not work"), blank=True)
    contact_name = models.CharField(_("who to ask: role or team"), max_length=150, blank=True)
    contact_phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)

    consultation = models.ForeignKey(
        "consultations.Consultation",
        verbose_name=_("the consultation it came from"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    entry = models.ForeignKey(
        "feedback.FeedbackEntry",
        verbose_name=_("the entry in “You said, we did” that it came from"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    source_url = models.URLField(max_length=500, blank=True)
    source_read_on = models.DateField(null=True, blank=True)
    source_notes = models.TextField(blank=True)
    external_ids = models.JSONField(default=dict, blank=True)

    search = models.GeneratedField(
        expression=(
            SearchVector("title", config="english", weight="A")
            + SearchVector("changed_families", "issue", "we_did", config="english", weight="B")
            + SearchVector("changed_service", "changed_others", "who", "method_words", config="english", weight="C")
            # The words as typed, for scripts and names that an English stem would spoil.
            + SearchVector("title", "changed_families", "place", config="simple", weight="D")
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PracticeExampleQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        triggers = [keeps_words("title", "changed_families", "issue", "we_did"), forgets_what_is_beside("example")]
        indexes = [
            GinIndex(F("search"), name="example_search"),
            models.Index(F("published_at").desc(), "id", name="example_newest", condition=PUBLISHED),
        ]
        constraints = [
            models.UniqueConstraint("reference", condition=~Q(reference=""), name="example_reference_once"),
            needs(Q(), not_blank("title"), name="example_has_a_title", message=_("Enter the title")),
            needs(
                Q(year__isnull=False),
                Q(year__range=(1990, 2100)),
                name="example_year_is_a_year",
                message=_("Enter a year in four numbers, such as 2025"),
            ),
            needs(
                ~Q(when_words=""),
                Q(year__isnull=False),
                name="example_when_has_a_year",
                message=_("Enter the year as well"),
            ),
            *(
                needs(
                    _OURS_AND_PUBLISHED,
                    not_blank(name),
                    name=f"example_says_{name}",
                    message=message,
                )
                for name, message in (
                    ("issue", _("Say what the problem was, and who raised it")),
                    ("who", _("Say who was involved, and how many")),
                    ("parents_said", _("Say what parents and carers said")),
                    ("we_did", _("Say what you did")),
                    ("changed_families", _("Say what changed for families")),
                    ("impact_evidence", _("Say how you know")),
                    ("cost", _("Say what it cost. A rough figure is fine")),
                    ("hard", _("Say what was hard, or did not work")),
                    ("contact_name", _("Say who to ask")),
                )
            ),
            needs(
                _OURS_AND_PUBLISHED,
                ~Q(level=""),
                name="example_says_how_much_say",
                message=_("Choose how much say families had"),
            ),
            needs(
                _OURS_AND_PUBLISHED,
                Q(year__isnull=False),
                name="example_says_when",
                message=_("Enter the year it happened"),
            ),
            needs(
                ~Q(parents_asked=ParentsSay.NOT_ASKED),
                not_blank("parent_view"),
                name="example_parents_asked_said_something",
                message=_("Write down what parents say about the change, or say that you have not asked"),
            ),
            needs(
                Q(parents_asked=ParentsSay.NOT_ASKED),
                Q(parent_view=""),
                name="example_parents_not_asked_said_nothing",
                message=_("You wrote what parents say, so choose that you asked them"),
            ),
            needs(
                _OURS_AND_PUBLISHED,
                Q(review_by__isnull=False),
                name="example_is_checked_again",
                message=_("A published example needs a day to check it again"),
            ),
            in_order(
                "checked_on",
                "review_by",
                name="example_checked_before_again",
                message=_("The day to check it again must be after the day it was checked"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("practice:detail", args=[self.slug])

    @property
    def is_found(self) -> bool:
        """Whether it was found on another page, and nobody here has checked it."""
        return bool(self.source_url)


class Tip(models.Model):
    """One piece of advice from those who did it, beside the step of the hub that it helps with."""

    example = models.ForeignKey(PracticeExample, on_delete=models.CASCADE, related_name="tips")
    text = models.CharField(_("tip"), max_length=160)
    place = models.CharField(
        _("what it helps with"),
        max_length=60,
        help_text=_("A step of writing a consultation (step:when), or a question of “Ready to ask?” (ready:length)."),
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            needs(Q(), not_blank("text"), name="tip_says_something", message=_("Enter the tip")),
            needs(
                Q(),
                Q(place__regex=r"^(step|ready):[a-z_]+$"),
                name="tip_helps_with_something",
                message=_("Choose what the tip helps with"),
            ),
            models.UniqueConstraint("example", "position", name="tip_has_its_own_place"),
        ]

    def __str__(self) -> str:
        return self.text


class HowItWent(models.TextChoices):
    """What came of it when another service tried it."""

    WORKED = "worked", _("It worked")
    PARTLY = "partly", _("It partly worked")
    DID_NOT = "did_not", _("It did not work")


class TriedQuerySet(models.QuerySet):
    """Reads of who tried an example."""

    def shown(self):
        """Those that families may read."""
        return self.filter(removed_at__isnull=True)


@tracked(name="TriedHistory")
class Tried(models.Model):
    """Another service tried what an example tells, and says what happened. Shown with its name, a failure too."""

    example = models.ForeignKey(PracticeExample, on_delete=models.CASCADE, related_name="tries")
    organisation = models.ForeignKey(
        "accounts.Organisation", verbose_name=_("service"), on_delete=models.PROTECT, related_name="+"
    )
    tried_on = models.DateField(_("when you tried it"))
    how_it_went = models.CharField(_("how did it go?"), max_length=10, choices=HowItWent)
    words = models.TextField(_("what happened, and why"))
    version = models.PositiveIntegerField(default=1, editable=False)
    recorded_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TriedQuerySet.as_manager()

    class Meta:
        ordering = ["-tried_on", "pk"]
        verbose_name_plural = "tries"
        constraints = [
            needs(Q(), not_blank("words"), name="tried_says_what_happened", message=_("Say what happened, and why")),
            models.UniqueConstraint(
                "example",
                "organisation",
                "tried_on",
                condition=Q(removed_at__isnull=True),
                name="tried_once_a_day",
                violation_error_message=_("Your service has recorded this day already"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_how_it_went_display()}"


class ExampleCheckQuerySet(models.QuerySet):
    """Reads of checks."""

    def open(self):
        """Those that nobody has decided yet; what was thrown away meanwhile waits no more."""
        return self.filter(decision="", example__deleted_at__isnull=True)

    def sent(self):
        """Those that somebody waits for: sent, and not decided."""
        return self.open().filter(sent_at__isnull=False)


class ExampleCheck(Sent):
    """One example sent to be checked: a whole new one, or changes to one that families see already."""

    example = models.ForeignKey(PracticeExample, on_delete=models.CASCADE, related_name="checks")

    objects = ExampleCheckQuerySet.as_manager()

    class Meta(Sent.Meta):
        indexes = [models.Index("sent_at", name="examplecheck_waiting", condition=Q(decision=""))]
        constraints = [
            *Sent.Meta.constraints,
            models.UniqueConstraint("example", condition=Q(decision=""), name="examplecheck_one_open_for_each"),
        ]

    @property
    def record(self) -> PracticeExample:
        """The example that was sent."""
        return self.example


track_lists(PracticeExample, "topics", "audiences", "areas", "methods", "supports")
