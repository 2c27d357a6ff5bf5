"""Every public page for search engines, with the day it changed last. Each list reads its model's `published()`."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.db.models import F, Max
from django.db.models.functions import Coalesce, Greatest
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import Organisation
from consultations.events.models import Event
from consultations.models import Consultation
from consultations.plan.models import Umbrella
from consultations.stages import TIMELINE
from core.dates import today
from feedback.models import FeedbackEntry
from practice.models import PracticeExample
from practice.resources.models import Resource
from practice.stories.models import ParentStory
from standards.models import Adoption, Standard


class _OfTheHub(Sitemap):
    """A part of the map with the hub's own address before each page."""

    limit = 10_000

    def get_protocol(self, protocol=None) -> str:
        """As the hub is reached."""
        return urlsplit(settings.HUB_BASE_URL).scheme

    def get_domain(self, site=None) -> str:
        """The hub's own."""
        return urlsplit(settings.HUB_BASE_URL).netloc

    def lastmod(self, row):
        """When its page changed last."""
        return row.news_at

    def get_latest_lastmod(self):
        """When the newest of them changed, without reading them all."""
        return self.items().aggregate(newest=Max("news_at"))["newest"]


class Pages(_OfTheHub):
    """The lists, and the pages of plain words."""

    def items(self):
        """By the names of their addresses."""
        return [
            "home",
            "consultations:find",
            "consultations:planned",
            "plan:asked",
            "feedback:log",
            "practice:find",
            "practice:stories",
            "practice:network",
            "resources:find",
            "resources:suggest",
            "open-data",
            "help",
            "privacy",
            "accessibility",
            *(("standards:standard", "standards:register") if Standard.objects.published().exists() else ()),
        ]

    def location(self, name) -> str:
        """Its address."""
        return reverse(name)

    def lastmod(self, name):
        """Not known: lists change with what they list."""
        return

    def get_latest_lastmod(self):
        """Not known."""
        return


class Consultations(_OfTheHub):
    """Every published consultation. A new stage changes its page without anybody touching it."""

    def items(self):
        """In a fixed order, since search engines read page by page."""
        news_at = Greatest("published_at", "changed_at", TIMELINE.since(today()))
        return Consultation.objects.published().annotate(news_at=news_at).only("slug").order_by("pk")


class Plans(_OfTheHub):
    """Every published umbrella plan."""

    def items(self):
        """In a fixed order."""
        news_at = Greatest("published_at", "changed_at")
        return Umbrella.objects.published().annotate(news_at=news_at).only("slug").order_by("pk")


class Events(_OfTheHub):
    """Every published event."""

    def items(self):
        """In a fixed order."""
        news_at = Greatest("published_at", "changed_at")
        return Event.objects.published().annotate(news_at=news_at).only("slug").order_by("pk")


class Log(_OfTheHub):
    """Every published entry of the log."""

    def items(self):
        """In a fixed order."""
        return FeedbackEntry.objects.published().annotate(news_at=Greatest("published_at", "changed_at")).order_by("pk")


class Practice(_OfTheHub):
    """Every published example of good practice."""

    def items(self):
        """In a fixed order."""
        news_at = Greatest("published_at", "changed_at")
        return PracticeExample.objects.published().annotate(news_at=news_at).only("slug").order_by("pk")


class Stories(_OfTheHub):
    """Every parent's story that may be read today."""

    def items(self):
        """In a fixed order."""
        news_at = Greatest("published_at", "changed_at")
        return ParentStory.objects.published().annotate(news_at=news_at).only("slug").order_by("pk")


class Resources(_OfTheHub):
    """Every toolkit and link whose page opens."""

    def items(self):
        """In a fixed order."""
        news_at = Greatest("published_at", "changed_at")
        working = Resource.objects.published().working()
        return working.annotate(news_at=news_at).only("slug").order_by("pk")


class Pledges(_OfTheHub):
    """Every organisation in the register of the standard."""

    def items(self):
        """In a fixed order, each once."""
        newest = Adoption.objects.order_by("organisation_id", "-adopted_on", "-pk").distinct("organisation_id")
        rows = Adoption.objects.filter(pk__in=newest.values("pk")).select_related("organisation")
        return rows.annotate(news_at=Coalesce("checked_on", "adopted_on")).order_by("pk")


class Organisations(_OfTheHub):
    """Every organisation that has a page."""

    def items(self):
        """In a fixed order."""
        return Organisation.objects.annotate(news_at=F("changed_at")).only("slug").order_by("pk")


SITEMAPS = {
    "pages": Pages,
    "consultations": Consultations,
    "plans": Plans,
    "events": Events,
    "log": Log,
    "practice": Practice,
    "stories": Stories,
    "pledges": Pledges,
    "resources": Resources,
    "organisations": Organisations,
}


def index(request):
    """The list of the parts, with the hub's own address before each, whatever host a request names."""
    parts = []
    for name, kind in SITEMAPS.items():
        sitemap = kind()
        address = settings.HUB_BASE_URL + reverse("sitemap-part", args=[name])
        changed = sitemap.get_latest_lastmod()
        pages = range(1, sitemap.paginator.num_pages + 1)
        parts += [SitemapIndexItem(f"{address}?p={page}" if page > 1 else address, changed) for page in pages]
    return TemplateResponse(request, "sitemap_index.xml", {"sitemaps": parts}, content_type="application/xml")
