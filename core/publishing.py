"""Editorial dates: how a record gets from a draft to the public, and off again.

Whether a record is public is worked out from these dates in one queryset
method, `published()`, which views, feeds, search, exports and the interface
all read.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# What the public may see, once: the queryset method and the partial indexes are both made from it.
PUBLISHED = Q(published_at__isnull=False, archived_at__isnull=True, deleted_at__isnull=True)


# Sent to be checked, and nobody has decided yet. Sending back takes the mark away again.
WAITING = Q(
    submitted_at__isnull=False,
    returned_at__isnull=True,
    approved_at__isnull=True,
    published_at__isnull=True,
    deleted_at__isnull=True,
)


class EditorialState(models.TextChoices):
    """How far a record has got on its way to the public. Worked out from its dates, never stored."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting to be checked")
    RETURNED = "returned", _("Sent back for changes")
    APPROVED = "approved", _("Approved")
    SCHEDULED = "scheduled", _("To be published")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Taken off the site")
    DELETED = "deleted", _("Thrown away")


class Conflict(Exception):
    """Somebody else changed the record after this person opened it."""


class PublishableQuerySet(models.QuerySet):
    """Reads that every published kind of record shares."""

    def published(self):
        """The records the public may see."""
        return self.filter(PUBLISHED)

    def kept(self):
        """The records that nobody has thrown away."""
        return self.filter(deleted_at__isnull=True)

    def waiting_for_check(self):
        """The records that were sent to be checked and wait for a decision."""
        return self.filter(WAITING)


class Publishable(models.Model):
    """A record with editorial dates, a version and a promise of when it is checked again."""

    submitted_at = models.DateTimeField(_("sent to be checked"), null=True, blank=True, editable=False)
    returned_at = models.DateTimeField(_("sent back for changes"), null=True, blank=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(_("to be published"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("thrown away"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    checked_on = models.DateField(_("last checked"), null=True, blank=True)
    review_by = models.DateField(_("check again by"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_published(self) -> bool:
        """Whether the public may see it: the same dates that `published()` reads."""
        return self.published_at is not None and self.archived_at is None and self.deleted_at is None

    @property
    def editorial_state(self) -> EditorialState:
        """How far it has got, by its dates: the latest step counts."""
        steps = (
            (self.deleted_at, EditorialState.DELETED),
            (self.archived_at, EditorialState.ARCHIVED),
            (self.published_at, EditorialState.PUBLISHED),
            (self.approved_at and self.publish_at, EditorialState.SCHEDULED),
            (self.approved_at, EditorialState.APPROVED),
            (self.returned_at, EditorialState.RETURNED),
            (self.submitted_at, EditorialState.SUBMITTED),
        )
        return next((state for moment, state in steps if moment), EditorialState.DRAFT)


def publish_now(record) -> None:
    """Set the editorial dates of a record that goes public at this moment. The caller saves."""
    now = timezone.now()
    record.published_at = record.published_at or now
    record.approved_at = record.approved_at or now
    record.archived_at = None
