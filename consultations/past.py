"""Staff pages about what was done to a consultation, and about putting something back."""

from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from consultations.actions import PUT_BACK, put_back
from consultations.models import Consultation
from core.past_pages import PastPage, PutBackPage
from core.permissions import Permission


class AboutConsultation:
    """A staff page about one consultation: only for those who may change it."""

    permission = Permission.EDIT_CONSULTATION
    request: object
    kwargs: dict

    @cached_property
    def record(self) -> Consultation:
        """The consultation."""
        rows = Consultation.objects.kept().select_related("organisation", "owner__user", "deputy__user")
        record = get_object_or_404(rows.defer("search"), slug=self.kwargs["slug"])
        if not self.request.user.has_perm(self.permission, record):
            raise PermissionDenied
        return record

    @property
    def may_change_now(self) -> bool:
        """Whether what the person changes may be seen at once: of a published one, only by who may publish."""
        published = self.record.is_published
        return not published or self.request.user.has_perm(Permission.PUBLISH_CONSULTATION, self.record)

    @property
    def back_url(self) -> str:
        """The staff page of the consultation."""
        return reverse("consultations:desk-consultation", args=[self.record.slug])

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this."""
        self.record  # noqa: B018 - the check itself
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class _Past(AboutConsultation):
    may_be_put_back = PUT_BACK

    @property
    def may_put_back(self) -> bool:
        """Whether this person may put something back."""
        return self.may_change_now

    @property
    def history_url(self) -> str:
        """The page of what was done."""
        return reverse("consultations:history", args=[self.record.slug])

    def restore_url(self, number: int) -> str:
        """Where a change can be put back."""
        return reverse("consultations:put-back", args=[self.record.slug, number])


class ConsultationPast(_Past, PastPage):
    """What was done to a consultation."""


class PutConsultationBack(_Past, PutBackPage):
    """Put a field of a consultation back, or all of them."""

    def dispatch(self, request, *args, **kwargs):
        """What families can see changes only by who may publish."""
        if not self.may_put_back:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def asks_why(self, names):
        """A closing day that families have seen."""
        return self.record.is_published and "closes_on" in names

    def put_back(self, facts, version, reason):
        """Put it back."""
        put_back(self.record, by=self.request.user, on=self.today, facts=facts, version=version, reason=reason)
