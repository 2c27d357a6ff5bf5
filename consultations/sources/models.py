"""The feeds that are read, and what was found in each."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consultations.events.models import Event
from consultations.models import Consultation
from core.constraints import needs, not_blank
from core.history import tracked

# A source that failed on so many nights in a row is somebody's to see to.
BAD_NIGHTS = 3


class SourceKind(models.TextChoices):
    """How a source says what it has."""

    CITIZEN_SPACE = "citizen_space", _("Citizen Space: its list for other programs (JSON)")
    FEED = "feed", _("A news feed (RSS or Atom)")
    CALENDAR = "calendar", _("A calendar (iCalendar)")


class SourceQuerySet(models.QuerySet):
    """Reads of sources."""

    def in_use(self):
        """Those that are read at night."""
        return self.filter(is_on=True)

    def failing(self):
        """Those in use that could not be read on several nights in a row."""
        return self.in_use().filter(bad_nights__gte=BAD_NIGHTS)


@tracked(name="SourceHistory", exclude=("etag", "modified", "read_at", "problem", "bad_nights", "last_bad_on"))
class Source(models.Model):
    """One feed of another system. `bad_nights` counts the nights in a row on which it could not be read."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of source"), max_length=20, choices=SourceKind)
    url = models.URLField(_("address of the feed"), max_length=500, unique=True)
    is_on = models.BooleanField(_("read it every night"), default=True)
    etag = models.CharField(max_length=500, blank=True, editable=False)
    modified = models.CharField(max_length=100, blank=True, editable=False)
    read_at = models.DateTimeField(null=True, blank=True, editable=False)
    problem = models.CharField(max_length=200, blank=True, editable=False)
    bad_nights = models.PositiveSmallIntegerField(default=0, editable=False)
    last_bad_on = models.DateField(null=True, blank=True, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "url"]
        constraints = [needs(Q(), not_blank("url"), name="source_has_an_address", message=_("Enter the address"))]

    def __str__(self) -> str:
        return self.url


class FoundQuerySet(models.QuerySet):
    """Reads of what sources hold."""

    def changed(self):
        """What is kept here, and has other dates at its source than those that somebody settled."""
        kept = Q(consultation__isnull=False, consultation__deleted_at=None) | Q(
            event__isnull=False, event__deleted_at=None
        )
        return self.filter(kept).exclude(says=F("settled"))


class Found(models.Model):
    """One entry of a source, by its own number there, and the draft that was made of it once.

    The row stays when the draft goes, so that what was thrown away does not
    come back. `says` are the dates at the source when it was last read,
    `settled` those that were taken from there or refused: where they differ,
    somebody has to choose.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="found")
    external_id = models.CharField(max_length=300)
    title = models.CharField(max_length=250)
    consultation = models.ForeignKey(Consultation, null=True, on_delete=models.SET_NULL, related_name="+")
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL, related_name="+")
    says = models.JSONField(default=dict)
    settled = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    changed_on = models.DateField(null=True, blank=True)

    objects = FoundQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "pk"]
        verbose_name_plural = "found"
        constraints = [
            models.UniqueConstraint("source", "external_id", name="found_once"),
            models.CheckConstraint(
                condition=Q(consultation__isnull=True) | Q(event__isnull=True),
                name="found_is_one_thing",
                violation_error_message=_("An entry is a consultation or an event, not both"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def record(self) -> Consultation | Event | None:
        """What was made of it, unless it was thrown away."""
        made = self.consultation or self.event
        return made if made is not None and made.deleted_at is None else None
