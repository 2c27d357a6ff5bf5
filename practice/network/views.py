"""The network as everybody reads it: who can help, where, and what they have done; and joining it."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from accounts.gate import OpenWhileAttended
from core.dates import today
from core.forms import once, show_refusal
from core.models import Area, Method
from core.public_forms import FromHere
from practice.models import PracticeExample
from practice.network import actions, limits
from practice.network.forms import JoinForm
from practice.network.models import NetworkPerson, NetworkRole

PER_PAGE = 20
# So many examples of a method stand below the people who have done it.
EXAMPLES = 5


class Network(TemplateView):
    """Those who agreed to be shown, narrowed by what the visitor asks for."""

    template_name = "network/find.html"

    def get_context_data(self, **kwargs):
        """A page of people; and, of a method, the examples of services that have done it."""
        shown = NetworkPerson.objects.shown()
        areas = list(Area.objects.order_by("position"))
        methods = list(Method.objects.order_by("position"))
        get = self.request.GET
        area = next((each for each in areas if each.key == get.get("area")), None)
        method = next((each for each in methods if each.key == get.get("method")), None)
        role = get.get("role") if get.get("role") in NetworkRole.values else ""
        rows = shown.filter(
            Q(areas=area) | Q(areas=None) if area else Q(),
            Q(methods=method) if method else Q(),
            Q(role=role) if role else Q(),
        ).distinct()
        page = Paginator(rows.for_list().order_by("name", "pk"), PER_PAGE).get_page(get.get("page"))
        examples = []
        if method:
            done = PracticeExample.objects.published().ours().filter(methods=method).for_cards()
            examples = list(done.order_by("-published_at", "pk")[:EXAMPLES])
        asked = [get.get(name) for name in ("area", "method", "role") if get.get(name)]
        found = [each for each in (area, method, role) if each]
        return super().get_context_data(
            page=page,
            areas=areas,
            methods=methods,
            roles=NetworkRole.choices,
            area=area,
            method=method,
            role=role,
            examples=examples,
            is_narrowed=bool(found),
            unknown=len(asked) > len(found),
            **kwargs,
        )


class Join(OpenWhileAttended, FromHere, FormView):
    """Ask to join. Nobody is shown before a person has looked."""

    template_name = "network/join.html"
    form_class = JoinForm
    closed_title = gettext_lazy("Nobody can let you in now")

    def form_valid(self, form):
        """Keep it for whoever decides."""
        said = form.cleaned_data
        done = redirect(reverse("practice:network-joined"))
        if said["website"]:
            return done
        now = timezone.now()
        try:
            with once(said["once"]) as is_first:
                if is_first:
                    if not limits.may_ask(self.request, now=now):
                        form.add_error(None, _("Too much comes from here. Try again in an hour."))
                        return self.render_to_response(self.get_context_data(form=form), status=429)
                    actions.ask_to_join(
                        on=today(), now=now, facts=form.facts(), areas=said["areas"], methods=said["methods"]
                    )
        except ValidationError as error:
            show_refusal(form, error)
            return self.form_invalid(form)
        return done

    def form_invalid(self, form):
        """Show it again, with everything that was typed."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


class Joined(TemplateView):
    """Thank you, and what happens next."""

    template_name = "network/joined.html"
