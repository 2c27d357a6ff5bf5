"""What is held about people: for how long, and everything about one e-mail address, to be given out or erased."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import ListView

from core import retention, rights
from core.dates import today
from core.forms import HubForm, show_refusal
from core.models import Forgotten
from core.permissions import Permission
from core.tables import csv_response


class AddressForm(HubForm, forms.Form):
    """Whose things are looked for."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("Make sure first that it is theirs: write to it, and wait for an answer."),
    )


class EraseForm(AddressForm):
    """The same address, and that somebody means it."""

    sure = forms.BooleanField(label=gettext_lazy("They asked us to erase it, and I have written down when"))


# An address is in no address of ours, in no log and in nobody's cache, so all of it is a form that is sent.
@method_decorator([never_cache, sensitive_post_parameters("address")], name="dispatch")
class Rights(View):
    """One screen: everything that is held about an e-mail address; a copy of it; its erasure."""

    permission = Permission.ANSWER_RIGHTS
    template_name = "hub_desk/rights.html"

    def get(self, request):
        """Ask for the address."""
        return render(request, self.template_name, {"form": AddressForm()})

    def post(self, request):
        """Show what is held, give a copy of it, or erase it."""
        erases = request.POST.get("do") == "erase"
        form = (EraseForm if erases else AddressForm)(request.POST)
        asked = AddressForm(request.POST)
        if not asked.is_valid():
            return render(request, self.template_name, {"form": asked})
        address = asked.cleaned_data["address"]
        if erases and form.is_valid():
            try:
                return self._erased(request, rights.erase(address, by=request.user, now=timezone.now()))
            except ValidationError as problem:
                show_refusal(form, problem)
        if request.POST.get("do") == "copy":
            return _copy(address)
        held = rights.held_about(address)
        context = {
            "form": form if erases else EraseForm(initial={"address": address}),
            "address": address,
            "theirs": [each for each in held if not each.url],
            "elsewhere": [each for each in held if each.url],
            "why_not": rights.why_not(address),
        }
        return render(request, self.template_name, context)

    def _erased(self, request, went: int):
        messages.success(
            request,
            ngettext("%(number)d thing is erased.", "%(number)d things are erased.", went) % {"number": went},
        )
        return redirect("rights")


def _copy(address: str) -> HttpResponse:
    """All of it as a table, in no more than four columns, so that anybody can open it."""
    lines = []
    for each in rights.held_about(address):
        since = timezone.localtime(each.since).isoformat(timespec="minutes") if each.since else ""
        for part, says in each.facts.items() or [("", "")]:
            lines.append([each.what, since, part, says])
    return csv_response("what-we-hold.csv", [_("what"), _("since"), _("part"), _("says")], lines)


class Kept(ListView):
    """How long things about people are kept, and how much went on which day."""

    permission = Permission.SET_UP_HUB
    template_name = "hub_desk/kept.html"
    queryset = Forgotten.objects.all()
    paginate_by = 20

    def get_context_data(self, **kwargs):
        """Each kind, with what went in the last 30 days."""
        since = today() - timedelta(days=30)
        lately = dict(Forgotten.objects.filter(day__gt=since).values_list("what").annotate(Sum("rows")).order_by())
        kinds = retention.keepings()
        names = {kind.name: kind.what for kind in kinds} | {retention.ASKED_FOR: _("Erased because somebody asked")}
        context = super().get_context_data(**kwargs)
        context["kinds"] = [(kind, lately.get(kind.name, 0)) for kind in kinds]
        context["days"] = [(row, names.get(row.what, row.what)) for row in context["page_obj"]]
        return context
