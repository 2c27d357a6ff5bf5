"""The pages about consultations that families read."""

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView, TemplateView

from consultations.finder import Finder
from consultations.listing import Listing, cards
from consultations.models import Consultation
from consultations.stages import Stage
from core.dates import today
from core.finding import PER_PAGE
from core.panels import gather
from core.versions import cached


class Find(TemplateView):
    """Every published consultation, narrowed by what the visitor asks for."""

    template_name = "consultations/find.html"

    def get_context_data(self, **kwargs):
        """The page of cards, the facets, and what was asked, in words."""
        day = today()
        finder = Finder(self.request.GET, day)
        page = finder.page
        return super().get_context_data(
            finder=finder,
            page=page,
            cards=cards(page.rows, day),
            links=finder_links(finder),
            filters=filter_panel(finder, self.request.path),
            **kwargs,
        )


def filter_panel(finder: Finder, path: str) -> str:
    """The panel of tick boxes, rendered once for each list and content version: it is most of the page."""

    def render() -> str:
        wanted = {
            "action": path,
            "facets": finder.facets,
            "q": finder.words,
            "sort": finder.asked_sort,
            "chosen_count": finder.chosen_count,
            "clear_url": finder.clear_url,
        }
        return render_to_string("components/filters.html", wanted)

    asked = (path, finder.words, finder.guessed, finder.asked_sort, finder.chosen_terms)
    return cached("consultations.filters", asked, render)


def finder_links(finder: Finder) -> list[dict]:
    """Other ways to get this very list."""
    alerts = f"{reverse('alerts-new')}?follow=finder{finder.query.replace('?', '&')}"
    return [
        {"text": _("Get e-mails about new ones like these"), "url": alerts},
        {"text": _("News feed of this list"), "url": reverse("consultations:feed") + finder.query},
        {"text": _("Download as a table (CSV)"), "url": reverse("consultations:csv") + finder.query},
    ]


class Planned(ListView):
    """What is planned: with an opening day first, soonest first, then those with a season only."""

    template_name = "consultations/planned.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        """Published ones that have not opened."""
        forthcoming = Consultation.objects.published().in_stage(Stage.FORTHCOMING, on=today()).for_cards()
        return forthcoming.order_by(F("opens_on").asc(nulls_last=True), "title", "pk")

    def paginate_queryset(self, queryset, page_size):
        """The page asked for, or the nearest one there is: an odd page number is never an error."""
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        """The page as cards."""
        context = super().get_context_data(**kwargs)
        return context | {"cards": cards(context["page_obj"].object_list, today())}


class Detail(DetailView):
    """One consultation: the box that answers every question, the scope, the papers, and the answer first."""

    template_name = "consultations/detail.html"
    context_object_name = "consultation"

    def get_queryset(self):
        """Published ones; staff who signed in also see the drafts of the bodies they act for."""
        user = getattr(self.request, "user", None)
        if settings.SESSION_COOKIE_NAME in self.request.COOKIES and user is not None and user.is_authenticated:
            return Consultation.objects.visible_to(user).for_page()
        return Consultation.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The consultation as a listing, with what upper floors add to it."""
        day = today()
        panels = gather("consultation", [self.object.pk], day)[self.object.pk]
        return super().get_context_data(listing=Listing(self.object, day), panels=panels, **kwargs)
