"""The pages about events that families read."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from consultations.events.cards import event_card
from consultations.events.finder import YEARS, DateFinder, MonthFinder
from consultations.events.linked_data import facts_of
from consultations.events.listing import EventListing, notes_of
from consultations.events.models import Event
from consultations.events.sharing import pack_of
from consultations.languages import languages
from consultations.models import Consultation
from consultations.stages import stage_words
from core import sharing
from core.dates import today
from core.panels import gather


class Find(TemplateView):
    """The dates of every published event, by day, narrowed by what the visitor asks for."""

    template_name = "events/find.html"

    def get_context_data(self, **kwargs):
        """The page of dates, the facets, and what was asked, in words."""
        day = today()
        finder = DateFinder(self.request.GET, day)
        page = finder.page
        return super().get_context_data(
            finder=finder,
            page=page,
            days=finder.days,
            links=find_links(finder),
            month_url=month_address(max(finder.first, day) if not finder.past else day, finder),
            **kwargs,
        )


def find_links(finder) -> list[dict]:
    """Other ways to get this very list."""
    alerts = f"{reverse('alerts-new')}?follow=event-filter{finder.query.replace('?', '&')}"
    return [
        {"text": _("Get e-mails about new ones like these"), "url": alerts},
        {"text": _("Put these into my calendar"), "url": reverse("events:ics") + finder.query},
        {"text": _("News feed of this list"), "url": reverse("events:feed") + finder.query},
        {"text": _("Download this list (CSV)"), "url": reverse("events:csv") + finder.query},
    ]


def month_address(day, finder) -> str:
    """The month calendar with the same filters; the days asked for are left out, for the month says which."""
    chosen = finder.address(**{"from": "", "until": "", "past": ""})
    return reverse("events:month", args=[day.year, day.month]) + ("" if chosen == "?" else chosen)


class Month(TemplateView):
    """The dates of one month, in weeks; on a phone, by day. Without a month in the address: the one it is."""

    template_name = "events/month.html"

    def get_context_data(self, year: int | None = None, month: int | None = None, **kwargs):
        """The weeks, the months before and after, and the same filters as the list."""
        day = today()
        if year is None or month is None:
            year, month = day.year, day.month
        if not 1 <= month <= 12 or abs(year - day.year) > YEARS:
            raise Http404
        finder = MonthFinder(self.request.GET, day, year, month)
        neighbours = {
            rel: {"url": reverse("events:month", args=there) + finder.query, "text": month_words(*there)}
            for rel, there in (("prev", finder.neighbour(-1)), ("next", finder.neighbour(1)))
            if there
        }
        return super().get_context_data(
            finder=finder,
            title=month_words(year, month),
            weekdays=[WEEKDAYS[number] for number in range(7)],
            neighbours=neighbours,
            list_url=reverse("events:find") + finder.query,
            **kwargs,
        )


def month_words(year: int, month: int) -> str:
    """The month in words: "January 2027"."""
    return date_format(today().replace(year=year, month=month, day=1), "F Y")


class Detail(DetailView):
    """One event: the box that answers every question, its dates, and what happened."""

    template_name = "events/detail.html"
    context_object_name = "event"

    def get_queryset(self):
        """Published ones; staff who signed in also see the drafts of the bodies they act for."""
        user = getattr(self.request, "user", None)
        if settings.SESSION_COOKIE_NAME in self.request.COOKIES and user is not None and user.is_authenticated:
            return Event.objects.visible_to(user).for_page()
        return Event.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The event as a listing, the consultations it belongs to, and what others add to it."""
        day = today()
        listing = EventListing(self.object, day)
        return super().get_context_data(
            listing=listing,
            past=notes_of(listing.lines_past),
            consultations=[
                {"consultation": each, "stage": stage_words(each, day)}
                for each in Consultation.objects.published()
                .filter(
                    pk__in=self.object.consultations.through.objects.filter(event=self.object).values("consultation")
                )
                .defer("search")
            ],
            panels=gather("event", [self.object.pk], day)[self.object.pk],
            crumb=_("Events"),
            languages=languages().values(),
            facts=facts_of(listing) if self.object.is_published else None,
            **kwargs,
        )


class Card(DetailView):
    """The key facts of one event in a family's own language, to read or to print."""

    template_name = "share/card.html"

    def get_queryset(self):
        """Published ones."""
        return Event.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The card in the language of the address, and the other languages."""
        card = event_card(EventListing(self.object, today()), self.kwargs["language"])
        others = [
            (each, reverse("events:card", args=[each.code, self.object.slug]))
            for each in languages().values()
            if each.code != card.language.code
        ]
        return super().get_context_data(card=card, others=others, **kwargs)


class Share(DetailView):
    """What helps to pass one event on: a poster, words for a newsletter, a text message."""

    template_name = "share/pack.html"

    def get_queryset(self):
        """Published ones."""
        return Event.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The pack as of today."""
        code_url = reverse("events:code", args=[self.object.slug])
        poster_url = reverse("events:poster", args=[self.object.slug])
        pack = pack_of(EventListing(self.object, today()))
        return super().get_context_data(pack=pack, code_url=code_url, poster_url=poster_url, **kwargs)


class Poster(Share):
    """One A4 page to put up, with a code to photograph."""

    template_name = "share/poster.html"


class Code(View):
    """The square code that opens one event."""

    def get(self, request, slug):
        """The picture."""
        event = get_object_or_404(Event.objects.published().only("slug"), slug=slug)
        return sharing.square_code(settings.HUB_BASE_URL + event.get_absolute_url())
