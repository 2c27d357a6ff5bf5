"""The public page of an organisation."""

from django.views.generic import DetailView

from accounts import models
from core.dates import today
from core.panels import gather


class Organisation(DetailView):
    """One body: what it is, whether it has promised to answer, and what upper floors know of it."""

    model = models.Organisation
    template_name = "accounts/organisation.html"
    context_object_name = "organisation"

    def get_queryset(self):
        """Every body, also those that have closed: their records stay."""
        return super().get_queryset().select_related("parent")

    def get_context_data(self, **kwargs):
        """The promise that holds for it, and the panels."""
        panels = gather("organisation", [self.object.pk], today())[self.object.pk]
        return super().get_context_data(promise=self.object.promise_holder(), panels=panels, **kwargs)
