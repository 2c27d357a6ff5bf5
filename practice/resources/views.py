"""The pages about toolkits and links that families read, and the two forms that anybody may send."""

from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import DetailView, FormView, TemplateView

from accounts.gate import OpenWhileAttended
from core import sharing
from core.dates import today
from core.forms import once
from core.public_forms import FromHere
from practice import tasks
from practice.resources import actions, limits
from practice.resources.finder import ResourceFinder
from practice.resources.forms import SuggestForm, UsefulForm
from practice.resources.listing import ResourceListing, cards
from practice.resources.models import Resource
from practice.resources.sharing import pack_of

# So many others that help with the same stand below one.
ALIKE = 3


class Find(TemplateView):
    """Every toolkit and link whose page opens, narrowed by what the visitor asks for."""

    template_name = "resources/find.html"

    def get_context_data(self, **kwargs):
        """A page of cards, the facets, and what was asked, in words."""
        finder = ResourceFinder(self.request.GET, today())
        page = finder.page
        links = [
            {"text": _("News feed of this list"), "url": reverse("resources:feed") + finder.query},
            {"text": _("Download this list (CSV)"), "url": reverse("resources:csv") + finder.query},
        ]
        return super().get_context_data(
            finder=finder, page=page, cards=cards(page.rows, finder.today), links=links, **kwargs
        )


class Detail(DetailView):
    """One toolkit or link. While its link does not work the page says so, and leads nobody there."""

    template_name = "resources/detail.html"
    context_object_name = "resource"

    def get_queryset(self):
        """Published ones; staff who signed in also see what their bodies put forward."""
        user = getattr(self.request, "user", None)
        if settings.SESSION_COOKIE_NAME in self.request.COOKIES and user is not None and user.is_authenticated:
            return Resource.objects.visible_to(user).for_cards()
        return Resource.objects.published().for_cards()

    def get_context_data(self, **kwargs):
        """It in words, others like it, and the two buttons."""
        day, resource = today(), self.object
        helps = [each.pk for each in resource.helps_with.all()]
        alike = Resource.objects.published().working().exclude(pk=resource.pk).filter(helps_with__in=helps)
        return super().get_context_data(
            listing=ResourceListing(resource, day),
            alike=cards(alike.distinct().order_by("title", "pk").for_cards()[:ALIKE] if helps else [], day),
            useful=UsefulForm(),
            **kwargs,
        )


# --- Passing it on


class Share(DetailView):
    """What helps to pass one on: a poster, words for a newsletter, a text message. Nobody passes a dead link on."""

    template_name = "share/pack.html"

    def get_queryset(self):
        """Those whose page opens."""
        return Resource.objects.published().working().for_cards()

    def get_context_data(self, **kwargs):
        """The pack as of today."""
        code_url = reverse("resources:code", args=[self.object.slug])
        poster_url = reverse("resources:poster", args=[self.object.slug])
        pack = pack_of(ResourceListing(self.object, today()))
        return super().get_context_data(pack=pack, code_url=code_url, poster_url=poster_url, **kwargs)


class Poster(Share):
    """One A4 page to put up, with a code to photograph."""

    template_name = "share/poster.html"


class Code(View):
    """The square code that opens the page of one."""

    def get(self, request, slug):
        """The picture."""
        resource = get_object_or_404(Resource.objects.published().working().only("slug"), slug=slug)
        return sharing.square_code(settings.HUB_BASE_URL + resource.get_absolute_url())


# --- What anybody may send


class Useful(OpenWhileAttended, FromHere, FormView):
    """Whether one was useful: yes or no, counted for it alone. Nothing is kept of who said so."""

    template_name = "resources/useful.html"
    form_class = UsefulForm
    closed_title = gettext_lazy("Nobody reads this now")

    @cached_property
    def resource(self) -> Resource:
        """What it is about."""
        return get_object_or_404(Resource.objects.published().defer("search"), slug=self.kwargs["slug"])

    def form_valid(self, form):
        """Count it, and say thank you."""
        resource, answer = self.resource, form.cleaned_data["answer"]
        weighed = limits.weigh(self.request, resource=resource.pk, on=today(), now=timezone.now())
        if weighed == limits.Answer.TOO_OFTEN:
            form.add_error(None, _("Too many answers come from here. Try again in an hour."))
            return self.render_to_response(self.get_context_data(form=form), status=429)
        if weighed == limits.Answer.COUNTS:
            actions.count_answer(resource, useful=answer == "yes")
        return redirect(f"{reverse('resources:useful', args=[resource.slug])}?said={answer}")

    def form_invalid(self, form):
        """Its page was open for too long, or something else was sent: ask again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        """What was said, and what it is about."""
        said = self.request.GET.get("said", "")
        said = said if said in ("yes", "no") and self.request.method == "GET" else ""
        return super().get_context_data(resource=self.resource, said=said, **kwargs)


class Suggest(OpenWhileAttended, FromHere, FormView):
    """Suggesting a toolkit or link. Nobody sees it before a person has looked."""

    template_name = "resources/suggest.html"
    form_class = SuggestForm
    success_url = reverse_lazy("resources:suggested")
    closed_title = gettext_lazy("Nobody reads suggestions now")

    def form_valid(self, form):
        """Keep it for whoever looks, and have its address tried; say where it is, if it is listed already."""
        if form.is_from_a_program:
            return super().form_valid(form)
        said, now = form.cleaned_data, timezone.now()
        if listed := actions.listed_already(said["url"]):
            return self.render_to_response(self.get_context_data(form=form, listed=listed))
        with once(said["once"]) as is_first:
            if is_first:
                if not limits.may_suggest(self.request, now=now):
                    form.add_error(None, _("Too many suggestions come from here. Try again in an hour."))
                    return self.render_to_response(self.get_context_data(form=form), status=429)
                made = actions.suggest(url=said["url"], title=said["title"], why=said["why"], now=now)
                transaction.on_commit(lambda: tasks.try_suggestion.delay(made.pk))
        return super().form_valid(form)

    def form_invalid(self, form):
        """Show it again, with everything that was typed."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


class Suggested(TemplateView):
    """Thank you, and what happens next."""

    template_name = "resources/suggested.html"
