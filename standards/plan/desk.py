"""Staff pages of the plan: what is planned about each gap, and how it ends."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.acting import ActingView
from core.dates import today
from core.permissions import Permission
from core.publishing import Conflict
from standards.desk import WAIT_CONFLICT, AboutAdoption
from standards.listing import Profile
from standards.models import Indicator, PlannedAction
from standards.plan import actions
from standards.plan.forms import OutcomeForm, PlannedForm

PER_PAGE = 20


class Plan(AboutAdoption, TemplateView):
    """What an organisation plans, and the gaps of its newest check that nothing is planned about."""

    template_name = "standards/plan/plan.html"

    def get_context_data(self, **kwargs):
        """A page of it, and the gaps."""
        rows = self.adoption.plan.select_related("indicator", "owner__user").in_order()
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        newest = self.adoption.checks.first()
        gaps = []
        if newest is not None:
            newest.adoption = self.adoption
            planned = set(self.adoption.plan.open().values_list("indicator__key", flat=True))
            said = [each for row in Profile(newest, today()).rows for each in row.statements]
            gaps = [each for each in said if each.is_gap and each.key not in planned]
        return super().get_context_data(page=page, gaps=gaps, today=today(), **kwargs)


class AddPlanned(AboutAdoption, ActingView):
    """Plan something about one statement."""

    template_name = "standards/plan/planned.html"
    form_class = PlannedForm

    @cached_property
    def indicator(self) -> Indicator:
        """The statement, in the version of the newest check."""
        newest = self.adoption.checks.first()
        standard = newest.standard_id if newest else None
        return get_object_or_404(Indicator, strand__standard=standard, key=self.kwargs["key"])

    def get_form_kwargs(self):
        """Who can do it."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        """The gap is the statement itself until somebody says it better."""
        return {"gap": self.indicator.statement[:300], "owner": self.adoption.owner_id}

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Plan it."""
        facts = self.form.facts()
        actions.plan(self.adoption, self.indicator, by=self.request.user, on=today(), facts=facts)
        messages.success(self.request, _("It is in the plan. Families read it in the register."))
        return redirect("standards:plan", self.adoption.pk)

    def get_context_data(self, **kwargs):
        """About which statement."""
        back = reverse("standards:plan", args=[self.adoption.pk])
        return super().get_context_data(indicator=self.indicator, back_url=back, **kwargs)


class AboutPlanned:
    """A staff page about one planned action: only for those who work on its organisation's checks."""

    permission = Permission.WRITE_CHECK
    request: object
    kwargs: dict

    @cached_property
    def planned(self) -> PlannedAction:
        """The one that the address names."""
        rows = PlannedAction.objects.select_related("adoption__organisation", "indicator")
        planned = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not self.request.user.has_perm(self.permission, planned):
            raise PermissionDenied
        return planned

    def dispatch(self, request, *args, **kwargs):
        """Nobody gets further who may not do this; what has ended is only read."""
        if not self.planned.is_open:
            messages.info(request, _("This has ended already."))
            return redirect("standards:plan", self.planned.adoption_id)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_context_data(self, **kwargs):
        """What it is about."""
        back = reverse("standards:plan", args=[self.planned.adoption_id])
        about = {"planned": self.planned, "adoption": self.planned.adoption, "indicator": self.planned.indicator}
        return super().get_context_data(back_url=back, **about, **kwargs)  # type: ignore[misc]


class ChangePlanned(AboutPlanned, ActingView):
    """Change what is planned."""

    template_name = "standards/plan/planned.html"
    form_class = PlannedForm

    def get_form_kwargs(self):
        """Who can do it."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self):
        """As it stands."""
        return PlannedForm.first_values(self.planned)

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Change it."""
        version = said["version"] or 0
        try:
            actions.change(self.planned, by=self.request.user, on=today(), facts=self.form.facts(), version=version)
        except Conflict:
            raise ValidationError(WAIT_CONFLICT) from None
        messages.success(self.request, _("Saved."))
        return redirect("standards:plan", self.planned.adoption_id)


class EndPlanned(AboutPlanned, ActingView):
    """Say how something that was planned ended."""

    template_name = "standards/plan/ended.html"
    form_class = OutcomeForm

    def act(self, said):
        """End it."""
        is_done = said["ended"] == "done"
        actions.finish(self.planned, by=self.request.user, on=today(), outcome=said["outcome"], is_done=is_done)
        messages.success(self.request, _("Families read what came of it."))
        return redirect("standards:plan", self.planned.adoption_id)


desk_urlpatterns = [
    path("desk/standard/<int:pk>/plan/", Plan.as_view(), name="plan"),
    path("desk/standard/<int:pk>/plan/<slug:key>/", AddPlanned.as_view(), name="plan-add"),
    path("desk/standard/plan/<int:pk>/", ChangePlanned.as_view(), name="planned"),
    path("desk/standard/plan/<int:pk>/end/", EndPlanned.as_view(), name="planned-end"),
]
