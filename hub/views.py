"""The home page, pages of plain words, and what is shown when something goes wrong."""

from django.conf import settings
from django.db.models import F
from django.http import HttpResponse, HttpResponseServerError, QueryDict
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from accounts.gate import OpenWhileAttended
from consultations.finder import Finder
from consultations.listing import cards
from consultations.models import Consultation
from consultations.stages import WAITING, Stage
from core import fruitless, retention
from core.dates import today
from hub import demo
from hub.search import SiteSearch
from notices.views import Follow
from practice.listing import cards as practice_cards
from practice.models import PracticeExample

OPEN_SHOWN = 6
ANSWERS_SHOWN = 3
WAITING_SHOWN = 3
PRACTICE_SHOWN = 2
TOPICS_SHOWN = 8


class Home(TemplateView):
    """What is open for families, the newest answers, who still owes one, and what worked."""

    template_name = "home.html"

    def get_context_data(self, **kwargs):
        """Four short lists. The numbers come from the finder's own counts, so that they agree with it."""
        day = today()
        finder = Finder(QueryDict(""), day)
        by_stage = finder.counts.by["stage"]
        published = Consultation.objects.published().for_cards()
        soonest = published.in_stage(Stage.OPEN, on=day).order_by(F("closes_on").asc(nulls_last=True), "title", "pk")
        # An answer known only by the day its page was read is old news.
        newest = published.in_stage(Stage.RESPONDED, on=day).filter(responded_exactly=True)
        newest = newest.order_by(F("responded_on").desc(), "pk")
        longest = published.in_stage(*WAITING, on=day).order_by(
            F("response_due_on").asc(nulls_last=True), "title", "pk"
        )
        shown = cards(
            [*soonest[:OPEN_SHOWN], *newest[:ANSWERS_SHOWN], *longest[:WAITING_SHOWN]],
            day,
        )
        return super().get_context_data(
            open_cards=[card for card in shown if card.stage == Stage.OPEN],
            answered_cards=[card for card in shown if card.stage == Stage.RESPONDED],
            waiting_cards=[card for card in shown if card.stage in WAITING],
            open_count=by_stage.get(Stage.OPEN, 0),
            waiting_count=sum(by_stage.get(stage, 0) for stage in WAITING),
            chips=self._chips(finder),
            practice_cards=practice_cards(
                PracticeExample.objects.published().ours().for_cards().order_by("-published_at", "pk")[:PRACTICE_SHOWN]
            ),
            **kwargs,
        )

    def _chips(self, finder: Finder) -> list[dict]:
        """Short ways in: a quick one, then what most consultations that are listed are about."""
        quick = Finder(QueryDict("stage=open"), finder.today).counts.by["quick"]
        chips = [{"text": _("Takes under 10 minutes"), "query": "?quick=1&stage=open"}] if quick else []
        return chips + busiest_topics(finder, 4)


def busiest_topics(finder: Finder, most: int) -> list[dict]:
    """What most consultations that are listed are about, each with the finder's query string for it."""
    for facet in finder.facets:
        if facet.name == "topic":
            busiest = sorted(facet.choices, key=lambda choice: -(choice.count or 0))[:most]
            return [{"text": choice.short, "query": f"?topic={choice.value}"} for choice in busiest]
    return []


class Search(TemplateView):
    """Everything that families may read, found by words."""

    template_name = "hub_search/search.html"

    def get_context_data(self, **kwargs):
        """What was found; topics to choose from when nothing was."""
        day = today()
        search = SiteSearch(self.request.GET, day)
        page, groups = search.page, search.groups
        if search.found_nothing:
            fruitless.note(search.words, day, self.request.headers.get("User-Agent", ""))
        topics = [] if groups else busiest_topics(Finder(QueryDict(""), day), TOPICS_SHOWN)
        return super().get_context_data(search=search, page=page, groups=groups, topics=topics, **kwargs)


class OpenSearch(TemplateView):
    """Tells a browser how to search here from its own address bar."""

    template_name = "hub_search/opensearch.xml"
    content_type = "application/opensearchdescription+xml"

    def get_context_data(self, **kwargs):
        """The address of the search, in full."""
        address = f"{settings.HUB_BASE_URL.rstrip('/')}{reverse('search')}"
        return super().get_context_data(search_url=address, **kwargs)


class Words(TemplateView):
    """A page of plain words: help, privacy, accessibility."""


class Privacy(Words):
    """What is known about visitors and staff, and for how long."""

    template_name = "pages/privacy.html"

    def get_context_data(self, **kwargs):
        """With everything that goes after a time."""
        return super().get_context_data(kinds=retention.keepings(), help_kept_days=settings.KEEP_DAYS["help"], **kwargs)


# It asks where its form came from itself (notices.views.FromAnybody), so that it sets no cookie.
@method_decorator(csrf_exempt, name="dispatch")
class GetAlerts(OpenWhileAttended, Follow):
    """Getting e-mails about something; closed while nobody would see that they are true."""

    closed_title = gettext_lazy("Nobody looks after these e-mails now")


class Robots(View):
    """What search engines may read: nothing of a demo, nothing of the desk."""

    def get(self, request):
        """The file they ask for first."""
        closed = "/" if demo.is_loaded() else "/desk/"
        words = f"User-agent: *\nDisallow: {closed}\n\nSitemap: {settings.HUB_BASE_URL}{reverse('sitemap')}\n"
        return HttpResponse(words, content_type="text/plain")


def bad_request(request, exception=None):
    """The request made no sense."""
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    """This person may not see that page."""
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    """There is no such page."""
    return render(request, "404.html", status=404)


def server_error(request):
    """Something broke. The page needs no database and no context."""
    return HttpResponseServerError(loader.get_template("500.html").render())
