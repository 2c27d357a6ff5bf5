"""The staff page about what was done to an entry of "You said, we did". Families' own words are not in it."""

from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.past_pages import PastPage
from core.permissions import Permission
from feedback.models import FeedbackEntry


class EntryPast(PastPage):
    """What was done to an entry of the log."""

    permission = Permission.WRITE_ENTRY

    @cached_property
    def record(self) -> FeedbackEntry:
        """The entry."""
        rows = FeedbackEntry.objects.kept().select_related("organisation", "consultation", "owner__user")
        entry = get_object_or_404(rows.defer("search", "consultation__search"), pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, entry):
            raise PermissionDenied
        return entry

    @property
    def back_url(self) -> str:
        """The log, as staff see it."""
        return reverse("feedback:desk-log")

    def get(self, request, *args, **kwargs):
        """Only for those who may change it."""
        self.record  # noqa: B018 - the check itself
        return super().get(request, *args, **kwargs)
