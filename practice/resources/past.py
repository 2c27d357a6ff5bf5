"""Staff pages about what was done to a toolkit or link, and about putting something back."""

from django.urls import reverse

from core.past_pages import PastPage, PutBackPage
from practice.resources.actions import PUT_BACK, put_resource_back
from practice.resources.desk import AboutResource


class _Past(AboutResource):
    may_be_put_back = PUT_BACK

    @property
    def record(self):
        """The toolkit or link."""
        return self.resource

    @property
    def back_url(self) -> str:
        """Its staff page."""
        return reverse("resources:desk-resource", args=[self.resource.slug])

    @property
    def history_url(self) -> str:
        """The page of what was done."""
        return reverse("resources:history", args=[self.resource.slug])

    def restore_url(self, number: int) -> str:
        """Where a change can be put back."""
        return reverse("resources:put-back", args=[self.resource.slug, number])


class ResourcePast(_Past, PastPage):
    """What was done to a toolkit or link."""


class PutResourceBack(_Past, PutBackPage):
    """Put a field back, or all of them. Whoever may change it may."""

    def put_back(self, facts, version, reason):
        """Put it back."""
        put_resource_back(self.resource, by=self.request.user, on=self.today, facts=facts, version=version)
