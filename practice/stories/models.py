"""A parent's story, and the permission without which nobody reads it."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import MD5, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.rules import reach
from core.constraints import in_order, needs, not_blank
from core.dates import today
from core.history import tracked
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet
from practice.stories.stages import CONSENTS, ConsentStage

# A page that a parent reads on a phone in two minutes.
LONGEST = 6000


class Use(models.TextChoices):
    """Where a parent lets their story be used (content: story_consent)."""

    THIS_HUB = "this_hub", _("On this site")
    PRINTED = "printed", _("In print")
    SOCIAL_MEDIA = "social_media", _("On social media")
    TRAINING = "training", _("To train staff")
    PRESS = "press", _("In the press")


def standing_consents(day: date) -> models.QuerySet:
    """The permissions that let a story be read on a day: in date, for this site, and for exactly this text.

    For use in a subquery of stories.
    """
    return StoryConsent.objects.filter(
        CONSENTS.within(ConsentStage.IN_DATE, day),
        story=OuterRef("pk"),
        final_text_seen=True,
        agreed_text=OuterRef("text_mark"),
        uses__contains=[Use.THIS_HUB],
    )


class ParentStoryQuerySet(PublishableQuerySet):
    """Reads of stories."""

    def published(self, on: date | None = None):
        """Those that the public may read on a day, today unless said: never without permission (DESIGN rule 14)."""
        return self.filter(PUBLISHED).filter(Exists(standing_consents(on or today())))

    def visible_to(self, user):
        """What this person may see on the desk."""
        return self.kept().filter(reach(user))

    def for_cards(self):
        """With what a card in a list shows."""
        return self.select_related("organisation").defer("search")


# Its words are in no history and in no list of search words: they go when the permission goes (DESIGN rules 14, 15).
@tracked(
    name="ParentStoryHistory",
    exclude=("search", "text_mark", "title", "display_name", "text", "what_changed", "returned_reason"),
)
class ParentStory(Publishable):
    """What one parent tells, as they agreed to it.

    Nobody reads it without a `StoryConsent` that is in date and was given for
    exactly these words: changing one of them ends the agreement.
    """

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(max_length=120, unique=True)
    organisation = models.ForeignKey(
        "accounts.Organisation", verbose_name=_("service"), on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(
        Membership, verbose_name=_("who looks after it"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    display_name = models.CharField(
        _("name to show"), max_length=80, help_text=_("First name, a different name, or “a parent”.")
    )
    text = models.TextField(_("the story"), blank=True, max_length=LONGEST)
    what_changed = models.TextField(_("what is different now"), blank=True, max_length=2000)
    language = models.CharField(_("language of the text"), max_length=10, default="en-GB")
    topics = models.ManyToManyField("core.Topic", verbose_name=_("topics"), blank=True, related_name="+")
    consultation = models.ForeignKey(
        "consultations.Consultation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    entry = models.ForeignKey(
        "feedback.FeedbackEntry", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    returned_reason = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Another mark for another text: what somebody agreed to is known by it.
    text_mark = models.GeneratedField(
        expression=MD5(
            Concat(
                *("title", Value("\n"), "display_name", Value("\n"), "text", Value("\n"), "what_changed"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.CharField(max_length=32),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=SearchVector("title", config="english", weight="A")
        + SearchVector("text", "what_changed", config="english", weight="B")
        + SearchVector("title", "text", config="simple", weight="D"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ParentStoryQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name_plural = "parent stories"
        indexes = [
            GinIndex(F("search"), name="story_search"),
            models.Index(F("published_at").desc(), "id", name="story_newest", condition=PUBLISHED),
        ]
        constraints = [
            needs(
                PUBLISHED,
                not_blank("title") & not_blank("text") & not_blank("display_name"),
                name="story_published_is_told",
                message=_("Enter the title, the story and the name to show"),
            ),
            needs(
                Q(erased_at__isnull=False),
                Q(text="", what_changed="", display_name="") & Q(archived_at__isnull=False),
                name="story_erased_has_no_words",
                message=_("What was erased keeps no words"),
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Story {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own page. Once it is removed, it says so."""
        return reverse("practice:story", args=[self.slug])


# Who told it is private, and goes when the permission goes.
@tracked(name="StoryConsentHistory", exclude=("storyteller_ref", "email", "child_view", "others_view"))
class StoryConsent(models.Model):
    """One parent's permission to use their story: for what, from when, until when (content: story_consent)."""

    story = models.ForeignKey(ParentStory, on_delete=models.CASCADE, related_name="consents")
    storyteller_ref = models.CharField(_("storyteller"), max_length=150, blank=True)
    email = models.EmailField(_("their e-mail"), max_length=254, blank=True)
    uses = ArrayField(models.CharField(max_length=20, choices=Use), verbose_name=_("where it can be used"))
    includes_child = models.BooleanField(_("does it mention a child?"))
    child_view = models.TextField(_("what the child thinks about it"), blank=True)
    others_named = models.BooleanField(_("does it name or point to anyone else?"))
    others_view = models.TextField(_("what they say about it"), blank=True)
    final_text_seen = models.BooleanField(_("they have read and agreed the final version"), default=False)
    agreed_text = models.CharField(max_length=32, blank=True, editable=False)
    consent_on = models.DateField(_("date of permission"))
    expires_on = models.DateField(_("permission ends"))
    withdrawn_on = models.DateField(_("date taken back"), null=True, blank=True)
    recorded_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-consent_on", "-pk"]
        indexes = [models.Index("expires_on", name="consent_ends", condition=Q(withdrawn_on=None))]
        constraints = [
            in_order("consent_on", "expires_on", name="consent_in_order", message=_("It must end after it was given")),
            needs(
                Q(includes_child=True, withdrawn_on=None) & ~Q(storyteller_ref=""),
                not_blank("child_view"),
                name="consent_asks_the_child",
                message=_("Say what the child thinks about it"),
            ),
            needs(
                Q(others_named=True, withdrawn_on=None) & ~Q(storyteller_ref=""),
                not_blank("others_view"),
                name="consent_asks_the_others",
                message=_("Say what they say about it"),
            ),
            needs(
                Q(final_text_seen=True),
                ~Q(agreed_text=""),
                name="consent_for_a_text",
                message=_("Record which text they agreed to"),
            ),
            needs(
                Q(withdrawn_on__isnull=False),
                Q(storyteller_ref="", email="", child_view="", others_view=""),
                name="consent_withdrawn_names_nobody",
                message=_("What was taken back names nobody"),
            ),
            needs(Q(), Q(uses__len__gte=1), name="consent_for_some_use", message=_("Choose where it can be used")),
        ]

    def __str__(self) -> str:
        return f"{self.story_id}, {self.consent_on}"

    @property
    def stage(self) -> ConsentStage:
        """Whether it stands today."""
        return ConsentStage(CONSENTS.of(self, today()))

    @property
    def uses_words(self) -> str:
        """Where it can be used, in words."""
        return ", ".join(str(Use(each).label) for each in self.uses)
