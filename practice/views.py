"""The library of good practice, and one example."""

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from core import sharing
from core.dates import today
from practice.finder import Library
from practice.listing import Listing, cards
from practice.models import PracticeExample
from practice.sharing import pack_of


class Find(TemplateView):
    """Every published example, narrowed by what the visitor asks for."""

    template_name = "practice/find.html"

    def get_context_data(self, **kwargs):
        """A page of cards, the facets, and what was asked, in words."""
        library = Library(self.request.GET, today())
        page = library.page
        feed = reverse("practice:feed") + library.query
        links = [
            {"text": _("News feed of this list"), "url": feed},
            {"text": _("Download this list (CSV)"), "url": reverse("practice:csv") + library.query},
            {"text": _("Parents’ stories"), "url": reverse("practice:stories")},
            {"text": _("People who can help: the network"), "url": reverse("practice:network")},
        ]
        return super().get_context_data(
            library=library, page=page, cards=cards(page.rows), links=links, feed=feed, **kwargs
        )


class Detail(DetailView):
    """One example: what was heard, what was done, what changed, and who else tried it."""

    template_name = "practice/detail.html"
    context_object_name = "example"

    def get_queryset(self):
        """Published ones; staff who signed in also see the drafts of the bodies they write for."""
        user = getattr(self.request, "user", None)
        if settings.SESSION_COOKIE_NAME in self.request.COOKIES and user is not None and user.is_authenticated:
            return PracticeExample.objects.visible_to(user).for_page()
        return PracticeExample.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The example in words, and what it came from, where families can read that."""
        example = self.object
        came_from = [each for each in (example.consultation, example.entry) if each and each.is_published]
        return super().get_context_data(listing=Listing(example, today()), came_from=came_from, **kwargs)


class Share(DetailView):
    """What helps to pass one example on: a poster, words for a newsletter, a text message."""

    template_name = "share/pack.html"

    def get_queryset(self):
        """Published ones."""
        return PracticeExample.objects.published().for_page()

    def get_context_data(self, **kwargs):
        """The pack as of today."""
        code_url = reverse("practice:code", args=[self.object.slug])
        poster_url = reverse("practice:poster", args=[self.object.slug])
        pack = pack_of(Listing(self.object, today()))
        return super().get_context_data(pack=pack, code_url=code_url, poster_url=poster_url, **kwargs)


class Poster(Share):
    """One A4 page to put up, with a code to photograph."""

    template_name = "share/poster.html"


class Code(View):
    """The square code that opens one example."""

    def get(self, request, slug):
        """The picture."""
        example = get_object_or_404(PracticeExample.objects.published().only("slug"), slug=slug)
        return sharing.square_code(settings.HUB_BASE_URL + example.get_absolute_url())
