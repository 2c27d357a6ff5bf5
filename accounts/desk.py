"""The staff page about who looks after the hub: where the sponsor looks when nobody does."""

from django.conf import settings
from django.views.generic import ListView

from accounts.models import Membership
from core.permissions import Permission

PER_PAGE = 20


class Keepers(ListView):
    """Who works for the Family Information Service, and who leads the council and is told when they do not come."""

    permission = Permission.SEE_KEEPERS
    template_name = "accounts/desk/keepers.html"
    context_object_name = "keepers"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """Roles that have not ended: the service's first, then the council's leads, each by name."""
        all_of_them = Membership.objects.of_fis() | Membership.objects.of_sponsors()
        active = all_of_them.active().select_related("user", "organisation")
        return active.order_by("role", "user__name", "user__email", "pk")

    def get_context_data(self, **kwargs):
        """With the council and the service by name, and whether each has somebody left."""
        active = Membership.objects.active()
        return super().get_context_data(
            fis=settings.HUB_FIS_NAME,
            council=settings.HUB_COUNCIL_NAME,
            has_fis=active.of_fis().exists(),
            has_sponsor=active.of_sponsors().exists(),
            **kwargs,
        )
