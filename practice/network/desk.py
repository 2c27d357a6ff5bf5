"""Staff pages of the network: who is in it, who asks to join, and whom to ask again."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from core.acting import ActingView
from core.dates import today
from core.permissions import Permission
from practice.network import actions
from practice.network.forms import PersonForm
from practice.network.models import NetworkPerson
from practice.network.stages import AgreementStage

PER_PAGE = 20
LISTS = {
    "": gettext_lazy("Shown"),
    "waiting": gettext_lazy("Asked to join"),
    "over": gettext_lazy("To ask again"),
    "left": gettext_lazy("Not in it any more"),
}
COLOURS = {
    AgreementStage.ASKED: "awaiting",
    AgreementStage.SHOWN: "open",
    AgreementStage.OVER: "late",
    AgreementStage.LEFT: "closed",
}


class DeskNetwork(TemplateView):
    """Everybody in the network, and those who ask to be."""

    permission = Permission.KEEP_NETWORK
    template_name = "network/desk/list.html"

    def get_context_data(self, **kwargs):
        """A page of them."""
        show = self.request.GET.get("show", "")
        show = show if show in LISTS else ""
        rows = {
            "": NetworkPerson.objects.shown(),
            "waiting": NetworkPerson.objects.waiting(),
            "over": NetworkPerson.objects.run_out(),
            "left": NetworkPerson.objects.filter(left_on__isnull=False),
        }[show]
        page = Paginator(rows.for_list().order_by("name", "pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[{"person": each, "colour": COLOURS[each.stage]} for each in page],
            lists=[(name, text, name == show) for name, text in LISTS.items()],
            show=show,
            **kwargs,
        )


class AboutPerson:
    """A staff page about somebody in the network."""

    permission = Permission.KEEP_NETWORK

    @cached_property
    def person(self) -> NetworkPerson:
        """Whom the address names."""
        return get_object_or_404(NetworkPerson.objects.for_list(), pk=self.kwargs["pk"])


class DeskPerson(AboutPerson, ActingView):
    """What is shown of somebody, to be put right; and the presses that let them in or take them out."""

    template_name = "network/desk/person.html"
    form_class = PersonForm

    def get_initial(self):
        """As they are."""
        return PersonForm.first_values(self.person)

    def form_valid(self, form):
        """Keep the form, which knows its facts."""
        self.form = form
        return super().form_valid(form)

    def act(self, said):
        """Write it down."""
        actions.change(
            self.person,
            by=self.request.user,
            facts=self.form.facts(),
            areas=said["areas"],
            methods=said["methods"],
        )
        messages.success(self.request, _("Saved."))
        return redirect("practice:desk-network-person", self.person.pk)

    def get_context_data(self, **kwargs):
        """Who it is, and how far their agreement has got."""
        stage = self.person.stage
        return super().get_context_data(person=self.person, stage=stage, colour=COLOURS[stage], **kwargs)


class Press(AboutPerson, View):
    """One press about somebody."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Do it, or say why not."""
        try:
            messages.success(request, self.act())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return redirect("practice:desk-network-person", pk)

    def act(self) -> str:
        """Do it, and say so."""
        raise NotImplementedError


class LetIn(Press):
    """Show them."""

    def act(self):
        """From today."""
        actions.let_in(self.person, by=self.request.user, on=today())
        return _("They are shown now.")


class AgreeAgain(Press):
    """They said that they may be shown for two more years."""

    def act(self):
        """From today."""
        actions.agree_again(self.person, by=self.request.user, on=today())
        return _("They are shown for two more years.")


class TakeOut(Press):
    """Show them no more, or turn them down."""

    def act(self):
        """From today."""
        actions.take_out(self.person, by=self.request.user, on=today())
        return _("They are not shown. What they said of themselves is erased after a while.")


desk_urlpatterns = [
    path("desk/network/", DeskNetwork.as_view(), name="desk-network"),
    path("desk/network/<int:pk>/", DeskPerson.as_view(), name="desk-network-person"),
    path("desk/network/<int:pk>/let-in/", LetIn.as_view(), name="network-let-in"),
    path("desk/network/<int:pk>/again/", AgreeAgain.as_view(), name="network-again"),
    path("desk/network/<int:pk>/take-out/", TakeOut.as_view(), name="network-take-out"),
]
