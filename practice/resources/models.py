"""Toolkits and links: each is a page or a paper of somebody else's, what it is in plain words, and whether it works."""

from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import forgets_what_is_beside
from accounts.rules import reach
from core.constraints import needs, not_blank
from core.fetching import Why
from core.history import track_lists, tracked
from core.models import Link, Term
from core.publishing import PUBLISHED, Publishable, PublishableQuerySet
from core.vocabulary import keeps_words

# Families read how many found it useful from so many on: fewer could be told apart (DESIGN rule 9).
SHOWN_FROM = 5


class HelpsWith(Term):
    """What a toolkit or link helps to do, such as running a forum."""


class ResourceKind(models.TextChoices):
    """What sort of thing it is."""

    TOOLKIT = "toolkit", _("Toolkit")
    GUIDANCE = "guidance", _("Guide")
    TEMPLATE = "template", _("Template or example")
    CHECKLIST = "checklist", _("Checklist")
    STANDARD = "standard", _("Standard or charter")
    RESEARCH = "research", _("Research or report")
    ORGANISATION = "organisation", _("Organisation or network")


class Reader(models.TextChoices):
    """Who it is written for."""

    PARENTS = "parents", _("Parents and carers")
    YOUNG_PEOPLE = "young_people", _("Children and young people")
    PRACTITIONERS = "practitioners", _("People who work with families")


class ResourceFormat(models.TextChoices):
    """How one reads, hears or watches it."""

    WEB_PAGE = "web_page", _("Web page")
    PDF = "pdf", _("PDF")
    DOCUMENT = "document", _("Document to fill in")
    SLIDES = "slides", _("Slides")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Sound")
    UNKNOWN = "", _("Not known")


class Cost(models.TextChoices):
    """Whether it costs anything to use."""

    FREE = "free", _("Free")
    PARTLY = "partly", _("Free, with parts to pay for")
    PAID = "paid", _("Costs money")
    UNKNOWN = "", _("Not known")


class ResourceQuerySet(PublishableQuerySet):
    """Reads of toolkits and links."""

    def working(self):
        """Those whose link is not known to be broken: a page that does not open helps nobody."""
        return self.exclude(Exists(Link.objects.broken().filter(url=OuterRef("url"))))

    def broken(self):
        """Those whose link failed on enough days in a row to count as broken (core/links.py)."""
        return self.filter(Exists(Link.objects.broken().filter(url=OuterRef("url"))))

    def visible_to(self, user):
        """What this person may see: the public's, and what the bodies that they act for put forward."""
        return self.kept().filter(PUBLISHED | reach(user))

    def with_link(self):
        """With when its link was last tried, since when it fails, and whether it is broken."""
        link = Link.objects.filter(url=OuterRef("url"))
        return self.annotate(
            link_tried_at=Subquery(link.values("checked_at")[:1]),
            link_bad_days=Subquery(link.values("bad_days")[:1]),
            link_broken_since=Subquery(link.values("broken_since")[:1]),
        )

    def for_cards(self):
        """With what a list shows of each, in a fixed number of queries."""
        lists = (Prefetch(name) for name in ("topics", "helps_with"))
        return self.with_link().prefetch_related(*lists).select_related("votes", "organisation").defer("search")


@tracked(name="ResourceHistory", exclude=("search", "returned_reason"))
class Resource(Publishable):
    """A toolkit or link: something that others made, which helps families to have a say or services to ask well.

    The hub keeps what it is and where it is, never a copy of it. Whether its
    link works is a fact of `core.Link` with the same address.
    """

    title = models.CharField(_("title"), max_length=250)
    slug = models.SlugField(max_length=120, unique=True)
    # The address without what makes no difference, by which an import and a second proposal find it.
    reference = models.CharField(max_length=200, blank=True, editable=False)
    summary = models.TextField(_("what it is"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ResourceKind)
    audiences = ArrayField(
        models.CharField(max_length=20, choices=Reader), verbose_name=_("who it is for"), default=list, blank=True
    )
    topics = models.ManyToManyField("core.Topic", blank=True, related_name="+")
    helps_with = models.ManyToManyField(HelpsWith, blank=True, related_name="+")
    publisher = models.CharField(_("who made it"), max_length=200, blank=True)
    url = models.URLField(_("web address"), max_length=500)
    format = models.CharField(_("format"), max_length=20, choices=ResourceFormat, blank=True)
    language = models.CharField(_("language"), max_length=60, default="English", blank=True)
    cost = models.CharField(_("cost"), max_length=10, choices=Cost, blank=True)
    dated = models.CharField(_("when it was made"), max_length=60, blank=True)
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    returned_reason = models.TextField(_("what to change"), blank=True, editable=False)
    source_url = models.URLField(_("page it was found on"), max_length=500, blank=True)
    source_read_on = models.DateField(null=True, blank=True)
    source_topics = models.CharField(_("topics as printed"), max_length=300, blank=True)

    search = models.GeneratedField(
        expression=(
            SearchVector("title", config="english", weight="A")
            + SearchVector("summary", config="english", weight="B")
            + SearchVector("publisher", "source_topics", config="english", weight="C")
            # The words as typed, for names that an English stem would spoil.
            + SearchVector("title", "summary", "publisher", config="simple", weight="D")
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        triggers = [keeps_words("title", "summary", "publisher"), forgets_what_is_beside("resource")]
        indexes = [
            GinIndex(F("search"), name="resource_search"),
            models.Index(F("published_at").desc(), "id", name="resource_newest", condition=PUBLISHED),
            models.Index("url", name="resource_address"),
        ]
        constraints = [
            models.UniqueConstraint(
                "reference",
                condition=~Q(reference="") & Q(deleted_at__isnull=True),
                name="resource_address_once",
                violation_error_message=_("This address is listed already"),
            ),
            needs(Q(), not_blank("title"), name="resource_has_a_title", message=_("Enter a title")),
            needs(Q(), not_blank("url"), name="resource_has_an_address", message=_("Enter the web address")),
            needs(
                PUBLISHED,
                not_blank("summary") & not_blank("publisher"),
                name="resource_is_complete",
                message=_("Say what it is and who made it before families see it"),
            ),
            needs(
                Q(returned_at__isnull=False),
                not_blank("returned_reason"),
                name="resource_returned_with_a_reason",
                message=_("Say what to change"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def host(self) -> str:
        """The website that it is on, as people read it."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    def get_absolute_url(self) -> str:
        """The page that families read about it."""
        return reverse("resources:detail", args=[self.slug])


class Votes(models.Model):
    """How many people said that a toolkit or link was useful, and how many that it was not. Nobody's own answer."""

    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, related_name="votes")
    useful = models.PositiveIntegerField(default=0)
    not_useful = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "votes"

    def __str__(self) -> str:
        return f"{self.resource_id}: {self.useful}, {self.not_useful}"

    @property
    def shown(self) -> int:
        """How many found it useful, as families may read it; 0 while they are few.

        Those who did not are never shown beside it: from both, a small number could be worked out.
        """
        return self.useful if self.useful >= SHOWN_FROM else 0


class SuggestionQuerySet(models.QuerySet):
    """Reads of what the public suggested."""

    def waiting(self):
        """Those that nobody has decided yet."""
        return self.filter(decided_at__isnull=True)


class Suggestion(models.Model):
    """An address that somebody outside thinks belongs in the list. Nobody knows who: it asks for no name.

    It is on no public page. The words beside it go when it is decided, so no history keeps them.
    """

    url = models.URLField(_("web address"), max_length=500)
    reference = models.CharField(max_length=200, editable=False)
    title = models.CharField(_("what it is called"), max_length=250)
    why = models.TextField(_("how it helps"), blank=True)
    times = models.PositiveIntegerField(default=1, help_text=_("How often it was suggested."))
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    code = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("What the site answered."))
    fault = models.CharField(max_length=20, blank=True, choices=Why, help_text=_("Why there was no answer."))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    declined_reason = models.CharField(_("why not"), max_length=300, blank=True)
    resource = models.ForeignKey(Resource, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index("made_at", name="suggestion_waiting", condition=Q(decided_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                "reference", condition=Q(decided_at__isnull=True), name="suggestion_waits_once_for_each_address"
            ),
            needs(Q(), not_blank("title"), name="suggestion_has_a_title", message=_("Say what it is called")),
            needs(
                ~Q(declined_reason=""),
                Q(decided_at__isnull=False),
                name="suggestion_declined_at_a_moment",
                message=_("A decision needs its moment"),
            ),
            needs(
                Q(decided_at__isnull=False),
                Q(why=""),
                name="suggestion_decided_forgets_its_words",
                message=_("What somebody wrote goes when it is decided"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


track_lists(Resource, "topics", "helps_with")
