"""The pages about consultations that families read."""

from urllib.parse import quote

from django.conf import settings
from django.db.models import F
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, ListView, TemplateView

from consultations.cards import consultation_card
from consultations.events.listing import next_dates
from consultations.events.panels import entries_of
from consultations.finder import Finder
from consultations.languages import languages
from consultations.likeness import Family, dates_for_family, for_family
from consultations.linked_data import facts_of
from consultations.listing import Listing, cards
from consultations.models import Consultation
from consultations.sharing import pack_of
from consultations.stages import Stage
from core import sharing
from core.dates import today
from core.finding import PER_PAGE
from core.panels import gather
from core.versions import cached

# So many fit into one address, and into one mail.
LONGEST_LIST = 50


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
        {"text": _("Closing dates for your calendar"), "url": reverse("consultations:calendar") + finder.query},
        {"text": _("Download this list (CSV)"), "url": reverse("consultations:csv") + finder.query},
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
        listing = Listing(self.object, day)
        facts = facts_of(listing) if self.object.is_published else None
        events = entries_of(self.object.event_ids, day)
        return super().get_context_data(
            listing=listing,
            timeline=listing.timeline(events),
            panels=panels,
            languages=languages().values(),
            facts=facts,
            **kwargs,
        )


class LikeMine(TemplateView):
    """What is open and what comes next, by how well it fits a family. Only the family's device keeps what it chose."""

    template_name = "consultations/like_mine.html"

    def get_context_data(self, **kwargs):
        """The questions, and the list."""
        family = Family(self.request.GET)
        ranked = for_family(family, today())
        fitting = [card for card, fits in ranked if fits]
        others = [card for card, fits in ranked if not fits]
        dates = dates_for_family(family, today()) if family.says_something else []
        return super().get_context_data(family=family, fitting=fitting, others=others, dates=dates, **kwargs)


class MyList(TemplateView):
    """A family's own short list, as it stands today. Which ones are in it stands in the address and nowhere else."""

    template_name = "consultations/my_list.html"

    def get_context_data(self, **kwargs):
        """The cards in the order they were kept, and the list in words for the device's own mail program."""
        day = today()
        consultations, events = self._asked("c"), self._asked("e")
        found = Consultation.objects.published().filter(slug__in=consultations).for_cards()
        listed = cards(sorted(found, key=lambda each: consultations.index(each.slug)), day)
        coming = next_dates(events, day)
        return super().get_context_data(
            cards=listed,
            coming=coming,
            mail_url=list_mail(
                [(card.consultation.title, card.words, card.consultation.get_absolute_url()) for card in listed]
                + [(each.title, each.when, each.url) for each in coming]
            ),
            count=len(listed) + len(coming),
            gone=len(consultations) + len(events) - len(listed) - len(coming),
            **kwargs,
        )

    def _asked(self, name: str) -> list[str]:
        slugs = dict.fromkeys(self.request.GET.getlist(name))
        return [slug for slug in slugs if slug.isascii() and slug.isprintable()][:LONGEST_LIST]


def list_mail(kept: list[tuple[str, str, str]]) -> str:
    """A link that opens the device's own mail program with a list in it: titles, how each stands, and addresses."""
    lines = "\n".join(f"{title}\n{words}\n{settings.HUB_BASE_URL}{url}\n" for title, words, url in kept)
    return f"mailto:?subject={quote(_('My list'))}&body={quote(lines)}"


class Card(DetailView):
    """The key facts of one consultation in a family's own language, to read or to print."""

    template_name = "share/card.html"

    def get_queryset(self):
        """Published ones."""
        return Consultation.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The card in the language of the address, and the other languages."""
        card = consultation_card(self.object, self.kwargs["language"], today())
        others = [
            (each, reverse("consultations:card", args=[each.code, self.object.slug]))
            for each in languages().values()
            if each.code != card.language.code
        ]
        return super().get_context_data(card=card, others=others, **kwargs)


class Share(DetailView):
    """What helps to pass one consultation on: a poster, words for a newsletter, a text message."""

    template_name = "share/pack.html"

    def get_queryset(self):
        """Published ones."""
        return Consultation.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The pack as of today."""
        code_url = reverse("consultations:code", args=[self.object.slug])
        poster_url = reverse("consultations:poster", args=[self.object.slug])
        pack = pack_of(Listing(self.object, today()))
        return super().get_context_data(pack=pack, code_url=code_url, poster_url=poster_url, **kwargs)


class Poster(Share):
    """One A4 page to put up, with a code to photograph."""

    template_name = "share/poster.html"


class Code(View):
    """The square code that opens one consultation."""

    def get(self, request, slug):
        """The picture."""
        consultation = get_object_or_404(Consultation.objects.published().only("slug"), slug=slug)
        return sharing.square_code(settings.HUB_BASE_URL + consultation.get_absolute_url())
